"""Forums: planned, changed and cancelled by the hub's lead; presented at; who came; what happened; the public pages."""

from datetime import timedelta

import factory
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from learninghubs import forums as reads
from learninghubs.choices import ForumStatus
from learninghubs.models import Booking, Evaluation, Forum
from learninghubs.services import bookings
from learninghubs.services import forums as services
from learninghubs.services.forums import Plan, WalkIn
from partnership.engine import home
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.meetings import Slot
from partnership.models import StatusChange
from tests.factories import ForumFactory, OrganisationFactory, SchoolFactory, ThemeFactory
from tests.learninghubs.forum_helpers import at, guest, hold, letters, make_forum, record, take_attendance

NHS_NUMBER = "943 476 5919"


def url(name, forum, *args):
    return reverse(f"learninghubs:{name}", args=[forum.pk, *args])


def a_plan(days=14, hour=10, **fields):
    fields = {"theme": fields.pop("theme", None) or ThemeFactory(), "place": "County Hall"} | fields
    return Plan(slot=Slot(at(days, hour), at(days, hour + 2)), **fields)


def typed(days=14, **changed):
    """What somebody types into the form of a forum."""
    day = at(days)
    return {
        "day_day": day.day,
        "day_month": day.month,
        "day_year": day.year,
        "starts": "9.30am",
        "ends": "12:00",
        "place": "County Hall",
    } | changed


# --- Planned ----------------------------------------------------------------------------------------------------------


def test_a_hub_lead_plans_a_forum_and_everybody_finds_it(signed_in, client, ben, hub):
    theme = ThemeFactory(title="Gangs and knife crime")
    page = reverse("learninghubs:plan_forum", args=[hub.group.slug])
    response = signed_in(ben).post(page, typed(theme=theme.pk, places="30", about="Come and learn"))
    forum = Forum.objects.get()
    assert response["Location"] == forum.get_absolute_url()
    assert (forum.places, forum.created_by, timezone.localtime(forum.starts_at).hour) == (30, ben, 9)
    client.logout()
    assert "Gangs and knife crime" in client.get("/learning/forums/").content.decode()
    assert "30 left" in client.get(forum.get_absolute_url()).content.decode()


