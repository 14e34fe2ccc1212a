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
# Of these an organisation has one person at a time; the next one replaces them.
ONE_AT_A_TIME_ROLES = frozenset({Role.DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS})


# What somebody in a role does here, for the letters and pages that name them.
ROLE_PURPOSES = {
    Role.BUSINESS_UNIT: "You run the portal for the partnership.",
    Role.SCRUTINEER: "You read what the partnership does and scrutinise it.",
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
