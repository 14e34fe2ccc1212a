"""The cast: the same people in every test.

Ursula works in the business unit; Stella is the scrutineer. Oak Lane school has Dan (designated safeguarding lead),
Debbie (his deputy), Amira (headteacher) and Colin (chair of governors). Elm Park school has Erin (its own designated
safeguarding lead), who has no business with Oak Lane. Pat is a practitioner with no school. Maya of the constabulary
sits on the Performance and Audit Group, which Chloe of the health board chairs. Ben leads the learning hub of North
Hertfordshire and Stevenage, Bella another; both report to the Board.
"""

import pytest

from partnership.choices import GroupKind, OrganisationKind, Role
from tests.factories import (
    GroupFactory,
    HubFactory,
    OrganisationFactory,
    SchoolFactory,
    UserFactory,
    grant,
    put_in_the_chair,
    seat,
)


@pytest.fixture
def oak_lane(db):
    return SchoolFactory(name="Oak Lane School", urn=900101, postcode="SG13 8XX")


@pytest.fixture
def elm_park(db):
    return SchoolFactory(name="Elm Park School", urn=900102)


PEOPLE = {
    "ursula": ("Ursula Unit", Role.BUSINESS_UNIT),
    "stella": ("Stella Scrutineer", Role.SCRUTINEER),
    "pat": ("Pat Practitioner", Role.PRACTITIONER),
    "dan": ("Dan Lead", Role.DSL),
    "debbie": ("Debbie Deputy", Role.DEPUTY_DSL),
    "amira": ("Amira Head", Role.HEADTEACHER),
    "colin": ("Colin Chair", Role.CHAIR_OF_GOVERNORS),
    "erin": ("Erin Elsewhere", Role.DSL),
    "maya": ("Maya Member", Role.PARTNER),
    "chloe": ("Chloe Chair", Role.PARTNER),
    "ben": ("Ben Hub", Role.HUB_LEAD),
    "bella": ("Bella Hub", Role.HUB_LEAD),
}


def make(first_name: str, organisation=None, group=None):
    """One of ``PEOPLE``, with their role, at ``organisation`` or for ``group`` if they hold it there."""
    name, role = PEOPLE[first_name]
    user = UserFactory(name=name, email=f"{first_name}@example.org", organisation=organisation)
    grant(user, role, organisation, group=group)
    return user


@pytest.fixture
def ursula(db):
    return make("ursula")


@pytest.fixture
def stella(db):
    return make("stella")


@pytest.fixture
def pat(db):
    return make("pat")


@pytest.fixture
def dan(oak_lane):
    return make("dan", oak_lane.organisation)


@pytest.fixture
def debbie(oak_lane):
    return make("debbie", oak_lane.organisation)


@pytest.fixture
def amira(oak_lane):
    return make("amira", oak_lane.organisation)


@pytest.fixture
def colin(oak_lane):
    return make("colin", oak_lane.organisation)


@pytest.fixture
def erin(elm_park):
    return make("erin", elm_park.organisation)


@pytest.fixture
def constabulary(db):
    return OrganisationFactory(name="Constabulary", kind=OrganisationKind.POLICE, is_statutory_partner=True)


@pytest.fixture
def health_board(db):
    return OrganisationFactory(name="Integrated Care Board", kind=OrganisationKind.HEALTH, is_statutory_partner=True)


@pytest.fixture
def audit_group(db):
    return GroupFactory(name="Performance and Audit Group", slug="performance-and-audit")


@pytest.fixture
def maya(audit_group, constabulary):
    person = make("maya", constabulary)
    seat(person, audit_group)
    return person


@pytest.fixture
def chloe(audit_group, health_board):
    person = make("chloe", health_board)
    seat(person, audit_group)
    put_in_the_chair(person, audit_group)
    return person


@pytest.fixture
def board(db):
    return GroupFactory(name="Strategic Safeguarding Board", slug="board", kind=GroupKind.BOARD)


@pytest.fixture
def hub(board):
    group = GroupFactory(name="Learning Hub: North Hertfordshire and Stevenage", slug="hub-north", kind=GroupKind.HUB)
    return HubFactory(group=group, reports_to=board)


@pytest.fixture
def other_hub(board):
    group = GroupFactory(name="Learning Hub: Three Rivers and Watford", slug="hub-west", kind=GroupKind.HUB)
    return HubFactory(group=group, reports_to=board)


@pytest.fixture
def ben(hub):
    return make("ben", group=hub.group)


@pytest.fixture
def bella(other_hub):
    return make("bella", group=other_hub.group)


@pytest.fixture
def signed_in(client):
    """``signed_in(person)`` gives a test client with that person signed in."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in
