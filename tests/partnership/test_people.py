"""People: the list, the page of one, adding, changing and inviting; roles given with a scope and dates, and ended."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from partnership.choices import GroupKind, Role
from partnership.engine.workflow import TooLate
from partnership.models import Action, OutgoingMessage, RoleGrant, User
from partnership.services import groups as group_services
from partnership.services import leavers, people, roles
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, grant, put_in_the_chair, seat

LIST = reverse("people")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def nina(db):
    return UserFactory(name="Nina New", email="nina@example.org", last_login=timezone.now())


def mails(name):
    return list(OutgoingMessage.objects.filter(name=name).order_by("pk"))


def errors(caught):
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}


# --- Added and changed ------------------------------------------------------------------------------------------------


def test_a_new_person_with_a_role_is_invited_for_the_organisation_they_work_for(ursula, constabulary):
    made = roles.add_person(
        email=" Kim@Example.org ", name="Kim Known", organisation=constabulary, role=Role.PARTNER, by=ursula
    )
    assert (made.email, made.organisation) == ("kim@example.org", constabulary)
    assert list(made.grants.values_list("role", "organisation", "granted_by")) == [
        ("partner", constabulary.pk, ursula.pk)
    ]
    assert [message.to_email for message in mails("invitation")] == ["kim@example.org"]


def test_a_new_person_without_a_role_is_told_nothing_yet(ursula):
    roles.add_person(email="kim@example.org", name="Kim Known", by=ursula)
    assert not OutgoingMessage.objects.exists()


def test_nobody_is_added_twice_and_a_refused_role_leaves_no_account_behind(ursula, nina):
    with pytest.raises(ValidationError) as caught:
        roles.add_person(email="NINA@example.org", name="Somebody Else", by=ursula)
    assert "This is the address of Nina New" in errors(caught)["email"][0]
    with pytest.raises(ValidationError):
        roles.add_person(email="kim@example.org", name="Kim", role=Role.PARTNER, by=ursula)
    assert not User.objects.filter(email="kim@example.org").exists()


def test_a_new_address_stops_old_links_and_codes_and_both_addresses_are_told(ursula, nina):
    people.invite(nina, by=ursula)
    EmailAddress.objects.create(user=nina, email=nina.email, verified=True, primary=True)
    people.change_person(
        nina, name="Nina New", email="Nina.New@example.org", job_title="Nurse", organisation=None, by=ursula
    )
    nina.refresh_from_db()
    assert (nina.email, nina.job_title) == ("nina.new@example.org", "Nurse")
    assert not nina.invitations.filter(expires_at__gt=timezone.now()).exists()
    assert not EmailAddress.objects.filter(user=nina).exists()
    assert {message.to_email for message in mails("address_changed")} == {"nina@example.org", "nina.new@example.org"}


def test_an_address_in_another_case_is_no_new_address(ursula, nina):
    people.change_person(nina, name="Nina", email="NINA@example.org", job_title="", organisation=None, by=ursula)
    assert mails("address_changed") == []


def test_an_address_that_another_has_is_refused(ursula, nina, pat):
    with pytest.raises(ValidationError) as caught:
        people.change_person(nina, name="Nina", email="PAT@example.org", job_title="", organisation=None, by=ursula)
    assert errors(caught)["email"] == ["This is the address of Pat Practitioner. Enter another one"]


def test_an_invitation_is_sent_again_but_not_at_once_nor_to_who_has_signed_in(ursula, nina, pat):
    people.invite_again(pat, by=ursula)
    with pytest.raises(ValidationError, match="Wait five minutes"):
        people.invite_again(pat, by=ursula)
    with pytest.raises(ValidationError, match="needs no invitation"):
        people.invite_again(nina, by=ursula)
    pat.is_active = False
    pat.save()
    with pytest.raises(ValidationError, match="is closed"):
        people.invite_again(pat, by=ursula)


# --- Roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "place", "where", "sentence"),
    [
        (Role.PARTNER, None, "organisation", "Select the organisation at which they hold this role"),
        (Role.DSL, None, "organisation", "Select the school at which they hold this role"),
        (Role.DSL, "constabulary", "organisation", "Constabulary is no school"),
        (Role.BUSINESS_UNIT, "constabulary", "organisation", "Business unit is no role for one organisation"),
        (Role.ELECTED_MEMBER, "constabulary", "organisation", "Leave this empty"),
        (Role.DSL, "oak_lane", "organisation", "Oak Lane School has a designated safeguarding lead: Dan Lead"),
    ],
)
def test_a_scope_that_does_not_fit_the_role_is_refused(request, ursula, nina, dan, role, place, where, sentence):
    found = request.getfixturevalue(place) if place else None
    with pytest.raises(ValidationError) as caught:
        roles.give(nina, role=role, organisation=getattr(found, "organisation", found), by=ursula)
    assert sentence in errors(caught)[where][0]
    assert not nina.grants.exists()


def test_a_role_is_given_from_until_and_its_person_is_told(ursula, nina, constabulary, today):
    made = roles.give(
        nina,
        role=Role.PARTNER,
        organisation=constabulary,
        starts=today,
        ends=today + timedelta(days=10),
        by=ursula,
    )
    assert (made.is_active(on=today), made.is_active(on=today + timedelta(days=10))) == (True, False)
    (message,) = mails("role_given")
    assert "has made you safeguarding partner or group member of Constabulary" in message.body
    assert "until the day before" in message.body


def test_a_role_without_an_organisation_reads_well_in_its_letters(ursula, nina):
    made = roles.give(nina, role=Role.PRACTITIONER, by=ursula)
    roles.end(made, by=ursula)
    (given,), (ended,) = mails("role_given"), mails("role_ended")
    assert given.subject == "You are now practitioner on the safeguarding portal"
    assert "None" not in given.body + ended.body + ended.subject


@pytest.mark.parametrize(
    ("start", "end", "is_free"), [(0, None, False), (5, 15, False), (-20, 1, False), (10, None, True), (-20, 0, True)]
)
def test_a_role_is_not_held_twice_on_one_day(ursula, nina, constabulary, today, start, end, is_free):
    RoleGrant.objects.create(
        user=nina, role=Role.PARTNER, organisation=constabulary, starts=today, ends=today + timedelta(days=10)
    )
    days = {"starts": today + timedelta(days=start), "ends": None if end is None else today + timedelta(days=end)}
    if is_free:
        assert roles.give(nina, role=Role.PARTNER, organisation=constabulary, by=ursula, **days).pk
    else:
        with pytest.raises(ValidationError) as caught:
            roles.give(nina, role=Role.PARTNER, organisation=constabulary, by=ursula, **days)
        assert "here already" in errors(caught)["role"][0]


def test_a_role_that_ends_before_it_starts_is_refused(ursula, nina, today):
    with pytest.raises(ValidationError) as caught:
        roles.give(nina, role=Role.PRACTITIONER, starts=today, ends=today, by=ursula)
    assert "must be after" in errors(caught)["ends"][0]


def test_no_role_at_a_body_that_has_ended_nor_for_a_closed_account(ursula, nina, today):
    gone = OrganisationFactory(name="Gone Trust", ends=today)
    with pytest.raises(ValidationError, match="Gone Trust no longer exists"):
        roles.give(nina, role=Role.PARTNER, organisation=gone, by=ursula)
    nina.is_active = False
    nina.save()
    with pytest.raises(ValidationError, match="is closed"):
        roles.give(nina, role=Role.PRACTITIONER, by=ursula)


@pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.SCRUTINEER])
def test_nobody_gives_themselves_a_role_that_signs_or_verifies(ursula, oak_lane, role):
    place = None if role == Role.SCRUTINEER else oak_lane.organisation
    with pytest.raises(ValidationError) as caught:
        roles.give(ursula, role=role, organisation=place, by=ursula)
    assert "You cannot make yourself" in errors(caught)["role"][0]


def test_the_deputy_of_a_school_is_not_its_lead_too(ursula, oak_lane, debbie):
    with pytest.raises(ValidationError) as caught:
        roles.give(debbie, role=Role.DSL, organisation=oak_lane.organisation, by=ursula)
    assert "cannot be both" in errors(caught)["role"][0]


def test_a_closed_account_keeps_nobody_out_of_a_role(ursula, oak_lane, dan, nina):
    dan.is_active = False
    dan.save()
    made = roles.give(nina, role=Role.DSL, organisation=oak_lane.organisation, by=ursula)
    assert made.user == nina


def test_a_role_ends_on_a_day_and_not_before_it_began_nor_twice(ursula, nina, constabulary, today):
    held = grant(nina, Role.PARTNER, constabulary)
    with pytest.raises(ValidationError) as caught:
        roles.end(held, on=held.starts - timedelta(days=1), by=ursula)
    assert "The role began on" in errors(caught)["on"][0]
    roles.end(held, by=ursula)
    assert not User.objects.get(pk=nina.pk).roles()
    with pytest.raises(TooLate):
        roles.end(held, by=ursula)
    (message,) = mails("role_ended")
    assert "you no longer see what this role opened to you" in message.body


def test_the_last_one_in_the_business_unit_cannot_be_ended(ursula, nina, today):
    mine = ursula.grants.get()
    temporary = RoleGrant.objects.create(
        user=nina, role=Role.BUSINESS_UNIT, starts=today, ends=today + timedelta(days=30)
    )
    with pytest.raises(ValidationError, match="Nobody else would be left"):
        roles.end(mine, by=ursula)
    temporary.ends = None
    temporary.save()
    roles.end(mine, by=ursula)
    assert mine.user.pk not in User.objects.holding(Role.BUSINESS_UNIT, on=today).values_list("pk", flat=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_each_others_role_at_once_one_is_left(ursula, nina):
    grant(nina, Role.BUSINESS_UNIT)
    pairs = [(ursula.grants.get(), nina), (nina.grants.get(), ursula)]
    at_once = Barrier(len(pairs))

    def press(held, by):
        at_once.wait()
        try:
            roles.end(held, by=User.objects.get(pk=by.pk))
        except (ValidationError, PermissionDenied):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(pairs)) as pool:
        ended = list(pool.map(lambda pair: press(*pair), pairs))
    assert sorted(ended) == [False, True]
    assert RoleGrant.objects.active(timezone.localdate()).filter(role=Role.BUSINESS_UNIT).count() == 1


# --- The lead of a hub ------------------------------------------------------------------------------------------------


@pytest.fixture
def north(db):
    return GroupFactory(name="Learning Hub: North", slug="hub-north", kind=GroupKind.HUB)


def test_the_lead_of_a_hub_is_told_which_and_can_lead_two(ursula, nina, north):
    other = GroupFactory(name="Learning Hub: South", kind=GroupKind.HUB)
    made = roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    roles.give(nina, role=Role.HUB_LEAD, group=other, by=ursula)
    assert made.role_and_place == "Hub lead, Learning Hub: North"
    assert mails("role_given")[0].subject == "You are now hub lead of Learning Hub: North on the safeguarding portal"
    with pytest.raises(ValidationError) as caught:
        roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    assert "here already" in errors(caught)["role"][0]
    roles.end(made, by=ursula)
    (message,) = mails("role_ended")
    assert "no longer hub lead of Learning Hub: North" in message.body
    assert "You keep" not in message.body


@pytest.mark.parametrize(
    ("role", "kind", "sentence"),
    [
        (Role.HUB_LEAD, None, "Select the learning hub that they lead"),
        (Role.HUB_LEAD, GroupKind.SUBGROUP, "is no learning hub"),
        (Role.PRACTITIONER, GroupKind.HUB, "Practitioner is no role for a learning hub"),
    ],
)
def test_only_a_lead_has_a_hub_and_only_a_hub_has_a_lead(ursula, nina, role, kind, sentence):
    group = GroupFactory(kind=kind) if kind else None
    with pytest.raises(ValidationError) as caught:
        roles.give(nina, role=role, group=group, by=ursula)
    assert sentence in errors(caught)["group"][0]


def test_a_hub_that_ends_takes_the_role_of_its_leads_with_it_and_they_are_told(ursula, nina, north, today):
    last_day = today + timedelta(days=9)
    roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    group_services.end_group(north, by=ursula, last_day=last_day)
    assert nina.grants.get().last_day == last_day
    (message,) = mails("role_ended")
    assert "no longer hub lead of Learning Hub: North" in message.body
    later = roles.give(UserFactory(), role=Role.HUB_LEAD, group=north, by=ursula)
    assert later.last_day == last_day
    with pytest.raises(ValidationError) as caught:
        roles.give(UserFactory(), role=Role.HUB_LEAD, group=north, starts=last_day + timedelta(days=1), by=ursula)
    assert "does not exist on" in errors(caught)["group"][0]


def test_a_hub_that_is_merged_hands_on_its_members_and_not_its_leads(ursula, nina, maya, north, today):
    into = GroupFactory(kind=GroupKind.HUB)
    roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    group_services.merge_group(north, by=ursula, into=into, last_day=today, carried=[seat(maya, north)])
    assert list(into.memberships.values_list("person", flat=True)) == [maya.pk]
    assert nina.grants.get().ends == today + timedelta(days=1)


def test_a_hub_stays_one_while_somebody_leads_it(ursula, nina, north):
    held = roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    with pytest.raises(ValidationError) as caught:
        group_services.edit_group(north, by=ursula, kind=GroupKind.SUBGROUP)
    assert "End their roles first" in errors(caught)["kind"][0]
    roles.end(held, by=ursula)
    assert group_services.edit_group(north, by=ursula, kind=GroupKind.SUBGROUP).kind == GroupKind.SUBGROUP


def test_who_stays_after_all_leads_their_hub_only_as_long_as_it_exists(ursula, nina, north, today):
    north.ends = today + timedelta(days=20)
    north.save()
    roles.give(nina, role=Role.HUB_LEAD, group=north, by=ursula)
    leavers.record_leaving(nina, on=today + timedelta(days=5), by=ursula)
    leavers.take_back_leaving(nina, by=ursula)
    assert nina.grants.get().ends == north.ends


def test_a_new_lead_is_added_on_a_page_and_list_page_and_leaving_name_the_hub(signed_in, ursula, north):
    client = signed_in(ursula)
    form = {"name": "Kim Known", "email": "kim@example.org", "role": "hub_lead"}
    assert "Select the learning hub that they lead" in client.post(reverse("add_person"), form).content.decode()
    page = client.post(reverse("add_person"), form | {"group": north.pk}, follow=True).content.decode()
    assert "Hub lead, Learning Hub: North" in page
    (invitation,) = mails("invitation")
    assert invitation.subject.endswith("Learning Hub: North")
    kim = User.objects.get(email="kim@example.org")
    for where in (reverse("leaving", args=[kim.pk]), f"{LIST}?role=hub_lead"):
        assert "Hub lead, Learning Hub: North" in client.get(where).content.decode()


@pytest.mark.parametrize("name", ["stella", "maya", "amira"])
def test_only_the_business_unit_gives_and_ends_roles(request, nina, name):
    by = request.getfixturevalue(name)
    with pytest.raises(PermissionDenied):
        roles.give(nina, role=Role.PRACTITIONER, by=by)
    with pytest.raises(PermissionDenied):
        roles.end(by.grants.first(), by=by)


# --- The list ---------------------------------------------------------------------------------------------------------


def listed(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [person.name for person in response.context["page_obj"]]


@pytest.fixture
def some_people(ursula, stella, nina, maya, today):
    """Of the constabulary: Maya, who never signed in, and alan, who leaves; Nina has signed in; Gerry has left."""
    UserFactory(name="alan Archer", organisation=maya.organisation, leaves_on=today + timedelta(days=9))
    UserFactory(name="Gerry Gone", is_active=False, leaves_on=today)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["alan Archer", "Maya Member", "Nina New", "Stella Scrutineer", "Ursula Unit"]),
        ({"q": "member MAYA@"}, ["Maya Member"]),
        ({"role": "partner"}, ["Maya Member"]),
        ({"state": "left"}, ["Gerry Gone"]),
        ({"state": "leaving"}, ["alan Archer"]),
        ({"state": "never_signed_in"}, ["alan Archer", "Maya Member", "Stella Scrutineer"]),
        ({"state": "to_hand_over"}, []),
        ({"state": "any", "q": "gerry"}, ["Gerry Gone"]),
        ({"state": "nonsense", "q": "gerry"}, []),
    ],
)
def test_the_filters(signed_in, some_people, ursula, query, found):
    assert listed(signed_in(ursula), **query) == found


def test_people_are_found_by_the_organisation_they_work_for(signed_in, ursula, some_people, maya):
    assert listed(signed_in(ursula), organisation=maya.organisation.pk) == ["alan Archer", "Maya Member"]


@pytest.mark.parametrize(
    ("query", "found", "says_so"),
    [
        ({}, ["Maya Member", "Ursula Unit"], True),
        ({"q": "dan"}, [], True),
        ({"organisation": "nonsense"}, ["Maya Member", "Ursula Unit"], True),
        ({"organisation": "schools"}, ["Dan Lead"], False),
        ({"organisation": "any"}, ["Dan Lead", "Maya Member", "Ursula Unit"], False),
        ({"organisation": "any", "q": "dan"}, ["Dan Lead"], False),
        ({"organisation": "oak lane"}, ["Dan Lead"], False),
    ],
)
def test_people_of_schools_are_left_out_until_they_are_asked_for(signed_in, ursula, maya, dan, query, found, says_so):
    if query.get("organisation") == "oak lane":
        query = {"organisation": dan.organisation_id}
    client = signed_in(ursula)
    assert listed(client, **query) == found
    assert ("People of schools are not in this list" in client.get(LIST, query).content.decode()) == says_so
    file = b"".join(client.get(reverse("people_export"), query).streaming_content).decode("utf-8-sig")
    assert [row["Name"] for row in csv.DictReader(io.StringIO(file))] == found


def test_whoever_has_a_role_at_a_school_alone_is_of_a_school(signed_in, ursula, oak_lane, elm_park):
    for name, school, further in (("Hal Head", oak_lane, None), ("Ina Inspector", elm_park, Role.SCRUTINEER)):
        person = UserFactory(name=name)
        grant(person, Role.HEADTEACHER, school.organisation)
        if further:
            grant(person, further)
    client = signed_in(ursula)
    assert listed(client) == ["Ina Inspector", "Ursula Unit"]
    assert listed(client, organisation="schools") == ["Hal Head", "Ina Inspector"]


def test_a_school_is_no_choice_of_the_filter_until_it_is_chosen(signed_in, ursula, maya, dan):
    def named(**query):
        form = signed_in(ursula).get(LIST, query).context["filter"].form
        return [label for _, label in form.fields["organisation"].choices][3:]

    assert named() == ["Constabulary"]
    assert named(organisation=dan.organisation_id) == ["Constabulary", "Oak Lane School"]


def test_the_file_has_what_the_list_shows(signed_in, ursula, some_people):
    response = signed_in(ursula).get(reverse("people_export"), {"role": "partner"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [(row["Name"], row["Works for"], row["Roles"], row["State"]) for row in rows] == [
        ("Maya Member", "Constabulary", "Safeguarding partner or group member, Constabulary", "Never signed in")
    ]


def test_the_list_costs_the_same_with_more_people(signed_in, ursula, constabulary, django_assert_max_num_queries):
    client = signed_in(ursula)
    client.get(LIST)
    with django_assert_max_num_queries(20) as before:
        client.get(LIST)
    made = User.objects.bulk_create(
        User(name=f"Person {n}", email=f"many{n}@example.org", organisation=constabulary) for n in range(30)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=person, role=Role.PARTNER, organisation=constabulary) for person in made
    )
    with django_assert_max_num_queries(20) as after:
        client.get(LIST)
    assert len(after) == len(before)


# --- The pages --------------------------------------------------------------------------------------------------------


def test_the_page_of_a_person_shows_what_they_hold(signed_in, ursula, chloe, audit_group, today):
    Action.objects.create(group=audit_group, person=chloe, what="Audit the files", due=today - timedelta(days=1))
    page = signed_in(ursula).get(chloe.get_absolute_url()).content.decode()
    for part in ("Integrated Care Board", "Chair", "Performance and Audit Group", "Audit the files", "Overdue"):
        assert part in page


def test_people_see_their_own_page_and_nothing_to_press(signed_in, maya, chloe):
    client = signed_in(maya)
    page = client.get(maya.get_absolute_url()).content.decode()
    assert "Maya Member (you)" in page
    assert reverse("leaving", args=[maya.pk]) not in page
    assert client.get(chloe.get_absolute_url()).status_code == 404
    assert client.get(LIST).status_code == 403


def test_the_page_costs_the_same_with_more_history(
    signed_in, ursula, maya, audit_group, constabulary, today, django_assert_max_num_queries
):
    client, page = signed_in(ursula), maya.get_absolute_url()
    put_in_the_chair(maya, audit_group)
    Action.objects.create(organisation=constabulary, person=maya, what="Train", due=today)
    client.get(page)
    with django_assert_max_num_queries(20) as before:
        client.get(page)
    for n in range(2, 8):
        day = today - timedelta(days=400 * n)
        grant(maya, Role.PARTNER, OrganisationFactory())
        seat(maya, audit_group, starts=day, ends=day + timedelta(days=300))
        put_in_the_chair(maya, audit_group, starts=day, organisation=OrganisationFactory())
        Action.objects.create(organisation=constabulary, person=maya, what="Train", due=today)
    with django_assert_max_num_queries(20) as after:
        client.get(page)
    assert len(after) == len(before)


def test_a_role_is_given_and_ended_on_pages(signed_in, ursula, nina, constabulary, today):
    client = signed_in(ursula)
    day = {"starts_day": today.day, "starts_month": today.month, "starts_year": today.year}
    form = {"role": "partner", "organisation": constabulary.pk} | day
    response = client.post(reverse("give_role", args=[nina.pk]), form, follow=True)
    assert "Nina New is safeguarding partner or group member" in response.content.decode()
    end = reverse("end_role", args=[nina.pk, nina.grants.get().pk])
    assert end in response.content.decode()
    form = {"on_day": today.day, "on_month": today.month, "on_year": today.year}
    response = client.post(end, form, follow=True)
    assert end not in response.content.decode()
    assert client.post(end, form).status_code == 409


def test_a_wrong_role_keeps_what_was_typed(signed_in, ursula, nina, constabulary):
    form = {"role": "dsl", "organisation": constabulary.pk, "starts_day": "1", "starts_month": "9"}
    page = signed_in(ursula).post(reverse("give_role", args=[nina.pk]), form).content.decode()
    assert "Day the role starts must include a year" in page
    assert f'value="{constabulary.pk}" selected' in page


def test_who_gives_up_the_business_unit_still_sees_their_own_page(signed_in, ursula, nina, today):
    grant(nina, Role.BUSINESS_UNIT)
    form = {"on_day": today.day, "on_month": today.month, "on_year": today.year}
    end = reverse("end_role", args=[ursula.pk, ursula.grants.get().pk])
    response = signed_in(ursula).post(end, form, follow=True)
    assert response.status_code == 200
    assert "Ursula Unit (you)" in response.content.decode()


def test_a_person_is_added_on_a_page(signed_in, ursula, constabulary):
    form = {"name": "Kim Known", "email": "kim@example.org", "organisation": constabulary.pk, "role": "partner"}
    page = signed_in(ursula).post(reverse("add_person"), form, follow=True).content.decode()
    assert "Kim Known added. We have emailed kim@example.org" in page
    assert "Invite again" in page.replace('<span class="govuk-visually-hidden">', "")


def test_the_history_of_a_person_has_their_seats(signed_in, ursula, maya):
    page = signed_in(ursula).get(reverse("history", args=["partnership", "user", maya.pk])).content.decode()
    assert "Performance and Audit Group" in page
