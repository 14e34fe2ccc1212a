"""The pages of the budget: who sees amounts, what they say, what people type, two editors, files."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from partnership.models import BudgetHeading, Contribution, FinancialYear, SpendEntry
from partnership.services import budget as services
from tests.factories import OrganisationFactory, UserFactory, grant
from tests.partnership.budgets import give, make_line, make_year, spend


@pytest.fixture
def year(db):
    return make_year(2026)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# Who sees amounts


def test_a_partner_sees_the_years_of_their_organisation_and_nobody_else_does(year, maya, stella, pat, client):
    outsider = UserFactory()
    charity = OrganisationFactory()
    grant(outsider, "partner", charity)
    found = {}
    for person in (maya, stella, pat, outsider):
        client.force_login(person)
        found[person.name] = client.get(year.get_absolute_url()).status_code
    assert list(found.values()) == [200, 404, 404, 404]
    client.force_login(outsider)
    assert "No year to show" in text_of(client.get(reverse("budget")))
    give(year, charity, agreed="5.00")
    assert client.get(year.get_absolute_url()).status_code == 200
    assert client.get(reverse("budget_year", args=[make_year(2025).start])).status_code == 404


def test_a_partner_is_offered_no_change(year, maya, signed_in):
    give(year, maya.organisation, agreed="5.00")
    page = text_of(signed_in(maya).get(year.get_absolute_url()))
    assert "Record spend" not in page
    assert reverse("add_contribution", args=[2026]) not in page


# What they say


def test_the_page_says_who_gives_what_and_whether_it_is_enough(year, ursula, signed_in):
    police = OrganisationFactory(name="Police")
    give(make_year(2025), police, agreed="800.00")
    give(year, police, agreed="1000.00", received="250.00")
    spend(make_line(year, "1200.00"), "1250.00")
    page = text_of(signed_in(ursula).get(year.get_absolute_url()))
    for words in (
        "does not cover the planned spend of £1,200.00: £200.00 is missing.",
        "+£200.00",
        "25.0%",
        "£750.00 still to come",
        "−£50.00",
        "Overspent",
        "<strong>Police</strong> £1,000.00 (100.0%)",
        "<strong>Training</strong> £1,250.00 of £1,200.00",
    ):
        assert words in page


def test_an_empty_year_says_what_to_do(year, ursula, signed_in):
    page = text_of(signed_in(ursula).get(year.get_absolute_url()))
    assert "Enter what each organisation has agreed to give" in page
    assert "Enter what is planned to be spent under each heading" in page


def test_pages_cost_the_same_number_of_queries_at_any_size(year, ursula, signed_in):
    client = signed_in(ursula)
    urls = [reverse("budget"), year.get_absolute_url(), reverse("budget_spend", args=[2026])]
    give(year, agreed="1.00")
    spend(make_line(year))
    small = [queries_of(client, url) for url in urls]
    for n in range(15):
        give(year, OrganisationFactory(), agreed="1.00")
        line = make_line(year, heading=f"Heading {n}")
        spend(line, "-5.00", reason="Came back", corrects=spend(line))
        make_year(2000 + n)
    assert [queries_of(client, url) for url in urls] == small


# What people type


def test_amounts_are_taken_as_people_type_them(year, ursula, signed_in):
    police = OrganisationFactory()
    typed = {"organisation": police.pk, "agreed": "£1,234.50", "invoiced": "1234.5", "in_kind": "", "received": " "}
    response = signed_in(ursula).post(reverse("add_contribution", args=[2026]), typed)
    assert response.status_code == 302
    row = Contribution.objects.get()
    assert (row.agreed, row.invoiced, row.received) == (Decimal("1234.50"), Decimal("1234.50"), Decimal("0.00"))


def test_nonsense_is_refused_clearly_and_nothing_typed_is_lost(year, ursula, signed_in):
    typed = {"organisation": OrganisationFactory().pk, "agreed": "about 5k", "received": "-3", "in_kind_what": "Rooms"}
    page = text_of(signed_in(ursula).post(reverse("add_contribution", args=[2026]), typed))
    assert "The amount agreed must be an amount of money, like 1,234.50" in page
    assert "The amount received must be £0 or more" in page
    assert 'value="about 5k"' in page
    assert 'value="Rooms"' in page
    assert not Contribution.objects.exists()


def test_the_budget_by_heading_is_one_form(year, ursula, signed_in):
    staff, training = (BudgetHeading.objects.create(name=name) for name in ("Staff", "Training"))
    url, client = reverse("budget_plan", args=[2026]), signed_in(ursula)
    loaded = client.get(url).context["form"]["loaded"].value()
    client.post(url, {"loaded": loaded, f"heading_{staff.pk}": "2,000", f"heading_{training.pk}": ""})
    assert dict(year.lines.values_list("heading__name", "budget")) == {"Staff": Decimal(2000), "Training": Decimal(0)}


def test_whoever_saves_second_sees_both_and_can_keep_theirs(year, ursula, signed_in):
    row = give(year, agreed="10.00")
    url, client = reverse("edit_contribution", args=[2026, row.pk]), signed_in(ursula)
    loaded = client.get(url).context["form"]["loaded"].value()
    Contribution.objects.filter(pk=row.pk).update(agreed=Decimal("99.00"))
    response = client.post(url, {"loaded": loaded, "agreed": "55"})
    page = text_of(response)
    assert "Somebody else changed this" in page
    assert "£99.00" in page
    assert 'value="55"' in page
    again = response.context["form"]["loaded"].value()
    assert client.post(url, {"loaded": again, "agreed": "55"}).status_code == 302
    row.refresh_from_db()
    assert row.agreed == Decimal(55)


def test_spend_is_recorded_and_corrected(year, ursula, signed_in):
    line, client = make_line(year), signed_in(ursula)
    day = {"spent_on_day": "5", "spent_on_month": "5", "spent_on_year": "2026"}
    client.post(reverse("record_spend", args=[2026]), day | {"under": line.heading.pk, "amount": "80", "what": "Hall"})
    entry = SpendEntry.objects.get()
    assert entry.recorded_by == ursula
    url = reverse("correct_spend", args=[2026, entry.pk])
    page = client.post(url, {"seen": "80.00", "right_amount": "60", "reason": "Wrong invoice"}, follow=True)
    assert "Corrected by a later entry" in text_of(page)
    assert client.post(url, {"seen": "80.00", "right_amount": "50", "reason": "Wrong"}).status_code == 409
    assert services.amount_now(entry) == Decimal(60)


def test_a_day_of_another_year_is_refused_at_the_date(year, ursula, signed_in):
    line = make_line(year)
    typed = {"spent_on_day": "31", "spent_on_month": "3", "spent_on_year": "2026"}
    typed |= {"under": line.heading.pk, "amount": "80", "what": "Hall"}
    response = signed_in(ursula).post(reverse("record_spend", args=[2026]), typed)
    assert "The date must be from 1 April 2026 to 31 March 2027" in text_of(response)


def test_a_closed_year_says_that_it_cannot_be_changed(year, ursula, signed_in):
    client = signed_in(ursula)
    assert "£0.00" in text_of(client.get(reverse("close_budget_year", args=[2026])))
    client.post(reverse("close_budget_year", args=[2026]))
    assert FinancialYear.objects.get(start=2026).status == "closed"
    response = client.get(reverse("budget_plan", args=[2026]))
    assert response.status_code == 409
    assert "You cannot change the budget of this year now" in text_of(response)


def test_a_heading_can_be_renamed_but_not_twice_the_same(year, ursula, signed_in):
    make_line(year), make_line(year, heading="Staff")
    heading = BudgetHeading.objects.get(name="Staff")
    client, url = signed_in(ursula), reverse("edit_budget_heading", args=[heading.pk])
    assert "There is a heading of this name" in text_of(client.post(url, {"name": "Training", "order": "1"}))
    client.post(url, {"name": "People", "order": "1", "in_use": "on"})
    heading.refresh_from_db()
    assert heading.name == "People"


# Files and history


def test_contributions_come_as_csv_and_spend_as_xlsx(year, ursula, signed_in):
    give(year, OrganisationFactory(name="=Police"), agreed="10.00")
    spend(make_line(year), "12.34", what="Hall")
    client = signed_in(ursula)
    sent = client.get(reverse("budget_export", args=[2026, "contributions", "csv"]))
    rows = list(csv.reader(StringIO(b"".join(sent.streaming_content).decode("utf-8-sig"))))
    assert rows[1][:3] == ["'=Police", "10.00", "100.0"]
    sent = client.get(reverse("budget_export", args=[2026, "spend", "xlsx"]))
    sheet = load_workbook(BytesIO(b"".join(sent.streaming_content))).active
    assert [cell.value for cell in sheet[2]][1:4] == ["Training", "Hall", 12.34]
    assert client.get(reverse("budget_export", args=[2026, "secrets", "csv"])).status_code == 404


def test_history_says_who_changed_an_amount(year, ursula, signed_in):
    row = give(year, OrganisationFactory(name="Police"), agreed="10.00")
    client = signed_in(ursula)
    url = reverse("edit_contribution", args=[2026, row.pk])
    loaded = client.get(url).context["form"]["loaded"].value()
    client.post(url, {"loaded": loaded, "agreed": "20"})
    page = text_of(client.get(reverse("history", args=["partnership", "financialyear", year.pk])))
    assert "Contribution changed: Police" in page
    assert "Ursula Unit" in page
