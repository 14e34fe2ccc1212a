"""The partnership's pages, by subject."""

from partnership.urls import (
    actions,
    budget,
    escalations,
    groups,
    meetings,
    people,
    plan,
    portal,
    reviews,
    search,
)

urlpatterns = [
    *portal.urlpatterns,
    *people.urlpatterns,
    *groups.urlpatterns,
    *meetings.urlpatterns,
    *actions.urlpatterns,
    *plan.urlpatterns,
    *budget.urlpatterns,
    *reviews.urlpatterns,
    *escalations.urlpatterns,
    *search.urlpatterns,
]
