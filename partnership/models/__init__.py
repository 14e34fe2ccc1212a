"""The rows of the partnership app, split by subject."""

from partnership.models.actions import UNFINISHED, Action
from partnership.models.people import Invitation, Organisation, RoleGrant, User
from partnership.models.records import Document, HeldText, OutgoingMessage, StatusChange, UnsavedForm

__all__ = [
    "UNFINISHED",
    "Action",
    "Document",
    "HeldText",
    "Invitation",
    "Organisation",
    "OutgoingMessage",
    "RoleGrant",
    "StatusChange",
    "UnsavedForm",
    "User",
]
