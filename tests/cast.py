"""The cast: the same people in every test.

Ursula works in the business unit; Stella is the scrutineer. Oak Lane school has Dan (designated safeguarding lead),
Debbie (his deputy), Amira (headteacher) and Colin (chair of governors). Elm Park school has Erin (its own designated
safeguarding lead), who has no business with Oak Lane. Pat is a practitioner with no school.
"""

import pytest

from partnership.choices import Role
from tests.factories import SchoolFactory, UserFactory, grant


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
}


def make(first_name: str, school=None):
    """One of ``PEOPLE``, with their role, at ``school`` if it is a role of a school."""
    name, role = PEOPLE[first_name]
    user = UserFactory(name=name, email=f"{first_name}@example.org")
    grant(user, role, school.organisation if school else None)
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
    return make("dan", oak_lane)


@pytest.fixture
def debbie(oak_lane):
    return make("debbie", oak_lane)


@pytest.fixture
def amira(oak_lane):
    return make("amira", oak_lane)


@pytest.fixture
def colin(oak_lane):
    return make("colin", oak_lane)


@pytest.fixture
def erin(elm_park):
    return make("erin", elm_park)


@pytest.fixture
def signed_in(client):
    """``signed_in(person)`` gives a test client with that person signed in."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in
