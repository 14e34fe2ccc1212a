"""What would come of each row of an uploaded list of contacts. Reads only; ``services.contact_import`` applies it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.formats import date_format

from hscp.lib.spreadsheet import Column, Row
from partnership.choices import ONE_AT_A_TIME_ROLES, Role
from partnership.models import RoleGrant, User
from schools import contacts
from schools.choices import ContactOutcome, SchoolStatus
from schools.models import ContactImportRow, School

MOST_ROWS = 5_000

COLUMNS = (
    Column("urn", ("URN", "School URN")),
    Column("role", ("Role",)),
    Column("name", ("Name", "Full name")),
    Column("email", ("Email", "Email address")),
    Column("job_title", ("Job title", "Job"), required=False),
)

ROLE_WORDS = {
    Role.DSL: ("dsl", "designated safeguarding lead", "lead", "lead dsl"),
    Role.DEPUTY_DSL: ("deputy", "deputy dsl", "ddsl", "deputy designated safeguarding lead"),
    Role.HEADTEACHER: ("head", "headteacher", "head teacher", "principal", "headteacher or principal"),
    Role.CHAIR_OF_GOVERNORS: (
        "chair",
        "chair of governors",
        "proprietor",
        "chair of governors or proprietor",
        "chair of trustees",
    ),
}
_ROLES = {word: role for role, words in ROLE_WORDS.items() for word in words}
LARGEST_URN = 99_999_999

MOST_CHARACTERS = {"urn": 100, "role": 100, "name": 150, "email": 254, "job_title": 150}


def role_of(words: str) -> Role | None:
    """The role that somebody means by "DSL", "Head teacher" or "deputy"; None if it is none of a school's."""
    return _ROLES.get(" ".join(words.replace("-", " ").casefold().split()))


def plan(rows: Iterable[Row], *, by: User, at: datetime) -> list[ContactImportRow]:
    """What would come of each row, were ``by`` to apply the list at ``at``. Nothing is written. Three queries."""
    drafts = [_draft(row) for row in rows]
    planner = _Planner(drafts, by, at)
    for draft in sorted(drafts, key=lambda draft: (draft.role == Role.DEPUTY_DSL, draft.number)):  # deputies last
        planner.decide(draft)
    return drafts


def _draft(row: Row) -> ContactImportRow:
    """The row as it is kept; its ``outcome`` is empty where it takes more than the row to tell."""
    cells = {name: row.cells.get(name, "") for name in MOST_CHARACTERS}
    problems = [*row.problems, *_too_long(cells)]
    role = role_of(cells["role"])
    draft = ContactImportRow(
        number=row.number,
        urn=cells["urn"][:100],
        role=role or cells["role"][:100],
        name=cells["name"][:200],
        email=cells["email"][:254].lower(),
        job_title=cells["job_title"][:200],
    )
    if not (draft.name or draft.email or draft.job_title or problems):
        draft.outcome, draft.note = ContactOutcome.UNCHANGED, "The row names nobody."
        return draft
    problems += _missing(draft, role) if not row.problems else []
    return _wrong(draft, *problems) if problems else draft


def _too_long(cells: dict[str, str]) -> list[str]:
    limits = [(name, most) for name, most in MOST_CHARACTERS.items() if len(cells[name]) > most]
    return [f"The {name.replace('_', ' ')} has more than {most} characters" for name, most in limits]


def _missing(draft: ContactImportRow, role: Role | None) -> list[str]:
    problems = []
    if not _number(draft.urn):
        problems.append("The URN must be a number, such as 117123" if draft.urn else "The URN is missing")
    if role is None:
        known = "DSL, deputy, head or chair"
        problems.append(
            f"“{draft.role}” is no role: write {known}" if draft.role else f"The role is missing: write {known}"
        )
    if not draft.name:
        problems.append("The name is missing")
    if not draft.email:
        problems.append("The email address is missing")
    elif not _is_email(draft.email):
        problems.append(f"“{draft.email}” is not an email address")
    return problems


def _number(urn: str) -> int:
    """A URN as a number; 0, which is no school's, if it is none."""
    return int(urn) if urn.isdecimal() and int(urn) <= LARGEST_URN else 0


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _wrong(draft: ContactImportRow, *problems: str) -> ContactImportRow:
    draft.outcome, draft.note = ContactOutcome.WRONG, ". ".join(problem.rstrip(".") for problem in problems) + "."
    return draft


