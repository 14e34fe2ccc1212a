"""Pages of the plan: for the public, to edit a draft by several people, to approve, to record progress."""

import io
from datetime import date, timedelta

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from partnership.choices import DocumentStatus, PlanStatus, PointKind
from partnership.engine import documents
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.governance_pdf import NotPublished, plan_pdf
from partnership.models import (
    Document,
    Objective,
    Plan,
    PlanApproval,
    PlanPoint,
    PlanPriority,
    PlanSection,
    Reading,
)
from partnership.services import plan as services
from partnership.services import plan_edits as edits
from partnership.services.parts import loaded_from
from tests.factories import GroupFactory, PriorityFactory
from tests.markup import Markup
from tests.partnership.plans import add_objective, make_plan, put, read

pytestmark = pytest.mark.django_db

D, W, A, P, S = PlanStatus


def page(client, name, *args, status=200):
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return Markup(response.content)


def post(client, name, *args, **fields):
    return client.post(reverse(name, args=args), fields, follow=True)


# --- Public -----------------------------------------------------------------------------------------------------------


def test_anybody_reads_the_plan_in_force_with_where_its_objectives_stand(client, audit_group):
    plan = make_plan(1, P, lead=audit_group)
    read(plan.objectives.get(), "red", days_ago=90)
    read(plan.objectives.get(), "amber", sentence="Half of the schools know.")
    text = page(client, "plan").text("main")
    for words in ("Partnership plan", "April 2026 to March 2029", "We listen.", "We are partners.", "Leads named"):
        assert words in text
    assert "Amber Half of the schools know." in text
    assert "Better than before" in text
    assert "Performance and Audit Group" in text
    assert "0 Green, 1 Amber, 0 Red" in text


def test_the_public_reads_no_names_of_people_and_gets_no_buttons(client, maya):
    plan = make_plan(1, P)
    PlanApproval.objects.create(
        plan=plan, time=1, organisation=maya.organisation, person=maya, statement="We approve it."
    )
    reading = read(plan.objectives.get(), "amber")
    shown = page(client, "plan")
    assert "We approve it." in shown.text("main")
    assert "Constabulary" in shown.text("main")
    for name in (maya.name, reading.by.name):
        assert name not in shown.text("main")
    assert not shown.all("main form")
    assert not [link for link in shown.all("main a") if "versions" in link.get("href")]


def test_before_the_first_plan_the_page_says_so(client):
    assert "No plan has been published yet" in page(client, "plan").text("main")


@pytest.mark.parametrize(("status", "answer"), [(D, 404), (W, 404), (A, 404), (P, 200), (S, 200)])
def test_the_public_reads_versions_that_are_or_were_in_force(client, status, answer):
    make_plan(3, status)
    page(client, "past_plan", 3, status=answer)


def test_an_earlier_version_says_that_it_is_no_longer_in_force(client):
    make_plan(1, S)
    make_plan(2, P)
    assert "no longer in force" in page(client, "past_plan", 1).text("main")
    assert page(client, "plan").one(f'main a[href="{reverse("past_plan", args=[1])}"]') is not None


def ready_pdf(plan):
    document = documents.want(services.PLAN_PDF, about=plan, by=None)
    assert documents.make(document.pk)
    return document


def test_anybody_downloads_the_pdf_of_a_published_plan(client):
    plan = make_plan(1, P)
    ready_pdf(plan)
    response = client.get(reverse("plan_pdf", args=[1]))
    assert response["Content-Type"] == "application/pdf"
    assert "partnership-plan-version-1.pdf" in response["Content-Disposition"]
    with pikepdf.open(io.BytesIO(b"".join(response.streaming_content))) as pdf:
        assert str(pdf.docinfo.Title) == "Partnership plan, April 2026 to March 2029"
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_outline() as outline:
            titles = [str(item.title) for item in outline.root[0].children]
        assert titles[:3] == ["Contents", "Values", "Who we are"]


@pytest.mark.parametrize("status", [D, W, A])
def test_the_pdf_of_a_plan_that_is_being_made_is_nobodys(client, signed_in, stella, status):
    plan = make_plan(1, status)
    with pytest.raises(NotPublished):
        plan_pdf(plan)
    Document.objects.create(kind="plan", about=plan, title="Plan", status=DocumentStatus.READY)
    assert client.get(reverse("plan_pdf", args=[1])).status_code == 404


