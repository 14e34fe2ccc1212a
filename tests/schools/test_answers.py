"""What an answer means: its colour and why, what is still wanted, how it reads, what a standard comes to."""

from datetime import date

import pytest

from schools.answers import (
    NO_COLOUR,
    SectionResult,
    applies,
    display,
    judge,
    missing,
    needs_action,
    needs_reason,
    overall,
    section_result,
)
from schools.choices import Rag
from schools.models import Answer
from tests.factories import full_question_set, good_answer, small_question_set

TODAY = date(2026, 11, 23)


@pytest.fixture
def asked(db):
    """``asked("1.1")`` gives a question of the small set, with its options."""
    questions = {question.code: question for question in small_question_set().questions.select_related("scale")}
    return questions.__getitem__


# --- Colours ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "rag", "why", "urgent"),
    [
        ("1.1", "embedded", Rag.GREEN, "", False),
        ("1.1", "in_place", Rag.GREEN, "", False),
        ("1.1", "developing", Rag.AMBER, "“Developing” counts as amber.", False),
        ("1.1", "not_in_place", Rag.RED, "“Not in place” counts as red.", True),
        ("1.2", "yes", Rag.GREEN, "", False),
        ("1.2", "no", Rag.RED, "“No” counts as red.", False),
        ("2.2", "yes", Rag.GREEN, "", False),
        ("2.2", "no", Rag.RED, "“No” counts as red.", False),
        ("2.2", "na", Rag.NA, "", False),
        ("1.4", "every_term", Rag.GREEN, "", False),
        ("1.4", "yearly", Rag.AMBER, "“Once a year” counts as amber.", False),
        ("1.4", "less_often", Rag.RED, "“Less often” counts as red.", False),
        ("1.3", 100, Rag.GREEN, "", False),
        ("1.3", 99, Rag.AMBER, "99% is below 100%.", False),
        ("1.3", 80, Rag.AMBER, "80% is below 100%.", False),
        ("1.3", 79, Rag.RED, "79% is below 80%.", True),
        ("1.3", 0, Rag.RED, "0% is below 80%.", True),
        ("2.1", "2026-11-23", Rag.GREEN, "", False),
        ("2.1", "2025-11-23", Rag.GREEN, "", False),
        ("2.1", "2025-11-22", Rag.AMBER, "22 November 2025 is more than a year ago.", False),
        ("2.1", "never", Rag.RED, "It has not been done yet.", True),
        ("2.3", ["session"], Rag.GREEN, "", False),
        ("2.3", ["session", "course"], Rag.GREEN, "", False),
        ("2.3", ["none"], Rag.AMBER, "“None of these” counts as amber.", False),
    ],
)
def test_an_answer_has_the_colour_that_the_set_gives_it_and_says_why_it_is_weak(asked, code, value, rag, why, urgent):
    judgement = judge(asked(code), value, on=TODAY)
    assert (judgement.rag, judgement.why, judgement.urgent) == (rag, why, urgent)


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_not_answered_has_no_colour(asked, value):
    assert judge(asked("1.1"), value, on=TODAY) == NO_COLOUR


@pytest.mark.parametrize(("code", "value"), [("2.6", 0), ("Z1", "not_in_place"), ("C5", "no"), ("Z2", "A text")])
def test_what_does_not_count_has_no_colour(asked, code, value):
    assert judge(asked(code), value, on=TODAY) == NO_COLOUR


def test_an_option_that_the_set_does_not_have_has_no_colour(asked):
    assert judge(asked("1.1"), "wonderful", on=TODAY) == NO_COLOUR


@pytest.mark.parametrize(
    ("days", "words"), [(365, "a year"), (730, "2 years"), (180, "180 days"), (120, "120 days"), (400, "400 days")]
)
def test_the_age_of_a_date_is_said_in_years_where_it_is_whole_years(asked, days, words):
    question = asked("2.1")
    question.max_age_days = days
    assert judge(question, "2020-01-31", on=TODAY).why == f"31 January 2020 is more than {words} ago."


def test_a_date_without_a_limit_has_no_colour(asked):
    question = asked("2.1")
    question.max_age_days = None
    assert judge(question, "1999-01-01", on=TODAY) == NO_COLOUR


def test_a_percentage_without_thresholds_has_no_colour(asked):
    question = asked("1.3")
    question.amber_below = question.red_below = None
    assert judge(question, 5, on=TODAY) == NO_COLOUR


# --- What is wanted --------------------------------------------------------------------------------------------------


def test_a_weak_answer_wants_an_action_and_a_good_one_does_not(asked):
    assert needs_action(asked("1.1"), "developing", on=TODAY)
    assert not needs_action(asked("1.1"), "in_place", on=TODAY)


def test_not_applicable_wants_a_reason(asked):
    assert needs_reason(asked("2.2"), "na")
    assert not needs_reason(asked("2.2"), "no")
    assert not needs_reason(asked("2.2"), None)


ACTION = {"action_what": "Train them", "action_who": "Headteacher", "action_due": date(2027, 1, 31)}


