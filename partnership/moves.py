"""The lives of the partnership's own records. ``docs/lives.md`` is written from these tables."""

from partnership.choices import ActionStatus as A
from partnership.choices import BudgetYearStatus as B
from partnership.choices import EscalationStatus as E
from partnership.choices import HeldTextStatus as H
from partnership.choices import ItemStatus as I
from partnership.choices import MeetingStatus as M
from partnership.choices import PlanStatus as P
from partnership.choices import ProcedureStatus as D
from partnership.choices import ReviewStatus as V
from partnership.engine.workflow import Move, life
from partnership.models import (
    Action,
    AgendaItem,
    Escalation,
    EscalationProcedure,
    FinancialYear,
    GovernanceReview,
    HeldText,
    Meeting,
    Plan,
)
from partnership.permissions import Perm

START_ACTION = Move("start the action", {A.OPEN}, A.IN_PROGRESS, Perm.PROGRESS_ACTION)
COMPLETE_ACTION = Move("complete the action", {A.OPEN, A.IN_PROGRESS}, A.DONE, Perm.PROGRESS_ACTION)
CANCEL_ACTION = Move("cancel the action", {A.OPEN, A.IN_PROGRESS}, A.CANCELLED, Perm.CANCEL_ACTION, note_required=True)
REOPEN_ACTION = Move("reopen the action", {A.DONE, A.CANCELLED}, A.IN_PROGRESS, Perm.MANAGE_ACTION, note_required=True)

life(Action, START_ACTION, COMPLETE_ACTION, CANCEL_ACTION, REOPEN_ACTION)

RELEASE_TEXT = Move("release the text", {H.WAITING}, H.RELEASED, Perm.DECIDE_HELD_TEXT)
REDACT_TEXT = Move("redact the text", {H.WAITING}, H.REDACTED, Perm.DECIDE_HELD_TEXT)

life(HeldText, RELEASE_TEXT, REDACT_TEXT)

SEND_PLAN = Move("send the plan to the partners", {P.DRAFT}, P.WITH_PARTNERS, Perm.MANAGE_PLAN)
ALL_APPROVED = Move("record that all partners have approved", {P.WITH_PARTNERS}, P.APPROVED, None)
BACK_TO_DRAFT = Move(
    "take the plan back to draft", {P.WITH_PARTNERS, P.APPROVED}, P.DRAFT, Perm.MANAGE_PLAN, note_required=True
)
PUBLISH_PLAN = Move("publish the plan", {P.APPROVED}, P.PUBLISHED, Perm.MANAGE_PLAN)
REPLACE_PLAN = Move("replace the plan by its next version", {P.PUBLISHED}, P.SUPERSEDED, None)

life(Plan, SEND_PLAN, ALL_APPROVED, BACK_TO_DRAFT, PUBLISH_PLAN, REPLACE_PLAN)

START_REVIEW = Move("start the review", {V.PLANNED}, V.UNDER_WAY, Perm.MANAGE_GOVERNANCE_REVIEW)
REPORT_REVIEW = Move("report the review", {V.UNDER_WAY}, V.REPORTED, Perm.MANAGE_GOVERNANCE_REVIEW)
CLOSE_REVIEW = Move("close the review", {V.REPORTED}, V.CLOSED, Perm.MANAGE_GOVERNANCE_REVIEW)

life(GovernanceReview, START_REVIEW, REPORT_REVIEW, CLOSE_REVIEW)

CLOSE_YEAR = Move("close the year", {B.OPEN}, B.CLOSED, Perm.MANAGE_BUDGET)
REOPEN_YEAR = Move("reopen the year", {B.CLOSED}, B.OPEN, Perm.MANAGE_BUDGET, note_required=True)

life(FinancialYear, CLOSE_YEAR, REOPEN_YEAR)

ANSWER_ESCALATION = Move("answer the difference", {E.OPEN, E.WITH_UNIT}, E.ANSWERED, Perm.ANSWER_ESCALATION)
MOVE_UP = Move("move the difference up", {E.OPEN, E.ANSWERED}, E.OPEN, Perm.PURSUE_ESCALATION, note_required=True)
HAND_TO_UNIT = Move(
    "take the difference to the business unit",
    {E.OPEN, E.ANSWERED},
    E.WITH_UNIT,
    Perm.PURSUE_ESCALATION,
    note_required=True,
)
RESOLVE_ESCALATION = Move(
    "settle the difference", {E.OPEN, E.ANSWERED, E.WITH_UNIT}, E.RESOLVED, Perm.PURSUE_ESCALATION
)
WITHDRAW_ESCALATION = Move(
    "withdraw the difference",
    {E.OPEN, E.ANSWERED, E.WITH_UNIT},
    E.WITHDRAWN,
    Perm.PURSUE_ESCALATION,
    note_required=True,
)

life(Escalation, ANSWER_ESCALATION, MOVE_UP, HAND_TO_UNIT, RESOLVE_ESCALATION, WITHDRAW_ESCALATION)

PUBLISH_PROCEDURE = Move("publish the procedure", {D.DRAFT}, D.PUBLISHED, Perm.MANAGE_ESCALATION_PROCEDURE)
REPLACE_PROCEDURE = Move("replace the procedure by its next version", {D.PUBLISHED}, D.RETIRED, None)

life(EscalationProcedure, PUBLISH_PROCEDURE, REPLACE_PROCEDURE)

CALL_MEETING = Move("call the meeting", {M.PLANNED}, M.CALLED, Perm.MANAGE_MEETING)
HOLD_MEETING = Move("record that the meeting was held", {M.CALLED}, M.HELD, Perm.MANAGE_MEETING)
DRAFT_MINUTES = Move("finish the draft minutes", {M.HELD}, M.DRAFTED, Perm.MANAGE_MEETING)
CIRCULATE_MINUTES = Move("circulate the minutes", {M.DRAFTED}, M.CIRCULATED, Perm.MANAGE_MEETING)
REOPEN_MINUTES = Move(
    "take the minutes back", {M.DRAFTED, M.CIRCULATED}, M.HELD, Perm.MANAGE_MEETING, note_required=True
)
AGREE_MINUTES = Move("agree the minutes", {M.CIRCULATED}, M.AGREED, Perm.MANAGE_MEETING)
CANCEL_MEETING = Move("cancel the meeting", {M.PLANNED, M.CALLED}, M.CANCELLED, Perm.MANAGE_MEETING, note_required=True)

life(
    Meeting,
    CALL_MEETING,
    HOLD_MEETING,
    DRAFT_MINUTES,
    CIRCULATE_MINUTES,
    REOPEN_MINUTES,
    AGREE_MINUTES,
    CANCEL_MEETING,
)

ACCEPT_ITEM = Move("accept the proposed item", {I.PROPOSED}, I.ON_AGENDA, Perm.MANAGE_AGENDA_ITEM)
DECLINE_ITEM = Move(
    "decline the proposed item", {I.PROPOSED, I.ON_AGENDA}, I.DECLINED, Perm.MANAGE_AGENDA_ITEM, note_required=True
)

life(AgendaItem, ACCEPT_ITEM, DECLINE_ITEM)