def test_without_its_file_or_before_it_is_made_there_is_no_pdf(client):
    plan = make_plan(1, P)
    assert client.get(reverse("plan_pdf", args=[1])).status_code == 404
    document = ready_pdf(plan)
    Document.objects.get(pk=document.pk).file.delete()
    Document.objects.filter(pk=document.pk).update(file="gone", status=DocumentStatus.READY)
    assert client.get(reverse("plan_pdf", args=[1])).status_code == 404


def test_the_page_costs_the_same_whatever_the_size_of_the_plan(client, django_assert_max_num_queries):
    plan = make_plan()
    for number in range(12):
        priority = PriorityFactory()
        PlanPriority.objects.create(plan=plan, priority=priority)
        read(add_objective(plan, priority=priority), "green")
        PlanSection.objects.create(plan=plan, heading=f"Section {number}")
    put(plan, P)
    with django_assert_max_num_queries(18):
        page(client, "plan")


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_each_sees_the_versions_that_are_theirs_to_see(signed_in, ursula, stella, maya, pat):
    make_plan(1, S)
    make_plan(2, P)
    in_hand = make_plan(3)

    def listed(person):
        cells = page(signed_in(person), "plans").texts("tbody tr td:first-child")
        return [int(cell) for cell in cells]

    assert [listed(person) for person in (ursula, stella, maya, pat)] == [[3, 2, 1], [3, 2, 1], [2, 1], [2, 1]]
    put(in_hand, W)
    assert [listed(person) for person in (maya, pat)] == [[3, 2, 1], [2, 1]]


def test_a_new_version_is_made_from_the_page_and_a_second_is_not(signed_in, ursula):
    make_plan(1, P)
    client = signed_in(ursula)
    days = {"covers_from_day": 1, "covers_from_month": 4, "covers_from_year": 2029}
    days |= {"covers_to_day": 31, "covers_to_month": 3, "covers_to_year": 2032}
    response = post(client, "new_plan_version", title="Next plan", **days)
    assert response.redirect_chain == [(reverse("plan_version", args=[2]), 302)]
    assert "Checklist" in response.content.decode()
    assert "Version 2 is being made already" in page(client, "new_plan_version", status=409).text("main")


def test_a_draft_shows_its_buttons_to_the_unit_only(signed_in, ursula, stella):
    make_plan()
    assert page(signed_in(ursula), "plan_version", 1).all("main .hscp-set-part__actions a")
    assert not page(signed_in(stella), "plan_version", 1).all("main .hscp-set-part__actions a")


# --- Editing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "fields", "model"),
    [
        ("sections", {"heading": "Money", "text": "Shares are agreed."}, PlanSection),
        ("principles", {"text": "We learn."}, PlanPoint),
        ("objectives", {"what": "Aim", "measure": "Count"}, Objective),
    ],
)
def test_parts_are_added_changed_moved_and_removed(signed_in, ursula, part, fields, model):
    plan, client = make_plan(), signed_in(ursula)
    if part == "objectives":
        fields |= {"priority": plan.priorities.get().pk, "lead_group": GroupFactory().pk}
    post(client, "add_plan_part", 1, part, **fields)
    added = model.objects.latest("pk")
    assert added.plan == plan
    for name in set(fields) - {"priority", "lead_group"}:
        assert getattr(added, name) == fields[name]
    if part == "principles":
        assert added.kind == PointKind.PRINCIPLE
        edits.add(PlanPoint(plan=plan, kind=PointKind.PRINCIPLE), by=ursula, text="Another")
    text = "text" if "text" in fields else "measure"
    changed = fields | {text: "Changed", "loaded": loaded_from(added)}
    assert b"has been saved" in post(client, "edit_plan_part", 1, part, added.pk, **changed).content
    assert getattr(model.objects.get(pk=added.pk), text) == "Changed"
    direction = "down" if part == "principles" else "up"
    before = model.objects.get(pk=added.pk).position
    assert (
        f"Moved {direction}".encode() in post(client, "move_plan_part", 1, part, added.pk, direction=direction).content
    )
    assert model.objects.get(pk=added.pk).position == before + (1 if direction == "down" else -1)
    assert post(client, "remove_plan_part", 1, part, added.pk).status_code == 200
    assert not model.objects.filter(pk=added.pk).exists()


