"""The pages of groups, the structure and the chairs: what each reader sees, and what becomes of what people type."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from pikepdf import Pdf

from partnership import structure_pdf
from partnership.choices import Capacity, GroupKind
from partnership.models import ChairRota, FormerName, Group, HandoverItem, NamedSeat, TermsOfReference
from partnership.services.actions import begin_action
from partnership.structure import MANY, WIDTH, draw, structure_on, wrap
from partnership.views import structure as structure_views
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, put_in_the_chair, seat
from tests.partnership.meetings import make_meeting

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)


def words(response) -> str:
    """What the page says, without its markup."""
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def day(name, value: date) -> dict[str, int]:
    """A day as its three boxes send it."""
    return {f"{name}_day": value.day, f"{name}_month": value.month, f"{name}_year": value.year}


@pytest.fixture
def at_group(audit_group):
    """``at_group("end_group", …)`` is the address of a page of the audit group."""
    return lambda name, *args: reverse(name, args=[audit_group.slug, *args])


# A group's page


def test_the_public_reads_what_a_group_is_for_and_no_names(client, audit_group, maya, chloe):
    FormerName.objects.create(group=audit_group, name="Audit Subgroup", until=date(2022, 9, 1))
    GroupFactory(name="Data Group", parent=audit_group)
    GroupFactory(name="Outcomes Group", ends=date(2019, 4, 1), starts=None, merged_into=audit_group)
    page = words(client.get(audit_group.get_absolute_url()))
    for shown in ("Judges the help", "Audit Subgroup, until 31 August 2022", "Data Group", "Outcomes Group"):
        assert shown in page
    assert "Constabulary" in page  # the organisations that sit on it are public
    for hidden in ("Maya", "Chloe", "@example.org", "vacant", "Manage this group"):
        assert hidden not in page


def test_a_practitioner_reads_no_more_than_the_public(signed_in, pat, audit_group, maya):
    assert "Maya" not in words(signed_in(pat).get(audit_group.get_absolute_url()))


def test_members_read_who_sits_there_and_which_seats_are_vacant(signed_in, maya, chloe, audit_group, constabulary):
    terms = TermsOfReference.objects.create(group=audit_group, version=1, text="x", in_force_from=date(2019, 4, 1))
    council = OrganisationFactory(name="County Council")
    NamedSeat.objects.create(terms=terms, organisation=constabulary, number=2)
    NamedSeat.objects.create(terms=terms, organisation=council, note="Head of service")
    page = words(signed_in(maya).get(audit_group.get_absolute_url()))
    assert "Chloe Chair, Integrated Care Board, until" in page
    assert "Named, and nobody sits for them: County Council" in page
    assert page.count("1 vacant") == 2
    assert "Manage this group" not in page


def test_the_chair_finds_on_the_groups_page_what_it_needs_and_what_is_theirs_to_do(signed_in, maya, chloe, audit_group):
    meeting = make_meeting(audit_group)
    make_meeting(GroupFactory(name="Another"), days=3)
    begin_action(audit_group, by=chloe, what="Audit ten files", due=timezone.localdate() + timedelta(days=40))
    own, members = (words(signed_in(person).get(audit_group.get_absolute_url())) for person in (chloe, maya))
    assert f"Agenda to prepare: {meeting}" in own
    assert "Another" not in own
    for link in ("Plan a year of meetings", "Standing items of its agendas", "Add an action"):
        assert link in own
        assert link not in members
    assert "You chair this group" not in members
    assert "1 not finished" in members
    assert f"The next meeting{date_format(meeting.day, 'j F Y')}" in members


def test_a_chair_who_is_no_member_reads_who_sits_there(signed_in, maya, audit_group, health_board):
    chair = UserFactory(organisation=health_board)
    put_in_the_chair(chair, audit_group)
    assert "Maya Member" in words(signed_in(chair).get(audit_group.get_absolute_url()))


def test_an_empty_chair_is_said_on_the_page_and_in_the_list(signed_in, stella, audit_group, constabulary):
    ChairRota.objects.create(group=audit_group, organisation=constabulary, order=1)
    client = signed_in(stella)
    for address in (audit_group.get_absolute_url(), reverse("groups"), reverse("group_chair", args=[audit_group.slug])):
        assert re.search(r"govuk-tag--red.{0,9}Nobody|hscp-gap", client.get(address).content.decode())


def test_a_group_that_has_ended_leads_to_the_one_that_goes_on(client, audit_group):
    GroupFactory(slug="old", ends=date(2022, 4, 1), merged_into=audit_group)
    page = words(client.get("/groups/old/"))
    assert "ended on 31 March 2022. Its work went on in the Performance and Audit Group" in page


def test_older_terms_of_reference_stay_readable_and_say_so(client, audit_group):
    for version, day_ in ((1, date(2019, 4, 1)), (2, date(2024, 4, 1))):
        TermsOfReference.objects.create(group=audit_group, version=version, text=f"Text {version}", in_force_from=day_)
    page = words(client.get(reverse("group_terms", args=[audit_group.slug, 1])))
    assert "Text 1" in page
    assert "In force now is version 2" in page
    assert client.get(reverse("group_terms", args=[audit_group.slug, 3])).status_code == 404


def test_the_history_of_a_group_is_for_those_who_see_its_members(signed_in, maya, pat, ursula, audit_group, at_group):
    history = reverse("history", args=["partnership", "group", audit_group.pk])
    signed_in(ursula).post(at_group("rename_group"), {"name": "Renamed", "why": "mistake"})
    page = words(signed_in(maya).get(history))
    assert "Performance and Audit Group" in page
    assert "Renamed" in page
    assert "Membership added: Maya Member, Member" in page
    assert signed_in(pat).get(history).status_code == 403


def test_addresses_are_for_the_business_unit_only(signed_in, ursula, maya, at_group):
    assert "maya@example.org" in signed_in(ursula).get(at_group("group_emails")).content.decode()
    assert signed_in(maya).get(at_group("group_emails")).status_code == 403


# The list


def test_the_list_shows_existing_groups_and_finds_the_others(signed_in, stella, audit_group):
    ended = GroupFactory(name="Ended Group", ends=TODAY)
    FormerName.objects.create(group=audit_group, name="Scrutiny Subgroup", until=date(2022, 9, 1))
    client = signed_in(stella)

    def listed(**query):
        return [row.group for row in client.get(reverse("groups"), query).context["rows"]]

    assert listed() == [audit_group]
    assert listed(state="ended") == [ended]
    assert listed(q="scrutiny") == [audit_group]
    assert listed(kind=GroupKind.HUB) == listed(attention="no_chair") == listed(attention="vacancies") == []


@pytest.mark.parametrize("name", ["groups", "chairs", "home"])
def test_a_list_costs_no_more_for_many_groups_than_for_one(name, signed_in, ursula, constabulary):
    def add(number):
        for _ in range(number):
            group = GroupFactory()
            terms = TermsOfReference.objects.create(group=group, version=1, text="x", in_force_from=TODAY)
            NamedSeat.objects.create(terms=terms, organisation=constabulary)
            ChairRota.objects.create(group=group, organisation=constabulary, order=1)
            person = UserFactory(organisation=constabulary)
            seat(person, group)
            put_in_the_chair(person, group, ends=TODAY + timedelta(days=20))

    def queries():
        client = signed_in(ursula)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse(name)).status_code == 200
        return len(counted)

    add(2)
    few = queries()
    add(8)
    assert queries() == few


# Changes


def test_a_group_is_added_and_its_page_shown(signed_in, ursula):
    typed = {
        "name": "Neglect Group",
        "kind": "task_and_finish",
        "purpose": "Writes it.",
        "on_structure": "no",
        "order": 3,
    }
    response = signed_in(ursula).post(reverse("add_group"), typed | day("starts", TODAY))
    group = Group.objects.get()
    assert response["Location"] == group.get_absolute_url() == "/groups/neglect-group/"
    assert (group.on_structure, group.starts, group.order) == (False, TODAY, 3)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(signed_in, ursula, audit_group):
    typed = {"name": "Another", "kind": "hub", "purpose": "Writes it.", "on_structure": "yes", "order": 0}
    response = signed_in(ursula).post(reverse("add_group"), typed | {"slug": audit_group.slug})
    page = response.content.decode()
    assert "Performance and Audit Group has this address already" in page
    assert 'value="Another"' in page
    assert Group.objects.count() == 1


def test_a_group_is_edited_under_another_address(signed_in, ursula, audit_group, at_group):
    typed = {"kind": "subgroup", "purpose": "Judges.", "on_structure": "yes", "order": 1, "slug": "audit"}
    response = signed_in(ursula).post(at_group("edit_group"), typed)
    assert response["Location"] == "/groups/audit/"


def test_a_new_name_wants_its_first_day_and_a_corrected_one_does_not(signed_in, ursula, audit_group, at_group):
    client = signed_in(ursula)
    page = words(client.post(at_group("rename_group"), {"name": "New", "why": "renamed"}))
    assert "Enter the first day under the new name" in page
    client.post(at_group("rename_group"), {"name": "New", "why": "renamed"} | day("from_day", TODAY))
    assert audit_group.former_names.get().until == TODAY


def test_a_group_is_moved_ended_and_goes_on(signed_in, ursula, audit_group, at_group):
    client, top = signed_in(ursula), GroupFactory()
    client.post(at_group("move_group"), {"parent": top.pk} | day("from_day", TODAY))
    audit_group.refresh_from_db()
    assert audit_group.parent == top
    client.post(at_group("end_group"), day("last_day", TODAY))
    audit_group.refresh_from_db()
    assert audit_group.last_day == TODAY
    client.post(at_group("let_group_go_on"))
    audit_group.refresh_from_db()
    assert audit_group.ends is None


def test_a_merger_asks_of_each_member_whether_they_go_along(signed_in, ursula, maya, chloe, audit_group, at_group):
    client, into = signed_in(ursula), GroupFactory()
    page = client.get(at_group("merge_group"))
    assert "Maya Member, member (Constabulary)" in page.content.decode()
    hers = audit_group.memberships.get(person=maya)
    client.post(at_group("merge_group"), {"into": into.pk, "carried": [hers.pk]} | day("last_day", TODAY))
    assert [row.person for row in into.memberships.all()] == [maya]


def test_terms_are_written_with_more_seats_than_the_page_had_room_for(signed_in, ursula, audit_group, at_group):
    client, body = signed_in(ursula), OrganisationFactory(name="County Council")
    typed = {"based_on": 0, "rows": 3, "text": "What it is for.", "quorum": 4, "seat_2_organisation": body.pk}
    typed |= day("in_force_from", TODAY)
    page = client.post(at_group("write_terms"), typed | {"more": "Name more seats"})
    assert page.context["form"].room == 6
    assert "What it is for." in page.content.decode()
    assert f'<option value="{body.pk}" selected>' in page.content.decode()
    assert f'value="{TODAY.year}"' in page.content.decode()
    client.post(at_group("write_terms"), typed | {"rows": 6, "seat_5_organisation": body.pk, "seat_5_note": "Nurse"})
    terms = audit_group.terms.get()
    assert terms.quorum == 4
    assert sorted(terms.seats.values_list("number", "note")) == [(1, ""), (1, "Nurse")]


def test_the_next_terms_start_from_the_seats_of_the_last(signed_in, ursula, audit_group, at_group):
    terms = TermsOfReference.objects.create(group=audit_group, version=1, text="Old text", in_force_from=TODAY)
    ended = OrganisationFactory(name="Clinical Group", ends=date(2022, 7, 1))
    NamedSeat.objects.create(terms=terms, organisation=ended, number=7)
    page = signed_in(ursula).get(at_group("write_terms")).content.decode()
    assert "Old text" in page
    assert f'<option value="{ended.pk}" selected>Clinical Group' in page
    stale = {"based_on": 0, "rows": 1, "text": "Mine"} | day("in_force_from", TOMORROW)
    response = signed_in(ursula).post(at_group("write_terms"), stale)
    assert response.status_code == 409
    assert "version 1" in words(response)


def test_a_seat_without_an_organisation_is_asked_for(signed_in, ursula, at_group):
    typed = {"based_on": 0, "rows": 1, "text": "Mine", "seat_0_note": "Nurse"} | day("in_force_from", TODAY)
    assert "Select the organisation of seat 1" in words(signed_in(ursula).post(at_group("write_terms"), typed))


def test_a_member_is_added_changed_and_leaves(signed_in, ursula, audit_group, constabulary, at_group):
    client, person = signed_in(ursula), UserFactory(name="Nora New", organisation=constabulary)
    typed = {"person": "nora new", "capacity": "deputy"} | day("starts", TODAY)
    assert client.post(at_group("add_member"), typed).status_code == 302
    member = audit_group.memberships.get()
    assert (member.person, member.organisation, member.capacity) == (person, constabulary, Capacity.DEPUTY)
    page = words(client.post(at_group("add_member"), typed))
    assert "Nora New sits on Performance and Audit Group already: deputy from" in page
    changed = {"organisation": constabulary.pk, "capacity": "member"} | day("starts", TODAY)
    client.post(at_group("change_member", member.pk), changed)
    client.post(at_group("end_member", member.pk), day("last_day", TODAY))
    member.refresh_from_db()
    assert (member.capacity, member.last_day) == ("member", TODAY)


def test_another_group_s_member_is_not_reached_through_this_one(signed_in, ursula, maya, at_group):
    other = seat(UserFactory(organisation=maya.organisation), GroupFactory())
    assert signed_in(ursula).get(at_group("change_member", other.pk)).status_code == 404


# The chair


def test_a_term_is_entered_for_whose_turn_it_is(signed_in, ursula, audit_group, chloe, constabulary, at_group):
    ChairRota.objects.create(group=audit_group, organisation=constabulary, order=1)
    client, now = signed_in(ursula), audit_group.chair_terms.get()
    start = client.get(at_group("add_chair_term")).context["form"].initial
    assert (start["organisation"], start["starts"]) == (constabulary.pk, now.ends)
    typed = {"person": chloe.email, "deputy": "Nobody Known"} | day("starts", TODAY) | day("last_day", TOMORROW)
    assert "No open account has the name or address “Nobody Known”" in words(
        client.post(at_group("add_chair_term"), typed)
    )
    page = words(client.post(at_group("add_chair_term"), typed | {"deputy": ""}))
    assert "Chloe Chair (Integrated Care Board) from" in page


def test_a_term_is_changed_ended_early_and_one_to_come_removed(signed_in, ursula, audit_group, chloe, maya, at_group):
    client, now = signed_in(ursula), audit_group.chair_terms.get()
    coming = put_in_the_chair(maya, audit_group, starts=now.ends + timedelta(days=400))
    typed = {"person": chloe.email, "deputy": maya.email, "organisation": chloe.organisation_id}
    typed |= day("starts", now.starts) | day("last_day", now.last_day)
    client.post(at_group("change_chair_term", now.pk), typed)
    client.post(at_group("end_chair_term", now.pk), {"reason": "Moved away"} | day("last_day", TODAY))
    client.post(at_group("remove_chair_term", coming.pk))
    now.refresh_from_db()
    assert (now.deputy, now.last_day, now.ended_early_because) == (maya, TODAY, "Moved away")
    assert list(audit_group.chair_terms.all()) == [now]


def test_the_rota_is_made_by_buttons(signed_in, ursula, audit_group, constabulary, health_board, at_group):
    client = signed_in(ursula)
    for body in (constabulary, health_board):
        client.post(at_group("add_to_rota"), {"organisation": body.pk})
    place = audit_group.chair_rota.get(organisation=health_board)
    client.post(at_group("change_rota", place.pk, "up"))
    assert [row.organisation for row in audit_group.chair_rota.all()] == [health_board, constabulary]
    client.post(at_group("change_rota", place.pk, "remove"))
    assert client.post(at_group("change_rota", place.pk, "remove")).status_code == 404


def test_a_hand_over_is_ticked_by_the_chair_and_read_by_members(signed_in, audit_group, chloe, maya):
    term = audit_group.chair_terms.get()
    step = term.handover.create(text="Hand over the dates", order=1)
    tick = reverse("tick_handover_step", args=[term.pk, step.pk])
    signed_in(chloe).post(tick, {"done": "yes"})
    page = words(signed_in(maya).get(term.get_absolute_url()))
    assert f"Done Chloe Chair, {TODAY:%-d %B %Y}" in page
    assert "Not done after all" not in page
    assert signed_in(maya).post(tick, {"done": "no"}).status_code == 403


def test_the_hand_over_list_is_edited_by_the_business_unit(signed_in, ursula, maya):
    client = signed_in(ursula)
    for text in ("First", "Second"):
        client.post(reverse("add_handover_item"), {"text": text})
    first = HandoverItem.objects.get(text="First")
    client.post(reverse("change_handover_item", args=[first.pk]), {"text": "Now last"})
    client.post(reverse("place_handover_item", args=[first.pk, "down"]))
    assert [item.text for item in HandoverItem.objects.all()] == ["Second", "Now last"]
    assert signed_in(maya).get(reverse("handover_list")).status_code == 403


def test_members_see_the_chairs_of_their_groups_only(signed_in, maya, chloe, audit_group):
    other = GroupFactory(name="Other Group")
    put_in_the_chair(chloe, other)
    page = words(signed_in(maya).get(reverse("chairs")))
    assert "Performance and Audit Group" in page
    assert "Other Group" not in page


# The structure


def test_the_public_sees_the_structure_of_the_day_that_the_address_names(client):
    GroupFactory(name="Old Board", slug="old-board", starts=date(2011, 4, 1), ends=date(2019, 4, 1))
    GroupFactory(name="Executive Group", slug="executive")
    assert "Old Board" not in words(client.get(reverse("structure")))
    then = client.get(reverse("structure"), {"on": "2015-01-01"})
    assert 'href="/groups/old-board/"' in then.content.decode()
    assert "Executive Group" not in words(then)


def test_the_form_of_the_day_leads_to_an_address_to_pass_on(client):
    page = reverse("structure")
    assert client.get(page, day("day", date(2019, 4, 1)))["Location"] == f"{page}?on=2019-04-01"
    wrong = client.get(page, {"day_day": 31, "day_month": 2, "day_year": 2019})
    assert "Day must be a real date" in words(wrong)


@pytest.mark.parametrize("on", ["yesterday", "2019-13-01", "0001-01-01", "9999-12-31"])
def test_an_address_with_no_real_day_shows_today(client, on):
    GroupFactory(name="Executive Group")
    assert f"today, {TODAY:%-d %B %Y}" in words(client.get(reverse("structure"), {"on": on}))


def test_a_day_before_all_groups_says_what_to_do(client):
    assert "Choose another day below" in words(client.get(reverse("structure"), {"on": "1995-01-01"}))


def test_boxes_stay_in_the_picture_and_apart():
    top = GroupFactory(name="Executive")
    for number in range(8):
        middle = GroupFactory(name=f"A rather long name of a subgroup, number {number}", parent=top)
        GroupFactory.create_batch(number % 3, parent=middle)
    for _ in range(5):
        middle = GroupFactory(name="Deeper", parent=middle)
    GroupFactory.create_batch(6, kind=GroupKind.LINKED_BOARD)
    assert_apart(draw(structure_on(TODAY)))


def test_many_groups_under_one_have_a_row_of_their_own():
    top = GroupFactory()
    hubs = GroupFactory.create_batch(MANY, parent=GroupFactory(parent=top), kind=GroupKind.HUB)
    GroupFactory(parent=GroupFactory(parent=top))
    drawing = draw(structure_on(TODAY))
    rows = {box.y for box in drawing.boxes if box.node.group in hubs}
    assert len(rows) == 1
    assert_apart(drawing)


def assert_apart(drawing):
    boxes = drawing.boxes
    assert all(box.x >= 0 and box.right <= WIDTH and box.bottom <= drawing.height for box in boxes)
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            beside = one.right <= other.x or other.right <= one.x
            assert beside or one.bottom <= other.y or other.bottom <= one.y, (one.node.name, other.node.name)


def test_names_are_wrapped_and_a_word_too_long_is_broken():
    assert wrap("Local Child Safeguarding Review Panel", 200) == ["Local Child", "Safeguarding Review", "Panel"]
    assert "".join(wrap("x" * 60, 200)) == "x" * 60
    assert len(wrap("x" * 60, 200)) > 1
    assert wrap("", 200) == []


def test_the_pdf_is_tagged_and_says_the_same(client):
    top = GroupFactory(name="Executive Group", purpose="Drives the work.")
    GroupFactory(name="Audit Group", parent=top)
    response = client.get(reverse("structure_pdf"), {"on": "2020-01-01"})
    assert response["Content-Type"] == "application/pdf"
    assert 'filename="structure-2020-01-01.pdf"' in response["Content-Disposition"]
    pdf = Pdf.open(BytesIO(response.content))
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.docinfo.Title) == "How the partnership is arranged, 1 January 2020"
    html = structure_pdf.html_of(structure_pdf.context_of(date(2020, 1, 1)), made_on=TODAY)
    assert "Drives the work." in html
    assert "<title>The structure of the partnership on 1 January 2020</title>" in html


def test_a_pdf_is_made_once_as_long_as_nothing_changes(client, monkeypatch):
    GroupFactory(name="Executive Group")
    made = []
    monkeypatch.setattr(structure_views.pdf, "from_html", lambda html: made.append(html) or b"%PDF")
    for _ in range(2):
        client.get(reverse("structure_pdf"))
    Group.objects.update(name="Renamed")
    client.get(reverse("structure_pdf"))
    assert len(made) == 2


def test_what_anybody_may_ask_for_does_not_fill_the_cache(client, monkeypatch):
    GroupFactory(name="Executive Group")
    kept = []
    monkeypatch.setattr(structure_views.pdf, "from_html", lambda html: b"%PDF")
    monkeypatch.setattr(structure_views.cache, "set", lambda key, value, timeout: kept.append(timeout))
    for on in (TODAY, date(2020, 1, 1)):
        client.get(reverse("structure_pdf"), {"on": str(on)})
    assert kept == [24 * 60 * 60, 10 * 60]


def test_more_room_is_given_whatever_was_typed_as_an_organisation(signed_in, ursula, at_group):
    typed = {"seat_0_organisation": "\0", "seat_1_organisation": "9" * 5000, "rows": "2", "more": "Name more seats"}
    assert signed_in(ursula).post(at_group("write_terms"), typed).status_code == 200
