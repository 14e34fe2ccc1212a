"""Reviews of the arrangements."""

from django.urls import path

from partnership.views import reviews

REVIEW = "arrangements/reviews/<int:pk>/"
ITEM = f"{REVIEW}items/<int:item>/"

urlpatterns = [
    path("arrangements/reviews/", reviews.ReviewList.as_view(), name="governance_reviews"),
    path("arrangements/reviews/add/", reviews.PlanReview.as_view(), name="add_governance_review"),
    path(REVIEW, reviews.ReviewPage.as_view(), name="governance_review"),
    path(f"{REVIEW}edit/", reviews.EditReview.as_view(), name="edit_governance_review"),
    path(f"{REVIEW}start/", reviews.StartReview.as_view(), name="start_governance_review"),
    path(f"{REVIEW}report/", reviews.ReportReview.as_view(), name="report_governance_review"),
    path(f"{REVIEW}close/", reviews.CloseReview.as_view(), name="close_governance_review"),
    path(f"{REVIEW}pdf/", reviews.MakeReport.as_view(), name="make_governance_review_pdf"),
    path(f"{REVIEW}items/add/", reviews.AddReviewItem.as_view(), name="add_review_item"),
    path(ITEM, reviews.EditReviewItem.as_view(), name="edit_review_item"),
    path(f"{ITEM}outcome/", reviews.FollowUp.as_view(), name="follow_up_review_item"),
    path(f"{ITEM}action/", reviews.OpenReviewAction.as_view(), name="open_review_action"),
    path(f"{ITEM}remove/", reviews.RemoveReviewItem.as_view(), name="remove_review_item"),
    path(f"{ITEM}move/", reviews.MoveReviewItem.as_view(), name="move_review_item"),
]