@pytest.mark.parametrize(
    ("code", "fields", "wanted"),
    [
        ("1.1", {}, ["an answer"]),
        ("1.1", {"value": "embedded"}, []),
        (
            "1.1",
            {"value": "developing"},
            ["the action you will take", "who will do it", "by when it will be done"],
        ),
        ("1.1", {"value": "developing", "action_what": "Train them"}, ["who will do it", "by when it will be done"]),
        ("1.1", {"value": "developing", **ACTION}, []),
        ("2.2", {"value": "na"}, ["the reason it does not apply"]),
        ("2.2", {"value": "na", "reason": "No agency staff"}, []),
        ("1.3", {"value": 0, **ACTION}, []),
        ("2.6", {"value": 0}, []),
        ("Z2", {}, []),
        ("C3", {}, []),
        ("C1", {"value": {"email": "head@example.org"}}, ["the name"]),
        ("C1", {"value": {"name": "Jo Example"}}, []),
        ("C2", {"value": {"trained": "2026-01-01"}}, ["the name"]),
        ("C2", {"value": {"name": "Jo Example"}}, []),
        ("C3", {"value": [{"name": "Sam"}, {"trained": "2026-01-01"}]}, ["the name"]),
    ],
)
def test_what_is_still_wanted_is_named(asked, code, fields, wanted):
    question = asked(code)
    answer = Answer(question=question, **fields) if fields else None
    assert missing(question, answer, on=TODAY) == wanted


def test_a_text_that_is_held_has_been_given(asked):
    answer = Answer(question=asked("2.2"), value="na")
    assert missing(asked("2.2"), answer, on=TODAY, held={"reason"}) == []


def test_a_choice_that_is_taken_from_elsewhere_can_be_left_out(asked):
    question = asked("2.3")
    question.options_from = "events_in_cycle"
    assert missing(question, None, on=TODAY) == []


@pytest.mark.parametrize(("flags", "answer"), [(set(), False), ({"has_early_years"}, True), ({"has_boarding"}, False)])
def test_a_question_with_a_flag_is_asked_where_the_flag_holds(asked, flags, answer):
    assert applies(asked("2.4"), flags) is answer
    assert applies(asked("2.1"), flags)


# --- How it reads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "lines"),
    [
        ("1.1", None, ["Not provided"]),
        ("1.1", "in_place", ["In place"]),
        ("1.1", "gone_since", ["gone_since"]),
        ("2.3", ["session", "course"], ["A twilight session", "A national course"]),
        ("2.1", "2026-09-01", ["1 September 2026"]),
        ("1.3", 0, ["0%"]),
        ("2.6", 0, ["0"]),
        ("Z2", "Two\nlines", ["Two\nlines"]),
        ("C1", {"name": "Jo Example", "email": "jo@example.org"}, ["Jo Example, jo@example.org"]),
        (
            "C2",
            {"name": "Jo", "appointed": "2020-09-01", "trained": "2026-01-31"},
            ["Jo, appointed 1 September 2020, last trained 31 January 2026"],
        ),
        (
            "C3",
            [{"name": "Sam", "trained": "2026-01-31"}, {"name": "Kim"}],
            ["Sam, last trained 31 January 2026", "Kim"],
        ),
    ],
)
def test_an_answer_reads_as_lines(asked, code, value, lines):
    assert display(asked(code), value) == lines


# --- Standards -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "rag", "share"),
    [
        ({}, None, None),
        ({"not_applicable": 3}, None, None),
        ({"green": 4}, Rag.GREEN, 100),
        ({"green": 3, "amber": 1}, Rag.AMBER, 75),
        ({"green": 3, "red": 1}, Rag.AMBER, 75),
        ({"green": 3, "red": 1, "critical_red": 1}, Rag.RED, 75),
        ({"red": 1}, Rag.AMBER, 0),
        ({"green": 1, "amber": 7}, Rag.AMBER, 13),  # 12.5, half up
        ({"green": 2, "amber": 1}, Rag.AMBER, 67),
        ({"green": 1, "amber": 2}, Rag.AMBER, 33),
    ],
)
def test_a_standard_is_red_by_a_critical_red_amber_by_any_other_weak_answer(counts, rag, share):
    result = SectionResult(**counts)
    assert (result.rag, result.share_green) == (rag, share)


def test_a_standard_counts_what_is_scored_and_what_does_not_apply(db):
    section = small_question_set().sections.get(code="S2")
    answers = {
        question.pk: Answer(question=question, value=value)
        for question in section.questions.all()
        if (value := {"2.1": "2020-01-01", "2.2": "na", "2.3": ["session"], "2.6": 4}.get(question.code)) is not None
    }
    result = section_result(section, answers, {"has_early_years"}, on=TODAY)
    # 2.1 is old, 2.2 does not apply, 2.3 is green, 2.4 is not answered, 2.5 is not asked, 2.6 does not count
    assert result == SectionResult(green=1, amber=1, red=0, not_applicable=2, critical_red=0)


@pytest.mark.parametrize(
    ("results", "worst", "mean"),
    [
        ([], None, None),
        ([SectionResult()], None, None),
        ([SectionResult(green=1), SectionResult(green=1, amber=1)], Rag.AMBER, 75),
        ([SectionResult(green=9, red=1, critical_red=1), SectionResult(green=1)], Rag.RED, 95),
        (
            [SectionResult(green=1), SectionResult(green=1), SectionResult(amber=2), SectionResult(green=1)],
            Rag.AMBER,
            75,
        ),
        ([SectionResult(green=1), SectionResult(green=1, amber=7)], Rag.AMBER, 57),  # 56.5, half up
    ],
)
def test_the_worst_standard_stands_beside_the_mean_of_the_shares(results, worst, mean):
    assert overall(results) == (worst, mean)


def test_every_question_of_the_real_set_can_be_judged_and_shown(db):
    for question in full_question_set().questions.select_related("scale").prefetch_related("scale__options"):
        value = good_answer(question)
        assert not needs_action(question, value, on=TODAY)
        assert display(question, value) != ["Not provided"]
