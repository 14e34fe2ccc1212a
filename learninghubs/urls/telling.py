"""Whether the authors of a suggestion have been told."""

from django.urls import path

from learninghubs.views import telling

urlpatterns = [
    path("<int:pk>/telling/", telling.SuggestionTelling.as_view(), name="suggestion_telling"),
    path("<int:pk>/telling/now/", telling.TellNow.as_view(), name="tell_authors_now"),
    path("<int:pk>/telling/<int:author>/", telling.TellInPerson.as_view(), name="tell_in_person"),
]
