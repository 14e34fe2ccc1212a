"""A school's page: what each person sees on it, and what the business unit may write there."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from schools import facts
from schools.choices import Duty, Fact, Flag, ImportStatus, LinkKind, ReturnStatus, SchoolStatus
from schools.models import LocalFacts, RegisterImport, Return, School, SchoolLink
from schools.services import contacts, local_facts
from tests.factories import CollectionFactory, SchoolFactory, UserFactory, grant


def page_of(client, school):
    return client.get(school.get_absolute_url()).content.decode()


def url(name, school, *args):
    return reverse(f"schools:{name}", args=[school.urn, *args])


# --- Whose page it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("ursula", 200),
        ("stella", 200),
        ("dan", 200),
        ("debbie", 200),
        ("amira", 200),
        ("colin", 200),
        ("erin", 404),
        ("pat", 404),
    ],
)
def test_for_whom_a_school_exists(request, signed_in, oak_lane, person, status):
    assert signed_in(request.getfixturevalue(person)).get(oak_lane.get_absolute_url()).status_code == status


def test_signed_out_one_is_sent_to_sign_in(client, oak_lane):
    assert client.get(oak_lane.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("urn", [1, 99999999999999])
def test_a_urn_that_nobody_has_is_not_there(signed_in, ursula, urn):
    assert signed_in(ursula).get(reverse("schools:school", args=[urn])).status_code == 404


@pytest.mark.parametrize(
    ("person", "status"), [("ursula", 200), ("stella", 403), ("dan", 403), ("amira", 403), ("erin", 404)]
)
def test_who_may_write_beside_the_register(request, signed_in, oak_lane, person, status):
    client = signed_in(request.getfixturevalue(person))
    for address in (
        url("edit_local_facts", oak_lane),
        url("set_fact", oak_lane, "duty"),
        url("clear_fact", oak_lane, "duty"),
    ):
        assert client.get(address).status_code == status


# Who reaches which page about the contacts of Oak Lane: 200 theirs to change, 403 not theirs, 404 not their school.
CONTACT_PAGES = {
    "ursula": {Role.DSL: 200, Role.DEPUTY_DSL: 200, Role.HEADTEACHER: 200, Role.CHAIR_OF_GOVERNORS: 200},
    "amira": {Role.DSL: 200, Role.DEPUTY_DSL: 200, Role.HEADTEACHER: 403, Role.CHAIR_OF_GOVERNORS: 200},
    "dan": {Role.DSL: 403, Role.DEPUTY_DSL: 200, Role.HEADTEACHER: 403, Role.CHAIR_OF_GOVERNORS: 403},
    "debbie": {Role.DSL: 403, Role.DEPUTY_DSL: 403, Role.HEADTEACHER: 403, Role.CHAIR_OF_GOVERNORS: 403},
    "colin": {Role.DSL: 403, Role.DEPUTY_DSL: 403, Role.HEADTEACHER: 403, Role.CHAIR_OF_GOVERNORS: 403},
    "stella": {Role.DSL: 403, Role.DEPUTY_DSL: 403, Role.HEADTEACHER: 403, Role.CHAIR_OF_GOVERNORS: 403},
    "erin": {Role.DSL: 404, Role.DEPUTY_DSL: 404, Role.HEADTEACHER: 404, Role.CHAIR_OF_GOVERNORS: 404},
    "pat": {Role.DSL: 404, Role.DEPUTY_DSL: 404, Role.HEADTEACHER: 404, Role.CHAIR_OF_GOVERNORS: 404},
}


@pytest.mark.parametrize("person", CONTACT_PAGES)
def test_who_reaches_which_page_about_contacts(request, signed_in, oak_lane, dan, debbie, amira, colin, person):
    client = signed_in(request.getfixturevalue(person))
    for held in oak_lane.organisation.grants.all():
        expected = CONTACT_PAGES[person][Role(held.role)]
        assert client.get(url("appoint_contact", oak_lane, held.role)).status_code == expected
        for name in ("replace_contact", "remove_contact", "invite_contact"):
            assert client.get(url(name, oak_lane, held.pk)).status_code == expected


def test_a_contact_of_another_school_or_no_contact_is_not_there(signed_in, oak_lane, erin, ursula):
    client = signed_in(ursula)
    stray = grant(UserFactory(), Role.PARTNER, oak_lane.organisation)
    for contact in (erin.grants.get().pk, stray.pk, 10**12):
        assert client.get(url("replace_contact", oak_lane, contact)).status_code == 404
    for role in ("business_unit", "nonsense"):
        assert client.get(url("appoint_contact", oak_lane, role)).status_code == 404


# --- What is on it ----------------------------------------------------------------------------------------------------


def test_what_the_register_says_and_as_of_when(signed_in, oak_lane, dan, ursula):
    assert "No register file has been imported yet." in page_of(signed_in(dan), oak_lane)
    RegisterImport.objects.create(
        filename="x.csv",
        sha256="0",
        size=1,
        local_authority="Hertfordshire",
        status=ImportStatus.APPLIED,
        applied_at=timezone.now(),
        uploaded_by=ursula,
    )
    page = page_of(signed_in(dan), oak_lane)
    assert f"as imported on {timezone.localdate():%-d %B %Y}" in page
    for part in ("900101", "Community school", "3 to 11", "SG13 8XX", "East Hertfordshire"):
        assert part in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (SchoolStatus.CLOSED, "This school closed on 31 August 2025. It is asked for no returns."),
        (SchoolStatus.PROPOSED, "This school has not opened yet."),
        (SchoolStatus.CLOSING, "This school is open, but proposed to close on 31 August 2025."),
    ],
)
def test_a_school_that_is_not_simply_open_says_so(signed_in, ursula, status, sentence):
    school = SchoolFactory(status=status, close_date=date(2025, 8, 31))
    assert sentence in page_of(signed_in(ursula), school)


def test_a_closed_school_without_a_day_says_so(signed_in, ursula):
    page = page_of(signed_in(ursula), SchoolFactory(status=SchoolStatus.CLOSED))
    assert "closed on a day that the register does not give" in page
    assert "Name somebody" not in page


def test_returns_newest_first_those_of_the_predecessor_included(signed_in, oak_lane, ursula, dan):
    old = SchoolFactory(name="Oak Lane Primary School", urn=800101, status=SchoolStatus.CLOSED)
    SchoolLink.objects.create(
        school=oak_lane, link_urn=old.urn, link_name="x", kind=LinkKind.PREDECESSOR, link_type="Predecessor"
    )
    now = CollectionFactory(status="open")
    past = CollectionFactory(academic_year=2025, question_set=now.question_set)
    Return.objects.create(
        collection=past, organisation=old.organisation, reference="a", status=ReturnStatus.NOT_STARTED
    )
    Return.objects.create(collection=now, organisation=oak_lane.organisation, reference="b")
    page = page_of(signed_in(ursula), oak_lane)
    assert page.index("2026-27") < page.index("2025-26") < page.index("as Oak Lane Primary School")
    assert "2025-26" not in page_of(signed_in(dan), oak_lane)  # another school's return is not his to see


def test_without_returns_it_says_so(signed_in, oak_lane, dan):
    assert "No returns yet" in page_of(signed_in(dan), oak_lane)


def test_links_to_those_before_and_after_from_either_end(signed_in, oak_lane, elm_park, ursula):
    SchoolLink.objects.create(
        school=elm_park,
        link_urn=oak_lane.urn,
        link_name="Oak Lane",
        kind=LinkKind.PREDECESSOR,
        link_type="Predecessor",
        established=date(2024, 9, 1),
    )
    SchoolLink.objects.create(
        school=oak_lane,
        link_urn=111111,
        link_name="Long Gone School",
        kind=LinkKind.PREDECESSOR,
        link_type="Predecessor",
    )
    page = page_of(signed_in(ursula), oak_lane)
    assert f'<a class="govuk-link" href="{elm_park.get_absolute_url()}">Elm Park School</a>' in page
    assert page.index("Long Gone School") < page.index("Elm Park School")
    assert reverse("schools:school", args=[111111]) not in page


def test_a_lead_sees_the_name_of_the_successor_but_no_way_in(signed_in, oak_lane, elm_park, dan):
    SchoolLink.objects.create(
        school=oak_lane, link_urn=elm_park.urn, link_name="Elm Park", kind=LinkKind.SUCCESSOR, link_type="Successor"
    )
    page = page_of(signed_in(dan), oak_lane)
    assert "Elm Park" in page
    assert elm_park.get_absolute_url() not in page


def test_contacts_and_how_far_they_are(signed_in, oak_lane, dan, amira, ursula):
    contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email="n@example.org", name="Nina New", by=ursula)
    late = contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email="l@example.org", name="Lara Late", by=ursula)
    late.user.invitations.update(expires_at=timezone.now() - timedelta(days=1))
    page = page_of(signed_in(dan), oak_lane)  # signing in made Dan one who has signed in
    for part in ("Has signed in", "(you)", "Invited", "the link works until", "Link expired", "Never invited"):
        assert part in page
    assert page.count("Nobody named") == 1  # the chair


def test_the_ways_on_are_those_that_lead_somewhere(signed_in, oak_lane, dan, debbie, amira, colin, ursula, stella):
    def ways(person):
        page = page_of(signed_in(person), oak_lane)
        return {
            held.role
            for held in oak_lane.organisation.grants.all()
            if url("replace_contact", oak_lane, held.pk) in page
        }

    assert ways(ursula) == {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS}
    assert ways(amira) == {Role.DSL, Role.DEPUTY_DSL, Role.CHAIR_OF_GOVERNORS}
    assert ways(dan) == {Role.DEPUTY_DSL}
    assert ways(debbie) == ways(colin) == ways(stella) == set()


def test_the_page_costs_the_same_with_more_people_returns_and_links(signed_in, ursula, django_assert_max_num_queries):
    bare, full = SchoolFactory(), SchoolFactory()
    collection, years = CollectionFactory(), count(2030)
    for school, number in ((bare, 1), (full, 8)):
        for n in range(number):
            grant(UserFactory(), Role.DEPUTY_DSL, school.organisation)
            year = CollectionFactory(academic_year=next(years), question_set=collection.question_set)
            Return.objects.create(collection=year, organisation=school.organisation, reference=f"{school.pk}-{n}")
            SchoolLink.objects.create(
                school=school, link_urn=700000 + n, link_name="x", kind=LinkKind.OTHER, link_type="Other"
            )
        local_facts.set_fact(school, Fact.DUTY, value=Duty.NONE, reason="x", by=ursula)
    client = signed_in(ursula)
    page_of(client, bare)
    with django_assert_max_num_queries(20) as cost_of_bare:
        page_of(client, bare)
    with django_assert_max_num_queries(20) as cost_of_full:
        page_of(client, full)
    assert len(cost_of_full) == len(cost_of_bare)


# --- Contacts changed in the browser ----------------------------------------------------------------------------------


def test_naming_somebody(signed_in, oak_lane, amira):
    data = {"name": "Nina New", "email": "n@example.org", "job_title": ""}
    response = signed_in(amira).post(url("appoint_contact", oak_lane, Role.DSL), data, follow=True)
    assert "Nina New is designated safeguarding lead. We have emailed n@example.org" in response.content.decode()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"name": "", "email": "n@example.org"}, "Enter the person’s full name"),
        ({"name": "Nina", "email": ""}, "Enter the person’s email address"),
        ({"name": "Nina", "email": "nope"}, "Enter an email address in the correct format"),
        ({"name": "N" * 151, "email": "n@example.org"}, "Your answer must be 150 characters or fewer"),
        ({"name": "Nina", "email": f"{'n' * 60}@{'x.' * 110}org"}, "Your answer must be 254 characters or fewer"),
        ({"name": "Dan", "email": "dan@example.org"}, "Dan Lead holds this role already"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(signed_in, oak_lane, dan, amira, data, error):
    response = signed_in(amira).post(url("replace_contact", oak_lane, dan.grants.get().pk), data)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert dan.grants.get().ends is None


def test_a_role_that_is_filled_asks_to_replace(signed_in, oak_lane, dan, amira):
    data = {"name": "Nina New", "email": "n@example.org"}
    response = signed_in(amira).post(url("appoint_contact", oak_lane, Role.DSL), data)
    assert "Replace them instead" in response.content.decode()


def test_a_late_click_is_told_who_holds_the_role(signed_in, oak_lane, dan, amira):
    old = dan.grants.get()
    contacts.replace(old, email="n@example.org", name="Nina New", by=amira)
    for answer in (signed_in(amira).get, signed_in(amira).post):
        response = answer(url("remove_contact", oak_lane, old.pk))
        assert response.status_code == 409
        assert "Nina New is." in response.content.decode()


def test_removing_oneself_takes_a_page_that_says_so_and_leads_home(signed_in, oak_lane, amira):
    own = contacts.appoint(oak_lane, role=Role.DSL, email=amira.email, name=amira.name, by=amira)
    client = signed_in(amira)
    page = client.get(url("remove_contact", oak_lane, own.pk)).content.decode()
    assert "Give up your own role as designated safeguarding lead?" in page
    own.refresh_from_db()
    assert own.ends is None
    response = client.post(url("remove_contact", oak_lane, own.pk))
    assert response["Location"] == oak_lane.get_absolute_url()  # still head


def test_inviting_again(signed_in, oak_lane, dan, ursula):
    held = dan.grants.get()
    response = signed_in(ursula).post(url("invite_contact", oak_lane, held.pk), follow=True)
    assert "We have emailed dan@example.org" in response.content.decode()
    again = signed_in(ursula).post(url("invite_contact", oak_lane, held.pk))
    assert "Wait five minutes to send another" in again.content.decode()


# --- Local facts and facts set by hand --------------------------------------------------------------------------------


def test_local_facts_are_written_and_no_register_write_touches_them(signed_in, oak_lane, ursula):
    data = {"hub_district": " Broxbourne ", "notes": "Shares its lead with Elm Park."}
    signed_in(ursula).post(url("edit_local_facts", oak_lane), data)
    oak_lane.save()
    local = LocalFacts.objects.get()
    assert (local.hub_district, local.notes) == ("Broxbourne", "Shares its lead with Elm Park.")
    page = page_of(signed_in(ursula), oak_lane)
    assert "Broxbourne" in page
    assert "Shares its lead with Elm Park." in page


def test_notes_that_identify_somebody_are_refused_with_the_reason(signed_in, oak_lane, ursula):
    data = {"hub_district": "", "notes": "Call 01992 123456 about Ben"}
    response = signed_in(ursula).post(url("edit_local_facts", oak_lane), data)
    assert "telephone number. Take it out" in response.content.decode()
    assert "Call 01992 123456 about Ben" in response.content.decode()  # nothing typed is lost
    assert not LocalFacts.objects.exists()


def test_the_school_s_own_postcode_and_telephone_may_stand_in_the_notes(oak_lane, ursula):
    oak_lane.telephone = "01992123456"
    oak_lane.save()
    notes = "At SG13 8XX, 01992 123456"
    assert local_facts.edit_local_facts(oak_lane, hub_district="", notes=notes, by=ursula).notes == notes


@pytest.mark.parametrize("person", ["stella", "dan", "amira", "colin", "erin"])
def test_only_the_business_unit_writes_beside_the_register(request, oak_lane, person):
    by = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        local_facts.edit_local_facts(oak_lane, hub_district="x", notes="", by=by)
    with pytest.raises(PermissionDenied):
        local_facts.set_fact(oak_lane, Fact.DUTY, value=Duty.NONE, reason="x", by=by)
    with pytest.raises(PermissionDenied):
        local_facts.clear_fact(oak_lane, Fact.DUTY, by=by)


def with_facts(school):
    return School.objects.with_facts().get(pk=school.pk)


def test_a_fact_set_by_hand_holds_until_it_is_cleared(signed_in, oak_lane, ursula):
    client = signed_in(ursula)
    client.post(url("set_fact", oak_lane, "has_boarding"), {"value": "yes", "reason": "Six boarders since May"})
    assert Flag.HAS_BOARDING in facts.flags(with_facts(oak_lane))
    page = page_of(client, oak_lane)
    assert "Set by hand by Ursula Unit" in page
    assert "Six boarders since May" in page
    assert "(By the register: No.)" in page
    client.post(url("clear_fact", oak_lane, "has_boarding"))
    assert Flag.HAS_BOARDING not in facts.flags(with_facts(oak_lane))


def test_setting_a_fact_again_replaces_what_was_set(oak_lane, ursula):
    for duty in (Duty.NONE, Duty.NMSS):
        local_facts.set_fact(oak_lane, Fact.DUTY, value=duty, reason="x", by=ursula)
    assert facts.duty(with_facts(oak_lane)) == Duty.NMSS
    assert oak_lane.overrides.count() == 1


@pytest.mark.parametrize(
    ("fact", "data", "error"),
    [
        ("duty", {"value": "", "reason": "x"}, "Select what is true of this school"),
        ("duty", {"value": "undecided", "reason": "x"}, "Select one of the options"),
        ("duty", {"value": "yes", "reason": "x"}, "Select one of the options"),
        ("duty", {"value": "none", "reason": " "}, "Enter why this is set by hand"),
        ("has_boarding", {"value": "s175", "reason": "x"}, "Select one of the options"),
        ("duty", {"value": "none", "reason": "Born on 1 May 2019"}, "This looks like a date of birth"),
    ],
)
def test_a_fact_set_badly_is_answered_by_a_sentence(signed_in, oak_lane, ursula, fact, data, error):
    response = signed_in(ursula).post(url("set_fact", oak_lane, fact), data)
    assert error in response.content.decode()
    assert not oak_lane.overrides.exists()


@pytest.mark.parametrize(("value", "reason"), [("undecided", "x"), ("yes", "x"), ("none", "  ")])
def test_the_service_refuses_what_the_form_would(oak_lane, ursula, value, reason):
    with pytest.raises(ValidationError):
        local_facts.set_fact(oak_lane, Fact.DUTY, value=value, reason=reason, by=ursula)


def test_a_fact_that_there_is_not_has_no_page(signed_in, oak_lane, ursula):
    assert signed_in(ursula).get(url("set_fact", oak_lane, "nonsense")).status_code == 404
