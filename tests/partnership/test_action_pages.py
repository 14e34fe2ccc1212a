"""The pages of the tracker: what each person finds on them, what can be pressed, what wrong input gets."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from partnership import actions as reads
from partnership.choices import ActionPriority, ActionStatus
from partnership.models import Action, ActionReminders, OutgoingMessage, User
from partnership.services import actions
from tests.factories import GroupFactory, OrganisationFactory, PriorityFactory, UserFactory, open_return, seat

TODAY = timezone.localdate


def days(number):
    return TODAY() + timedelta(days=number)


def make(owner, what="Audit ten files", *, due=None, **fields):
    return actions.open_action(owner, what=what, due=due or days(20), source=None, by=None, **fields)


def typed_date(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def form_of(action, **changes):
    """What the form of ``action`` posts, with ``changes``."""
    fields = {
        "what": action.what,
        "owner": reads.owner_key(action.owner),
        "person": action.person_id or "",
        "who": action.who,
        "priority": action.priority,
        "serves": action.serves_id or "",
        "reason": "",
        "loaded": reads.fingerprint(action),
    }
    return fields | typed_date("due", changes.pop("due", action.due)) | changes


def listed(client, query=""):
    """What the list shows with this query, in its order."""
    response = client.get(f"{reverse('actions')}{query}")
    assert response.status_code == 200
    return [action.what for action in response.context["page_obj"]]


@pytest.fixture
def action(audit_group, maya, chloe):
    return make(audit_group, person=maya)


def page(client, name, record, **kwargs):
    return client.get(reverse(name, args=[record.pk]), **kwargs)


# The list


@pytest.fixture
def several(audit_group, constabulary, oak_lane, maya, chloe):
    """Actions of every kind of owner, in every status."""
    make(audit_group, "Late and mine", due=days(-3), person=maya)
    make(audit_group, "The chair’s", due=days(5), priority=ActionPriority.HIGH)
    make(constabulary, "Of the police", due=days(1), serves=PriorityFactory(name="Gangs"))
    make(oak_lane.organisation, "Of a school", due=days(9))
    actions.complete_action(make(audit_group, "Done", person=maya), by=maya, evidence="Minutes")
    actions.cancel_action(make(audit_group, "Given up"), by=chloe, note="No use")


def test_a_person_comes_to_what_is_theirs_and_has_tabs_for_the_rest(signed_in, maya, several):
    client = signed_in(maya)
    assert listed(client) == ["Late and mine", "Of the police"]
    assert listed(client, "?view=groups") == ["Late and mine", "The chair’s"]
    assert listed(client, "?view=overdue") == ["Late and mine"]
    assert listed(client, "?view=all") == ["Late and mine", "Of the police", "The chair’s"]
    tabs = client.get(reverse("actions")).context["tabs"]
    assert [(tab.label, tab.number, tab.is_chosen) for tab in tabs] == [
        ("Mine", 2, True),
        ("My groups’", 2, False),
        ("Overdue", 1, False),
        ("All", 3, False),
    ]


def test_the_business_unit_and_the_scrutineer_come_to_the_partnerships_own_and_what_schools_have_is_counted_apart(
    signed_in, ursula, stella, several, oak_lane
):
    for what in ("Late", "Later still"):
        make(oak_lane.organisation, what, due=days(-9))
    for person in (ursula, stella):
        client = signed_in(person)
        assert listed(client) == ["Late and mine", "Of the police", "The chair’s"]
        tabs = client.get(reverse("actions")).context["tabs"]
        assert [(tab.label, tab.number) for tab in tabs if tab.label != "Mine"] == [
            ("The partnership’s", 3),
            ("The partnership’s overdue", 1),
            ("Schools’ overdue", 2),
            ("All", 6),
        ]
        assert all(len(listed(client, tab.url)) == tab.number for tab in tabs)


def test_a_filter_in_the_address_looks_among_all(signed_in, ursula, maya, several, audit_group, oak_lane):
    """As the links on the pages of groups and schools mean it."""
    assert listed(signed_in(ursula), f"?organisation={oak_lane.organisation.pk}") == ["Of a school"]
    assert listed(signed_in(maya), f"?group={audit_group.pk}") == ["Late and mine", "The chair’s"]


def test_a_group_without_actions_has_an_empty_list_not_everybodys(signed_in, ursula, several):
    assert listed(signed_in(ursula), f"?group={GroupFactory().pk}") == []


def test_who_has_no_actions_is_told_what_appears_there(signed_in, pat):
    text = signed_in(pat).get(reverse("actions")).content.decode()
    assert "There are no actions for you to see yet" in text
    assert "Download" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=done", ["Done"]),
        ("?status=cancelled", ["Given up"]),
        ("?priority=high", ["The chair’s"]),
        ("?organisation=schools", ["Of a school"]),
        ("?q=POLICE", ["Of the police"]),
        ("?q=oak+school", ["Of a school"]),
        ("?source=none&view=partnership_overdue", ["Late and mine"]),
        ("?view=all&sort=-due", ["Of a school", "The chair’s", "Of the police", "Late and mine"]),
        ("?view=all&sort=priority", ["The chair’s", "Late and mine", "Of the police", "Of a school"]),
        ("?view=all&sort=owner", ["Of the police", "Of a school", "Late and mine", "The chair’s"]),
        ("?status=nonsense&sort=nonsense&view=nonsense&group=x&person=999999", None),
        ("?page=99&q=%00%22%27", None),
    ],
)
def test_the_list_is_filtered_and_sorted(signed_in, ursula, several, query, found):
    client = signed_in(ursula)
    names = listed(client, query)
    assert found is None or names == found


def test_the_list_is_filtered_by_owner_person_priority_and_source(
    signed_in, ursula, several, maya, audit_group, constabulary
):
    client = signed_in(ursula)
    gangs = Action.objects.get(what="Of the police").serves_id
    assert listed(client, f"?group={audit_group.pk}") == ["Late and mine", "The chair’s"]
    assert listed(client, f"?organisation={constabulary.pk}") == ["Of the police"]
    assert listed(client, f"?person={maya.pk}") == ["Late and mine"]
    assert listed(client, f"?serves={gangs}") == ["Of the police"]
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert listed(client, "?person=left") == ["Late and mine"]
    assert "Has left" in client.get(f"{reverse('actions')}?person=left").content.decode()


def test_the_filters_name_nobody_whose_actions_one_does_not_see(signed_in, maya, several, health_board):
    make(health_board, "Secret", person=UserFactory(name="Hidden Person"))
    text = signed_in(maya).get(reverse("actions")).content.decode()
    assert "Hidden Person" not in text
    assert "Integrated Care Board" not in text


def test_the_list_costs_the_same_with_more_actions(
    signed_in, ursula, audit_group, constabulary, oak_lane, maya, django_assert_max_num_queries
):
    client = signed_in(ursula)

    def cost():
        with django_assert_max_num_queries(30) as counted:
            client.get(reverse("actions"))
        return len(counted)

    def add(number):
        for owner in (audit_group, constabulary, oak_lane.organisation):
            for _ in range(number):
                make(owner, person=UserFactory() if number > 1 else maya, serves=PriorityFactory())

    add(1)
    client.get(reverse("actions"))
    before = cost()
    add(8)
    assert cost() == before


def test_the_list_goes_out_as_csv_and_xlsx_with_its_filters(signed_in, ursula, several):
    make(OrganisationFactory(name="Council"), "=HYPERLINK(1)", due=days(2))
    client = signed_in(ursula)
    query = "?view=all&organisation=&q=council"
    response = client.get(reverse("export_actions", args=["csv"]) + query)
    rows = list(csv.DictReader(StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [(row["Action"], row["Owner"], row["Overdue"]) for row in rows] == [("'=HYPERLINK(1)", "Council", "No")]
    response = client.get(reverse("export_actions", args=["xlsx"]) + "?view=all&status=any")
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    assert sheet.max_row == 8
    assert {row[9].value for row in sheet.iter_rows(min_row=2)} == {"Not started", "Done", "Cancelled"}


def test_by_owner_there_is_a_table_that_leads_to_the_actions(
    signed_in, ursula, several, constabulary, django_assert_max_num_queries
):
    client = signed_in(ursula)
    with django_assert_max_num_queries(16):
        response = client.get(reverse("actions_by_owner") + "?by=group")
    assert [(row.owner, row.unfinished, row.overdue, row.done) for row in response.context["page_obj"]] == [
        ("Performance and Audit Group", 2, 1, 1)
    ]
    text = client.get(reverse("actions_by_owner") + "?by=nonsense").content.decode()
    assert f"?view=all&amp;organisation={constabulary.pk}" in text
    assert "Oak Lane School" in client.get(reverse("actions_by_owner") + "?by=school").content.decode()


def test_the_table_by_owner_says_so_where_there_is_nothing(signed_in, pat):
    assert "None of these has an action" in signed_in(pat).get(reverse("actions_by_owner")).content.decode()


# One action


def test_the_page_of_an_action_tells_its_story(signed_in, action, maya, chloe):
    actions.start_action(action, by=maya)
    actions.add_note(action, by=maya, text="Five <b>files</b> are read")
    actions.redate_actions([action], by=chloe, due=days(30), reason="More files came in")
    text = page(signed_in(maya), "action", action).content.decode()
    assert "Five &lt;b&gt;files&lt;/b&gt; are read" in text
    assert text.index("More files came in") < text.index("Five &lt;b&gt;") < text.index("Work has begun")
    assert f'id="note-{action.notes.first().pk}"' in text
    assert "Performance and Audit Group" in text


@pytest.mark.parametrize(
    ("person", "offered"),
    [
        ("maya", {"complete", "note", "start"}),
        ("chloe", {"complete", "note", "start", "change", "cancel"}),
        ("ursula", {"complete", "note", "start", "change", "cancel"}),
        ("stella", set()),
    ],
)
def test_each_is_offered_what_they_may_do(request, signed_in, action, person, offered):
    may = page(signed_in(request.getfixturevalue(person)), "action", action).context["may"]
    assert {name for name, is_so in may.items() if is_so} == offered


def test_an_action_that_is_done_can_only_be_reopened(signed_in, action, maya, ursula):
    actions.complete_action(action, by=maya, evidence="The report of May")
    response = page(signed_in(ursula), "action", action)
    assert {name for name, is_so in response.context["may"].items() if is_so} == {"reopen"}
    assert "The report of May" in response.content.decode()
    for name in ("complete_action", "cancel_action", "start_action", "add_action_note", "change_action"):
        assert page(signed_in(ursula), name, action).status_code == 409


def test_the_page_says_that_the_person_has_left(signed_in, action, maya, ursula):
    User.objects.filter(pk=maya.pk).update(is_active=False)
    text = page(signed_in(ursula), "action", action).content.decode()
    assert "Maya Member has left. Change the action and name somebody else." in text


def test_an_action_of_a_return_leads_back_to_it(signed_in, oak_lane, dan):
    record = open_return(oak_lane)
    answer = record.answers.create(question=record.collection.question_set.questions.first())
    action = actions.open_action(oak_lane.organisation, what="Train", due=days(9), source=answer, by=dan)
    text = page(signed_in(dan), "action", action).content.decode()
    assert f'href="{record.get_absolute_url()}"' in text
    assert listed(signed_in(dan), f"?source={action.source_type_id}") == ["Train"]


def test_the_page_costs_the_same_with_a_longer_story(signed_in, action, maya, django_assert_max_num_queries):
    client = signed_in(maya)

    def cost():
        with django_assert_max_num_queries(30) as counted:
            page(client, "action", action)
        return len(counted)

    actions.add_note(action, by=maya, text="One")
    page(client, "action", action)
    before = cost()
    for _ in range(5):
        actions.add_note(action, by=maya, text="More")
    assert cost() == before


# Carrying on


def test_a_member_starts_notes_and_completes(signed_in, action, maya):
    client = signed_in(maya)
    for name, typed in (
        ("start_action", {}),
        ("add_action_note", {"text": "Five are read"}),
        ("complete_action", {"evidence": "The report"}),
    ):
        response = client.post(reverse(name, args=[action.pk]), typed)
        assert (response.status_code, response["Location"]) == (302, action.get_absolute_url())
    action.refresh_from_db()
    assert (action.status, action.evidence, action.notes.get().text) == (
        ActionStatus.DONE,
        "The report",
        "Five are read",
    )


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("add_action_note", {"text": " "}, "Enter how the action is getting on"),
        ("add_action_note", {"text": "Born on 1 May 2019"}, "This looks like a date of birth"),
        ("complete_action", {}, "Enter what shows that the action is done"),
        ("complete_action", {"evidence": "x" * 4001}, "must be 4000 characters or fewer"),
        ("cancel_action", {}, "Enter why the action is cancelled"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(signed_in, action, chloe, name, typed, sentence):
    response = signed_in(chloe).post(reverse(name, args=[action.pk]), typed)
    assert response.status_code == 200
    text = response.content.decode()
    assert sentence in text
    assert text.count("<title>Error:") == 1
    assert all(value.strip()[:100] in text for value in typed.values())
    action.refresh_from_db()
    assert action.status == ActionStatus.OPEN


def test_a_click_that_comes_too_late_says_what_has_happened(signed_in, action, maya, chloe):
    actions.complete_action(action, by=maya, evidence="Minutes")
    response = signed_in(chloe).post(reverse("cancel_action", args=[action.pk]), {"note": "No use"})
    assert response.status_code == 409
    assert "Maya Member changed the status to “done”" in response.content.decode()


def test_the_chair_reopens_with_a_new_date(signed_in, action, maya, chloe):
    actions.complete_action(action, by=maya, evidence="Minutes")
    client, url = signed_in(chloe), reverse("reopen_action", args=[action.pk])
    wrong = client.post(url, {"note": "Not all of it"} | typed_date("due", days(-1)))
    assert "New due date must be on or after" in wrong.content.decode()
    assert client.post(url, {"note": "Not all of it"} | typed_date("due", days(7))).status_code == 302
    action.refresh_from_db()
    assert (action.status, action.due) == (ActionStatus.IN_PROGRESS, days(7))


# Given out and changed


def test_the_business_unit_gives_out_an_action(signed_in, ursula, audit_group, maya):
    serves = PriorityFactory()
    typed = {"what": "Audit", "owner": f"group-{audit_group.pk}", "person": maya.pk, "priority": "high"}
    typed |= {"serves": serves.pk} | typed_date("due", days(9))
    response = signed_in(ursula).post(reverse("new_action"), typed)
    action = Action.objects.get()
    assert response["Location"] == action.get_absolute_url()
    assert (action.owner, action.person, action.priority, action.serves) == (audit_group, maya, "high", serves)


def test_an_action_of_a_school_is_begun_from_the_schools_own(signed_in, ursula, oak_lane, dan):
    make(oak_lane.organisation)
    client = signed_in(ursula)
    url = f"{reverse('new_action')}?owner=organisation-{oak_lane.pk}"
    assert url in client.get(f"{reverse('actions')}?organisation={oak_lane.pk}").content.decode()
    text = client.get(url).content.decode()
    assert f'<option value="organisation-{oak_lane.pk}" selected>Oak Lane School' in text
    assert "Dan Lead" in text
    typed = {"what": "Train", "owner": f"organisation-{oak_lane.pk}", "person": dan.pk, "priority": "normal"}
    assert client.post(url, typed | typed_date("due", days(9))).status_code == 302


@pytest.mark.parametrize("owner", ["", "group-0", "user-1", "group-999999999999", "group-x\0"])
def test_an_owner_that_there_is_not_is_asked_for_again(signed_in, ursula, owner):
    client = signed_in(ursula)
    response = client.post(reverse("new_action"), {"what": "Audit nine", "owner": owner, "due_day": "31"})
    assert response.status_code == 200
    assert "Audit nine" in response.content.decode()
    assert client.get(reverse("new_action"), {"owner": owner}).status_code == 200


def test_a_chair_gives_out_actions_of_the_group_and_a_member_does_not(signed_in, chloe, maya, audit_group):
    url = reverse("new_group_action", args=[audit_group.slug])
    typed = {"what": "Audit", "owner": f"group-{audit_group.pk}", "priority": "normal"} | typed_date("due", days(9))
    assert signed_in(maya).get(url).status_code == 403
    assert signed_in(chloe).get(reverse("new_group_action", args=[GroupFactory().slug])).status_code == 403
    assert signed_in(chloe).get(reverse("new_action")).status_code == 404
    assert signed_in(chloe).post(url, typed).status_code == 302
    assert Action.objects.get().created_by == chloe


def test_the_form_of_an_action_names_who_can_be_named_and_keeps_what_was_there(signed_in, action, chloe, stella):
    response = page(signed_in(chloe), "change_action", action)
    text = response.content.decode()
    assert "Maya Member" in text
    assert "Stella Scrutineer" not in text
    assert f'value="{action.due.day}"' in text
    assert signed_in(chloe).post(response.request["PATH_INFO"], form_of(action)).status_code == 302


def test_somebody_who_has_left_cannot_be_chosen(signed_in, action, chloe, audit_group):
    gone = seat(UserFactory(name="Gone"), audit_group, organisation=OrganisationFactory()).person
    User.objects.filter(pk=gone.pk).update(is_active=False)
    response = signed_in(chloe).post(reverse("change_action", args=[action.pk]), form_of(action, person=gone.pk))
    assert "has left, or has no part in this: select somebody else" in response.content.decode()
    assert Action.objects.get().person_id == action.person_id


def test_another_date_asks_for_the_reason(signed_in, action, chloe, maya):
    client, url = signed_in(chloe), reverse("change_action", args=[action.pk])
    text = client.post(url, form_of(action, due=days(40))).content.decode()
    assert "Enter why the due date is moved" in text
    assert client.post(url, form_of(action, due=days(40), reason="More files")).status_code == 302
    assert OutgoingMessage.objects.get().to_email == maya.email


def test_who_saves_second_sees_both_and_can_save_again(signed_in, action, chloe, ursula):
    client, url = signed_in(chloe), reverse("change_action", args=[action.pk])
    typed = form_of(action, what="Audit thirteen files")
    Action.objects.update(what="Audit twelve files")
    response = client.post(url, typed)
    text = response.content.decode()
    assert "What is saved now" in text
    assert "Audit twelve files" in text
    assert "Audit thirteen files" in text
    typed["loaded"] = response.context["form"]["loaded"].value()
    assert client.post(url, typed).status_code == 302
    assert Action.objects.get().what == "Audit thirteen files"


# Several at once


def test_ticked_actions_get_a_new_date_and_an_error_loses_no_tick(signed_in, audit_group, chloe, maya):
    some = [make(audit_group, f"Audit {number}", person=maya) for number in range(3)]
    client = signed_in(chloe)
    assert client.get(reverse("actions") + "?view=all").context["manageable"] == {action.pk for action in some}
    ticks = "&".join(f"chosen={action.pk}" for action in some[:2])
    url = f"{reverse('redate_actions')}?{ticks}&back=view%3Dgroups"
    assert "For 2 actions:" in client.get(url).content.decode()
    wrong = client.post(url, {"reason": "Moved"}).content.decode()
    assert "Enter the new due date" in wrong
    assert "For 2 actions:" in wrong
    assert "Moved</textarea>" in wrong
    response = client.post(url, {"reason": "Moved"} | typed_date("due", days(50)))
    assert response["Location"] == f"{reverse('actions')}?view=groups"
    assert "2 actions given a new due date" in client.get(response["Location"]).content.decode()
    assert list(Action.objects.order_by("pk").values_list("due", flat=True)) == [days(50), days(50), days(20)]
    assert OutgoingMessage.objects.count() == 1


def test_nothing_ticked_or_not_theirs_is_said(signed_in, audit_group, constabulary, chloe, maya):
    other = make(constabulary)
    client = signed_in(chloe)
    for query in ("", f"?chosen={other.pk}", "?chosen=x&chosen=99999999999999999999"):
        url = f"{reverse('redate_actions')}{query}"
        assert "No action is ticked" in client.get(url).content.decode()
        typed = {"reason": "Moved"} | typed_date("due", days(50))
        assert client.post(url, typed).status_code == 200
    assert Action.objects.get().due == days(20)


def test_who_may_move_no_dates_sees_no_boxes(signed_in, audit_group, maya):
    make(audit_group, person=maya)
    text = signed_in(maya).get(reverse("actions")).content.decode()
    assert 'type="checkbox"' not in text
    assert "Give them a new due date" not in text


# Reminders


def test_the_business_unit_sets_the_days_of_reminders(signed_in, ursula):
    client, url = signed_in(ursula), reverse("action_reminders")
    assert 'value="14"' in client.get(url).content.decode()
    wrong = client.post(url, {"first_before": "3", "last_before": "7", "between_overdue": "0"}).content.decode()
    assert "The last reminder must come after the first" in wrong
    assert "Enter a number that is 1 or more" in wrong
    assert client.post(url, {"first_before": "21", "last_before": "2", "between_overdue": "5"}).status_code == 302
    row = ActionReminders.objects.get()
    assert (row.first_before, row.last_before, row.between_overdue) == (21, 2, 5)
