"""Forums, bookings, attendance, briefings."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from learninghubs.views import bookings, briefings, forums

FORUM = "<int:pk>/"
LINK = "bookings/<str:secret>/"

urlpatterns = [
    # For everybody
    path("", login_not_required(forums.ForumList.as_view()), name="forums"),
    path("briefings/", login_not_required(briefings.BriefingList.as_view()), name="briefings"),
    path(FORUM, login_not_required(forums.ForumPage.as_view()), name="forum"),
    path(f"{FORUM}calendar/", login_not_required(forums.ForumCalendar.as_view()), name="forum_calendar"),
    path(f"{FORUM}briefing/", login_not_required(briefings.BriefingPage.as_view()), name="briefing"),
    path(f"{FORUM}briefing/pdf/", login_not_required(briefings.BriefingPdf.as_view()), name="briefing_pdf"),
    # A place, without an account and behind the link
    path(f"{FORUM}book/email/", bookings.BookByEmail.as_view(), name="book_by_email"),
    path(f"{FORUM}book/asked/", login_not_required(bookings.BookingAsked.as_view()), name="booking_asked"),
    path(LINK, bookings.BookingPage.as_view(), name="booking"),
    path(f"{LINK}calendar/", bookings.BookingCalendar.as_view(), name="booking_calendar"),
    path(f"{LINK}evaluation/", bookings.EvaluateForum.as_view(), name="evaluate_forum"),
    # A place, with an account
    path(f"{FORUM}book/", bookings.BookForum.as_view(), name="book_forum"),
    path(f"{FORUM}book/cancel/", bookings.CancelOwnBooking.as_view(), name="cancel_own_booking"),
    # For those who run the hub's forums
    path("plan/<slug:slug>/", forums.PlanForum.as_view(), name="plan_forum"),
    path(f"{FORUM}change/", forums.ChangeForum.as_view(), name="change_forum"),
    path(f"{FORUM}cancel/", forums.CancelForum.as_view(), name="cancel_forum"),
    path(f"{FORUM}presenters/", forums.Presenters.as_view(), name="forum_presenters"),
    path(f"{FORUM}presenters/<int:presenter>/remove/", forums.RemovePresenter.as_view(), name="remove_forum_presenter"),
    path(f"{FORUM}bookings/", forums.ForumBookings.as_view(), name="forum_bookings"),
    path(f"{FORUM}attendance/", forums.TakeAttendance.as_view(), name="forum_attendance"),
    path(f"{FORUM}record/", forums.RecordForum.as_view(), name="record_forum"),
    path(f"{FORUM}evaluations/", forums.ForumEvaluations.as_view(), name="forum_evaluations"),
    path(f"{FORUM}briefing/draft/", briefings.DraftBriefing.as_view(), name="draft_briefing"),
    path(f"{FORUM}briefing/edit/", briefings.EditBriefing.as_view(), name="edit_briefing"),
    path(f"{FORUM}briefing/publish/", briefings.PublishBriefing.as_view(), name="publish_briefing"),
    path(f"{FORUM}briefing/withdraw/", briefings.WithdrawBriefing.as_view(), name="withdraw_briefing"),
]
