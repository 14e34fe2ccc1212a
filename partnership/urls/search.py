"""Search."""

from django.urls import path

from partnership.views import search

urlpatterns = [
    path("search/", search.SearchPage.as_view(), name="search"),
]
