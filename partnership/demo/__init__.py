"""The demo partnership's own people and organisations. Everybody is invented."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from partnership.choices import OrganisationKind, Role
from partnership.demo import actions, budget, escalations, groups, meetings, people, plan
from partnership.models import Group, Organisation, RoleGrant, User

PASSWORD = "lantern orchard bicycle"  # noqa: S105 - the demo's, shown to everyone who starts it
DOMAIN = "hscp-demo.example"

PEOPLE = (
    ("unit", "Ruth Calloway", "Business manager", Role.BUSINESS_UNIT),
    ("officer", "Imran Sadiq", "Partnership officer", Role.BUSINESS_UNIT),
    ("scrutineer", "Helen Brightwater", "Independent scrutineer", Role.SCRUTINEER),
    ("practitioner", "Leo Marchetti", "Family support worker", Role.PRACTITIONER),
)

PARTNERS = (
    ("Hertfordshire County Council", OrganisationKind.COUNCIL, None, None),
    ("Hertfordshire Constabulary", OrganisationKind.POLICE, None, None),
    ("East and North Hertfordshire Clinical Commissioning Group", OrganisationKind.HEALTH, None, date(2022, 7, 1)),
    ("Herts Valleys Clinical Commissioning Group", OrganisationKind.HEALTH, None, date(2022, 7, 1)),
    ("Hertfordshire and West Essex Integrated Care Board", OrganisationKind.HEALTH, date(2022, 7, 1), None),
)


def load(on: date) -> None:
    """The business unit, the scrutineer, a practitioner, and the statutory partners with their history."""
    password = make_password(PASSWORD)
    for account, name, job_title, role in PEOPLE:
        person = User.objects.create(
            email=f"{account}@{DOMAIN}", name=name, job_title=job_title, password=password, last_login=None
        )
        RoleGrant.objects.create(user=person, role=role, starts=date(on.year - 3, 9, 1))
    board = None
    for name, kind, starts, ends in reversed(PARTNERS):
        partner = Organisation.objects.create(
            name=name, kind=kind, is_statutory_partner=True, starts=starts, ends=ends, successor=board if ends else None
        )
        if kind == OrganisationKind.HEALTH and board is None:
            board = partner
    people.load(on, password=password)
    groups.load(on)
    people.load_chair(on, password=password)
    plan.load(on)
    meetings.load(on)
    budget.load(on)
    escalations.load(on)
    actions.load(on)
    people.load_leavers(on)


def sign_ins() -> list[tuple[str, str]]:
    """The addresses that can sign in to the demo and what each is: the business unit first, then the schools."""
    found = User.objects.filter(email__endswith=f"@{DOMAIN}").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    order = {role: number for number, role in enumerate(Role)}
    rows = sorted(found, key=lambda user: (min(order[role] for role in user.roles()), user.pk))
    return [(user.email, describe(user)) for user in rows]


def describe(user: User) -> str:
    """A person's roles in words, with the school of each; and the groups that they chair or sit on."""
    chairs, sits_on = user.groups_chaired(), user.groups_sat_on() - user.groups_chaired()
    parts = [grant.role_and_place for grant in user.active_grants()]
    for what, ids in (("chairs", chairs), ("sits on", sits_on)):
        if names := ", ".join(Group.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True)):
            parts.append(f"{what} {names}")
    return "; ".join(parts)
