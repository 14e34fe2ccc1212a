"""Choices of the partnership app. Roles and what they may do: ``docs/permissions.md``."""

from django.db import models


class Role(models.TextChoices):
    """What a person is to the partnership. A role is held through a ``RoleGrant``, with a scope and dates."""

    BUSINESS_UNIT = "business_unit", "Business unit"
    SCRUTINEER = "scrutineer", "Scrutineer"
    PARTNER = "partner", "Safeguarding partner or group member"
    HUB_LEAD = "hub_lead", "Hub lead"
    PRACTITIONER = "practitioner", "Practitioner"
    DSL = "dsl", "Designated safeguarding lead"
    DEPUTY_DSL = "deputy_dsl", "Deputy designated safeguarding lead"
    HEADTEACHER = "headteacher", "Headteacher or principal"
    CHAIR_OF_GOVERNORS = "chair_of_governors", "Chair of governors or proprietor"
    ELECTED_MEMBER = "elected_member", "Elected member"


# Roles that see every organisation: they must use a second factor (docs/permissions.md).
EVERYWHERE_ROLES = frozenset({Role.BUSINESS_UNIT, Role.SCRUTINEER})
SCHOOL_ROLES = frozenset({Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS})
# Roles that are held for an organisation, and those held for a group; of the others none is.
ORGANISATION_ROLES = SCHOOL_ROLES | {Role.PARTNER}
GROUP_ROLES = frozenset({Role.HUB_LEAD})
# Nobody gives themselves a role that signs, confirms or verifies what others have done.
NEVER_TO_ONESELF_ROLES = frozenset({Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.SCRUTINEER})
# Of these an organisation has one person at a time; the next one replaces them.
ONE_AT_A_TIME_ROLES = frozenset({Role.DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS})


# What somebody in a role does here, for the letters and pages that name them.
ROLE_PURPOSES = {
    Role.BUSINESS_UNIT: "You run the portal for the partnership.",
    Role.SCRUTINEER: "You read what the partnership does and scrutinise it.",
    Role.PARTNER: "You see the papers, decisions and actions of the groups that you sit on.",
    Role.HUB_LEAD: "You run the forums of a learning hub and see its suggestions through to the Board.",
    Role.PRACTITIONER: "You make suggestions, read what became of them, and come to forums.",
    Role.DSL: "You fill in the school’s yearly safeguarding return and send it to the head.",
    Role.DEPUTY_DSL: "You fill in the school’s yearly safeguarding return with the designated safeguarding lead.",
    Role.HEADTEACHER: "You read the school’s yearly safeguarding return, then confirm and submit it or send it back.",
    Role.CHAIR_OF_GOVERNORS: "You confirm that the governing body, trust board or proprietor has seen the school’s "
    "yearly "
    "safeguarding return.",
}


class OrganisationKind(models.TextChoices):
    COUNCIL = "council", "County council"
    DISTRICT = "district", "District or borough council"
    POLICE = "police", "Police"
    HEALTH = "health", "Health body"
    SCHOOL = "school", "School or college"
    PROBATION = "probation", "Probation"
    VOLUNTARY = "voluntary", "Voluntary or community organisation"
    OTHER = "other", "Other agency"


class GroupKind(models.TextChoices):
    BOARD = "board", "Board"
    EXECUTIVE = "executive", "Executive group"
    STAKEHOLDERS = "stakeholders", "Stakeholders group"
    SUBGROUP = "subgroup", "Subgroup"
    HUB = "hub", "Learning hub"
    TASK_AND_FINISH = "task_and_finish", "Task and finish group"
    LINKED_BOARD = "linked_board", "Linked board"


class Capacity(models.TextChoices):
    """As what a person sits on a group. Deputies stand in for a member of their organisation."""

    MEMBER = "member", "Member"
    DEPUTY = "deputy", "Deputy"
    ADVISER = "adviser", "Adviser"
    OBSERVER = "observer", "Observer"