def test_the_lead_of_another_hub_cannot_plan_there(signed_in, bella, stella, hub):
    page = reverse("learninghubs:plan_forum", args=[hub.group.slug])
    assert signed_in(bella).get(page).status_code == 403
    for person in (bella, stella):
        with pytest.raises(PermissionDenied):
            services.plan_forum(hub, a_plan(), by=person)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"place": "", "link": ""}, "place"),
        ({"about": f"About the child with {NHS_NUMBER}"}, "about"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_at_its_field(ben, hub, changed, field):
    with pytest.raises(ValidationError) as wrong:
        services.plan_forum(hub, a_plan(**changed), by=ben)
    assert field in wrong.value.message_dict


def test_a_hub_has_one_forum_at_a_time_unless_the_other_was_cancelled(ben, hub):
    first = services.plan_forum(hub, a_plan(), by=ben)
    with pytest.raises(ValidationError, match="another forum"):
        services.plan_forum(hub, a_plan(), by=ben)
    services.cancel_forum(first, by=ben, note="The hall has been flooded")
    services.plan_forum(hub, a_plan(), by=ben)


def test_a_wrong_form_keeps_what_was_typed(signed_in, ben, hub):
    page = reverse("learninghubs:plan_forum", args=[hub.group.slug])
    shown = signed_in(ben).post(page, typed(ends="08:00", theme=ThemeFactory().pk, about="Kept words")).content.decode()
    assert "The end must be after the start" in shown
    assert "Kept words" in shown


# --- Changed and cancelled --------------------------------------------------------------------------------------------


def change(forum, by, **changed):
    plan = a_plan(theme=forum.theme, places=forum.places)
    plan = Plan(**{name: changed.get(name, getattr(plan, name)) for name in Plan.__dataclass_fields__})
    return services.change_forum(forum, plan, by=by, loaded=reads.loaded_plan(forum))


def test_those_who_booked_are_told_when_a_forum_moves_with_a_newer_calendar_file(client, ben, hub):
    forum = make_forum(hub)
    booking = guest(forum)
    changed = change(forum, ben, slot=Slot(at(21), at(21, 12)))
    [text] = letters("forum_changed")
    calendar = reverse("learninghubs:booking_calendar", args=[reads.secret_of(booking)])
    assert calendar in text
    assert "SEQUENCE:1" in client.get(calendar).content.decode()
    assert changed.sequence == 1


def test_nobody_is_told_when_only_the_words_change(ben, hub):
    forum = make_forum(hub)
    guest(forum)
    change(forum, ben, about="More about it")
    assert letters("forum_changed") == []


def test_there_cannot_be_fewer_places_than_people_who_have_one(ben, hub):
    forum = make_forum(hub, places=3)
    guest(forum, 1), guest(forum, 2)
    with pytest.raises(ValidationError, match="2 people have a place"):
        change(forum, ben, places=1)


def test_more_places_go_to_those_who_wait(ben, hub):
    forum = make_forum(hub, places=1)
    rows = [guest(forum, number) for number in range(4)]
    change(forum, ben, places=3)
    statuses = [Booking.objects.get(pk=row.pk).status for row in rows]
    assert statuses == ["booked", "booked", "booked", "waiting"]
    assert len(letters("forum_moved_up")) == 2


def test_whoever_saves_second_sees_both_and_loses_nothing(signed_in, ben, ursula, hub):
    forum = make_forum(hub, about="As it was")
    loaded = reads.loaded_plan(forum)
    change(forum, ursula, about="As Ursula has it")
    data = typed(theme=forum.theme.pk, about="As Ben has it", loaded=loaded)
    shown = signed_in(ben).post(url("change_forum", forum), data).content.decode()
    assert "As Ursula has it" in shown
    assert "As Ben has it" in shown
    with pytest.raises(ChangedMeanwhile):
        services.change_forum(forum, a_plan(theme=forum.theme), by=ben, loaded=loaded)


def test_a_cancelled_forum_says_why_and_tells_those_who_booked(client, ben, hub):
    forum = make_forum(hub)
    guest(forum)
    with pytest.raises(NoteRequired):
        services.cancel_forum(forum, by=ben, note=" ")
    services.cancel_forum(forum, by=ben, note="The hall has been flooded")
    assert "The hall has been flooded" in letters("forum_cancelled")[0]
    shown = client.get(forum.get_absolute_url()).content.decode()
    assert "The hall has been flooded" in shown
    assert "Book a place" not in shown
    assert "STATUS:CANCELLED" in client.get(url("forum_calendar", forum)).content.decode()
    with pytest.raises(MoveNotAllowed):
        services.cancel_forum(forum, by=ben, note="Again")
    assert StatusChange.objects.about(forum).get().by == ben


def test_somebody_who_presses_cancel_too_late_is_told_what_has_happened(signed_in, ben, ursula, hub):
    forum = make_forum(hub)
    services.cancel_forum(forum, by=ursula, note="Snow")
    assert signed_in(ben).get(url("cancel_forum", forum)).status_code == 409
    shown = signed_in(ben).post(url("cancel_forum", forum), {"note": "Ice on the road"}).content.decode()
    assert "Ursula Unit changed the status" in shown
    assert "Ice on the road" in shown


# --- Who presents -----------------------------------------------------------------------------------------------------


def test_schools_are_found_by_part_of_their_name_and_present(signed_in, ben, hub):
    forum, school = make_forum(hub), SchoolFactory(name="Saint Oswin Academy").organisation
    SchoolFactory(name="Elsewhere School")
    page = url("forum_presenters", forum) + "?find=oswin+aca"
    shown = signed_in(ben).get(page).content.decode()
    assert "Saint Oswin Academy" in shown
    assert "Elsewhere School" not in shown
    signed_in(ben).post(page, {"organisation": school.pk, "topic": "What pupils told us"})
    assert str(forum.presenters.get()) == "Saint Oswin Academy: What pupils told us"
    presenter = forum.presenters.get()
    signed_in(ben).post(url("remove_forum_presenter", forum, presenter.pk))
    assert not forum.presenters.exists()


def test_a_presenter_stands_once_and_only_those_who_run_the_forum_add_one(ben, bella, hub):
    forum, school = make_forum(hub), OrganisationFactory()
    for _ in range(2):
        services.add_presenter(forum, school, by=ben, topic="Knives")
    assert forum.presenters.count() == 1
    with pytest.raises(PermissionDenied):
        services.add_presenter(forum, school, by=bella)


# --- The public pages -------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_hub_and_theme_and_shows_what_is_to_come(client, hub, other_hub):
    here, there = make_forum(hub), make_forum(other_hub)
    over = make_forum(hub, days=-9, status=ForumStatus.HELD)
    shown = client.get("/learning/forums/", {"hub": hub.pk}).content.decode()
    assert here.get_absolute_url() in shown
    assert there.get_absolute_url() not in shown
    assert over.get_absolute_url() not in shown
    assert here.get_absolute_url() not in client.get("/learning/forums/", {"theme": there.theme.pk}).content.decode()
    assert over.get_absolute_url() in client.get("/learning/forums/", {"when": "held"}).content.decode()


def test_the_list_costs_the_same_with_many_forums(client, hub, django_assert_max_num_queries):
    make_forum(hub)
    theme = ThemeFactory()
    with django_assert_max_num_queries(10) as few:
        client.get("/learning/forums/")
    ForumFactory.create_batch(15, hub=hub, theme=theme, starts_at=at_sequence(), ends_at=at(40))
    with django_assert_max_num_queries(len(few)):
        client.get("/learning/forums/")


def at_sequence():
    """A start of its own for each of many."""
    return factory.Sequence(lambda number: at(20) + timedelta(minutes=number))


def test_the_public_page_names_no_person_and_keeps_the_link_to_join_for_those_who_booked(client, hub, pat, signed_in):
    forum = make_forum(hub, link="https://join.example/secret-room")
    guest(forum)
    shown = client.get(forum.get_absolute_url()).content.decode()
    assert "Guest 1" not in shown
    assert "secret-room" not in shown
    assert "secret-room" not in client.get(url("forum_calendar", forum)).content.decode()
    bookings.book(forum, by=pat)
    assert "secret-room" in signed_in(pat).get(forum.get_absolute_url()).content.decode()


@pytest.mark.parametrize("number", ["99999", "9" * 30])
def test_a_forum_that_does_not_exist_is_not_found(client, db, number):
    for page in ("", "calendar/", "book/email/", "book/asked/", "briefing/", "briefing/pdf/"):
        assert client.get(f"/learning/forums/{number}/{page}").status_code == 404, page


@pytest.mark.parametrize(
    "asked", ["hub=x&theme=\0&when=y", "hub=999999999999999999999", "page=x&when=held", "when=held"]
)
def test_odd_addresses_of_the_lists_are_answered(client, hub, asked):
    make_forum(hub)
    for page in ("/learning/forums/", "/learning/forums/briefings/"):
        assert client.get(f"{page}?{asked}").status_code == 200


# --- Attendance -------------------------------------------------------------------------------------------------------


@pytest.fixture
def today(hub):
    """A forum of today with three who have booked and one who waits."""
    forum = make_forum(hub, places=3)
    for number in range(4):
        guest(forum, number)
    start = timezone.now() - timedelta(minutes=1)
    if timezone.localdate(start) != timezone.localdate():
        start = timezone.now()
    Forum.objects.filter(pk=forum.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    forum.refresh_from_db()
    return forum


def came_by_name(forum):
    return {row.name: row.came for row in forum.bookings.all()}


def test_a_hub_lead_ticks_who_came_counts_others_and_adds_somebody(signed_in, ben, today):
    first = today.bookings.get(name="Guest 0")
    waiting = today.bookings.get(name="Guest 3")
    loaded = reads.loaded_attendance(today, reads.expected_at(today))
    data = {"loaded": loaded, "came": [first.pk, waiting.pk], "others_came": "4", "walk_in": "Wanda Walkin"}
    response = signed_in(ben).post(url("forum_attendance", today), data | {"another": "1"})
    assert response["Location"].endswith("/attendance/#add")
    expected = {"Guest 0": True, "Guest 1": False, "Guest 2": False, "Guest 3": True, "Wanda Walkin": True}
    assert came_by_name(today) == expected
    today.refresh_from_db()
    assert reads.came_to(today) == 7


def test_who_waited_and_did_not_come_was_not_expected(ben, today):
    take_attendance(today, by=ben)
    assert came_by_name(today) == {"Guest 0": False, "Guest 1": False, "Guest 2": False, "Guest 3": None}


def test_two_at_the_door_do_not_overwrite_each_other(signed_in, ben, ursula, today):
    loaded = reads.loaded_attendance(today, reads.expected_at(today))
    take_attendance(today, {today.bookings.get(name="Guest 1").pk}, by=ursula)
    mine = today.bookings.get(name="Guest 2").pk
    shown = signed_in(ben).post(url("forum_attendance", today), {"loaded": loaded, "came": [mine]}).content.decode()
    assert "What is saved now" in shown
    assert came_by_name(today)["Guest 2"] is False


def test_a_walk_in_under_an_address_that_had_booked_is_that_booking(ben, today):
    take_attendance(today, by=ben, walk_in=WalkIn("Guest Zero", email="GUEST0@agency.example"))
    assert today.bookings.get(name="Guest 0").came is True
    assert today.bookings.count() == 4


def test_attendance_is_not_taken_before_the_day_nor_by_others(ben, bella, hub, signed_in):
    forum = make_forum(hub)
    assert signed_in(ben).get(url("forum_attendance", forum)).status_code == 409
    with pytest.raises(TooLate):
        take_attendance(forum, by=ben)
    with pytest.raises(PermissionDenied):
        take_attendance(make_forum(hub, days=0), by=bella)


def test_names_are_for_those_who_run_the_forum(signed_in, ben, stella, pat, bella, today):
    for name in ("forum_bookings", "forum_attendance"):
        assert "Guest 1" in signed_in(ben).get(url(name, today)).content.decode()
        for person in (stella, pat, bella):
            assert signed_in(person).get(url(name, today)).status_code == 403


def test_the_page_of_attendance_costs_the_same_for_many(signed_in, ben, today, django_assert_max_num_queries):
    client = signed_in(ben)
    client.get(url("forum_attendance", today))
    with django_assert_max_num_queries(20) as few:
        client.get(url("forum_attendance", today))
    agency = OrganisationFactory()
    Booking.objects.bulk_create(
        Booking(forum=today, name=f"Person {n}", agency=agency, secret_hash=f"hash-{n}") for n in range(40)
    )
    with django_assert_max_num_queries(len(few)):
        assert "Person 39" in client.get(url("forum_attendance", today)).content.decode()


# --- What happened ----------------------------------------------------------------------------------------------------


def test_recording_what_happened_makes_the_forum_held_and_can_be_corrected(signed_in, ben, pat, hub):
    forum = make_forum(hub, days=-1)
    data = {"loaded": reads.loaded_record(forum), "discussed": "First contacts", "learned": "Ask early"}
    signed_in(ben).post(url("record_forum", forum), data)
    forum.refresh_from_db()
    assert (forum.status, forum.learned) == (ForumStatus.HELD, "Ask early")
    record(forum, by=ben)
    assert "Tell those who asked" in signed_in(pat).get(forum.get_absolute_url()).content.decode()
    assert StatusChange.objects.about(forum).count() == 1


def test_what_may_identify_a_child_is_not_recorded_and_stays_in_the_form(signed_in, ben, hub):
    forum = make_forum(hub, days=-1)
    data = {"loaded": reads.loaded_record(forum), "discussed": f"The child {NHS_NUMBER}", "learned": "Ask early"}
    shown = signed_in(ben).post(url("record_forum", forum), data).content.decode()
    assert "This looks like an NHS number" in shown
    assert NHS_NUMBER in shown
    forum.refresh_from_db()
    assert (forum.status, forum.discussed) == (ForumStatus.PLANNED, "")


def test_nothing_is_recorded_before_the_forum(signed_in, ben, hub):
    forum = make_forum(hub)
    assert signed_in(ben).get(url("record_forum", forum)).status_code == 409
    with pytest.raises(TooLate):
        record(forum, by=ben)


def test_the_hub_leads_home_page_says_what_a_forum_waits_for(ben, bella, hub):
    forum = make_forum(hub, days=1)
    row = guest(forum)
    Forum.objects.filter(pk=forum.pk).update(starts_at=at(-3), ends_at=at(-3, 12))
    forum.refresh_from_db()
    today = timezone.localdate()

    def asked(person):
        return [need.title for need in home.needs_of(person, on=today) if need.title.startswith("Forum")]

    assert asked(ben) == ["Forum: say who came"]
    take_attendance(forum, {row.pk}, by=ben)
    assert asked(ben) == ["Forum: record what happened"]
    record(forum, by=ben)
    assert asked(ben) == ["Forum: publish its learning briefing"]
    assert asked(bella) == []


# --- What people thought ----------------------------------------------------------------------------------------------


def test_those_who_came_are_asked_once_after_it_was_recorded(ben, hub):
    forum = hold(hub, ben)
    now = timezone.now()
    assert bookings.ask_what_they_thought(at=now) == 3
    assert bookings.ask_what_they_thought(at=now) == 0
    assert len(letters("forum_evaluation")) == 3
    hold(hub, ben, days=-40)
    assert bookings.ask_what_they_thought(at=now) == 0, "too long ago"
    assert forum.bookings.exclude(asked_at=None).count() == 3


def test_an_answer_is_tied_to_nobody_and_given_once(client, ben, hub):
    forum = hold(hub, ben)
    booking = forum.bookings.first()
    page = reverse("learninghubs:evaluate_forum", args=[reads.secret_of(booking)])
    assert client.get(page).status_code == 200
    response = client.post(page, {"useful": "5", "confident": "4", "will_change": "Ring back"})
    assert response.status_code == 302
    names = {field.name for field in Evaluation._meta.get_fields()}
    assert names == {"id", "forum", "useful", "confident", "will_change", "improve", "given_on"}
    assert "You have told us already" in client.get(page).content.decode()
    assert client.post(page, {"useful": "1", "confident": "1"}).status_code == 409
    assert Evaluation.objects.count() == 1


def test_an_answer_that_may_identify_a_child_is_given_back(client, ben, hub):
    booking = hold(hub, ben).bookings.first()
    page = reverse("learninghubs:evaluate_forum", args=[reads.secret_of(booking)])
    data = {"useful": "5", "confident": "4", "improve": f"Ask about {NHS_NUMBER}"}
    assert NHS_NUMBER in client.post(page, data).content.decode()
    booking.refresh_from_db()
    assert not booking.has_evaluated


def test_who_did_not_come_is_not_asked_and_cannot_answer(client, ben, hub):
    forum = make_forum(hub, days=1)
    booking = guest(forum)
    page = reverse("learninghubs:evaluate_forum", args=[reads.secret_of(booking)])
    assert "for those who came" in client.get(page).content.decode()
    assert client.post(page, {"useful": "1", "confident": "1"}).status_code == 409


def test_results_are_shown_from_three_replies_on_to_those_who_may_see_them(signed_in, ben, ursula, stella, pat, hub):
    forum = hold(hub, ben)
    given = {"forum": forum, "confident": 4, "will_change": "Ring back at once"}
    Evaluation.objects.bulk_create(Evaluation(useful=useful, **given) for useful in (5, 4))
    shown = signed_in(ben).get(url("forum_evaluations", forum)).content.decode()
    assert "Too few replies" in shown
    assert "Ring back at once" not in shown
    Evaluation.objects.create(useful=4, **given)
    for person in (ben, ursula, stella):
        shown = signed_in(person).get(url("forum_evaluations", forum)).content.decode()
        assert "4.3 of 5" in shown
        assert "Ring back at once" in shown
    assert signed_in(pat).get(url("forum_evaluations", forum)).status_code == 403
