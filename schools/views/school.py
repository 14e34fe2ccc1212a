"""A school's page: its returns, contacts, duty and facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import Role
from partnership.models import User
from partnership.views.base import ChangePage, Gate, Page
from schools import contacts, facts
from schools.choices import ContactState, Fact, Flag, ImportStatus, LinkKind, SchoolStatus
from schools.forms.school import value_in_words
from schools.models import FactOverride, RegisterImport, Return, School, SchoolLink
from schools.permissions import Perm
from schools.rules import duty_of, flags_of
from schools.services.local_facts import NO, YES


class AboutSchool(Gate):
    """A page about one school, found by its URN."""

    model = School
    lookup: ClassVar = {"urn": "urn"}

    def records(self) -> models.QuerySet[Any]:
        return super().records().with_facts()  # type: ignore[attr-defined, no-any-return]


class ChangeSchool(AboutSchool, ChangePage):
    """A change to one school; afterwards its page."""

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record} | kwargs)


class SchoolPage(AboutSchool, Page):
    """Everything about one school, for those for whom it exists."""

    permission_required = Perm.VIEW_SCHOOL
    template_name = "schools/school.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        school: School = self.record
        user: Any = self.request.user
        return super().get_context_data(
            school=school,
            breadcrumbs=breadcrumbs(school, user),
            returns=returns_of(school, user),
            posts=(posts := list(posts_of(school, user))),
            may_add_deputy=school.status != SchoolStatus.CLOSED and any(post.is_managed_deputy for post in posts),
            fact_rows=[fact_row(school, fact) for fact in Fact],
            may_edit=user.has_perm(Perm.EDIT_LOCAL_FACTS, school),
            register=register_rows(school),
            places=place_rows(school),
            bodies=body_rows(school),
            imported=last_import(),
            links=links_of(school, user),
            **kwargs,
        )


def breadcrumbs(school: School, user: User) -> list[tuple[str, str]]:
    """The way to the page of ``school``: through the register for those who see it."""
    register = [("Schools", reverse("schools:register"))] if user.has_perm(Perm.VIEW_REGISTER) else []
    return [("Home", reverse("home")), *register, (str(school), "")]


def returns_of(school: School, user: User) -> list[Return]:
    """The returns of the school and of those that it follows, newest first, as far as ``user`` may see them."""
    organisations = [one.pk for one in school.lineage()]
    found = Return.objects.visible_to(user).filter(organisation__in=organisations)
    return list(found.select_related("organisation", "collection").order_by("-collection__academic_year", "pk"))


# --- Contacts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a school with the person in it (None: vacant), and what the reader may do about it."""

    role: Role
    contact: Any  # a RoleGrant as schools.contacts.current() gives it
    may_manage: bool
    is_self: bool

    @property
    def is_managed_deputy(self) -> bool:
        """Whether there is a deputy whom the reader may replace: then they may name another."""
        return self.role == Role.DEPUTY_DSL and self.contact is not None and self.may_manage

    @property
    def state_label(self) -> str:
        return str(ContactState(self.contact.state).label)

    @property
    def may_invite(self) -> bool:
        return self.may_manage and self.contact is not None and self.contact.state != ContactState.ACTIVE

    @property
    def progress(self) -> str:
        """How far the person has come, in a few words beside the tag."""
        return _PROGRESS[ContactState(self.contact.state)](self.contact)


def _day(at: Any) -> str:
    return date_format(timezone.localtime(at), "j F Y")


_PROGRESS = {
    ContactState.ACTIVE: lambda contact: f"last on {_day(contact.user.last_login)}",
    ContactState.INVITED: lambda contact: (
        f"on {_day(contact.invited_at)}; the link works until {_day(contact.link_expires_at)}"
    ),
    ContactState.EXPIRED: lambda contact: f"Invited on {_day(contact.invited_at)}, has never signed in",
    ContactState.NEVER_INVITED: lambda contact: "Has never signed in",
}


def posts_of(school: School, user: User) -> Iterator[Post]:
    """Every contact of the school, and a vacant post for each role that should have somebody and has not."""
    manageable = contacts.manageable_roles(school, user)
    found = contacts.of_school(school, at=timezone.now())
    for role in contacts.ROLES:
        held = [contact for contact in found if contact.role == role]
        if not held and (role in contacts.NEEDED_ROLES or role in manageable):
            yield Post(role, None, role in manageable, False)
        for contact in held:
            yield Post(role, contact, role in manageable, contact.user_id == user.pk)


# --- Facts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as it holds, and what the register gives where it was set by hand."""

    fact: Fact
    value: str
    worked_out: str
    override: FactOverride | None


