"""Reviews of the arrangements."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
