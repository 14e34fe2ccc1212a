"""The plan and its priorities."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
