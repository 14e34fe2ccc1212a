"""Field history: who changed what, from what to what, for those for whom the record exists."""

import pghistory
import pytest
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import history
from partnership.models import Invitation, Organisation
from schools.choices import Duty, Fact
from schools.models import Answer, Collection, Return, School
from schools.services import contacts, local_facts
from tests.factories import CollectionFactory, small_question_set

# What one transaction writes has one time; these tests need a transaction for each write.
in_order = pytest.mark.django_db(transaction=True)


def page(record):
    return reverse("history", args=[record._meta.app_label, record._meta.model_name, record.pk])


def in_words(day):
    return f"{day:%-d %B %Y}"


def told(record):
    """What the history of ``record`` says: what was written, by whom, and each field as (name, was, became)."""
    return [
        (event.what, event.by, [(change.field, change.was, change.became) for change in event.changes])
        for event in history.events_of(record)
    ]


def test_even_the_first_change_says_what_was_before(oak_lane):
    oak_lane.trust_name = "Hertford Schools Together"
    oak_lane.save()
    assert told(oak_lane) == [("School changed", "The portal", [("Trust", "", "Hertford Schools Together")])]


def test_each_change_leads_from_the_one_before_to_the_next(oak_lane):
    for name in ("First", "Second", ""):
        oak_lane.trust_name = name
        oak_lane.save()
    assert [changes for _, _, changes in told(oak_lane)] == [
        [("Trust", "Second", "")],
        [("Trust", "First", "Second")],
        [("Trust", "", "First")],
    ]


def test_a_write_that_changes_nothing_leaves_nothing(oak_lane):
    oak_lane.save()
    assert told(oak_lane) == []


def test_a_write_past_the_model_is_recorded_all_the_same(oak_lane):
    School.objects.filter(pk=oak_lane.pk).update(low_age=0, status="closed")
    assert told(oak_lane) == [
        ("School changed", "The portal", [("Status", "Open", "Closed"), ("Lowest age", "3", "0")]),
    ]


def test_the_person_behind_a_change_is_named(oak_lane, ursula):
    with pghistory.context(user=ursula.pk):
        School.objects.filter(pk=oak_lane.pk).update(pupils=200)
    assert told(oak_lane) == [("School changed", "Ursula Unit", [("Number of pupils", "", "200")])]


def test_a_change_in_the_browser_is_the_person_s(signed_in, oak_lane, ursula):
    signed_in(ursula).post(reverse("schools:edit_local_facts", args=[oak_lane.urn]), {"hub_district": "Broxbourne"})
    assert [by for _, by, _ in told(oak_lane)] == ["Ursula Unit"]


@in_order
def test_a_school_s_history_has_its_name_people_facts_and_notes(oak_lane, ursula):
    made = contacts.appoint(oak_lane, role=Role.DSL, email="n@example.org", name="Nina New", by=ursula)
    contacts.remove(made, by=ursula)
    local_facts.edit_local_facts(oak_lane, hub_district="Broxbourne", notes="", by=ursula)
    local_facts.set_fact(oak_lane, Fact.DUTY, value=Duty.NONE, reason="A nursery", by=ursula)
    local_facts.set_fact(oak_lane, Fact.DUTY, value=Duty.S175, reason="No", by=ursula)
    local_facts.clear_fact(oak_lane, Fact.DUTY, by=ursula)
    Organisation.objects.filter(pk=oak_lane.pk).update(name="Oak Lane Academy")
    today = in_words(timezone.localdate())
    whole = told(oak_lane)
    assert [what for what, _, _ in whole] == [
        "Organisation changed",
        "Fact set by hand removed: Safeguarding duty",
        "Fact set by hand changed: Safeguarding duty",
        "Fact set by hand added: Safeguarding duty",
        "Local facts added",
        "Role changed: Designated safeguarding lead, Nina New",
        "Role added: Designated safeguarding lead, Nina New",
    ]
    by_what = {what: changes for what, _, changes in whole}
    assert by_what["Organisation changed"] == [("Name", "Oak Lane School", "Oak Lane Academy")]
    assert by_what["Fact set by hand removed: Safeguarding duty"][:2] == [
        ("Value", Duty.S175.label, ""),
        ("Reason", "No", ""),
    ]
    assert by_what["Fact set by hand added: Safeguarding duty"] == [
        ("Value", None, Duty.NONE.label),
        ("Reason", None, "A nursery"),
        ("Set by", None, "Ursula Unit"),
    ]
    assert by_what["Role changed: Designated safeguarding lead, Nina New"] == [("Ends", "", today)]
    assert by_what["Role added: Designated safeguarding lead, Nina New"] == [
        ("Starts", None, today),
        ("Granted by", None, "Ursula Unit"),
    ]


def test_another_school_s_changes_are_not_among_them(oak_lane, elm_park, erin):
    School.objects.filter(pk=elm_park.pk).update(pupils=200)
    assert told(oak_lane) == []


