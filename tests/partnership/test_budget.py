"""The budget: what its totals say, who gives what share, spend that cannot be rubbed out, years that carry forward."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, transaction

from partnership import figures
from partnership.budget import givers_of, percentage, spend_of, totals_of
from partnership.charts import OVER, Value, chart
from partnership.choices import BudgetYearStatus
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import BudgetHeading, Contribution, FinancialYear, SpendEntry, StatusChange
from partnership.models.budget import financial_year
from partnership.services import budget as services
from partnership.services.budget import fingerprint, plan_of, values_of
from tests.factories import OrganisationFactory
from tests.partnership.budgets import give, make_line, make_year, spend

AMOUNTS = {"agreed": Decimal(100), "invoiced": Decimal(0), "received": Decimal(0), "in_kind": Decimal(0)}
GIVEN = AMOUNTS | {"in_kind_what": ""}


@pytest.fixture
def year(db):
    return make_year(2026)


# A year


@pytest.mark.parametrize(
    ("day", "start"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_a_financial_year_starts_on_the_first_of_april(day, start):
    assert financial_year(day) == start
    assert FinancialYear(start=start).contains(day)


def test_a_year_is_written_as_people_write_it():
    assert [FinancialYear(start=start).label for start in (2026, 2099)] == ["2026-27", "2099-00"]


# Totals


def test_the_figures_are_those_of_the_worked_example(year):
    year.carried_in = Decimal("1000.00")
    year.save()
    give(year, agreed="4000.00", received="3000.00", invoiced="4000.00")
    give(year, agreed="2000.00", received="2000.00")
    line = make_line(year, "6500.00")
    spend(line, "4600.50")
    spend(line, "-100.00", reason="Invoiced twice")
    assert figures.budget_agreed(year) == Decimal("6000.00")
    assert figures.budget_received(year) == Decimal("5000.00")
    assert figures.budget_spent(year) == Decimal("4500.50")
    assert figures.budget_balance(year) == Decimal("1499.50")


def test_help_in_kind_is_no_money(year):
    give(year, agreed="10.00")
    Contribution.objects.create(
        year=year, organisation=OrganisationFactory(), in_kind=Decimal("500.00"), in_kind_what="Rooms"
    )
    totals = totals_of([year])[year.pk]
    assert (totals.agreed, totals.available, totals.in_kind) == (Decimal("10.00"), Decimal("10.00"), Decimal("500.00"))


@pytest.mark.parametrize(
    ("planned", "sentence"),
    [
        ("0.00", "No spend has been planned yet."),
        (
            "900.00",
            "The money agreed (£1,000.00) covers the planned spend of £900.00: £100.00 is to spare.",
        ),
        ("1000.00", "The money agreed (£1,000.00) covers the planned spend of £1,000.00: nothing is to spare."),
        (
            "1250.50",
            "The money agreed (£1,000.00) does not cover the planned spend of £1,250.50: £250.50 is missing.",
        ),
    ],
)
def test_a_sentence_says_whether_the_money_covers_the_plan(year, planned, sentence):
    give(year, agreed="1000.00")
    make_line(year, planned)
    assert totals_of([year])[year.pk].in_words == sentence


def test_money_carried_in_counts_towards_the_plan(year):
    year.carried_in = Decimal("300.00")
    year.save()
    give(year, agreed="1000.00")
    make_line(year, "1250.00")
    words = totals_of([year])[year.pk].in_words
    assert "with £300.00 carried in, covers" in words
    assert "£50.00 is to spare" in words


def test_the_totals_of_many_years_take_three_queries(year, django_assert_num_queries):
    years = [year, *(make_year(start) for start in range(2010, 2018))]
    for each in years:
        give(each, agreed="1.00")
        spend(make_line(each))
    with django_assert_num_queries(3):
        assert len(totals_of(years)) == 9


def test_a_share_is_rounded_half_up_and_there_is_none_of_nothing():
    assert percentage(Decimal(1), Decimal(3)) == Decimal("33.3")
    assert percentage(Decimal("0.5"), Decimal(1000)) == Decimal("0.1")
    assert percentage(Decimal(1), Decimal(0)) is None


# Who gives


def test_each_giver_has_a_share_and_a_change_on_the_year_before(year):
    police, council = OrganisationFactory(name="Police"), OrganisationFactory(name="Council")
    last = make_year(2025)
    give(last, police, agreed="100.00")
    give(year, police, agreed="150.00")
    give(year, council, agreed="450.00")
    first, second = givers_of(year)
    assert (first.organisation, first.share, first.change) == (council, Decimal("75.0"), None)
    assert (second.share, second.change, second.change_in_percent) == (Decimal("25.0"), Decimal(50), Decimal("50.0"))


def test_bodies_that_ended_compare_with_the_one_that_succeeded_them(db):
    board = OrganisationFactory(name="Board", starts=date(2022, 7, 1))
    groups = [OrganisationFactory(name=f"Group {n}", ends=date(2022, 7, 1), successor=board) for n in (1, 2)]
    last, year = make_year(2021), make_year(2022)
    for group in groups:
        give(last, group, agreed="40.00")
    give(year, groups[0], agreed="10.00")
    give(year, board, agreed="90.00")
    (giver,) = givers_of(year)
    assert (giver.organisation, giver.agreed, giver.before, giver.change) == (
        board,
        Decimal(100),
        Decimal(80),
        Decimal(20),
    )
    assert giver.former_bodies == [groups[0]]


def test_who_gave_last_year_and_does_not_now_stands_last(year):
    gone = OrganisationFactory(name="A gone giver")
    give(make_year(2025), gone, agreed="70.00")
    give(year, agreed="1.00")
    last = givers_of(year)[-1]
    assert (last.organisation, last.agreed, last.change) == (gone, Decimal(0), Decimal(-70))


def test_givers_cost_the_same_number_of_queries_however_many(year, django_assert_num_queries):
    board = OrganisationFactory()
    for _ in range(12):
        give(year, OrganisationFactory(ends=date(2020, 1, 1), successor=board), agreed="1.00")
        give(year, agreed="1.00")
    with django_assert_num_queries(2):
        assert len(givers_of(year)) == 13


def test_spend_by_heading_has_what_is_left_and_what_is_used(year):
    spend(make_line(year, "200.00"), "250.00")
    make_line(year, "0.00", "Staff")
    staff, training = sorted(spend_of(year), key=lambda row: row.name)
    assert (training.variance, training.used) == (Decimal(-50), Decimal("125.0"))
    assert (staff.variance, staff.used) == (Decimal(0), None)


def test_a_chart_shows_what_goes_beyond_its_plan_in_red_and_nothing_for_less_than_nothing():
    values = [
        Value("Staff", Decimal(50), "£50.00", Decimal(100)),
        Value("Training", Decimal(75), "£75.00", Decimal(50)),
        Value("Reviews", Decimal(-5), "−£5.00", Decimal(0)),
    ]
    bars = chart("Spent", values).bars
    assert [(bar.width, bar.track) for bar in bars] == [(50.0, 100.0), (75.0, 50.0), (0.0, 0.0)]
    assert [bar.fill == OVER for bar in bars] == [False, True, False]
    assert chart("Nothing yet", []).bars == []


# What must never be


@pytest.mark.parametrize("name", ["agreed", "invoiced", "received"])
def test_nobody_gives_less_than_nothing(year, name):
    with pytest.raises(IntegrityError, match="contribution_not_negative"):
        give(year, **{name: "-0.01"})


def test_an_organisation_gives_once_a_year(year):
    police = OrganisationFactory()
    give(year, police, agreed="1.00")
    with pytest.raises(IntegrityError, match="contribution_once_a_year"):
        give(year, police, agreed="2.00")


def test_money_comes_back_with_a_reason_only_and_an_entry_is_not_nothing(year):
    line = make_line(year)
    with pytest.raises(IntegrityError, match="spendentry_negative_has_a_reason"), transaction.atomic():
        spend(line, "-1.00")
    with pytest.raises(IntegrityError, match="spendentry_not_nothing"), transaction.atomic():
        spend(line, "0.00", reason="Nothing")


def test_an_entry_of_spend_is_never_changed_or_deleted(year):
    entry = spend(make_line(year))
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        SpendEntry.objects.update(amount=Decimal(1))
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        entry.delete()


# Years added, closed, opened again


def test_the_first_year_comes_with_the_usual_headings(ursula):
    year = services.add_year(2026, by=ursula)
    assert year.lines.count() == BudgetHeading.objects.count() == 5
    with pytest.raises(ValidationError, match="There is a budget for this year already"):
        services.add_year(2026, by=ursula)


def test_a_year_can_start_like_the_last_with_the_bodies_that_there_are_now(ursula):
    board = OrganisationFactory(starts=date(2022, 7, 1))
    last = make_year(2021)
    for _ in range(2):
        give(last, OrganisationFactory(ends=date(2022, 7, 1), successor=board), agreed="40.00")
    make_line(last, "75.00")
    still_there = services.add_year(2022, by=ursula, like_last_year=True)
    assert still_there.contributions.count() == 2  # on 1 April 2022 the two were still there
    following = services.add_year(2023, by=ursula, like_last_year=True)
    assert [(row.organisation, row.agreed) for row in following.contributions.all()] == [(board, Decimal("80.00"))]
    assert following.lines.get().budget == Decimal("75.00")


def test_closing_a_year_carries_its_balance_into_the_next(year, ursula):
    give(year, agreed="500.00", received="400.00")
    spend(make_line(year), "150.25")
    services.close_year(year, by=ursula)
    following = FinancialYear.objects.get(start=2027)
    assert following.carried_in == Decimal("249.75")
    assert StatusChange.objects.about(year).get().by == ursula


def test_closing_again_after_a_correction_carries_the_new_balance(year, ursula):
    give(year, received="400.00")
    services.close_year(year, by=ursula)
    services.reopen_year(year, by=ursula, note="A payment was missed")
    services.record_spend(
        year, make_line(year).heading, by=ursula, spent_on=year.first_day, amount=Decimal(30), what="Venue"
    )
    services.close_year(year, by=ursula)
    assert FinancialYear.objects.get(start=2027).carried_in == Decimal("370.00")


def test_a_year_closes_after_the_one_before_and_opens_before_the_one_after(year, ursula):
    last = make_year(2025)
    with pytest.raises(ValidationError, match="Close the year before first"):
        services.close_year(year, by=ursula)
    services.close_year(last, by=ursula)
    services.close_year(year, by=ursula)
    with pytest.raises(ValidationError, match="reopen that one first"):
        services.reopen_year(last, by=ursula, note="Late invoice")
    last.refresh_from_db()
    assert last.status == BudgetYearStatus.CLOSED


def test_a_year_is_not_reopened_without_a_reason(year, ursula):
    services.close_year(year, by=ursula)
    with pytest.raises(NoteRequired):
        services.reopen_year(year, by=ursula, note=" ")


def test_nothing_is_written_into_a_closed_year(year, ursula):
    row, line = give(year, agreed="1.00"), make_line(year)
    entry = spend(line)
    services.close_year(year, by=ursula)
    loaded = fingerprint(values_of(row))
    for change in (
        lambda: services.add_contribution(year, OrganisationFactory(), by=ursula, **GIVEN),
        lambda: services.change_contribution(row, by=ursula, loaded=loaded, **GIVEN),
        lambda: services.remove_contribution(row, by=ursula),
        lambda: services.set_plan(year, by=ursula, loaded=fingerprint(plan_of(year)), planned={}),
        lambda: services.correct_spend(entry, by=ursula, seen=entry.amount, right_amount=Decimal(1), reason="Wrong"),
    ):
        with pytest.raises(MoveNotAllowed):
            change()


def test_what_was_carried_in_cannot_be_typed_over_what_a_closed_year_says(year, ursula):
    loaded = fingerprint({"amount": year.carried_in})
    services.set_carried_in(year, by=ursula, loaded=loaded, amount=Decimal("-12.00"))
    make_year(2025, status=BudgetYearStatus.CLOSED)
    with pytest.raises(ValidationError, match="The year before is closed"):
        services.set_carried_in(year, by=ursula, loaded=loaded, amount=Decimal(1))


def test_partners_and_scrutineers_change_nothing(year, maya, stella):
    for person in (maya, stella):
        with pytest.raises(PermissionDenied):
            services.add_contribution(year, OrganisationFactory(), by=person, **GIVEN)
        with pytest.raises(PermissionDenied):
            services.add_year(2030, by=person)


# Two editors


def test_whoever_saves_second_is_told_and_nothing_is_lost(year, ursula):
    row = give(year, agreed="1.00")
    loaded = fingerprint(values_of(row))
    services.change_contribution(row, by=ursula, loaded=loaded, **GIVEN)
    with pytest.raises(ChangedMeanwhile) as conflict:
        services.change_contribution(row, by=ursula, loaded=loaded, **GIVEN | {"agreed": Decimal(7)})
    assert conflict.value.current["agreed"] == Decimal("100.00")
    row.refresh_from_db()
    assert row.agreed == Decimal("100.00")


def test_help_in_kind_says_what_it_is_and_names_nobody(year, ursula):
    with pytest.raises(ValidationError, match="Enter what is given in kind"):
        services.add_contribution(year, OrganisationFactory(), by=ursula, **GIVEN | {"in_kind": Decimal(5)})
    with pytest.raises(ValidationError, match="postcode"):
        services.add_contribution(
            year, OrganisationFactory(), by=ursula, **GIVEN | {"in_kind_what": "Rooms at SG13 8XX"}
        )


def test_a_line_from_which_money_has_come_is_not_removed(year, ursula):
    with pytest.raises(ValidationError, match="Money has been received"):
        services.remove_contribution(give(year, received="1.00"), by=ursula)
    services.remove_contribution(give(year, agreed="1.00"), by=ursula)
    assert year.contributions.count() == 1


# Spend


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"spent_on": date(2026, 3, 31)}, "The date must be from 1 April 2026 to 31 March 2027"),
        ({"amount": Decimal(0)}, "must not be nothing"),
        ({"amount": Decimal(-1)}, "Enter why money is taken off again"),
        ({"what": "Call 07700 900123"}, "telephone number"),
    ],
)
def test_spend_that_cannot_be_right_is_refused(year, ursula, fields, complaint):
    right = {"spent_on": date(2026, 5, 1), "amount": Decimal(10), "what": "Venue"}
    with pytest.raises(ValidationError, match=complaint):
        services.record_spend(year, make_line(year).heading, by=ursula, **right | fields)


def test_a_wrong_amount_is_put_right_by_an_entry_for_the_difference(year, ursula):
    entry = spend(make_line(year), "120.00")
    correction = services.correct_spend(
        entry, by=ursula, seen=Decimal(120), right_amount=Decimal("100.00"), reason="Invoiced twice"
    )
    assert (correction.amount, correction.corrects) == (Decimal(-20), entry)
    assert services.amount_now(entry) == Decimal(100)
    with pytest.raises(TooLate, match="Somebody has corrected this entry"):
        services.correct_spend(entry, by=ursula, seen=Decimal(120), right_amount=Decimal(90), reason="Again")
    again = services.correct_spend(entry, by=ursula, seen=Decimal(100), right_amount=Decimal(0), reason="Not ours")
    assert again.amount == Decimal(-100)
