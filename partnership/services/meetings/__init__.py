"""Meetings: planned, called, held, minuted, agreed. ``services.meetings.add_item`` puts anything on an agenda."""

from partnership.services.meetings.agenda import (
    accept_item,
    add_item,
    build_agenda,
    decline_item,
    edit_item,
    move_item,
    propose_item,
    remove_item,
)
from partnership.services.meetings.calling import call_meeting, make_pack, tell_of_late_papers
from partnership.services.meetings.feeds import make_feed, withdraw_feed
from partnership.services.meetings.minutes import (
    agree_minutes,
    circulate_minutes,
    draft_minutes,
    edit_decision,
    note_correction,
    record_action,
    record_attendance,
    record_decision,
    remove_decision,
    reopen_minutes,
    write_minute,
)
from partnership.services.meetings.papers import add_paper, add_version, remove_paper
from partnership.services.meetings.planning import (
    add_meeting,
    cancel_meeting,
    change_meeting,
    plan_meetings,
    remove_standing_item,
    save_pattern,
    save_standing_item,
)

__all__ = [
    "accept_item",
    "add_item",
    "add_meeting",
    "add_paper",
    "add_version",
    "agree_minutes",
    "build_agenda",
    "call_meeting",
    "cancel_meeting",
    "change_meeting",
    "circulate_minutes",
    "decline_item",
    "draft_minutes",
    "edit_decision",
    "edit_item",
    "make_feed",
    "make_pack",
    "move_item",
    "note_correction",
    "plan_meetings",
    "propose_item",
    "record_action",
    "record_attendance",
    "record_decision",
    "remove_decision",
    "remove_item",
    "remove_paper",
    "remove_standing_item",
    "reopen_minutes",
    "save_pattern",
    "save_standing_item",
    "tell_of_late_papers",
    "withdraw_feed",
    "write_minute",
]
