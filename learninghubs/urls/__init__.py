"""The pages of the learning hubs, by subject."""

from django.urls import include, path

app_name = "learninghubs"

urlpatterns = [
    path("learning/", include("learninghubs.urls.hubs")),
    path("learning/", include("learninghubs.urls.themes")),
    path("learning/forums/", include("learninghubs.urls.forums")),
    path("suggestions/", include("learninghubs.urls.suggestions")),
    path("suggestions/", include("learninghubs.urls.inbox")),
    path("suggestions/", include("learninghubs.urls.answers")),
    path("suggestions/", include("learninghubs.urls.telling")),
    path("newsletters/", include("learninghubs.urls.subscribers")),
    path("newsletters/", include("learninghubs.urls.sending")),
    path("newsletters/", include("learninghubs.urls.newsletters")),
    path("", include("learninghubs.urls.figures")),
]