def test_milestones_are_added_and_stand_in_the_order_of_their_days(signed_in, ursula):
    plan, client = make_plan(), signed_in(ursula)
    days = {"due_day": 1, "due_month": 5, "due_year": 2026}
    post(client, "add_plan_part", 1, "milestones", what="Begun", **days)
    assert [one.what for one in plan.milestones.all()] == ["Begun", "Leads named"]
    assert client.post(reverse("move_plan_part", args=[1, "milestones", 1]), {"direction": "up"}).status_code == 404


def test_a_part_of_another_plan_or_of_no_kind_is_not_found(signed_in, ursula):
    make_plan(1, P)
    other = make_plan(2).sections.get()
    client = signed_in(ursula)
    page(client, "edit_plan_part", 1, "sections", other.pk, status=404)
    page(client, "add_plan_part", 2, "poems", status=404)


def test_what_lacks_is_said_and_nothing_typed_is_lost(signed_in, ursula):
    make_plan()
    response = post(signed_in(ursula), "add_plan_part", 1, "sections", heading="", text="A long text")
    shown = Markup(response.content)
    assert "Enter the heading" in shown.text(".govuk-error-summary")
    assert shown.text("textarea[name=text]") == "A long text"


def test_a_text_that_may_identify_a_child_is_refused(signed_in, ursula):
    make_plan()
    text = "Ask for the boy at 07700 900123"
    response = post(signed_in(ursula), "add_plan_part", 1, "sections", heading="Help", text=text)
    assert "07700 900123" in Markup(response.content).text(".govuk-error-summary")
    assert not PlanSection.objects.filter(heading="Help").exists()


def test_whoever_saves_a_section_second_is_told_and_neither_text_is_lost(signed_in, ursula):
    section, client = make_plan().sections.get(), signed_in(ursula)
    loaded = loaded_from(section)
    address = ("edit_plan_part", 1, "sections", section.pk)
    post(client, *address, heading="Who we are", text="Written by Ann.", loaded=loaded)
    response = post(client, *address, heading="Who we are", text="Written by Ben.", loaded=loaded)
    shown = Markup(response.content)
    assert "Somebody else changed this" in shown.text(".govuk-error-summary")
    assert "Written by Ann." in shown.text(".hscp-theirs")
    assert shown.text("textarea[name=text]") == "Written by Ben."
    assert section.plan.sections.get().text == "Written by Ann."
    again = shown.one("input[name=loaded]").get("value")
    post(client, *address, heading="Who we are", text="Written by Ben.", loaded=again)
    assert section.plan.sections.get().text == "Written by Ben."


def test_a_part_that_somebody_has_removed_meanwhile_says_so(ursula):
    section = make_plan().sections.get()
    edits.remove(section, by=ursula)
    with pytest.raises(TooLate, match="removed this section"):
        edits.edit(PlanSection(pk=999_999, plan=section.plan), by=ursula, loaded="", heading="x")


@pytest.mark.parametrize("status", [W, A, P, S])
def test_nothing_of_a_plan_that_is_no_draft_is_edited(signed_in, ursula, status):
    plan = make_plan(1, status)
    section = plan.sections.get()
    for call in (
        lambda: edits.edit_plan(plan, by=ursula, loaded=loaded_from(plan), title="New"),
        lambda: edits.add(PlanSection(plan=plan), by=ursula, heading="New", text="New"),
        lambda: edits.edit(section, by=ursula, loaded=loaded_from(section), heading="New"),
        lambda: edits.move(section, by=ursula, up=True),
        lambda: edits.remove(section, by=ursula),
    ):
        with pytest.raises(MoveNotAllowed, match="You cannot change the plan now"):
            call()
    client = signed_in(ursula)
    for name, args in (
        ("edit_plan", ()),
        ("add_plan_part", ("sections",)),
        ("remove_plan_part", ("sections", section.pk)),
    ):
        page(client, name, 1, *args, status=409)


