"""The pages of the schools app, by subject."""

from django.urls import include, path

app_name = "schools"

urlpatterns = [
    path("register/", include("schools.urls.register")),
    path("register/", include("schools.urls.contacts")),
    path("register/", include("schools.urls.school")),
    path("question-sets/", include("schools.urls.questions")),
    path("collections/", include("schools.urls.collections")),
    path("returns/", include("schools.urls.returns")),
]