def fact_row(school: School, fact: Fact) -> FactRow:
    """One fact of a school that came from ``with_facts()``. No query."""
    override = facts.overrides_of(school).get(fact)
    holds = facts.duty(school) if fact == Fact.DUTY else _yes(fact, facts.flags(school))
    worked_out = _worked_out(school, fact)
    return FactRow(fact, value_in_words(fact, holds), value_in_words(fact, worked_out), override)


def _worked_out(school: School, fact: Fact) -> str:
    if fact == Fact.DUTY:
        return duty_of(school.type_code, school.further_education_type)
    return _yes(fact, flags_of(school))


def _yes(fact: Fact, flags: frozenset[Flag]) -> str:
    return YES if Flag(fact) in flags else NO


def last_import() -> RegisterImport | None:
    """The newest register file that was applied. One query."""
    return RegisterImport.objects.filter(status=ImportStatus.APPLIED).order_by("-applied_at").first()


Rows = list[dict[str, Any]]


def register_rows(school: School) -> Rows:
    """What the register says the school is, for a summary list. Empty facts are left out."""
    ages = (
        f"{school.low_age} to {school.high_age}" if school.low_age is not None and school.high_age is not None else ""
    )
    counted = f" ({date_format(school.census_date, 'F Y')})" if school.census_date else ""
    return _rows(
        ("URN", school.urn),
        ("Establishment number", "/".join(filter(None, [school.la_code, school.establishment_number]))),
        ("UKPRN", school.ukprn),
        ("Type", school.type_name),
        ("Type group", school.type_group_name),
        ("Phase", school.phase),
        ("Ages", ages),
        ("Gender", school.gender),
        ("Religious character", school.religious_character),
        ("Nursery", school.nursery_provision),
        ("Sixth form", school.sixth_form),
        ("Boarding", school.boarders),
        ("Pupils", f"{school.pupils:,}{counted}" if school.pupils is not None else ""),
        ("Capacity", f"{school.capacity:,}" if school.capacity is not None else ""),
        ("Opened", _event(school.open_date, school.reason_opened)),
        ("Closed", _event(school.close_date, school.reason_closed)),
    )


def place_rows(school: School) -> Rows:
    """Where the school is and how to reach it."""
    return _rows(
        ("Address", "\n".join(school.address_lines)),
        ("District", school.district_name),
        ("Local authority", school.la_name),
        ("Telephone", school.telephone),
        ("Website", school.website),
    )


def body_rows(school: School) -> Rows:
    """Who runs the school, by the register."""
    head = ", ".join(filter(None, [school.head_name, school.head_job_title]))
    return _rows(
        ("Head", head),
        ("Trust", school.trust_name),
        ("Federation", school.federation_name),
        ("Proprietor", school.proprietor),
    )


def _rows(*pairs: tuple[str, Any]) -> Rows:
    return [{"key": key, "value": value} for key, value in pairs if value not in ("", None)]


def _event(day: date | None, reason: str) -> str:
    when = date_format(day, "j F Y") if day else ""
    reason = "" if reason.lower() in {"not applicable", "not recorded"} else reason
    return ", ".join(filter(None, [when, reason]))


# --- Links ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A school that this one followed, was followed by, or is linked to; without ``url`` where the reader sees none."""

    kind: LinkKind
    urn: int
    name: str
    established: date | None
    url: str


_SEEN_FROM_THE_OTHER_END = {
    LinkKind.PREDECESSOR: LinkKind.SUCCESSOR,
    LinkKind.SUCCESSOR: LinkKind.PREDECESSOR,
    LinkKind.OTHER: LinkKind.OTHER,
}


def links_of(school: School, user: User) -> list[Neighbour]:
    """The schools linked to this one, predecessors first, whichever end the link stands under. Three queries."""
    own = [(LinkKind(link.kind), link.link_urn, link.link_name, link.established) for link in school.links.all()]
    back = SchoolLink.objects.filter(link_urn=school.urn).select_related("school__organisation")
    own += [
        (_SEEN_FROM_THE_OTHER_END[LinkKind(link.kind)], link.school.urn, str(link.school), link.established)
        for link in back
    ]
    found = {(kind, urn): (kind, urn, name, established) for kind, urn, name, established in reversed(own)}
    urns = {urn for _, urn in found}
    seen = set(School.objects.visible_to(user).filter(urn__in=urns).values_list("urn", flat=True))
    neighbours = [
        Neighbour(*link, url=reverse("schools:school", args=[link[1]]) if link[1] in seen else "")
        for link in found.values()
    ]
    order = list(LinkKind.values)
    return sorted(neighbours, key=lambda link: (order.index(link.kind), link.name))
