"""The pages of meetings: what each reader sees, what is refused and how, what a page costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partnership.choices import DocumentStatus, ItemStatus, MeetingStatus
from partnership.models import Action, Document, Meeting, OutgoingMessage, PaperVersion
from partnership.services import meetings as services
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, seat
from tests.partnership.meetings import (
    accepted,
    at,
    make_decision,
    make_full_meeting,
    make_item,
    make_meeting,
    make_paper,
    pdf_bytes,
    upload,
)

S = MeetingStatus


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).content.decode()


def words(html: str) -> str:
    """What a reader reads of a page."""
    main = html[html.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def parts(day) -> dict[str, int]:
    return {"day_day": day.day, "day_month": day.month, "day_year": day.year}


# --- Lists ------------------------------------------------------------------------------------------------------------


def test_the_list_begins_with_the_meetings_to_come_of_ones_own_groups(audit_group, maya, signed_in):
    make_meeting(audit_group, days=9, place="Hertford")
    make_meeting(audit_group, days=-9, place="Ware", status=S.HELD)
    make_meeting(GroupFactory(), days=9, place="Elsewhere")
    client = signed_in(maya)
    assert "Hertford" in (found := page(client, "meetings"))
    assert "Ware" not in found
    assert "Ware" in page(client, "meetings", when="past")
    assert "Ware" in page(client, "meetings", year=timezone.localdate(at(-9)).year, when="all")
    assert "Elsewhere" not in page(client, "meetings", when="all", whose="all")


def test_who_runs_everything_sees_all_and_narrows_by_group(audit_group, ursula, signed_in):
    make_meeting(audit_group, place="Hertford")
    make_meeting(GroupFactory(name="Board"), place="Elsewhere")
    client = signed_in(ursula)
    assert {"Hertford", "Elsewhere"} <= set(re.findall("Hertford|Elsewhere", page(client, "meetings")))
    narrowed = page(client, "meetings", group=audit_group.pk)
    assert "Elsewhere" not in narrowed
    assert "Plan a year" in narrowed
    assert page(client, "meetings", group="nonsense", year="nonsense", when="nonsense")


def test_a_group_that_never_met_has_an_empty_list_from_which_its_year_is_planned(audit_group, ursula, signed_in):
    make_meeting()
    page = signed_in(ursula).get(reverse("meetings"), {"group": audit_group.pk})
    assert list(page.context["page_obj"]) == []
    assert reverse("plan_meetings", args=[audit_group.slug]) in page.content.decode()


def test_what_the_list_shows_without_a_word_is_no_filter_in_use(audit_group, maya, signed_in):
    make_meeting(audit_group)
    assert signed_in(maya).get(reverse("meetings")).context["filter"].form.active_count == 0
    assert signed_in(maya).get(reverse("meetings"), {"when": "all"}).context["filter"].form.active_count == 1


def test_somebody_without_a_group_is_told_why_the_list_is_empty(pat, signed_in):
    assert "No meetings yet" in page(signed_in(pat), "meetings")


def test_attendance_over_a_year_as_page_and_file(audit_group, maya, pat, signed_in):
    meeting = make_meeting(audit_group, days=-1, status=S.HELD)
    meeting.attendance.create(person=maya, organisation=maya.organisation, presence="present")
    client, year = signed_in(maya), meeting.day.year
    assert "Constabulary 1 1 0 0 0 100.0%" in words(page(client, "attendance", year=year))
    file = b"".join(client.get(reverse("attendance_csv"), {"year": year}).streaming_content).decode("utf-8-sig")
    assert file.splitlines() == [
        "Organisation,Expected,Present,Apologies,A deputy came,Absent,Attendance (%)",
        "Constabulary,1,1,0,0,0,100.0",
    ]
    assert "No attendance recorded" in page(signed_in(pat), "attendance")


@pytest.mark.parametrize("name", ["meetings", "meeting", "agenda", "minutes"])
def test_a_page_costs_the_same_for_few_and_for_many(name, audit_group, chloe, signed_in):
    client = signed_in(chloe)
    status = S.HELD if name == "minutes" else S.PLANNED
    meeting = make_full_meeting(audit_group, days=-1 if name == "minutes" else 9, status=status)
    address = reverse(name, args=[] if name == "meetings" else [meeting.pk])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = cost()
    for number in range(8):
        item = make_item(meeting, f"Item {number}")
        make_paper(item)
        make_decision(item, f"PAG/2026/1{number}")
        Action.objects.create(group=audit_group, what="Do it", due=timezone.localdate(), source=item)
        person = UserFactory()
        meeting.attendance.create(person=person, organisation=OrganisationFactory(), presence="present")
        make_meeting(audit_group, days=20 + number)
    assert cost() <= few + 1  # the person's own groups are read once the list is not empty


# --- Planning ---------------------------------------------------------------------------------------------------------


def proposed(client, group, **changes):
    """The dates that are proposed for a year, sent back with ``changes``."""
    query = "?year=2027&number=2&weekday=1"
    address = reverse("plan_meetings", args=[group.slug]) + query
    form = client.get(address).context["form"]
    data = {"starts": "10:00", "ends": "12.30", "place": "Hertford", "link": ""}
    for number, day in enumerate(form.days, start=1):
        data |= {f"day_{number}_{part}": getattr(day, part) for part in ("day", "month", "year")}
    return client.post(address, data | changes)


def test_a_year_is_proposed_adjusted_and_created(audit_group, chloe, signed_in):
    client = signed_in(chloe)
    assert "Calendar year" in page(client, "plan_meetings", audit_group.slug)
    assert "Enter a number that is 2000 or more" in page(client, "plan_meetings", audit_group.slug, year=5, number=2)
    response = proposed(client, audit_group, day_2_day="", day_2_month="", day_2_year="")
    assert response.status_code == 302
    meeting = audit_group.meetings.get()
    assert (timezone.localtime(meeting.ends_at).hour, meeting.place) == (12, "Hertford")


def test_a_weekend_or_a_clash_is_warned_of_and_saved_once_somebody_insists(audit_group, chloe, signed_in):
    client = signed_in(chloe)
    christmas = {"day_2_day": "25", "day_2_month": "12", "day_2_year": "2027"}
    warned = words(proposed(client, audit_group, **christmas).content.decode())
    assert "Saturday 25 December 2027 is a weekend or a bank holiday" in warned
    assert "Create them all the same" in warned
    assert not audit_group.meetings.exists()
    assert proposed(client, audit_group, **christmas, insists="on").status_code == 302
    assert audit_group.meetings.count() == 2


def test_moving_a_called_meeting_asks_why_and_keeps_what_was_typed(audit_group, chloe, signed_in):
    meeting = make_meeting(audit_group, status=S.CALLED)
    client, address = signed_in(chloe), reverse("change_meeting", args=[meeting.pk])
    data = parts(at(30)) | {"starts": "9am", "ends": "11am", "place": "The new place", "reason": ""}
    refused = client.post(address, data).content.decode()
    assert "Enter why the meeting changes" in refused
    assert "The new place" in refused
    assert client.post(address, data | {"reason": "The room is taken"}).status_code == 302
    meeting.refresh_from_db()
    assert timezone.localtime(meeting.starts_at).hour == 9


def test_standing_items_are_added_changed_and_removed(audit_group, chloe, signed_in):
    client = signed_in(chloe)
    data = {"title": "Apologies", "purpose": "information", "minutes": "5", "presenter": "", "closes": "False"}
    assert client.post(reverse("add_standing_item", args=[audit_group.slug]), data | {"order": "1"}).status_code == 302
    item = audit_group.standing_items.get()
    client.post(
        reverse("edit_standing_item", args=[audit_group.slug, item.pk]),
        data | {"title": "Welcome", "closes": "True", "order": "2"},
    )
    assert "Welcome" in page(client, "standing_items", audit_group.slug)
    client.post(reverse("remove_standing_item", args=[audit_group.slug, item.pk]))
    assert "No standing items yet" in page(client, "standing_items", audit_group.slug)
    assert client.get(reverse("edit_standing_item", args=[audit_group.slug, item.pk])).status_code == 404


def test_how_a_group_usually_meets_fills_its_next_year(audit_group, chloe, signed_in):
    client = signed_in(chloe)
    data = {"number": "6", "weekday": "3", "starts_at": "14:00", "length": "90", "place": "Ware", "link": ""}
    saved = client.post(reverse("meeting_pattern", args=[audit_group.slug]), data | {"papers_out_days": "3"})
    assert saved.status_code == 302
    form = client.get(reverse("plan_meetings", args=[audit_group.slug])).context["form"]
    assert (form["number"].value(), form["weekday"].value()) == (6, 3)
    assert "14:00" in page(client, "plan_meetings", audit_group.slug, year=2027, number=6, weekday=3)


# --- The agenda and its papers ----------------------------------------------------------------------------------------


ITEM = {
    "title": "Neglect",
    "summary": "Our words",
    "purpose": "decision",
    "minutes": "20",
    "presenter": "",
    "serves": "",
}


def test_two_people_who_edit_one_item_are_told_and_neither_loses_text(audit_group, chloe, ursula, signed_in):
    item = services.add_item(make_meeting(audit_group), title="Audit", by=ursula)
    services.edit_item(item, by=ursula, loaded=1, title="Audit of harm", summary="Their words")
    client, address = signed_in(chloe), reverse("edit_item", args=[item.pk])
    both = client.post(address, ITEM | {"loaded": "1"}).content.decode()
    for text in ("Somebody else changed this", "What is saved now", "Their words", "Our words"):
        assert text in both
    item.refresh_from_db()
    assert item.summary == "Their words"
    loaded = re.search(r'name="loaded" value="(\d+)"', both)[1]
    assert client.post(address, ITEM | {"loaded": loaded}).status_code == 302
    item.refresh_from_db()
    assert item.summary == "Our words"


def test_what_was_typed_stays_on_the_page_when_it_comes_too_late(audit_group, chloe, signed_in):
    meeting = make_meeting(audit_group)
    client, address = signed_in(chloe), reverse("add_item", args=[meeting.pk])
    Meeting.objects.update(status=S.CANCELLED)
    late = client.post(address, ITEM).content.decode()
    assert "the status is “cancelled”" in late
    assert "Our words" in late


def test_up_and_down_work_without_scripts_and_a_stale_click_is_told(audit_group, chloe, signed_in):
    meeting = make_meeting(audit_group)
    for name in ("First", "Second"):
        services.add_item(meeting, title=name, by=chloe)
    client, second = signed_in(chloe), meeting.items.get(title="Second")
    html = page(client, "agenda", meeting.pk)
    assert "20 minutes are allotted of the 120 that there are" in words(html)
    loaded = re.search(r'name="loaded" value="(\d+)"', html)[1]
    address = reverse("move_item", args=[second.pk])
    assert client.post(address, {"way": "up", "loaded": loaded}).status_code == 302
    assert [item.title for item in meeting.items.on_agenda()] == ["Second", "First"]
    stale = client.post(address, {"way": "down", "loaded": loaded})
    assert stale.status_code == 409
    assert client.post(address, {"way": "down", "loaded": "nonsense"}).status_code == 409
    assert client.get(address).status_code == 405


def test_a_member_proposes_on_a_page_and_reads_what_became_of_it(audit_group, maya, chloe, signed_in):
    meeting = make_meeting(audit_group)
    client = signed_in(maya)
    assert client.post(reverse("propose_item", args=[meeting.pk]), ITEM).status_code == 302
    item = meeting.items.get(status=ItemStatus.PROPOSED)
    assert client.get(reverse("accept_item", args=[item.pk])).status_code == 403
    client = signed_in(chloe)
    assert "Enter why the item is declined" in client.post(reverse("decline_item", args=[item.pk])).content.decode()
    client.post(reverse("decline_item", args=[item.pk]), {"note": "We had it in May."})
    assert "We had it in May." in page(signed_in(maya), "meeting", meeting.pk)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (lambda: upload("paper.exe", b"MZ"), "must be a PDF, Word, Excel or PowerPoint file"),
        (lambda: upload("paper.pdf", b"plain text"), "is not what its name says"),
        (lambda: upload("paper.pdf", b""), "The selected file is empty"),
        (lambda: upload("paper.pdf", pdf_bytes() + bytes(3 * 1024 * 1024)), "must be smaller than 2 MB"),
        (lambda: "", "Select a file"),
    ],
)
def test_a_bad_paper_is_refused_with_a_sentence_and_its_title_stays(
    audit_group, chloe, signed_in, settings, file, sentence
):
    settings.PAPER_MOST_BYTES = 2 * 1024 * 1024
    item = make_item(make_meeting(audit_group))
    data = {"title": "A title that somebody typed", "upload": file()}
    html = signed_in(chloe).post(reverse("add_paper", args=[item.pk]), data).content.decode()
    assert sentence in html
    assert "A title that somebody typed" in html
    assert not PaperVersion.objects.exists()


def test_a_paper_is_uploaded_and_downloaded_by_those_who_see_the_meeting_only(audit_group, maya, chloe, pat, signed_in):
    item = make_item(make_meeting(audit_group))
    client = signed_in(chloe)
    assert client.post(reverse("add_paper", args=[item.pk]), {"title": "Audit", "upload": upload()}).status_code == 302
    paper = item.papers.get()
    second = pdf_bytes(2)
    client.post(reverse("add_version", args=[paper.pk]), {"upload": upload("second.pdf", second)})
    assert "Earlier versions" in page(client, "meeting", item.meeting_id)
    address = reverse("document", args=[paper.newest.document_id])
    got = signed_in(maya).get(address)
    assert b"".join(got.streaming_content) == second
    assert 'attachment; filename="second.pdf"' in got["Content-Disposition"]
    assert signed_in(pat).get(address).status_code == 404
    audit_group.memberships.filter(person=maya).update(ends=timezone.localdate())
    assert signed_in(maya).get(address).status_code == 404


def test_a_meeting_is_called_from_its_page_once_the_pack_is_ready(audit_group, maya, chloe, signed_in):
    meeting = make_meeting(audit_group)
    services.add_item(meeting, title="Audit", by=chloe)
    client = signed_in(chloe)
    assert "can be called once the pack is ready" in page(client, "call_meeting", meeting.pk)
    client.post(reverse("make_pack", args=[meeting.pk]))
    assert "The pack is being made" in page(client, "meeting", meeting.pk)
    assert client.get(reverse("meeting_pack", args=[meeting.pk]))["Location"].endswith("#pack")
    Document.objects.update(status=DocumentStatus.READY, made_at=timezone.now())
    assert "Maya Member" in page(client, "call_meeting", meeting.pk)
    assert client.post(reverse("call_meeting", args=[meeting.pk])).status_code == 302
    assert OutgoingMessage.objects.filter(name="meeting_called").count() == 2
    pack = Document.objects.get(kind="meeting_pack")
    assert signed_in(maya).get(reverse("meeting_pack", args=[meeting.pk]))["Location"] == f"/documents/{pack.pk}/"


# --- What happened ----------------------------------------------------------------------------------------------------


def test_attendance_is_entered_on_one_page_and_a_stale_page_shows_both(audit_group, maya, chloe, signed_in):
    meeting = make_meeting(audit_group, days=0, status=S.CALLED)
    client, address = signed_in(chloe), reverse("record_attendance", args=[meeting.pk])
    loaded = client.get(address).context["form"]["loaded"].value()
    data = {
        "loaded": loaded,
        f"presence_{maya.pk}": "deputy",
        f"presence_{chloe.pk}": "present",
        "also_present": "Guest",
    }
    refused = client.post(address, data).content.decode()
    assert "Enter who came in the place of Maya Member" in refused
    data |= {f"deputy_{maya.pk}": "Sam Example"}
    assert client.post(address, data).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.status, meeting.also_present) == (S.HELD, "Guest")
    stale = client.post(address, data | {f"presence_{maya.pk}": "absent"}).content.decode()
    assert "What is saved now" in stale
    assert "A deputy came: Sam Example" in stale
    assert meeting.attendance.get(person=maya).presence == "deputy"


def test_the_name_of_an_organisation_is_only_text_beside_the_boxes(audit_group, chloe, signed_in):
    bold = OrganisationFactory(name="<b id=injected>Trust</b>")
    seat(UserFactory(), audit_group, organisation=bold)
    html = page(signed_in(chloe), "record_attendance", make_meeting(audit_group, days=0, status=S.CALLED).pk)
    assert "&lt;b id=injected&gt;Trust" in html
    assert "<b id=injected>" not in html


def test_a_correction_is_read_by_members_once_the_meeting_that_noted_it_is_circulated(
    audit_group, maya, chloe, signed_in
):
    agreed = make_meeting(audit_group, days=-30, status=S.AGREED)
    noting = make_meeting(audit_group, days=-3, status=S.HELD)
    services.note_correction(noting, corrects=agreed, text="Ann came, not Anna.", by=chloe)
    for name in ("meeting", "minutes"):
        assert "Ann came, not Anna." in page(signed_in(chloe), name, agreed.pk)
        assert "Ann came, not Anna." not in page(signed_in(maya), name, agreed.pk)
    Meeting.objects.filter(pk=noting.pk).update(status=S.CIRCULATED)
    for name in ("meeting", "minutes"):
        assert "Ann came, not Anna." in page(signed_in(maya), name, agreed.pk)


def test_nobody_to_record_is_told_what_to_do(chloe, ursula, signed_in):
    empty = make_meeting(GroupFactory(), days=0, status=S.CALLED)
    assert "Nobody sits on this group" in page(signed_in(ursula), "record_attendance", empty.pk)


def test_minutes_are_written_item_by_item_and_read_by_members_once_circulated(audit_group, maya, chloe, signed_in):
    meeting = make_meeting(audit_group, days=-1, status=S.HELD)
    first, second = make_item(meeting, "First"), make_item(meeting, "Second")
    client = signed_in(chloe)
    address = reverse("write_minute", args=[first.pk])
    typed = {"loaded": first.version, "minute": "It was <b>good</b>."}
    assert client.post(address, typed | {"next": "yes"})["Location"] == reverse("write_minute", args=[second.pk])
    decided = {"text": "Go on.", "reason": "It works.", "serves": ""}
    client.post(reverse("record_decision", args=[first.pk]), decided)
    assert (
        "Enter why it was decided"
        in client.post(reverse("record_decision", args=[first.pk]), decided | {"reason": ""}).content.decode()
    )
    due = {f"due_{part}": getattr(at(30), part) for part in ("day", "month", "year")}
    action = {"what": "Write to schools", "owner": f"group-{audit_group.pk}", "priority": "normal"}
    assert client.post(reverse("record_action", args=[second.pk]), action | due).status_code == 302
    assert Action.objects.get().source == second
    assert "being written" in page(signed_in(maya), "minutes", meeting.pk)
    assert "Go on." not in page(signed_in(maya), "meeting", meeting.pk)
    client = signed_in(chloe)
    for step in ("draft_minutes", "circulate_minutes"):
        assert client.post(reverse(step, args=[meeting.pk])).status_code == 302
    html = page(signed_in(maya), "minutes", meeting.pk)
    assert "It was &lt;b&gt;good&lt;/b&gt;." in html
    assert {"Go on.", "Write to schools"} <= set(re.findall(r"Go on\.|Write to schools", html))


def test_two_people_who_write_one_minute_are_told_and_neither_loses_text(audit_group, chloe, ursula, signed_in):
    item = make_item(make_meeting(audit_group, days=-1, status=S.HELD))
    services.write_minute(item, by=ursula, loaded=1, minute="Their words")
    typed = {"loaded": "1", "minute": "My words"}
    both = signed_in(chloe).post(reverse("write_minute", args=[item.pk]), typed).content.decode()
    assert {"Their words", "My words"} <= set(re.findall("Their words|My words", both))


def test_agreed_minutes_say_where_and_every_form_about_them_says_that_it_is_too_late(audit_group, chloe, signed_in):
    meeting = make_meeting(audit_group, days=-20, status=S.CIRCULATED)
    item = make_item(meeting)
    later = make_meeting(audit_group, days=-1, status=S.HELD)
    client = signed_in(chloe)
    assert client.post(reverse("agree_minutes", args=[meeting.pk]), {"at": later.pk}).status_code == 302
    assert "They never change again" in page(client, "meeting", meeting.pk)
    for name, pk in (("agenda", meeting.pk), ("record_attendance", meeting.pk), ("write_minute", item.pk)):
        response = client.get(reverse(name, args=[pk]))
        assert response.status_code == 409, name
        assert "never change" in response.content.decode()
    corrected = {"corrects": meeting.pk, "text": "Ann, not Anna."}
    assert client.post(reverse("note_correction", args=[later.pk]), corrected).status_code == 302
    assert "Ann, not Anna." in page(client, "minutes", meeting.pk)


def test_somebody_whose_session_ended_gets_back_what_they_typed(audit_group, chloe, client):
    item = make_item(make_meeting(audit_group, days=-1, status=S.HELD))
    address = reverse("write_minute", args=[item.pk])
    sent_away = client.post(address, {"loaded": "1", "minute": "A long minute"})
    back = re.search(r"kept%3D([\w-]+)", sent_away["Location"])[1]
    client.force_login(chloe)
    assert "A long minute" in client.get(address, {"kept": back}).content.decode()


def test_a_scrutineer_reads_and_changes_nothing(audit_group, stella, signed_in):
    seat(stella, audit_group, organisation=OrganisationFactory())
    meeting = make_full_meeting(audit_group)
    services.add_paper(
        meeting.items.on_agenda().get(), title="More", upload=accepted(), by=UserFactory(is_superuser=True)
    )
    client = signed_in(stella)
    html = page(client, "meeting", meeting.pk)
    assert "Propose an item" in html
    assert "Prepare the agenda" not in html
    assert client.get(reverse("agenda", args=[meeting.pk])).status_code == 403


def test_a_decision_and_the_actions_of_its_item_lead_to_each_other(audit_group, maya, signed_in):
    meeting = make_meeting(audit_group, days=-9, status=S.CIRCULATED)
    item = make_item(meeting, "Audit of neglect")
    decision = make_decision(item, text="Look again in a year.")
    action = Action.objects.create(what="Look again", group=audit_group, due=timezone.localdate(), source=item)
    client = signed_in(maya)
    shown = client.get(action.get_absolute_url()).content.decode()
    assert f'href="{decision.get_absolute_url()}"' in shown
    assert "Look again in a year." in shown
    about = f"{reverse('minutes', args=[meeting.pk])}#item-{item.pk}"
    assert f'href="{about}"' in client.get(meeting.get_absolute_url()).content.decode()
    assert action.get_absolute_url() in client.get(about).content.decode()