class PersonState(models.TextChoices):
    """How a person stands to the portal."""

    ACTIVE = "active", "Has signed in"
    NEVER_SIGNED_IN = "never_signed_in", "Never signed in"
    LEAVING = "leaving", "Leaves soon"
    LEFT = "left", "Left"


class LeaverItemKind(models.TextChoices):
    """What somebody who leaves can leave to others."""

    SEAT = "seat", "Seat"
    CHAIR = "chair", "Chair"
    ACTION = "action", "Action"


class MessageStatus(models.TextChoices):
    QUEUED = "queued", "Waiting to be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not delivered"


class DocumentStatus(models.TextChoices):
    WANTED = "wanted", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class ActionStatus(models.TextChoices):
    OPEN = "open", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class ActionPriority(models.TextChoices):
    """How pressing an action is."""

    HIGH = "high", "High"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class HeldTextStatus(models.TextChoices):
    WAITING = "waiting", "Waiting to be looked at"
    RELEASED = "released", "Released"
    REDACTED = "redacted", "Redacted"


class BudgetYearStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class ProcedureStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Replaced"


class Answerer(models.TextChoices):
    """Whose contacts answer a difference at a stage."""

    OTHER_AGENCY = "other_agency", "The other agency"
    BOTH_AGENCIES = "both_agencies", "Both agencies together"
    BUSINESS_UNIT = "business_unit", "The business unit"


class EscalationStatus(models.TextChoices):
    OPEN = "open", "Awaiting answer"
    ANSWERED = "answered", "Answered"
    WITH_UNIT = "with_unit", "With business unit"
    RESOLVED = "resolved", "Resolved"
    WITHDRAWN = "withdrawn", "Withdrawn"


# --- The plan and reviews of the arrangements ------------------------------------------------------------------------


class PlanStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    WITH_PARTNERS = "with_partners", "With the partners"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"


class PointKind(models.TextChoices):
    VALUE = "value", "Value"
    PRINCIPLE = "principle", "Principle"
    BEHAVIOUR = "behaviour", "Behaviour"


class ProgressRag(models.TextChoices):
    """Where an objective stands. The order is from bad to good: trends go by it."""

    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"


class Trend(models.TextChoices):
    """Which way an objective has gone, by its last two readings."""

    BETTER = "better", "Better than before"
    SAME = "same", "As before"
    WORSE = "worse", "Worse than before"


READING_DUE_AFTER = 90  # days without a reading after which an objective needs one


class ReviewStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    UNDER_WAY = "under_way", "Under way"
    REPORTED = "reported", "Reported"
    CLOSED = "closed", "Closed"


class Verdict(models.TextChoices):
    UNDECIDED = "undecided", "Not decided yet"
    STOP = "stop", "Stop"
    START = "start", "Start"
    CONTINUE = "continue", "Continue"


# --- Meetings ---------------------------------------------------------------------------------------------------------


class MeetingStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    CALLED = "called", "Called"
    HELD = "held", "Held"
    DRAFTED = "drafted", "Minutes drafted"
    CIRCULATED = "circulated", "Minutes circulated"
    AGREED = "agreed", "Minutes agreed"
    CANCELLED = "cancelled", "Cancelled"


class ItemPurpose(models.TextChoices):
    """What the meeting is asked to do about an item."""

    INFORMATION = "information", "Information"
    DISCUSSION = "discussion", "Discussion"
    DECISION = "decision", "Decision"


class ItemOrigin(models.TextChoices):
    STANDING = "standing", "Standing item"
    CARRIED_FORWARD = "carried_forward", "Carried forward"
    PROPOSED = "proposed", "Proposed by a member"
    ADDED = "added", "Added"


class ItemStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ON_AGENDA = "on_agenda", "On the agenda"
    DECLINED = "declined", "Declined"


class Presence(models.TextChoices):
    """Whether a member came to a meeting."""

    PRESENT = "present", "Present"
    APOLOGIES = "apologies", "Apologies"
    DEPUTY = "deputy", "A deputy came"
    ABSENT = "absent", "Absent"
