"""What published arrangements must contain: the list, and which sections of a plan answer it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from partnership import plan as reads
from partnership.choices import PlanStatus
from partnership.models import ArrangementItem, PlanSection
from partnership.services import checklist as services
from partnership.services.parts import loaded_from
from partnership.services.plan import answer_item
from tests.markup import Markup
from tests.partnership.plans import make_plan

pytestmark = pytest.mark.django_db


def page(client, name, *args, status=200):
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return Markup(response.content)


def texts():
    return list(ArrangementItem.objects.values_list("code", flat=True))


def test_the_list_comes_from_a_file_and_says_what_is_still_to_be_checked(signed_in, ursula):
    client = signed_in(ursula)
    assert "The checklist is empty" in page(client, "checklist").text("main")
    response = client.post(reverse("load_checklist"), follow=True)
    assert "13 items added" in response.content.decode()
    items = {item.code: item for item in ArrangementItem.objects.all()}
    assert items["independent-scrutiny"].source == "Working Together to Safeguard Children, edition of 2018"
    checked = {code for code, item in items.items() if not item.to_check}
    assert {"partners-and-area", "training"} <= checked
    assert not checked & {"funding", "thresholds", "voice-of-children", "review-of-arrangements"}


def test_loading_again_brings_only_what_is_missing_and_keeps_what_was_reworded(ursula):
    services.load(by=ursula)
    item = ArrangementItem.objects.get(code="funding")
    services.edit_item(item, by=ursula, loaded=loaded_from(item), text="Who pays", source="2023", to_check=False)
    services.remove_item(ArrangementItem.objects.get(code="training"), by=ursula)
    assert services.load(by=ursula) == 1
    item.refresh_from_db()
    assert (item.text, item.to_check) == ("Who pays", False)
    assert texts()[-1] == "training"


def test_items_are_added_moved_and_removed_by_the_unit(signed_in, ursula):
    client = signed_in(ursula)
    for text in ("Who pays", "Who pays", "When it is reviewed"):
        client.post(reverse("add_checklist_item"), {"text": text, "source": "Guidance of 2023"})
    assert texts() == ["who-pays", "who-pays-2", "when-it-is-reviewed"]
    last = ArrangementItem.objects.last()
    client.post(reverse("move_checklist_item", args=[last.pk]), {"direction": "up"})
    assert texts() == ["who-pays", "when-it-is-reviewed", "who-pays-2"]
    client.post(
        reverse("edit_checklist_item", args=[last.pk]), {"text": "When", "source": "G", "loaded": loaded_from(last)}
    )
    client.post(reverse("remove_checklist_item", args=[ArrangementItem.objects.first().pk]))
    assert [item.text for item in ArrangementItem.objects.all()] == ["When", "Who pays"]


def test_nobody_else_changes_it(stella, maya):
    item = ArrangementItem.objects.create(code="who", text="Who", source="Guidance")
    plan = make_plan()
    for person in (stella, maya):
        for change in (
            lambda person=person: services.load(by=person),
            lambda person=person: services.add_item(by=person, text="New", source="New"),
            lambda person=person: services.edit_item(item, by=person, loaded="", text="New"),
            lambda person=person: services.move_item(item, by=person, up=True),
            lambda person=person: services.remove_item(item, by=person),
            lambda person=person: answer_item(item, plan, by=person, sections=[]),
        ):
            with pytest.raises(PermissionDenied):
                change()


def test_each_item_shows_the_sections_that_answer_it(signed_in, ursula):
    services.load(by=None)
    plan, client = make_plan(), signed_in(ursula)
    assert "13 of 13 items are not answered" in page(client, "plan_checklist", 1).text("main")
    item, section = ArrangementItem.objects.first(), plan.sections.get()
    client.post(reverse("answer_plan_item", args=[1, item.pk]), {"sections": [section.pk]})
    shown = page(client, "plan_checklist", 1)
    assert "12 of 13 items are not answered" in shown.text("main")
    assert "Who we are" in shown.text(f"#item-{item.pk}")
    assert reads.unanswered(plan).count() == 12
    client.post(reverse("answer_plan_item", args=[1, item.pk]), {})
    assert not section.answers.exists()


def test_what_one_version_answers_is_not_the_next_versions_answer(ursula):
    item = ArrangementItem.objects.create(code="who", text="Who", source="Guidance")
    old, new = make_plan(1, PlanStatus.PUBLISHED), make_plan(2)
    answer_item(item, old, by=ursula, sections=[old.sections.get().pk])
    assert list(reads.unanswered(new)) == [item]
    assert not reads.unanswered(old).exists()
    answer_item(item, new, by=ursula, sections=[new.sections.get().pk])
    assert item.sections.count() == 2
    with pytest.raises(ValidationError, match="Somebody has removed one of these sections"):
        answer_item(item, new, by=ursula, sections=[old.sections.get().pk])


def test_what_is_unanswered_is_shown_before_the_plan_is_sent(signed_in, ursula, maya):
    ArrangementItem.objects.create(code="who", text="Who the partners are", source="Guidance")
    make_plan()
    assert "Who the partners are" in page(signed_in(ursula), "send_plan", 1).text("main .govuk-inset-text")
    assert "1 item unanswered" in page(signed_in(ursula), "plan_version", 1).text("main")


def test_the_page_costs_the_same_whatever_its_length(signed_in, ursula, django_assert_max_num_queries):
    services.load(by=None)
    plan, client = make_plan(), signed_in(ursula)
    for number in range(9):
        section = PlanSection.objects.create(plan=plan, heading=f"Section {number}")
        section.answers.add(*ArrangementItem.objects.all())
    with django_assert_max_num_queries(12):
        page(client, "plan_checklist", 1)
