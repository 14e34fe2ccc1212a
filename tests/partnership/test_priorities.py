"""The priorities: their list, one's page with what every app knows is done about it, and changes to them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from partnership.choices import PlanStatus
from partnership.engine.editing import ChangedMeanwhile
from partnership.models import Action, Priority
from partnership.services import priorities as services
from partnership.services.parts import loaded_from
from tests.factories import PriorityFactory
from tests.markup import Markup
from tests.partnership.plans import add_objective, make_plan, put, read

pytestmark = pytest.mark.django_db


def page(client, name, *args, status=200):
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return Markup(response.content)


def test_the_list_tells_those_of_today_from_those_to_come_and_those_that_have_ended(client):
    today = timezone.localdate()
    PriorityFactory(name="Gangs", starts=None)
    PriorityFactory(name="Neglect", ends=today + timedelta(days=1))
    PriorityFactory(name="Online", starts=today + timedelta(days=1))
    PriorityFactory(name="Toxic trio", ends=today)
    shown = page(client, "priorities")
    assert shown.texts("main h2") == ["Gangs", "Neglect", "To come", "Earlier priorities"]


def test_an_empty_list_says_what_to_do(client):
    assert "There is no priority at the moment" in page(client, "priorities").text("main")


def test_the_public_reads_what_a_priority_is_about_and_where_its_objectives_stand(client, audit_group):
    priority = PriorityFactory(name="Neglect", summary="Children at home.\n\n- early\n- well")
    plan = make_plan(1, PlanStatus.PUBLISHED, priority=priority, lead=audit_group)
    read(plan.objectives.get(), "red", sentence="No lead yet.")
    Action.objects.create(group=audit_group, what="Find a lead", due=timezone.localdate(), serves=priority)
    shown = page(client, "priority", priority.slug)
    assert shown.texts("main ul.govuk-list--bullet li") == ["early", "well"]
    text = shown.text("main")
    assert "Red No lead yet. Performance and Audit Group leads." in text
    assert "Leads named" in text
    assert "Find a lead" not in text


def test_who_is_signed_in_sees_what_else_is_done_as_far_as_it_is_theirs(signed_in, maya, pat, audit_group):
    priority = PriorityFactory()
    Action.objects.create(group=audit_group, what="Find a lead", due=timezone.localdate(), serves=priority)
    assert "Find a lead" in page(signed_in(maya), "priority", priority.slug).text("main")
    text = page(signed_in(pat), "priority", priority.slug).text("main")
    assert "Find a lead" not in text
    assert "Nothing is recorded about this priority yet" in text


def test_the_objectives_of_the_plan_in_force_alone_count(client):
    priority = PriorityFactory()
    make_plan(1, PlanStatus.SUPERSEDED, priority=priority)
    make_plan(2, PlanStatus.WITH_PARTNERS, priority=priority)
    assert "Nothing is recorded" in page(client, "priority", priority.slug).text("main")


def test_a_page_costs_the_same_whatever_is_done_about_it(client, django_assert_max_num_queries):
    priority = PriorityFactory()
    plan = make_plan(priority=priority)
    for _ in range(12):
        read(add_objective(plan), "green")
    put(plan, PlanStatus.PUBLISHED)
    with django_assert_max_num_queries(12):
        page(client, "priority", priority.slug)


def test_an_unknown_one_is_not_found(client):
    page(client, "priority", "poems", status=404)


# --- Changes ----------------------------------------------------------------------------------------------------------


def test_the_unit_adds_a_priority_under_an_address_made_from_its_name(signed_in, ursula):
    PriorityFactory(slug="gangs")
    client = signed_in(ursula)
    response = client.post(reverse("add_priority"), {"name": "Gangs!", "summary": "Young people."}, follow=True)
    added = Priority.objects.get(name="Gangs!")
    assert response.redirect_chain == [(reverse("priority", args=["gangs-2"]), 302)]
    assert added.order == 1
    twin = client.post(reverse("add_priority"), {"name": " gangs! ", "summary": "Young people."})
    assert "There is a priority of this name already" in Markup(twin.content).text(".govuk-error-summary")


@pytest.mark.parametrize(("name", "slug"), [("Add", "add-2"), ("§§", "priority"), ("x" * 150, "x" * 70)])
def test_any_name_makes_an_address(ursula, name, slug):
    assert services.add_priority(by=ursula, name=name, summary="About").slug == slug


def test_a_priority_is_reworded_by_one_at_a_time_and_keeps_its_address(ursula):
    priority = PriorityFactory(slug="gangs")
    loaded = loaded_from(priority)
    changed = services.edit_priority(priority, by=ursula, loaded=loaded, name="Gangs and knives", summary="Both")
    assert (changed.name, changed.slug) == ("Gangs and knives", "gangs")
    with pytest.raises(ChangedMeanwhile):
        services.edit_priority(priority, by=ursula, loaded=loaded, name="Knives", summary="One")


def test_a_priority_ends_and_may_go_on_after_all(signed_in, ursula):
    today = timezone.localdate()
    priority, client = PriorityFactory(starts=today - timedelta(days=9)), signed_in(ursula)
    day = {"ends_day": today.day, "ends_month": today.month, "ends_year": today.year}
    client.post(reverse("end_priority", args=[priority.slug]), day)
    assert "Ended" in page(client, "priority", priority.slug).text("main")
    client.post(reverse("end_priority", args=[priority.slug]), {})
    priority.refresh_from_db()
    assert priority.ends is None
    with pytest.raises(ValidationError, match="It must end after the day on which it began"):
        services.end_priority(priority, by=ursula, ends=priority.starts)


def test_nobody_but_the_unit_changes_priorities(stella, maya):
    priority = PriorityFactory()
    for person in (stella, maya):
        for change in (
            lambda person=person: services.add_priority(by=person, name="New", summary="New"),
            lambda person=person: services.edit_priority(priority, by=person, loaded="", name="New"),
            lambda person=person: services.end_priority(priority, by=person, ends=None),
        ):
            with pytest.raises(PermissionDenied):
                change()
