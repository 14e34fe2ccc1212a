"""The rows of the schools app, split by subject: the register, its contacts, the questions, the returns."""

from schools.models.contacts import ContactImport, ContactImportRow
from schools.models.questions import Option, Question, QuestionSet, Scale, Section
from schools.models.register import (
    FactOverride,
    LocalFacts,
    RegisterChange,
    RegisterImport,
    School,
    SchoolLink,
)
from schools.models.returns import (
    SUBMITTED,
    Answer,
    Collection,
    Extension,
    Reminder,
    Return,
    ReturnQuery,
    SectionDraft,
    SectionProgress,
    SignOff,
)

__all__ = [
    "SUBMITTED",
    "Answer",
    "Collection",
    "ContactImport",
    "ContactImportRow",
    "Extension",
    "FactOverride",
    "LocalFacts",
    "Option",
    "Question",
    "QuestionSet",
    "RegisterChange",
    "RegisterImport",
    "Reminder",
    "Return",
    "ReturnQuery",
    "Scale",
    "School",
    "SchoolLink",
    "Section",
    "SectionDraft",
    "SectionProgress",
    "SignOff",
]
