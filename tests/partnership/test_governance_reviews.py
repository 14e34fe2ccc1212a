"""Reviews of the arrangements: planned, their scope decided, reported, and what became of it."""

import io
from datetime import date, timedelta

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from partnership.choices import ActionPriority, DocumentStatus, ReviewStatus, Verdict
from partnership.engine import documents
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.models import Action, GovernanceReview, ReviewItem
from partnership.services import reviews as services
from partnership.services.parts import loaded_from
from tests.factories import GroupFactory, seat
from tests.markup import Markup
from tests.partnership.plans import make_review

pytestmark = pytest.mark.django_db

PLANNED, UNDER_WAY, REPORTED, CLOSED = ReviewStatus


@pytest.fixture
def review(audit_group):
    """Under way, by the audit group."""
    return make_review(UNDER_WAY, group=audit_group)


def add(review, by, subject="What stays, what goes?", verdict=Verdict.STOP, reason="Twice the same work."):
    return services.add_item(review, by=by, subject=subject, verdict=verdict, reason=reason)


def page(client, review, status=200):
    response = client.get(review.get_absolute_url())
    assert response.status_code == status
    return Markup(response.content)


# --- Who reads, who writes --------------------------------------------------------------------------------------------


def test_members_of_groups_and_scrutineers_read_it_and_nobody_else(
    signed_in, client, ursula, stella, maya, pat, review
):
    for person in (ursula, stella, maya):
        assert "Review of the board" in page(signed_in(person), review).text("h1")
    page(signed_in(pat), review, status=404)
    assert "There is no review that you can read" in Markup(
        signed_in(pat).get(reverse("governance_reviews")).content
    ).text("main")


def test_the_public_does_not_read_one_that_has_reported(client, audit_group):
    response = client.get(make_review(REPORTED, group=audit_group).get_absolute_url())
    assert response.status_code == 302


def test_the_group_writes_it_with_the_unit_and_a_scrutineer_on_the_group_does_not(ursula, stella, maya, chloe, review):
    seat(stella, review.group, organisation=maya.organisation)
    assert [add(review, person).position for person in (ursula, maya)] == [1, 2]
    other = make_review(UNDER_WAY, group=GroupFactory())
    for person, its in ((stella, review), (maya, other)):
        with pytest.raises(PermissionDenied):
            add(its, person)


def test_members_do_not_hand_it_to_another_group(ursula, maya, review):
    other = GroupFactory()
    with pytest.raises(ValidationError) as refused:
        services.edit_review(review, by=maya, loaded=loaded_from(review), title="New title", group=other)
    assert "group" in refused.value.message_dict
    services.edit_review(review, by=maya, loaded=loaded_from(review), title="New title", group=review.group)
    review.refresh_from_db()
    services.edit_review(review, by=ursula, loaded=loaded_from(review), group=other)


def test_only_the_unit_plans_and_moves_it(maya, stella, review):
    days = {"starts": date(2026, 1, 1), "target_end": date(2026, 6, 1)}
    for person in (maya, stella):
        with pytest.raises(PermissionDenied):
            services.plan_review(by=person, title="New", terms_of_reference="Text", group=None, **days)
        with pytest.raises(PermissionDenied):
            services.close_review(review, by=person)


# --- Planning ---------------------------------------------------------------------------------------------------------


def test_the_unit_plans_a_review_from_the_page(signed_in, ursula, audit_group):
    client = signed_in(ursula)
    fields = {"title": "Review of 2026", "terms_of_reference": "What stays?", "group": audit_group.pk}
    for name, year in (("starts", 2026), ("target_end", 2026)):
        fields |= {f"{name}_day": 1, f"{name}_month": 6, f"{name}_year": year}
    address = reverse("add_governance_review")
    wrong = client.post(address, fields)
    assert "The day to report by must be after the first day" in Markup(wrong.content).text(".govuk-error-summary")
    client.post(address, fields | {"target_end_month": 12})
    made = GovernanceReview.objects.get()
    assert (made.status, made.group, made.created_by) == (PLANNED, audit_group, ursula)
    assert "The scope is empty" in page(client, made).text("main")


def test_two_who_change_it_at_once_are_told(ursula, review):
    loaded = loaded_from(review)
    services.edit_review(review, by=ursula, loaded=loaded, title="New title")
    with pytest.raises(ChangedMeanwhile):
        services.edit_review(review, by=ursula, loaded=loaded, title="Other title")


# --- The scope --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [Verdict.STOP, Verdict.START, Verdict.CONTINUE])
def test_a_verdict_always_has_a_reason(ursula, review, verdict):
    with pytest.raises(ValidationError, match="Enter the reason for the verdict"):
        add(review, ursula, verdict=verdict, reason=" ")
    with pytest.raises(IntegrityError, match="reviewitem_verdict_has_a_reason"), transaction.atomic():
        ReviewItem.objects.create(review=review, subject="x", verdict=verdict)


def test_an_item_may_wait_for_its_verdict(ursula, review):
    assert add(review, ursula, verdict=Verdict.UNDECIDED, reason="").verdict == Verdict.UNDECIDED


def test_items_are_changed_moved_and_removed_from_the_page(signed_in, maya, review):
    first, second = add(review, maya), add(review, maya, subject="Footprint")
    client = signed_in(maya)
    fields = {"subject": "Footprint", "verdict": "continue", "reason": "It works.", "loaded": loaded_from(second)}
    client.post(reverse("edit_review_item", args=[review.pk, second.pk]), fields)
    client.post(reverse("move_review_item", args=[review.pk, second.pk]), {"direction": "up"})
    assert [item.reason for item in review.items.all()] == ["It works.", "Twice the same work."]
    stale = client.post(reverse("edit_review_item", args=[review.pk, second.pk]), fields | {"reason": "It is cheap."})
    assert "It works." in Markup(stale.content).text(".hscp-theirs")
    client.post(reverse("remove_review_item", args=[review.pk, first.pk]))
    assert review.items.get() == second
    with pytest.raises(TooLate, match="Somebody has removed this item"):
        services.edit_item(
            ReviewItem(pk=first.pk or 999_999, review=review), by=maya, loaded="", verdict="stop", reason="x"
        )


