"""The rows of the partnership app, split by subject."""

from partnership.models.actions import UNFINISHED, Action
from partnership.models.groups import (
    ChairRota,
    ChairTerm,
    FormerName,
    Group,
    Membership,
    NamedSeat,
    TermsOfReference,
)
from partnership.models.people import Invitation, Organisation, RoleGrant, User
from partnership.models.priorities import Priority
from partnership.models.records import Document, HeldText, OutgoingMessage, StatusChange, UnsavedForm

__all__ = [
    "UNFINISHED",
    "Action",
    "ChairRota",
    "ChairTerm",
    "Document",
    "FormerName",
    "Group",
    "HeldText",
    "Invitation",
    "Membership",
    "NamedSeat",
    "Organisation",
    "OutgoingMessage",
    "Priority",
    "RoleGrant",
    "StatusChange",
    "TermsOfReference",
    "UnsavedForm",
    "User",
]
