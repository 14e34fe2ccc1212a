"""Groups, the structure and the rolling chair."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
