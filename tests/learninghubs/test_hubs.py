"""Hubs: made of a group, their districts moved from one to another, their page, and what a closed one leaves."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from learninghubs import hub_needs, hubs
from learninghubs.choices import SuggestionStatus
from learninghubs.models import Briefing, District, HubDistrict, LearningHub, Response
from learninghubs.services import hubs as services
from partnership.choices import GroupKind, MeetingStatus, Role
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import NoteRequired, TooLate
from partnership.models import Meeting, OutgoingMessage, StatusChange
from partnership.services import parts
from partnership.services.groups import end_group, merge_group
from tests.factories import ForumFactory, GroupFactory, SuggestionFactory, ThemeFactory, UserFactory, grant
from tests.partnership.meetings import make_meeting

LIST = reverse("learninghubs:hubs")
DISTRICTS = reverse("learninghubs:districts")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def stevenage(db):
    return District.objects.create(name="Stevenage")


def page(name, hub):
    return reverse(f"learninghubs:{name}", args=[hub.group.slug])


def day(name, when):
    return {f"{name}_day": when.day, f"{name}_month": when.month, f"{name}_year": when.year}


def close(hub, by, last_day=None):
    end_group(hub.group, by=by, last_day=last_day or timezone.localdate() - timedelta(days=1))
    return LearningHub.objects.get(pk=hub.pk)


def errors(caught):
    return caught.value.message_dict


# --- Made and changed -------------------------------------------------------------------------------------------------


def test_a_hub_is_made_of_a_group_of_that_kind_once(ursula, board, today):
    group = GroupFactory(kind=GroupKind.HUB)
    made = services.make_hub(group, reports_to=board, introduction=" Come in ", by=ursula)
    assert (str(made), made.introduction) == (group.name, "Come in")
    wrong = (group, GroupFactory(), GroupFactory(kind=GroupKind.HUB, ends=today))
    for one, sentence in zip(wrong, ("is a hub already", "is no group of the kind", "ended on"), strict=True):
        with pytest.raises(ValidationError) as caught:
            services.make_hub(one, reports_to=board, by=ursula)
        assert sentence in errors(caught)["group"][0]


def test_a_hub_reports_to_a_group_that_exists_and_not_to_itself(ursula, hub, today):
    loaded = parts.loaded_from(hub)
    for board, sentence in ((hub.group, "cannot report to itself"), (GroupFactory(ends=today), "does not exist today")):
        with pytest.raises(ValidationError) as caught:
            services.edit_hub(hub, reports_to=board, introduction="", loaded=loaded, by=ursula)
        assert sentence in errors(caught)["reports_to"][0]


def test_of_two_who_change_a_hub_the_second_is_told_and_nothing_identifying_is_taken(ursula, hub):
    loaded = parts.loaded_from(hub)
    services.edit_hub(hub, reports_to=hub.reports_to, introduction="Mine", loaded=loaded, by=ursula)
    with pytest.raises(ChangedMeanwhile):
        services.edit_hub(hub, reports_to=hub.reports_to, introduction="Yours", loaded=loaded, by=ursula)
    hub.refresh_from_db()
    with pytest.raises(ValidationError) as caught:
        services.edit_hub(
            hub,
            reports_to=hub.reports_to,
            introduction="NHS number 943 476 5919",
            loaded=parts.loaded_from(hub),
            by=ursula,
        )
    assert "introduction" in errors(caught)


def test_only_the_business_unit_changes_hubs_and_districts(ben, stella, hub, stevenage, today):
    for by in (ben, stella):
        with pytest.raises(PermissionDenied):
            services.serve(stevenage, hub=hub, from_day=today, by=by)
        with pytest.raises(PermissionDenied):
            services.edit_hub(hub, reports_to=hub.reports_to, introduction="", loaded="", by=by)


# --- Districts --------------------------------------------------------------------------------------------------------


def rows_of(district):
    return list(district.hubs.order_by("starts").values_list("hub", "starts", "ends"))


def test_moving_a_district_ends_the_old_row_and_begins_the_new_one(ursula, hub, other_hub, stevenage, today):
    begun, moved = today - timedelta(days=100), today + timedelta(days=10)
    services.serve(stevenage, hub=hub, from_day=begun, by=ursula)
    services.serve(stevenage, hub=other_hub, from_day=moved, by=ursula)
    assert rows_of(stevenage) == [(hub.pk, begun, moved), (other_hub.pk, moved, None)]
    assert hubs.hub_of("STEVENAGE ", moved - timedelta(days=1)) == hub
    assert hubs.hub_of("Stevenage", moved) == other_hub
    assert hubs.hub_of("Stevenage", begun - timedelta(days=1)) is None
    assert [one.name for one in hubs.districts_of(hub, today)] == ["Stevenage"]


def test_a_later_change_stands_in_the_way_until_it_is_taken_back(ursula, hub, other_hub, stevenage, today):
    services.serve(stevenage, hub=hub, from_day=today - timedelta(days=100), by=ursula)
    planned = services.serve(stevenage, hub=other_hub, from_day=today + timedelta(days=30), by=ursula)
    with pytest.raises(ValidationError) as caught:
        services.serve(stevenage, hub=None, from_day=today, by=ursula)
    assert "take that change back first" in errors(caught)["from_day"][0]
    services.take_back_change(planned, by=ursula)
    assert rows_of(stevenage) == [(hub.pk, today - timedelta(days=100), None)]
    with pytest.raises(TooLate):
        services.take_back_change(planned, by=ursula)


def test_a_move_that_changes_nothing_or_to_a_hub_that_is_not_there_is_refused(ursula, hub, stevenage, today):
    with pytest.raises(ValidationError) as caught:
        services.serve(stevenage, hub=None, from_day=today, by=ursula)
    assert "No hub serves Stevenage" in errors(caught)["hub"][0]
    services.serve(stevenage, hub=hub, from_day=today, by=ursula)
    with pytest.raises(ValidationError) as caught:
        services.serve(stevenage, hub=hub, from_day=today + timedelta(days=1), by=ursula)
    assert "already" in errors(caught)["hub"][0]
    gone = close(LearningHub.objects.create(group=GroupFactory(kind=GroupKind.HUB), reports_to=hub.reports_to), ursula)
    with pytest.raises(ValidationError) as caught:
        services.serve(stevenage, hub=gone, from_day=today + timedelta(days=1), by=ursula)
    assert "does not exist on" in errors(caught)["hub"][0]


def test_a_mistake_of_the_same_day_leaves_no_trace(ursula, hub, other_hub, stevenage, today):
    services.serve(stevenage, hub=hub, from_day=today, by=ursula)
    services.serve(stevenage, hub=other_hub, from_day=today, by=ursula)
    assert rows_of(stevenage) == [(other_hub.pk, today, None)]


def test_districts_are_moved_and_named_on_pages_and_wrong_days_keep_what_was_typed(
    signed_in, ursula, hub, other_hub, stevenage, today
):
    client, url = signed_in(ursula), reverse("learninghubs:serve_district", args=[stevenage.pk])
    client.post(url, {"hub": hub.pk} | day("from_day", today - timedelta(days=9)))
    client.post(url, {"hub": other_hub.pk} | day("from_day", today + timedelta(days=9)))
    listed = client.get(DISTRICTS).content.decode()
    assert listed.index(str(hub)) < listed.index(str(other_hub))
    refused = client.post(url, {"hub": hub.pk} | day("from_day", today)).content.decode()
    assert "take that change back first" in refused
    assert f'value="{hub.pk}" selected' in refused
    take_back = reverse("learninghubs:take_back_district", args=[stevenage.pk])
    assert "stays as it is today" in client.get(take_back).content.decode()
    assert client.post(take_back).status_code == 302
    assert client.get(take_back).status_code == 404
    add = reverse("learninghubs:add_district")
    assert "There is a district of this name already" in client.post(add, {"name": "stevenage"}).content.decode()
    assert "Watford" in client.post(add, {"name": "Watford"}, follow=True).content.decode()


# --- The pages --------------------------------------------------------------------------------------------------------


def fill(hub, theme, number=1, **suggested):
    """Forums to come and held with briefings, and answered suggestions, of ``hub``."""
    for n in range(number):
        start = timezone.now() + timedelta(days=3 + n)
        ForumFactory(hub=hub, theme=theme, starts_at=start)
        held = ForumFactory(hub=hub, theme=theme, status="held", starts_at=start - timedelta(days=90))
        Briefing.objects.create(
            forum=held, title="What we learned", context="c", messages="m", practice="p",
            status="published", published_at=timezone.now(),
        )  # fmt: skip
        answered(hub, theme=theme, **suggested)


def answered(hub, **fields):
    made = SuggestionFactory(hub=hub, status=SuggestionStatus.ANSWERED, title="Ring back", **fields)
    board = hub.reports_to
    meeting = Meeting.objects.filter(group=board).first() or make_meeting(board, days=-3, status=MeetingStatus.HELD)
    Response.objects.create(
        suggestion=made, answer="accepted", reason="We agree", meeting=meeting, answered_on=meeting.day
    )
    return made


def test_everybody_reads_a_hub_and_no_name_stands_there(client, hub, ben, ursula, stevenage, today):
    services.serve(stevenage, hub=hub, from_day=today, by=ursula)
    fill(hub, ThemeFactory(title="Gangs and knife crime", lead=ben))
    answered(hub, may_be_shared=False)
    read = client.get(page("hub", hub)).content.decode()
    for part in ("Stevenage", "Gangs and knife crime", "County Hall", "What we learned", "Ring back", "We agree"):
        assert part in read
    assert read.count("Ring back") == 1
    assert "Ben Hub" not in read
    assert "Aisha Author" not in read
    assert reverse("learninghubs:suggest") in read
    assert reverse("learninghubs:subscribe") in read


def test_who_is_signed_in_sees_who_leads_and_only_the_unit_what_to_press(signed_in, hub, ben, pat, ursula):
    read = signed_in(pat).get(page("hub", hub)).content.decode()
    assert "Ben Hub" in read
    assert page("edit_hub", hub) not in read
    read = signed_in(ben).get(page("hub", hub)).content.decode()
    assert reverse("learninghubs:inbox") in read
    read = signed_in(ursula).get(page("hub", hub)).content.decode()
    for url in (
        page("edit_hub", hub),
        page("add_hub_lead", hub),
        reverse("end_role", args=[ben.pk, ben.grants.get().pk]),
    ):
        assert url in read
    for url in (page("edit_hub", hub), DISTRICTS):
        assert signed_in(ben).get(url).status_code == 403


def test_lists_and_pages_cost_the_same_with_more(client, signed_in, ursula, hub, today, django_assert_max_num_queries):
    theme = ThemeFactory()
    fill(hub, theme)
    signed_in(ursula)
    urls = (LIST, page("hub", hub), DISTRICTS)

    def cost(url):
        client.get(url)
        with django_assert_max_num_queries(30) as queries:
            client.get(url)
        return len(queries)

    District.objects.create(name="One")
    before = [cost(url) for url in urls]
    fill(hub, theme, number=3)
    for n in range(4):
        other = LearningHub.objects.create(group=GroupFactory(kind=GroupKind.HUB), reports_to=hub.reports_to)
        HubDistrict.objects.create(hub=other, district=District.objects.create(name=f"D{n}"), starts=today)
        grant(UserFactory(), Role.HUB_LEAD, group=hub.group)
    assert [cost(url) for url in urls] == before


def test_a_hub_is_made_changed_and_given_a_lead_on_pages(signed_in, ursula, board, pat, today):
    group, client = (
        GroupFactory(name="Learning Hub: Watford", slug="hub-watford", kind=GroupKind.HUB),
        signed_in(ursula),
    )
    assert "Select the group that becomes a hub" in client.post(reverse("learninghubs:add_hub"), {}).content.decode()
    form = {"group": group.pk, "reports_to": board.pk, "introduction": "Everybody is welcome"}
    made = client.post(reverse("learninghubs:add_hub"), form, follow=True).content.decode()
    assert "Everybody is welcome" in made
    hub = LearningHub.objects.get(group=group)
    lead = {"person": pat.email} | day("starts", today)
    given = client.post(page("add_hub_lead", hub), lead, follow=True).content.decode()
    assert "Pat Practitioner is hub lead. We have emailed pat@example.org" in given
    twice = client.post(page("add_hub_lead", hub), lead).content.decode()
    assert "here already" in twice
    changed = {"reports_to": board.pk, "introduction": "Mine", "loaded": parts.loaded_from(hub)}
    client.post(page("edit_hub", hub), changed)
    second = client.post(page("edit_hub", hub), changed | {"introduction": "Yours"}).content.decode()
    assert "What is saved now" in second
    assert "Yours" in second
    history = reverse("history", args=["learninghubs", "learninghub", hub.pk])
    assert "Pat Practitioner" in client.get(history).content.decode()


def test_the_unit_is_told_of_a_hub_that_nobody_leads(ursula, ben, stella, hub, other_hub, today):
    (need,) = hub_needs.without_lead(ursula, today)
    assert (need.title, need.url) == (f"{other_hub} has no lead", page("add_hub_lead", other_hub))
    assert hub_needs.without_lead(stella, today) == []
    ben.is_active = False
    ben.save()
    assert len(hub_needs.without_lead(ursula, today)) == 2


def test_the_page_of_its_group_leads_to_the_hub(client, hub, board):
    assert f'href="{page("hub", hub)}"' in client.get(hub.group.get_absolute_url()).content.decode()
    assert client.get(GroupFactory(kind=GroupKind.HUB).get_absolute_url()).status_code == 200


# --- A hub that has closed --------------------------------------------------------------------------------------------


def test_a_closed_hub_says_so_and_no_longer_serves_its_districts(client, ursula, hub, stevenage, today):
    services.serve(stevenage, hub=hub, from_day=today - timedelta(days=50), by=ursula)
    close(hub, ursula)
    read = client.get(page("hub", hub)).content.decode()
    assert "This hub closed on" in read
    assert "Suggestions that were open are handed to another hub" in read
    assert "Forums to come" not in read
    assert hubs.hub_of("Stevenage", today) is None
    assert hub not in hubs.current_hubs(today)
    assert [need.title for need in hub_needs.districts_without_hub(ursula, today)] == [
        "Stevenage is served by no learning hub"
    ]


def test_what_is_open_at_a_closed_hub_goes_to_another_in_one_step(ursula, ben, hub, other_hub, bella, today):
    kept = [SuggestionFactory(hub=hub, status=status) for status in ("set_aside", "withdrawn", "fed_back")]
    moving = [SuggestionFactory(hub=hub, status=status) for status in hubs.OPEN]
    merged = SuggestionFactory(hub=hub, status="merged", merged_into=moving[1])
    assert hub_needs.closed_with_open(ursula, today) == []
    with pytest.raises(TooLate, match="has not closed"):
        services.hand_over_open(hub, to=other_hub, note="Closed", by=ursula)
    gone = close(hub, ursula)
    (need,) = hub_needs.closed_with_open(ursula, today)
    assert need.title == f"{len(moving)} open suggestions of a hub that has ended"
    assert hub_needs.closed_with_open(bella, today) == []
    assert services.hand_over_open(gone, to=other_hub, note="The hub has closed", by=ursula) == len(moving)
    for one in (*kept, *moving, merged):
        before = one.status
        one.refresh_from_db()
        assert (one.hub, one.status) == (hub if one in kept else other_hub, before)
    change = StatusChange.objects.about(moving[0]).get()
    assert (change.note, change.by) == ("The hub has closed", ursula)
    (message,) = OutgoingMessage.objects.filter(name="suggestions_of_closed_hub")
    assert message.to_user == bella
    assert "The hub has closed" in message.body
    with pytest.raises(TooLate, match="Nothing is open"):
        services.hand_over_open(gone, to=other_hub, note="Again", by=ursula)


def test_a_hub_that_was_merged_leads_to_the_one_that_goes_on_with_its_work(signed_in, ursula, hub, other_hub, today):
    SuggestionFactory(hub=hub)
    merge_group(hub.group, by=ursula, into=other_hub.group, last_day=today - timedelta(days=1))
    client = signed_in(ursula)
    read = client.get(page("hub", hub)).content.decode()
    assert f'Its work goes on in the <a class="govuk-link" href="{page("hub", other_hub)}"' in read
    assert f'value="{other_hub.pk}" selected' in client.get(page("hand_over_open", hub)).content.decode()


def test_they_are_handed_over_only_with_a_reason_to_a_hub_that_goes_on(signed_in, ursula, ben, hub, other_hub):
    SuggestionFactory(hub=hub)
    gone = close(hub, ursula)
    with pytest.raises(NoteRequired):
        services.hand_over_open(gone, to=other_hub, note=" ", by=ursula)
    with pytest.raises(ValidationError):
        services.hand_over_open(gone, to=gone, note="Closed", by=ursula)
    with pytest.raises(PermissionDenied):
        services.hand_over_open(gone, to=other_hub, note="Closed", by=ben)
    client = signed_in(ursula)
    url = page("hand_over_open", hub)
    assert url in client.get(page("hub", hub)).content.decode()
    assert "Enter why they go there" in client.post(url, {"to": other_hub.pk}).content.decode()
    done = client.post(url, {"to": other_hub.pk, "note": "It has closed"}, follow=True).content.decode()
    assert f"1 suggestion handed to {other_hub}" in done
    assert client.post(url, {"to": other_hub.pk, "note": "It has closed"}).status_code == 409
