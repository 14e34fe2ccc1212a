"""Readers of the newsletters: their own pages, and those of the business unit."""

from django.urls import path, re_path

from learninghubs.views import reader_list, subscribers

urlpatterns = [
    path("subscribe/", subscribers.Subscribe.as_view(), name="subscribe"),
    path("subscribe/asked/", subscribers.SubscriptionAsked.as_view(), name="subscription_asked"),
    path("confirm/<str:token>/", subscribers.ConfirmSubscription.as_view(), name="confirm_subscription"),
    path("preferences/<str:token>/", subscribers.Preferences.as_view(), name="preferences"),
    path("unsubscribe/<str:token>/", subscribers.Unsubscribe.as_view(), name="unsubscribe"),
    path("readers/", reader_list.SubscriberList.as_view(), name="subscribers"),
    re_path(
        r"^readers/export\.(?P<file_format>csv|xlsx)$",
        reader_list.ExportSubscribers.as_view(),
        name="export_subscribers",
    ),
    path("readers/import/", reader_list.ImportSubscribers.as_view(), name="import_subscribers"),
    path("readers/imports/<int:pk>/", reader_list.SubscriberImportPage.as_view(), name="subscriber_import"),
    path("readers/<int:pk>/", reader_list.SubscriberPage.as_view(), name="subscriber"),
    path("readers/<int:pk>/suspend/", reader_list.SuspendSubscriber.as_view(), name="suspend_subscriber"),
    path("readers/<int:pk>/resume/", reader_list.ResumeSubscriber.as_view(), name="resume_subscriber"),
    path("readers/<int:pk>/unsubscribe/", reader_list.UnsubscribeSubscriber.as_view(), name="unsubscribe_subscriber"),
    path("readers/<int:pk>/links/", reader_list.MakeLinksVoid.as_view(), name="void_subscriber_links"),
]
