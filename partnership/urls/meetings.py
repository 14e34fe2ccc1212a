"""Meetings, their packs and minutes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
