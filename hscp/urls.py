"""The URL map. ``tests/hscp/test_url_map.py`` walks it: each page is public by a list or declares a permission."""

from django.conf import settings
from django.urls import include, path

from hscp.health import health

urlpatterns = [
    path("health/", health, name="health"),
    path("account/", include("allauth.urls")),
    path("", include("partnership.urls")),
    path("", include("schools.urls")),
    path("", include("learninghubs.urls")),
]

if getattr(settings, "MAILBOX_PAGE", False):
    urlpatterns += [path("mailbox/", include("partnership.mailbox_urls"))]

handler400 = "partnership.views.errors.bad_request"
handler403 = "partnership.views.errors.permission_denied"
handler404 = "partnership.views.errors.page_not_found"
