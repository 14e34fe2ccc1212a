"""What went to whom."""

from django.urls import path

from learninghubs.views import sending

urlpatterns = [
    path("issues/<int:pk>/sending/", sending.IssueProgress.as_view(), name="issue_progress"),
    path("issues/<int:pk>/sending/part/", sending.IssueProgressPart.as_view(), name="issue_progress_part"),
    path("issues/<int:pk>/sending/again/", sending.TryAgain.as_view(), name="try_issue_again"),
    path("bounces/", sending.BounceWebhook.as_view(), name="bounce_webhook"),
]
