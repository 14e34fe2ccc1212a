"""The tracker of actions."""

from django.urls import path, re_path

from partnership.views import actions

urlpatterns = [
    path("actions/", actions.ActionList.as_view(), name="actions"),
    re_path(r"^actions/export\.(?P<file_format>csv|xlsx)$", actions.ExportActions.as_view(), name="export_actions"),
    path("actions/owners/", actions.ActionsByOwner.as_view(), name="actions_by_owner"),
    path("actions/new/", actions.NewAction.as_view(), name="new_action"),
    path("actions/redate/", actions.RedateActions.as_view(), name="redate_actions"),
    path("actions/reminders/", actions.ChangeReminders.as_view(), name="action_reminders"),
    path("actions/<int:pk>/", actions.ActionPage.as_view(), name="action"),
    path("actions/<int:pk>/note/", actions.AddNote.as_view(), name="add_action_note"),
    path("actions/<int:pk>/start/", actions.StartAction.as_view(), name="start_action"),
    path("actions/<int:pk>/complete/", actions.CompleteAction.as_view(), name="complete_action"),
    path("actions/<int:pk>/cancel/", actions.CancelAction.as_view(), name="cancel_action"),
    path("actions/<int:pk>/reopen/", actions.ReopenAction.as_view(), name="reopen_action"),
    path("actions/<int:pk>/change/", actions.ChangeAction.as_view(), name="change_action"),
    path("groups/<slug:slug>/actions/new/", actions.NewGroupAction.as_view(), name="new_group_action"),
]
