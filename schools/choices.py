"""Choices of the schools app."""

from django.db import models

LOCAL_AUTHORITY = "Hertfordshire"  # whose schools the register holds, by its name in the national register


class Duty(models.TextChoices):
    """The safeguarding duty that a school answers for in its return. Which school has which: ``schools.rules``."""

    S175 = "s175", "Section 175: maintained schools and colleges"
    S157 = "s157", "Section 157: academies and independent schools"
    NMSS = "nmss", "Non-maintained special school"
    NONE = "none", "No duty: not asked for a return"
    UNDECIDED = "undecided", "To be decided by the business unit"

    @property
    def is_asked(self) -> bool:
        """Whether a school with this duty is asked for a return. One to be decided is not, until it is decided."""
        return self in {Duty.S175, Duty.S157, Duty.NMSS}


class Flag(models.TextChoices):
    """What is true of a school and decides which questions it is asked.

    All but the last two are worked out from the register (``schools.rules``); those the school says itself.
    """

    HAS_EARLY_YEARS = "has_early_years", "Has early years provision"
    HAS_SIXTH_FORM = "has_sixth_form", "Has a sixth form or older students"
    HAS_BOARDING = "has_boarding", "Has boarders"
    IS_SECONDARY_AGE = "is_secondary_age", "Has pupils aged 14 or over"
    IS_INDEPENDENT = "is_independent", "Is an independent school"
    IS_STATE_FUNDED = "is_state_funded", "Is funded by the state"
    IS_SPECIAL_OR_AP = "is_special_or_ap", "Is a special school or alternative provision"
    USES_ALTERNATIVE_PROVISION = "uses_alternative_provision", "Has pupils in alternative provision elsewhere"
    LETS_PREMISES = "lets_premises", "Lets its premises to others who work with children"


class Fact(models.TextChoices):
    """What is worked out of a school's row and may be set by hand: the duty, and the flags that are derived."""

    DUTY = "duty", "Safeguarding duty"
    HAS_EARLY_YEARS = "has_early_years", "Has early years provision"
    HAS_SIXTH_FORM = "has_sixth_form", "Has a sixth form"
    HAS_BOARDING = "has_boarding", "Has boarders"
    IS_SECONDARY_AGE = "is_secondary_age", "Has pupils of secondary age"
    IS_INDEPENDENT = "is_independent", "Is independent"
    IS_STATE_FUNDED = "is_state_funded", "Is state-funded"
    IS_SPECIAL_OR_AP = "is_special_or_ap", "Is a special school or alternative provision"


class SchoolStatus(models.TextChoices):
    """The register's four statuses, by its own names."""

    OPEN = "open", "Open"
    CLOSING = "closing", "Open, but proposed to close"
    PROPOSED = "proposed", "Proposed to open"
    CLOSED = "closed", "Closed"


class LinkKind(models.TextChoices):
    PREDECESSOR = "predecessor", "Predecessor"
    SUCCESSOR = "successor", "Successor"
    OTHER = "other", "Other link"


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", "Being compared"
    COMPARED = "compared", "Ready to apply"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    FAILED = "failed", "Could not be read"
    DISCARDED = "discarded", "Discarded"


class ContactState(models.TextChoices):
    """How far a school's contact has come: worked out from their invitations and their last sign-in, never stored."""

    ACTIVE = "active", "Has signed in"
    INVITED = "invited", "Invited"
    EXPIRED = "expired", "Link expired"
    NEVER_INVITED = "never_invited", "Never invited"


class ContactImportStatus(models.TextChoices):
    CHECKED = "checked", "Ready to apply"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    DISCARDED = "discarded", "Discarded"


class ContactOutcome(models.TextChoices):
    """What a row of an uploaded list of contacts comes to."""

    WRONG = "wrong", "Wrong, left out"
    APPOINT = "appoint", "To be named"
    REPLACE = "replace", "To replace somebody"
    UNCHANGED = "unchanged", "Nothing to do"


class ChangeKind(models.TextChoices):
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    UNKNOWN = "unknown", "Not in the file"


class QuestionSetKind(models.TextChoices):
    S175 = "s175", "School return (section 175 / 157)"
    S11 = "s11", "Agency self-assessment (section 11)"
    STAFF_SURVEY = "staff_survey", "Staff survey"


class QuestionSetStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class SectionKind(models.TextChoices):
    CONTEXT = "context", "Details of the school"
    STANDARD = "standard", "Standard"
    CLOSING = "closing", "Closing questions"
    ABOUT_YOU = "about_you", "About you"
    QUESTIONS = "questions", "Questions"


class AnswerType(models.TextChoices):
    RATING4 = "rating4", "Four levels"
    YES_NO = "yes_no", "Yes or no"
    YES_NO_NA = "yes_no_na", "Yes, no or not applicable"
    DATE = "date", "Date"
    PERCENT = "percent", "Percentage"
    COUNT = "count", "Number"
    MULTI = "multi", "Several of a list"
    CHOICE = "choice", "One of a list"
    TEXT = "text", "Text"
    PERSON = "person", "Person"
    PERSON_WITH_DATES = "person_with_dates", "Person with dates"
    REPEAT = "repeat", "Several people with dates"
    LIKERT5 = "likert5", "Agree or disagree"
    YES_UNSURE_NO = "yes_unsure_no", "Yes, not sure or no"
    LIKERT5_GRID = "likert5_grid", "Agree or disagree, in rows"
    KNOWLEDGE = "knowledge", "Question of knowledge"


class Rag(models.TextChoices):
    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    NA = "na", "Not applicable"


class CollectionKind(models.TextChoices):
    S175 = "s175", "School safeguarding return"
    S11 = "s11", "Section 11 self-assessment"


class CollectionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class ReturnStatus(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    WITH_HEAD = "with_head", "With the head"
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"


class SignOffKind(models.TextChoices):
    HEAD = "head", "Headteacher’s confirmation"
    GOVERNANCE = "governance", "Governance confirmation"