def test_an_objective_serves_a_priority_of_its_plan(ursula):
    plan, stranger = make_plan(), PriorityFactory(name="Something else")
    fields = {"what": "Aim", "measure": "Count", "lead_group": GroupFactory()}
    with pytest.raises(Exception, match="“Something else” is not in this plan"):
        edits.add(Objective(plan=plan), by=ursula, priority=stranger, **fields)
    with pytest.raises(Exception, match="is in this plan already"):
        edits.add(PlanPriority(plan=plan), by=ursula, priority=plan.priorities.get())
    with pytest.raises(Exception, match="It has objectives in this plan"):
        edits.remove(plan.placed_priorities.get(), by=ursula)


def test_an_objective_that_goes_to_another_priority_goes_to_its_end(ursula):
    plan, other = make_plan(), PriorityFactory()
    objective = plan.objectives.get()
    edits.add(PlanPriority(plan=plan), by=ursula, priority=other)
    last = add_objective(plan, priority=other)
    Objective.objects.filter(pk=last.pk).update(position=7)
    moved = edits.edit(objective, by=ursula, loaded=loaded_from(objective), priority=other)
    assert moved.position == 8


def test_the_details_of_a_draft_are_edited_by_one_at_a_time(ursula):
    plan = make_plan()
    loaded = loaded_from(plan)
    edits.edit_plan(plan, by=ursula, loaded=loaded, title="New title")
    with pytest.raises(ChangedMeanwhile):
        edits.edit_plan(plan, by=ursula, loaded=loaded, vision="Our vision")
    with pytest.raises(Exception, match="last day must be after"):
        edits.edit_plan(plan, by=ursula, loaded="", covers_from=date(2026, 4, 1), covers_to=date(2026, 3, 1))


# --- Approval ---------------------------------------------------------------------------------------------------------


def test_before_it_is_sent_the_page_warns_of_what_is_missing_and_does_not_forbid(signed_in, ursula, maya):
    plan = make_plan()
    PlanPriority.objects.create(plan=plan, priority=PriorityFactory(name="Neglect"))
    client = signed_in(ursula)
    shown = page(client, "send_plan", 1).text("main")
    assert "The vision" in shown
    assert "Objectives for “Neglect”" in shown
    assert "Constabulary" in shown
    post(client, "send_plan", 1)
    assert Plan.objects.get().status == W


def test_a_partner_approves_from_the_page(signed_in, maya, chloe):
    make_plan(1, W)
    client = signed_in(maya)
    assert page(client, "plan_version", 1).one(f'main a[href="{reverse("approve_plan", args=[1])}"]') is not None
    form = page(client, "approve_plan", 1)
    assert form.text("textarea[name=statement]") == "Constabulary approves this plan."
    fields = {"organisation": maya.organisation.pk, "statement": "Constabulary approves this plan."}
    assert "Approved. Thank you." in post(client, "approve_plan", 1, **fields).content.decode()
    response = client.post(reverse("approve_plan", args=[1]), fields)
    assert response.status_code == 409
    assert "Maya Member approved the plan for Constabulary" in Markup(response.content).text("main")


def test_a_form_for_another_partner_is_refused(signed_in, maya, chloe):
    make_plan(1, W)
    response = post(signed_in(maya), "approve_plan", 1, organisation=chloe.organisation.pk, statement="Yes")
    assert "There is a problem" in response.content.decode()
    assert not PlanApproval.objects.exists()


def test_who_approves_a_plan_that_was_just_taken_back_is_told_so(signed_in, ursula, maya):
    plan = make_plan(1, W)
    client = signed_in(maya)
    page(client, "approve_plan", 1)
    services.take_back(plan, by=ursula, note="A page is missing")
    response = client.post(
        reverse("approve_plan", args=[1]), {"organisation": maya.organisation.pk, "statement": "Yes"}
    )
    assert response.status_code == 409
    assert "Ursula Unit changed the status to “draft”" in Markup(response.content).text("main")


