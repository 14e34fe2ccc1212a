"""The contacts of a school: who may name whom, who is told, and that the one who is replaced is out the same day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine.workflow import TooLate
from partnership.models import OutgoingMessage, RoleGrant, User
from schools import contacts as reads
from schools.choices import ContactState, SchoolStatus
from schools.services import contacts
from tests.factories import SchoolFactory, UserFactory, grant

NEW = {"email": "new@example.org", "name": "Nina New"}

# Who may appoint, replace and remove whom at Oak Lane: written out, not derived from the code.
MAY = {
    "ursula": {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS},
    "amira": {Role.DSL, Role.DEPUTY_DSL, Role.CHAIR_OF_GOVERNORS},
    "dan": {Role.DEPUTY_DSL},
    "debbie": set(),
    "colin": set(),
    "stella": set(),
    "erin": set(),
    "pat": set(),
}


def held(school, role):
    today = timezone.localdate()
    return [grant.user for grant in RoleGrant.objects.active(today).filter(organisation=school.pk, role=role)]


def mails(name):
    return list(OutgoingMessage.objects.filter(name=name).order_by("pk"))


def errors(caught):
    return " ".join(caught.value.messages)


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", MAY)
@pytest.mark.parametrize("role", reads.ROLES)
def test_who_may_appoint_whom(request, oak_lane, person, role):
    by = request.getfixturevalue(person)
    RoleGrant.objects.filter(organisation=oak_lane.pk, role=role).exclude(user=by).update(ends=timezone.localdate())
    if role in MAY[person] and not held(oak_lane, role):
        contacts.appoint(oak_lane, role=role, by=by, **NEW)
        assert [user.email for user in held(oak_lane, role)] == ["new@example.org"]
    elif role not in MAY[person]:
        with pytest.raises(PermissionDenied):
            contacts.appoint(oak_lane, role=role, by=by, **NEW)


@pytest.mark.parametrize("person", MAY)
@pytest.mark.parametrize("role", reads.ROLES)
def test_who_may_remove_whom(request, oak_lane, person, role):
    by = request.getfixturevalue(person)
    other = UserFactory()
    RoleGrant.objects.filter(organisation=oak_lane.pk, role=role).delete() if role not in by.roles() else None
    target = RoleGrant.objects.filter(organisation=oak_lane.pk, role=role).first() or grant(
        other, role, oak_lane.organisation
    )
    if role in MAY[person]:
        contacts.remove(target, by=by)
        assert held(oak_lane, role) == []
    else:
        with pytest.raises(PermissionDenied):
            contacts.remove(target, by=by)


def test_the_page_asks_the_same_question_as_the_service(request, oak_lane):
    for person, roles in MAY.items():
        assert reads.manageable_roles(oak_lane, request.getfixturevalue(person)) == roles


# --- Appoint ---------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_an_account_a_role_and_an_invitation(oak_lane, amira):
    made = contacts.appoint(
        oak_lane, role=Role.DSL, email=" New@Example.org ", name="Nina New", job_title="Assistant head", by=amira
    )
    person = User.objects.get(email="new@example.org")
    assert (person.name, person.job_title, person.has_usable_password()) == ("Nina New", "Assistant head", False)
    assert (made.user, made.role, made.granted_by) == (person, Role.DSL, amira)
    (message,) = mails("invitation")
    assert message.to_email == "new@example.org"
    assert message.subject == "Open your account on the safeguarding portal: Oak Lane School"
    for part in (
        "Dear Nina New,",
        "Amira Head invites you",
        "Designated safeguarding lead, Oak Lane School",
        "/invitation/",
    ):
        assert part in message.body


def test_someone_who_has_signed_in_is_told_and_not_invited(oak_lane, amira):
    person = UserFactory(name="Kim Known", email="kim@example.org", last_login=timezone.now())
    contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email="KIM@example.org", name="Somebody Else", by=amira)
    person.refresh_from_db()
    assert person.name == "Kim Known"
    assert mails("invitation") == []
    (message,) = mails("role_given")
    assert message.to_user == person
    assert "Amira Head has made you deputy designated safeguarding lead of Oak Lane School" in message.body


def test_one_lead_at_a_time_but_many_deputies(oak_lane, dan, debbie, ursula):
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    assert errors(caught) == "Oak Lane School has a designated safeguarding lead: Dan Lead. Replace them instead."
    contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, by=ursula, **NEW)
    assert len(held(oak_lane, Role.DEPUTY_DSL)) == 2
    assert not User.objects.filter(email="other@example.org").exists()


def test_a_refused_appointment_leaves_no_account_behind(oak_lane, dan, ursula):
    with pytest.raises(ValidationError):
        contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    assert not User.objects.filter(email="new@example.org").exists()
    assert not OutgoingMessage.objects.exists()


def test_one_person_may_be_lead_of_two_schools(oak_lane, elm_park, erin, ursula):
    contacts.appoint(oak_lane, role=Role.DSL, email=erin.email, name=erin.name, by=ursula)
    assert held(oak_lane, Role.DSL) == held(elm_park, Role.DSL) == [erin]


@pytest.mark.parametrize("role", [Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS])
def test_nobody_names_themselves_for_a_role_that_signs(oak_lane, ursula, role):
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(oak_lane, role=role, email=ursula.email, name=ursula.name, by=ursula)
    assert "You cannot name yourself" in errors(caught)


def test_a_head_may_be_the_lead_of_a_small_school(oak_lane, amira):
    contacts.appoint(oak_lane, role=Role.DSL, email=amira.email, name=amira.name, by=amira)
    assert held(oak_lane, Role.DSL) == [amira]


def test_a_head_cannot_become_chair_by_their_own_hand(oak_lane, amira):
    with pytest.raises(ValidationError):
        contacts.appoint(oak_lane, role=Role.CHAIR_OF_GOVERNORS, email=amira.email, name=amira.name, by=amira)


def test_a_deputy_who_becomes_lead_stops_being_deputy(oak_lane, debbie, amira):
    contacts.appoint(oak_lane, role=Role.DSL, email=debbie.email, name=debbie.name, by=amira)
    assert held(oak_lane, Role.DSL) == [debbie]
    assert held(oak_lane, Role.DEPUTY_DSL) == []


def test_the_lead_cannot_be_a_deputy_too(oak_lane, dan, amira):
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email=dan.email, name=dan.name, by=amira)
    assert "who cannot be a deputy too" in errors(caught)


def test_the_same_deputy_is_not_named_twice(oak_lane, debbie, amira):
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email=debbie.email, name=debbie.name, by=amira)
    assert "here already" in errors(caught)


def test_a_closed_school_gets_no_new_contacts_but_one_to_open_does(ursula):
    closed = SchoolFactory(name="Gone School", status=SchoolStatus.CLOSED)
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(closed, role=Role.DSL, by=ursula, **NEW)
    assert "Gone School has closed" in errors(caught)
    proposed = SchoolFactory(status=SchoolStatus.PROPOSED)
    contacts.appoint(proposed, role=Role.DSL, by=ursula, **NEW)
    assert len(held(proposed, Role.DSL)) == 1


def test_a_closed_account_is_not_named_and_keeps_nobody_out(oak_lane, elm_park, dan, ursula):
    dan.is_active = False
    dan.save()
    with pytest.raises(ValidationError) as caught:
        contacts.appoint(elm_park, role=Role.DSL, email=dan.email, name=dan.name, by=ursula)
    assert "is closed" in errors(caught)
    contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    assert [user.name for user in held(oak_lane, Role.DSL)] == ["Nina New"]


# --- Replace and remove ----------------------------------------------------------------------------------------------


def test_the_one_replaced_is_out_the_same_day_and_both_are_told(client, oak_lane, dan, amira):
    page = reverse("schools:school", args=[oak_lane.urn])
    client.force_login(dan)
    assert client.get(page).status_code == 200
    new = contacts.replace(dan.grants.get(), by=amira, **NEW)
    assert client.get(page).status_code == 404
    assert held(oak_lane, Role.DSL) == [new.user]
    (told,) = mails("role_ended")
    assert told.to_user == dan
    for part in (
        "Amira Head has recorded that you are no longer designated safeguarding lead of Oak Lane School",
        "Nina New follows you",
    ):
        assert part in told.body
    assert [message.to_email for message in mails("invitation")] == ["new@example.org"]


def test_a_grant_that_began_today_ends_today(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    contacts.replace(made, email="other@example.org", name="Olga Other", by=ursula)
    assert [user.name for user in held(oak_lane, Role.DSL)] == ["Olga Other"]


def test_replacing_someone_by_themselves_is_refused(oak_lane, dan, amira):
    with pytest.raises(ValidationError) as caught:
        contacts.replace(dan.grants.get(), email="DAN@example.org", name="Dan", by=amira)
    assert "Dan Lead holds this role already" in errors(caught)


def test_a_deputy_can_follow_the_lead_and_the_lead_can_stay_as_deputy(oak_lane, dan, debbie, amira):
    contacts.replace(dan.grants.get(), email=debbie.email, name=debbie.name, by=amira)
    contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email=dan.email, name=dan.name, by=amira)
    assert held(oak_lane, Role.DSL) == [debbie]
    assert held(oak_lane, Role.DEPUTY_DSL) == [dan]


def test_the_letter_says_what_role_is_left(oak_lane, amira, ursula):
    contacts.appoint(oak_lane, role=Role.DSL, email=amira.email, name=amira.name, by=amira)
    contacts.remove(amira.grants.get(role=Role.DSL), by=ursula)
    (told,) = mails("role_ended")
    assert "You keep your other role there: Headteacher or principal." in told.body


def test_a_second_removal_says_who_holds_the_role_now(oak_lane, dan, amira):
    old = dan.grants.get()
    contacts.replace(old, by=amira, **NEW)
    with pytest.raises(
        TooLate, match=r"Dan Lead is no longer designated safeguarding lead of Oak Lane School\. Nina New is\."
    ):
        contacts.remove(old, by=amira)


def test_no_head_ends_their_own_role(oak_lane, ursula):
    own = grant(ursula, Role.HEADTEACHER, oak_lane.organisation)
    with pytest.raises(ValidationError, match="cannot end your own role as head"):
        contacts.remove(own, by=ursula)
    with pytest.raises(ValidationError, match="cannot end your own role as head"):
        contacts.replace(own, by=ursula, **NEW)


def test_the_link_of_someone_who_is_removed_stops_working(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    contacts.remove(made, by=ursula)
    assert not made.user.invitations.get().is_usable(at=timezone.now())


def test_the_link_of_someone_with_another_school_goes_on_working(oak_lane, elm_park, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    contacts.appoint(elm_park, role=Role.DSL, by=ursula, **NEW)
    contacts.remove(made, by=ursula)
    assert made.user.invitations.first().is_usable(at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_people_replace_the_lead_at_once_and_one_wins(oak_lane, dan, amira, ursula):
    old = dan.grants.get()
    together = Barrier(2)

    def press(by, email):
        try:
            together.wait(timeout=10)
            contacts.replace(old, email=email, name=email, by=by)
        except TooLate as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(press, [amira, ursula], ["first@example.org", "second@example.org"]))
    (winner,) = held(oak_lane, Role.DSL)
    assert sorted(map(bool, outcomes)) == [False, True]
    (told,) = filter(None, outcomes)
    assert winner.email in told
    assert not User.objects.filter(email__in={"first@example.org", "second@example.org"} - {winner.email}).exists()
    assert len(mails("role_ended")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_fill_a_vacancy_at_once_and_one_wins(oak_lane, amira, ursula):
    together = Barrier(2)

    def press(by, email):
        try:
            together.wait(timeout=10)
            contacts.appoint(oak_lane, role=Role.DSL, email=email, name=email, by=by)
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(press, [amira, ursula], ["first@example.org", "second@example.org"]))
    assert len(held(oak_lane, Role.DSL)) == 1
    assert sorted(map(bool, outcomes)) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_two_schools_name_the_same_new_person_at_once(oak_lane, elm_park, ursula):
    other = UserFactory()
    grant(other, Role.BUSINESS_UNIT)
    together = Barrier(2)

    def press(by, school):
        try:
            together.wait(timeout=10)
            contacts.appoint(school, role=Role.DSL, by=by, **NEW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, [ursula, other], [oak_lane, elm_park]))
    assert User.objects.filter(email="new@example.org").count() == 1
    assert held(oak_lane, Role.DSL) == held(elm_park, Role.DSL)


# --- Invitations -----------------------------------------------------------------------------------------------------


def at_once_again(made):
    """As if the last letter had gone an hour ago."""
    made.user.invitations.update(sent_at=timezone.now() - timedelta(hours=1))


def test_inviting_again_sends_a_new_link_and_ends_the_old_one(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    at_once_again(made)
    contacts.invite_again(made, by=ursula)
    newest, first = made.user.invitations.order_by("-sent_at")
    assert newest.is_usable(at=timezone.now())
    assert not first.is_usable(at=timezone.now())
    assert len(mails("invitation")) == 2


def test_a_second_click_sends_no_second_letter(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    with pytest.raises(ValidationError, match="Wait five minutes"):
        contacts.invite_again(made, by=ursula)
    assert len(mails("invitation")) == 1


def test_someone_who_has_signed_in_needs_no_invitation(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    User.objects.update(last_login=timezone.now())
    with pytest.raises(ValidationError, match="has signed in already"):
        contacts.invite_again(made, by=ursula)


def test_a_chair_cannot_invite_again(oak_lane, colin, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    with pytest.raises(PermissionDenied):
        contacts.invite_again(made, by=colin)


# --- How far they have come -------------------------------------------------------------------------------------------


def test_the_states_of_contacts(oak_lane, ursula, amira):
    now = timezone.now()
    made = contacts.appoint(oak_lane, role=Role.DSL, by=ursula, **NEW)
    late = contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email="late@example.org", name="Lara Late", by=ursula)
    late.user.invitations.update(expires_at=now - timedelta(days=1))
    User.objects.filter(pk=amira.pk).update(last_login=now)
    grant(UserFactory(name="Never Asked"), Role.CHAIR_OF_GOVERNORS, oak_lane.organisation)
    found = {contact.user.name: contact.state for contact in reads.of_school(oak_lane, at=timezone.now())}
    assert found == {
        "Nina New": ContactState.INVITED,
        "Lara Late": ContactState.EXPIRED,
        "Amira Head": ContactState.ACTIVE,
        "Never Asked": ContactState.NEVER_INVITED,
    }
    assert made.user.invitations.get().sent_at == reads.of_school(oak_lane, at=now)[0].invited_at


def test_the_contacts_of_a_school_cost_one_query(oak_lane, dan, debbie, amira, colin, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = reads.of_school(oak_lane, at=timezone.now())
        assert [contact.user.name for contact in found] == ["Dan Lead", "Debbie Deputy", "Amira Head", "Colin Chair"]