class _Planner:
    """Decides row by row, with the schools, their contacts and the accounts that the list names at hand."""

    def __init__(self, drafts: list[ContactImportRow], by: User, at: datetime) -> None:
        self.by = by
        whole = [draft for draft in drafts if not draft.outcome]
        self.schools = _schools(drafts)
        self.held = _held(self.schools.values(), at)
        self.people = {user.email: user for user in User.objects.filter(email__in={draft.email for draft in whole})}
        self.said: dict[tuple[int, str, str], int] = {}  # the row that names a person for a role
        self.named = _named(whole)

    def decide(self, draft: ContactImportRow) -> None:
        """Give ``draft`` its school, its outcome and what there is to say of it."""
        draft.school = self.schools.get(_number(draft.urn))
        if draft.outcome:
            return
        wrong = self._wrong_with_school(draft) or self._wrong_with_list(draft) or self._wrong_with_person(draft)
        if wrong:
            _wrong(draft, wrong)
        else:
            self._compare(draft)

    def _wrong_with_school(self, draft: ContactImportRow) -> str:
        school = draft.school
        if school is None:
            return f"No school in the register has the URN {draft.urn}"
        if school.status == SchoolStatus.CLOSED:
            when = f" on {date_format(school.close_date, 'j F Y')}" if school.close_date else ""
            return f"{school} closed{when}"
        return ""

    def _wrong_with_list(self, draft: ContactImportRow) -> str:
        """What another row of the list says of the same school."""
        key = (int(draft.urn), draft.role, draft.email)
        first = self.said.setdefault(key, draft.number)
        if first != draft.number:
            return f"Row {first} says the same"
        others = self.named[key[:2]] - {draft.email} if draft.role in ONE_AT_A_TIME_ROLES else set()
        if others:
            role, names = draft.get_role_display().lower(), ", ".join(sorted(others))
            return f"The list names another {role} for this school too ({names}); there is one at a time"
        if draft.role == Role.DEPUTY_DSL and draft.email in self.named[int(draft.urn), Role.DSL]:
            return "The list names this person as designated safeguarding lead, who cannot be a deputy too"
        return ""

    def _wrong_with_person(self, draft: ContactImportRow) -> str:
        person = self.people.get(draft.email)
        if person is not None and not person.is_active:
            return f"The account of {person} is closed"
        if draft.email == self.by.email and draft.role in {Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS}:
            return f"You cannot name yourself as {draft.get_role_display().lower()}"
        if draft.role == Role.DEPUTY_DSL and self._stays_lead(draft):
            return f"{person} is the designated safeguarding lead here, who cannot be a deputy too"
        return ""

    def _stays_lead(self, draft: ContactImportRow) -> bool:
        """Whether the person leads the school, and the list names nobody else to lead it."""
        leads = {grant.user.email for grant in self._holders(draft, Role.DSL)}
        return draft.email in leads and not self.named[int(draft.urn), Role.DSL] - {draft.email}

    def _holders(self, draft: ContactImportRow, role: str) -> list[RoleGrant]:
        return self.held[int(draft.urn), role]

    def _compare(self, draft: ContactImportRow) -> None:
        holders = self._holders(draft, draft.role)
        if any(grant.user.email == draft.email for grant in holders):
            draft.outcome, draft.note = ContactOutcome.UNCHANGED, "Named already."
        elif holders and draft.role in ONE_AT_A_TIME_ROLES:
            draft.outcome, draft.replaces = ContactOutcome.REPLACE, holders[0]
            draft.note = f"Replaces {holders[0].user}, who loses access to the school."
        else:
            draft.outcome = ContactOutcome.APPOINT
        draft.note = " ".join([draft.note, *self._about_person(draft)]).strip()

    def _about_person(self, draft: ContactImportRow) -> Iterator[str]:
        person = self.people.get(draft.email)
        if person is not None and person.name != draft.name:
            yield f"This address belongs to {person}; that name stays."
        deputies = {grant.user.email for grant in self._holders(draft, Role.DEPUTY_DSL)}
        if draft.role == Role.DSL and draft.email in deputies:
            yield "Stops being deputy."


def _schools(drafts: list[ContactImportRow]) -> dict[int, School]:
    urns = {_number(draft.urn) for draft in drafts}
    return {school.urn: school for school in School.objects.filter(urn__in=urns).select_related("organisation")}


def _held(schools: Iterable[School], at: datetime) -> dict[tuple[int, str], list[RoleGrant]]:
    """The contacts of ``schools``, by URN and role."""
    urns = {school.pk: school.urn for school in schools}
    found: dict[tuple[int, str], list[RoleGrant]] = defaultdict(list)
    for grant in contacts.current(at=at).filter(organisation__in=urns):
        found[urns[grant.organisation_id or 0], grant.role].append(grant)
    return found


def _named(drafts: list[ContactImportRow]) -> dict[tuple[int, str], set[str]]:
    """The addresses that the list names, by URN and role."""
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for draft in drafts:
        found[int(draft.urn), draft.role].add(draft.email)
    return found