def test_an_item_of_another_review_is_not_found(signed_in, ursula, review):
    other = add(make_review(UNDER_WAY), ursula)
    response = signed_in(ursula).get(reverse("edit_review_item", args=[review.pk, other.pk]))
    assert response.status_code == 404


def test_what_became_of_an_item_names_groups_and_actions(signed_in, maya, review, constabulary):
    item, client = add(review, maya), signed_in(maya)
    merged = GroupFactory(name="Improving Outcomes", ends=date(2020, 4, 1), merged_into=review.group)
    fields = {"outcome": "One group now.", "merged_group": merged.pk, "loaded": loaded_from(item)}
    client.post(reverse("follow_up_review_item", args=[review.pk, item.pk]), fields)
    due = timezone.localdate() + timedelta(days=30)
    days = {"due_day": due.day, "due_month": due.month, "due_year": due.year}
    address = reverse("open_review_action", args=[review.pk, item.pk])
    asked = {"what": "Tell the members", "priority": "high", **days}
    both = client.post(address, asked | {"group": review.group.pk, "organisation": constabulary.pk})
    assert "Select either a group or an organisation" in Markup(both.content).text(".govuk-error-summary")
    client.post(address, asked | {"organisation": constabulary.pk})
    action = Action.objects.get()
    assert (action.source, action.organisation, action.priority) == (item, constabulary, ActionPriority.HIGH)
    text = page(client, review).text(f"#item-{item.pk}")
    assert "Merged: Improving Outcomes into Performance and Audit Group" in text
    assert "Action of Constabulary: Tell the members" in text
    with pytest.raises(ValidationError, match="Actions came of this item, so it stays"):
        services.remove_item(item, by=maya)


# --- Its life ---------------------------------------------------------------------------------------------------------


def test_it_reports_once_every_item_has_a_verdict_and_the_report_is_made(signed_in, ursula, review):
    with pytest.raises(ValidationError, match="There is nothing to report"):
        services.report_review(review, by=ursula)
    add(review, ursula)
    waiting = add(review, ursula, subject="Footprint", verdict=Verdict.UNDECIDED, reason="")
    client, address = signed_in(ursula), reverse("report_governance_review", args=[review.pk])
    assert "1 item has no verdict yet" in client.post(address).content.decode()
    services.edit_item(
        waiting, by=ursula, loaded=loaded_from(waiting), subject="F", verdict=Verdict.START, reason="Why"
    )
    client.post(address)
    review.refresh_from_db()
    assert (review.status, review.reported_on) == (REPORTED, timezone.localdate())
    assert client.post(address).status_code == 409
    document = documents.latest(services.REVIEW_PDF, about=review)
    assert documents.make(document.pk)
    response = client.get(reverse("document", args=[document.pk]))
    with pikepdf.open(io.BytesIO(b"".join(response.streaming_content))) as pdf:
        assert str(pdf.docinfo.Title) == "Review of the board"
        with pdf.open_outline() as outline:
            assert str(outline.root[0].children[0].title) == "Terms of reference"


@pytest.mark.parametrize(
    ("status", "writes", "follows_up"),
    [(PLANNED, True, False), (UNDER_WAY, True, True), (REPORTED, False, True), (CLOSED, False, False)],
)
def test_verdicts_are_open_until_it_reports_and_outcomes_until_it_is_closed(maya, review, status, writes, follows_up):
    item = add(review, maya)
    GovernanceReview.objects.filter(pk=review.pk).update(status=status, reported_on=date(2018, 6, 28))
    loaded, partner = loaded_from(item), {"owner": review.group, "what": "Do", "due": date(2027, 1, 1)}
    changes = {
        lambda: services.edit_item(item, by=maya, loaded=loaded, verdict=Verdict.START, reason="Why"): writes,
        lambda: add(review, maya): writes,
        lambda: services.move_item(item, by=maya, up=True): writes,
        lambda: services.open_item_action(item, by=maya, priority=ActionPriority.LOW, **partner): follows_up,
        lambda: services.follow_up(
            ReviewItem.objects.get(pk=item.pk),
            by=maya,
            loaded=loaded_from(ReviewItem.objects.get(pk=item.pk)),
            outcome="x",
        ): follows_up,
    }
    for change, allowed in changes.items():
        if allowed:
            change()
        else:
            with pytest.raises(MoveNotAllowed):
                change()


def test_the_report_is_made_again_by_those_who_write_it(maya, stella, review):
    with pytest.raises(MoveNotAllowed):
        services.make_report(review, by=maya)
    GovernanceReview.objects.filter(pk=review.pk).update(status=CLOSED, reported_on=date(2018, 6, 28))
    assert services.make_report(review, by=maya).status == DocumentStatus.WANTED
    with pytest.raises(PermissionDenied):
        services.make_report(review, by=stella)


def test_the_page_costs_the_same_whatever_the_scope(signed_in, ursula, review, django_assert_max_num_queries):
    for _ in range(12):
        item = add(review, ursula)
        Action.objects.create(group=review.group, what="Do", due=date(2027, 1, 1), source=item)
    client = signed_in(ursula)
    with django_assert_max_num_queries(14):
        page(client, review)