def test_the_unit_publishes_from_the_page_and_makes_the_pdf_again(signed_in, ursula, maya):
    make_plan(1, P)
    plan, client = make_plan(2, W), signed_in(ursula)
    services.approve(plan, organisation=maya.organisation, by=maya, statement="Yes")
    assert "version 1" in page(client, "publish_plan", 2).text("main")
    assert post(client, "publish_plan", 2).redirect_chain == [(reverse("plan"), 302)]
    post(client, "make_plan_pdf", 2)
    assert Document.objects.count() == 2


# --- Progress ---------------------------------------------------------------------------------------------------------


def test_the_chair_records_progress_from_the_plan(signed_in, chloe, audit_group):
    objective = make_plan(1, P, lead=audit_group).objectives.get()
    client, today = signed_in(chloe), timezone.localdate()
    address = reverse("record_progress", args=[objective.pk])
    assert page(client, "plan").one(f'main a[href="{address}"]') is not None
    day = {"day_day": today.day, "day_month": today.month, "day_year": today.year}
    response = client.post(address, {"rag": "green", "sentence": "It works.", **day}, follow=True)
    assert "It works." in Markup(response.content).text(".hscp-timeline")
    assert Reading.objects.get().by == chloe
    wrong = client.post(address, {"sentence": "It works.", **day})
    assert "Select where the objective stands" in Markup(wrong.content).text(".govuk-error-summary")


def test_an_objective_shows_its_line_and_says_when_a_reading_is_due(signed_in, ursula, pat):
    objective = put(make_plan(), P, days_ago=300).objectives.get()
    read(objective, "red", days_ago=200, sentence="Nobody leads yet.")
    text = page(signed_in(ursula), "objective", objective.pk).text("main")
    assert "There has been no reading for 90 days." in text
    assert "Nobody leads yet." in text
    assert "Record progress" in text
    assert "Record progress" not in page(signed_in(pat), "objective", objective.pk).text("main")


def test_progress_of_a_plan_that_was_replaced_is_not_recorded(signed_in, ursula):
    objective = make_plan(1, S).objectives.get()
    page(signed_in(ursula), "record_progress", objective.pk, status=409)


def test_a_milestone_is_recorded_from_the_plan(signed_in, ursula):
    plan = make_plan(1, P)
    milestone, client = plan.milestones.get(), signed_in(ursula)
    day = timezone.localdate() - timedelta(days=2)
    fields = {"met_on_day": day.day, "met_on_month": day.month, "met_on_year": day.year}
    post(client, "record_milestone", 1, milestone.pk, **fields)
    milestone.refresh_from_db()
    assert milestone.met_on == day
    assert "Met" in page(client, "plan_version", 1).text(f"#milestone-{milestone.pk}")


def test_the_history_of_a_plan_has_the_changes_of_its_parts(signed_in, ursula, stella):
    section = make_plan().sections.get()
    edits.edit(section, by=ursula, loaded=loaded_from(section), text="We are four partners.")
    edits.remove(section.plan.points.get(), by=ursula)
    text = page(signed_in(stella), "history", "partnership", "plan", section.plan.pk).text("main")
    assert "Section changed: Who we are" in text
    assert "We are four partners." in text
    assert "Point removed: We listen." in text


def test_what_a_draft_said_is_not_for_everybody_who_reads_the_plan(signed_in, pat, stella):
    plan = make_plan(1, P)
    client = signed_in(pat)
    assert "History" not in page(client, "plan_version", 1).text("main")
    page(client, "history", "partnership", "plan", plan.pk, status=403)
    assert "History" in page(signed_in(stella), "plan_version", 1).text("main")


def test_an_address_that_names_an_impossible_priority_opens_the_form_all_the_same(signed_in, ursula):
    make_plan(1)
    address = reverse("add_plan_part", args=[1, "objectives"])
    assert signed_in(ursula).get(address, {"priority": "\0"}).status_code == 200


def test_why_a_plan_was_taken_back_is_for_the_partners_and_not_for_everybody(signed_in, ursula, pat, maya):
    plan = make_plan(1, W)
    services.take_back(plan, by=ursula, note="The police want another word")
    put(plan, P)
    assert "The police want another word" in page(signed_in(maya), "plan_version", 1).text("main")
    text = page(signed_in(pat), "plan_version", 1).text("main")
    assert "Take the plan back to draft" in text
    assert "The police want another word" not in text
