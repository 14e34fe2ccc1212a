"""Contributions and spend."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
