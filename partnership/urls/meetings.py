"""Meetings, their packs and minutes."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from partnership.views.meetings import agenda, feed, lists, minutes, page, planning

urlpatterns = [
    path("meetings/", lists.MeetingList.as_view(), name="meetings"),
    path("meetings/attendance/", lists.AttendancePage.as_view(), name="attendance"),
    path("meetings/attendance.csv", lists.ExportAttendance.as_view(), name="attendance_csv"),
    path("groups/<slug:slug>/meetings/plan/", planning.PlanYear.as_view(), name="plan_meetings"),
    path("groups/<slug:slug>/meetings/add/", planning.AddMeeting.as_view(), name="add_meeting"),
    path("groups/<slug:slug>/meetings/usual/", planning.EditPattern.as_view(), name="meeting_pattern"),
    path("groups/<slug:slug>/standing-items/", planning.StandingItems.as_view(), name="standing_items"),
    path("groups/<slug:slug>/standing-items/add/", planning.AddStandingItem.as_view(), name="add_standing_item"),
    path(
        "groups/<slug:slug>/standing-items/<int:item>/",
        planning.EditStandingItem.as_view(),
        name="edit_standing_item",
    ),
    path(
        "groups/<slug:slug>/standing-items/<int:item>/remove/",
        planning.RemoveStandingItem.as_view(),
        name="remove_standing_item",
    ),
    path("meetings/<int:pk>/", page.MeetingPage.as_view(), name="meeting"),
    path("meetings/<int:pk>/change/", planning.ChangeMeeting.as_view(), name="change_meeting"),
    path("meetings/<int:pk>/cancel/", planning.CancelMeeting.as_view(), name="cancel_meeting"),
    path("meetings/<int:pk>/agenda/", agenda.AgendaPage.as_view(), name="agenda"),
    path("meetings/<int:pk>/agenda/build/", agenda.BuildAgenda.as_view(), name="build_agenda"),
    path("meetings/<int:pk>/agenda/add/", agenda.AddItem.as_view(), name="add_item"),
    path("meetings/<int:pk>/agenda/propose/", agenda.ProposeItem.as_view(), name="propose_item"),
    path("meetings/<int:pk>/pack/", page.MeetingPack.as_view(), name="meeting_pack"),
    path("meetings/<int:pk>/pack/make/", agenda.MakePack.as_view(), name="make_pack"),
    path("meetings/<int:pk>/call/", agenda.CallMeeting.as_view(), name="call_meeting"),
    path("meetings/<int:pk>/attendance/", minutes.RecordAttendance.as_view(), name="record_attendance"),
    path("meetings/<int:pk>/minutes/", page.MinutesPage.as_view(), name="minutes"),
    path("meetings/<int:pk>/minutes/draft/", minutes.DraftMinutes.as_view(), name="draft_minutes"),
    path("meetings/<int:pk>/minutes/circulate/", minutes.CirculateMinutes.as_view(), name="circulate_minutes"),
    path("meetings/<int:pk>/minutes/reopen/", minutes.ReopenMinutes.as_view(), name="reopen_minutes"),
    path("meetings/<int:pk>/minutes/agree/", minutes.AgreeMinutes.as_view(), name="agree_minutes"),
    path("meetings/<int:pk>/minutes/correct/", minutes.NoteCorrection.as_view(), name="note_correction"),
    path("agenda-items/<int:pk>/", agenda.EditItem.as_view(), name="edit_item"),
    path("agenda-items/<int:pk>/move/", agenda.MoveItem.as_view(), name="move_item"),
    path("agenda-items/<int:pk>/remove/", agenda.RemoveItem.as_view(), name="remove_item"),
    path("agenda-items/<int:pk>/accept/", agenda.AcceptItem.as_view(), name="accept_item"),
    path("agenda-items/<int:pk>/decline/", agenda.DeclineItem.as_view(), name="decline_item"),
    path("agenda-items/<int:pk>/papers/add/", agenda.AddPaper.as_view(), name="add_paper"),
    path("agenda-items/<int:pk>/minute/", minutes.WriteMinute.as_view(), name="write_minute"),
    path("agenda-items/<int:pk>/decisions/add/", minutes.RecordDecision.as_view(), name="record_decision"),
    path("agenda-items/<int:pk>/actions/add/", minutes.RecordAction.as_view(), name="record_action"),
    path("papers/<int:pk>/version/", agenda.AddVersion.as_view(), name="add_version"),
    path("papers/<int:pk>/remove/", agenda.RemovePaper.as_view(), name="remove_paper"),
    path("decisions/<int:pk>/", minutes.EditDecision.as_view(), name="edit_decision"),
    path("decisions/<int:pk>/remove/", minutes.RemoveDecision.as_view(), name="remove_decision"),
    path("account/calendar/", feed.CalendarPage.as_view(), name="calendar_feed"),
    path("calendar/<str:secret>.ics", login_not_required(feed.CalendarFile.as_view()), name="calendar"),
]