def test_days_and_lists_are_in_words(db):
    collection = CollectionFactory()
    Collection.objects.filter(pk=collection.pk).update(duties=[Duty.NMSS], governance_days=30)
    assert told(collection) == [
        (
            "Collection changed",
            "The portal",
            [
                (
                    "Duties",
                    f"{Duty.S175.label}, {Duty.S157.label}, {Duty.NMSS.label}",
                    Duty.NMSS.label,
                ),
                ("Days for governance sign-off", "60", "30"),
            ],
        )
    ]


@in_order
def test_a_person_s_history_has_their_roles_and_never_their_password(dan):
    dan.set_password("three other words")
    dan.name = "Dan Leader"
    dan.save()
    assert [(what, changes) for what, _, changes in told(dan)] == [
        ("Account changed", [("Name", "Dan Lead", "Dan Leader")]),
        (
            "Role added: Designated safeguarding lead, Oak Lane School",
            [("Starts", None, in_words(dan.grants.get().starts))],
        ),
    ]


def test_a_return_s_history_has_its_answers_whatever_they_are(oak_lane):
    question_set = small_question_set()
    collection = CollectionFactory(question_set=question_set)
    record = Return.objects.create(collection=collection, organisation=oak_lane.organisation, reference="a")
    question = question_set.questions.first()
    answer = Answer.objects.create(return_record=record, question=question, value="yes")
    answer.value = [{"name": "A. Other", "trained": "2026-09-01", "since": None}]
    answer.save()
    assert told(record) == [
        (f"Answer changed: {question}", "The portal", [("Value", "yes", "name: A. Other, trained: 2026-09-01")])
    ]


def test_only_the_newest_are_shown(oak_lane):
    for number in range(5):
        School.objects.filter(pk=oak_lane.pk).update(pupils=number)
    newest = history.events_of(oak_lane, most=2)
    assert [(event.changes[0].was, event.changes[0].became) for event in newest] == [("3", "4"), ("2", "3")]


def test_the_history_costs_the_same_however_long(oak_lane, ursula, dan, django_assert_num_queries):
    def change(number):
        School.objects.filter(pk=oak_lane.pk).update(pupils=number)
        contacts.appoint(oak_lane, role=Role.DEPUTY_DSL, email=f"d{number}@x.org", name="D", by=ursula)

    local_facts.set_fact(oak_lane, Fact.DUTY, value=Duty.NONE, reason="A", by=ursula)
    change(0)
    with django_assert_num_queries(9):
        history.events_of(oak_lane)
    for number in range(1, 21):
        change(number)
    with django_assert_num_queries(9):
        assert len(history.events_of(oak_lane)) == 44


# --- Whose it is to see -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"),
    [("ursula", 200), ("stella", 200), ("dan", 200), ("colin", 200), ("erin", 404), ("pat", 404)],
)
def test_who_sees_the_history_of_a_school(request, signed_in, oak_lane, person, status):
    assert signed_in(request.getfixturevalue(person)).get(page(oak_lane)).status_code == status


@pytest.mark.parametrize(("person", "status"), [("ursula", 200), ("dan", 200), ("amira", 404), ("stella", 404)])
def test_who_sees_the_history_of_an_account(request, signed_in, dan, person, status):
    assert signed_in(request.getfixturevalue(person)).get(page(dan)).status_code == status


def test_a_collection_s_history_is_for_those_who_see_collections(signed_in, ursula, dan):
    collection = CollectionFactory()
    assert signed_in(ursula).get(page(collection)).status_code == 200
    assert signed_in(dan).get(page(collection)).status_code == 404


def test_signed_out_one_is_sent_to_sign_in(client, oak_lane):
    assert client.get(page(oak_lane)).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/history/schools/answer/1/",
        "/history/partnership/invitation/1/",
        "/history/no/such/1/",
        "/history/auth/user/1/",
    ],
)
def test_what_has_no_history_page(signed_in, ursula, address):
    Invitation.objects.create(pk=1, user=ursula, secret_hash="x", expires_at=timezone.now())
    assert signed_in(ursula).get(address).status_code == 404


def test_a_number_too_large_is_not_there(signed_in, ursula):
    assert signed_in(ursula).get(f"/history/schools/school/{'9' * 40}/").status_code == 404


def test_the_page_is_readable(signed_in, oak_lane, ursula):
    with pghistory.context(user=ursula.pk):
        School.objects.filter(pk=oak_lane.pk).update(trust_name="<b>Trust</b>")
    text = signed_in(ursula).get(page(oak_lane)).content.decode()
    assert "School changed" in text
    assert "&lt;b&gt;Trust&lt;/b&gt;" in text
    assert oak_lane.get_absolute_url() in text


def test_a_record_without_changes_says_so(signed_in, oak_lane, ursula):
    assert "Nothing has changed" in signed_in(ursula).get(page(oak_lane)).content.decode()
