"""The mailbox of development: mounted only where ``settings.MAILBOX_PAGE`` is set, never in production."""

from django.urls import path

from partnership.views.mailbox import Mailbox

urlpatterns = [path("", Mailbox.as_view(), name="mailbox")]
