import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.choices import AnswerType, Flag
from schools.question_file import (
    GridRow,
    Option,
    Problem,
    Question,
    QuestionFileError,
    QuestionSetFile,
    Scale,
    Section,
    check_question_set,
    check_twins,
    read_question_file,
    write_question_file,
)

DATA = Path(__file__).parents[2] / "schools" / "data"
RETURN_FILE = DATA / "s175-2026-27.yaml"
SURVEY_FILE = DATA / "staff-survey-2026-27.yaml"

SMALL = """\
slug: small
kind: s175
title: A small set
version: "1"
no_child_data_notice: Name nobody.
scales:
  yes_no:
    - {code: yes, label: Yes, rag: green}
    - {code: no, label: No, rag: red, action_required: true}
  yes_no_na:
    - {code: yes, label: Yes, rag: green}
    - {code: no, label: No, rag: red, action_required: true}
    - {code: na, label: Not applicable, needs_reason: true, scored: false}
sections:
  - id: C
    kind: context
    title: Details
    questions:
      - id: C1
        text: Are your premises let?
        type: yes_no
        sets: lets_premises
  - id: S1
    kind: standard
    title: Leadership
    questions:
      - id: 1.1
        text: When was the policy approved?
        type: date
        critical: true
        max_age_days: 365
        ref: KCSIE Part two
        ref_check: recall
        prefill: context_C1
      - id: 1.2
        text: What percentage have read it?
        type: percent
        amber_below: 90
        red_below: 60
        applies: has_sixth_form
        staff_twin: Q1
      - id: 1.3
        text: How often?
        type: choice
        options:
          - {code: often, label: Often, rag: green}
          - {code: never, label: Never, rag: amber, action_required: true}
      - id: 1.4
        text: Which of these?
        type: multi
        options:
          - {code: one, label: One, rag: green}
          - {code: none, label: None of these, rag: amber, exclusive: true}
      - id: 1.5
        text: Is it so?
        type: yes_no_na
"""

OFTEN_OR_NEVER = """\
        options:
          - {code: often, label: Often, rag: green}
          - {code: never, label: Never, rag: amber, action_required: true}
"""

SURVEY = """\
slug: survey
kind: staff_survey
title: A survey
version: "1"
no_child_data_notice: Name nobody.
scales:
  likert5:
    - {code: strongly_agree, label: Strongly agree}
    - {code: agree, label: Agree}
    - {code: neither, label: Neither}
    - {code: disagree, label: Disagree}
    - {code: strongly_disagree, label: Strongly disagree}
sections:
  - id: Q
    kind: questions
    title: Questions
    questions:
      - id: Q1
        text: Confident about these?
        type: likert5_grid
        rows:
          - {code: neglect, label: Neglect}
          - {code: online, label: Online harm}
        links: ["1.2"]
      - id: Q2
        text: What first?
        type: knowledge
        options:
          - {code: tell, label: Tell, correct: true}
          - {code: wait, label: Wait}
      - id: Q3
        text: One thing?
        type: text
        max_length: 500
"""


@pytest.fixture(scope="module")
def shipped_return() -> QuestionSetFile:
    return read_question_file(RETURN_FILE.read_bytes())


@pytest.fixture(scope="module")
def shipped_survey() -> QuestionSetFile:
    return read_question_file(SURVEY_FILE.read_bytes())


def by_code(question_set: QuestionSetFile) -> dict[str, Question]:
    return {question.code: question for question in question_set.questions}


def problems_of(text: str | bytes) -> list[Problem]:
    with pytest.raises(QuestionFileError) as caught:
        read_question_file(text)
    return list(caught.value.problems)


def line_of(fragment: str, text: str) -> int:
    assert fragment in text
    return text[: text.index(fragment)].count("\n") + 1


# The sets that the portal comes with


def test_the_return_has_its_standards_and_questions(shipped_return: QuestionSetFile) -> None:
    sizes = {section.code: len(section.questions) for section in shipped_return.sections}
    assert sizes == {
        "C": 8,
        "S1": 6,
        "S2": 6,
        "S3": 6,
        "S4": 6,
        "S5": 7,
        "S6": 5,
        "S7": 7,
        "S8": 6,
        "S9": 7,
        "S10": 10,
        "Z": 3,
    }
    standards = [section for section in shipped_return.sections if section.kind == "standard"]
    assert len(standards) == 10
    assert sum(len(section.questions) for section in standards) == 66
    assert shipped_return.kind == "s175"
    assert shipped_return.version.startswith("2026-27")


def test_eight_questions_of_the_return_are_asked_only_where_they_apply(shipped_return: QuestionSetFile) -> None:
    assert {each.code: each.applies_when for each in shipped_return.questions if each.applies_when} == {
        "5.7": Flag.HAS_EARLY_YEARS,
        "9.7": Flag.IS_SECONDARY_AGE,
        "10.3": Flag.IS_STATE_FUNDED,
        "10.6": Flag.USES_ALTERNATIVE_PROVISION,
        "10.7": Flag.HAS_EARLY_YEARS,
        "10.8": Flag.HAS_BOARDING,
        "10.9": Flag.HAS_SIXTH_FORM,
        "10.10": Flag.LETS_PREMISES,
    }


def test_the_critical_questions_of_the_return(shipped_return: QuestionSetFile) -> None:
    critical = {each.code for each in shipped_return.questions if each.critical}
    assert critical == {"2.1", "3.1", "3.5", "5.1", "5.2", "5.3", "7.1", "7.4", "9.4", "10.6"}


def test_only_the_standards_are_scored_and_not_all_of_their_questions(shipped_return: QuestionSetFile) -> None:
    unscored = [each.code for each in shipped_return.questions if not each.scored]
    assert unscored == [f"C{n}" for n in range(1, 9)] + ["8.2", "8.3", "9.7", "Z1", "Z2", "Z3"]


def test_the_thresholds_of_the_return(shipped_return: QuestionSetFile) -> None:
    questions = by_code(shipped_return)
    ages = {code: each.max_age_days for code, each in questions.items() if each.max_age_days}
    shares = {code: (each.amber_below, each.red_below) for code, each in questions.items() if each.amber_below}
    assert ages == {"2.1": 365, "3.5": 730, "4.3": 365, "5.2": 120, "7.2": 180, "8.5": 365, "9.4": 365}
    assert shares == {"1.3": (100, 80), "1.5": (90, 60), "4.2": (100, 90), "7.5": (95, None)}


def test_every_question_of_a_standard_names_its_source_and_how_far_it_was_checked(
    shipped_return: QuestionSetFile,
) -> None:
    questions = [each for section in shipped_return.sections if section.is_scored for each in section.questions]
    assert all(each.reference and each.evidence_prompt for each in questions)
    assert Counter(each.reference_check for each in questions) == {"shown": 44, "recall": 22}


def test_weak_answers_of_the_return_require_an_action(shipped_return: QuestionSetFile) -> None:
    options = [option for question in shipped_return.questions for option in shipped_return.options_of(question)]
    assert all(option.action_required == (option.rag in {"amber", "red"}) for option in options)
    assert {option.code for option in options if option.urgent} == {"not_in_place"}


def test_a_choice_of_the_return_carries_its_colours(shipped_return: QuestionSetFile) -> None:
    options = shipped_return.options_of(by_code(shipped_return)["4.4"])
    assert [(option.label, option.rag) for option in options] == [
        ("Every week", "green"),
        ("Every half term", "green"),
        ("Every term", "green"),
        ("Once a year", "amber"),
        ("Less often than once a year", "red"),
    ]


def test_the_return_fills_in_what_is_known_already(shipped_return: QuestionSetFile) -> None:
    assert {each.code: each.prefill for each in shipped_return.questions if each.prefill} == {
        "C1": "gias",
        "1.5": "last_cycle_actions",
        "3.5": "context_C2",
    }
    assert by_code(shipped_return)["8.3"].options_from == "events_in_cycle"
    assert by_code(shipped_return)["C6"].sets_flag == Flag.USES_ALTERNATIVE_PROVISION


def test_every_question_has_a_name_that_outlives_its_number(
    shipped_return: QuestionSetFile, shipped_survey: QuestionSetFile
) -> None:
    questions = [*shipped_return.questions, *shipped_survey.questions]
    assert all(each.key != each.code for each in questions)


def test_the_staff_survey_has_its_questions(shipped_survey: QuestionSetFile) -> None:
    assert [(section.code, len(section.questions)) for section in shipped_survey.sections] == [("A", 2), ("Q", 15)]
    assert [row.code for row in by_code(shipped_survey)["Q5"].rows] == [
        "neglect",
        "exploitation",
        "child_on_child",
        "online",
        "radicalisation",
    ]
    right = [option.code for option in by_code(shipped_survey)["Q7"].options if option.correct]
    assert right == ["tell_dsl_today_and_record_words"]


def test_the_return_and_the_staff_survey_name_each_other(
    shipped_return: QuestionSetFile, shipped_survey: QuestionSetFile
) -> None:
    assert check_twins(shipped_return, shipped_survey) == []
    assert sum(len(each.staff_twins) for each in shipped_return.questions) == 23


@pytest.mark.parametrize("path", [RETURN_FILE, SURVEY_FILE], ids=lambda path: path.stem)
def test_a_shipped_file_is_written_as_the_portal_would_write_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#")
    assert "PROPOSAL" in text
    assert write_question_file(read_question_file(text)) == text[text.index("slug:") :]


def test_the_shipped_sets_use_every_answer_type_of_the_portal() -> None:
    sets = [read_question_file(path.read_bytes()) for path in (RETURN_FILE, SURVEY_FILE)]
    assert {question.answer_type for each in sets for question in each.questions} == set(AnswerType.values)


# Reading


@pytest.mark.parametrize(
    "source",
    [SMALL, SMALL.encode(), b"\xef\xbb\xbf" + SMALL.encode(), io.StringIO(SMALL), io.BytesIO(SMALL.encode())],
    ids=["text", "bytes", "byte-order mark", "text file", "binary file"],
)
def test_a_set_can_come_from_a_text_or_a_file(source: str | bytes | io.StringIO | io.BytesIO) -> None:
    assert read_question_file(source).title == "A small set"


def test_windows_line_ends_make_no_difference() -> None:
    assert read_question_file(SMALL.replace("\n", "\r\n")) == read_question_file(SMALL)


def test_a_question_is_read_with_all_it_says() -> None:
    question_set = read_question_file(SMALL)
    assert by_code(question_set)["1.2"] == Question(
        code="1.2",
        key="1.2",
        text="What percentage have read it?",
        answer_type="percent",
        amber_below=90,
        red_below=60,
        applies_when="has_sixth_form",
        scored=True,
        staff_twins=("Q1",),
    )


def test_a_number_keeps_its_nought_and_yes_stays_a_word() -> None:
    question_set = read_question_file(SMALL.replace("id: 1.3", "id: 1.10"))
    assert "1.10" in by_code(question_set)
    assert [option.label for option in question_set.options_of(by_code(question_set)["C1"])] == ["Yes", "No"]


def test_a_question_that_applies_to_all_applies_to_everyone() -> None:
    question_set = read_question_file(SMALL.replace("applies: has_sixth_form", "applies: all"))
    assert by_code(question_set)["1.2"].applies_when == ""


def test_a_choice_may_use_a_scale_of_the_set() -> None:
    scale = "scales:\n  levels:\n    - {code: low, label: Low, rag: red}\n    - {code: high, label: High, rag: green}\n"
    added = "\n      - {id: 1.6, text: 'How far?', type: choice, scale: levels}\n"
    question_set = read_question_file(SMALL.replace("scales:\n", scale).rstrip() + added)
    assert [option.code for option in question_set.options_of(by_code(question_set)["1.6"])] == ["low", "high"]


def test_records_know_their_lines() -> None:
    question = by_code(read_question_file(SMALL))["1.2"]
    assert question.line() == line_of("- id: 1.2", SMALL)
    assert question.line("red_below") == line_of("red_below", SMALL)
    assert question.line("guidance") == question.line()
    assert Question(code="1", key="1", text="?", answer_type="count").line("text") == 0


def test_other_flags_can_be_given() -> None:
    text = SMALL.replace("has_sixth_form", "is_on_an_island")
    question_set = read_question_file(text, flags=["is_on_an_island", "lets_premises"])
    assert by_code(question_set)["1.2"].applies_when == "is_on_an_island"


# Mistakes: what is replaced, by what, the text on whose line the problem is told, and what is told


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        # not a question set at all
        (SMALL, "", "", "The file is empty."),
        (SMALL, "# nothing\n", "", "The file is empty."),
        (SMALL, "just words", "just", "must start with named fields"),
        (SMALL, "- a\n- b\n", "- a", "must start with named fields"),
        ("kind: s175", "kind: [s175", "title", "cannot be read as YAML"),
        ("version", "\tversion", "\tversion", "cannot be read as YAML"),
        ("title: A small set", 'title: "\\UFFFFFFFF"', "title", "a code for a character that does not exist"),
        ("title: A small set", "title: A \a set", "title", "a character here that cannot stand"),
        ("title: A small set", 'title: "A \\a set"', "title", "has a character that cannot be shown (U+0007)"),
        ("title: A small set", "title: &a A small set", "title", "anchors (&) and aliases (*) cannot be used"),
        ("title: A small set", "title: !!python/name:os.system", "title", "tags (!) cannot be used"),
        ("title: A small set", "title: " + "[" * 20 + "]" * 20, "title", "too many lists inside lists"),
        ("kind: s175", "kind: s175\n---\nkind: s175", "---", "cannot be read as YAML"),
        # fields
        (
            "ref_check: recall",
            "refcheck: recall",
            "refcheck",
            "“refcheck” is not a field known here. Did you mean “ref_check”?",
        ),
        ("critical: true", "critcal: true", "critcal", "Did you mean “critical”?"),
        ("title: A small set", "title: A small set\ntitle: B", "title: B", "“title” is given twice."),
        ("title: Details", "title: Details\n    colour: blue", "colour", "“colour” is not a field known here."),
        ("label: Often", "label: Often, weight: 3", "label: Often", "“weight” is not a field known here."),
        ("critical: true", "critical: maybe", "critical", "“critical” must be true or false, not “maybe”."),
        (
            "amber_below: 90",
            "amber_below: ninety",
            "amber_below",
            "“amber_below” must be a whole number, not “ninety”.",
        ),
        ("amber_below: 90", "amber_below: 9.5", "amber_below", "must be a whole number"),
        ("text: How often?", "text: [How, often]", "text: [", "“text” must be a text"),
        ("staff_twin: Q1", "staff_twin: {a: b}", "staff_twin", "“staff_twin” must be a list."),
        ("scales:", "scales: none\nscale_s:", "scales: none", "“scales” must be a group of named fields."),
        (
            "      - id: 1.3\n",
            "      - just a word\n      - id: 1.3\n",
            "just a word",
            "must be a group of named fields.",
        ),
        ("title: Details", "[a, b]: Details", "[a, b]", "The name of a field must be a word."),
        # the set and its sections
        ("kind: s175", "kind: s17", "kind", "kind “s17” is not known. Did you mean “s175”?"),
        ("kind: s175", "", "slug", "kind is missing."),
        ("slug: small", "slug: Small Set", "slug", "“slug” must be a short name"),
        ("title: A small set", "title:", "title", "“title” is missing."),
        ("title: A small set", "title: " + "a" * 201, "title", "“title” has 201 characters; at most 200 fit."),
        ("no_child_data_notice: Name nobody.\n", "", "slug", "“no_child_data_notice” is missing."),
        ("kind: context", "kind: contents", "kind: contents", "kind “contents” is not known. Did you mean “context”?"),
        ("kind: context", "kind: about_you", "kind: about_you", "kind “about_you” is not known."),
        ("id: S1", "id: C", "id: C\n    kind: standard", "The section C is there twice: it is on line 15 already."),
        ("title: Details", "title: ''", "title: ''", "Section C has no title."),
        ("- id: C\n", "- id: C/1\n", "- id: C/1", "“C/1” must be a number or short code"),
        ("kind: standard", "kind: closing", "sections:", "The set has no section of the kind “standard”."),
        # scales and options
        (
            "label: Yes, rag: green}\n    - {code: no, label: No, rag: red, action_required: true}\n  yes_no_na",
            "label: Yes}\n  yes_no_na",
            "yes_no:",
            "Scale yes_no must have the options yes, no, and no others.",
        ),
        ("{code: often, label: Often, rag: green}", "often", "- often", "option often: “label” is missing."),
        ("label: Often, rag: green", "label: Often, rag: blue", "label: Often", "rag “blue” is not known."),
        (
            "label: Often, rag: green",
            "label: Often, rag: green, action_required: true",
            "label: Often",
            "only an amber or red answer can require an action",
        ),
        (
            "label: Often, rag: green",
            "label: Often, rag: green, urgent: true",
            "label: Often",
            "what is urgent must have action_required too",
        ),
        ("code: often", "code: Very Often", "Very Often", "the code must be small letters, digits and underscores"),
        ("code: never", "code: often", "code: often, label: Never", "The code often is there twice"),
        ("needs_reason: true, ", "", "code: na", "“not applicable” must have needs_reason: true."),
        (", scored: false", "", "code: na", "“not applicable” must have scored: false."),
        ("scored: false", "rag: green, scored: false", "code: na", "an answer that is not scored has no colour."),
        # questions
        (
            "id: 1.2",
            "id: 1.1",
            "id: 1.1\n        text: What",
            "The question 1.1 is there twice: it is on line 27 already.",
        ),
        ("id: 1.2", "id: 1.2\n        key: 1.1", "key: 1.1", "The key 1.1 is there twice"),
        ("id: 1.2", "id: 1.2\n        key: a/b", "key: a/b", "“key” can have letters, digits, dots and hyphens"),
        ("- id: 1.2\n        text", "- text", "- text: What", "A question has no “id”."),
        ("text: How often?", "text: ''", "text: ''", "Question 1.3: “text” is missing."),
        ("        text: How often?\n", "", "id: 1.3", "Question 1.3: “text” is missing."),
        (
            "type: percent",
            "type: percentage",
            "type: percentage",
            "type “percentage” is not known. Did you mean “percent”?",
        ),
        ("        type: percent\n", "", "id: 1.2", "Question 1.2: type is missing."),
        (
            "ref_check: recall",
            "ref_check: recalled",
            "ref_check",
            "ref_check “recalled” is not known. Did you mean “recall”?",
        ),
        (
            "prefill: context_C1",
            "prefill: context_C9",
            "prefill",
            "prefill “context_C9” is not known. Did you mean “context_C1”?",
        ),
        ("prefill: context_C1", "options_from: events", "options_from", "options_from “events” is not known."),
        ("prefill: context_C1", "feeds: newsletter", "feeds", "feeds “newsletter” is not known."),
        (
            "has_sixth_form",
            "has_sixthform",
            "applies",
            "applies “has_sixthform” is not known. Did you mean “has_sixth_form”?",
        ),
        ("sets: lets_premises", "sets: lets_premise", "sets", "sets “lets_premise” is not known."),
        (
            "text: Is it so?",
            "text: Is it so?\n        sets: has_boarding",
            "sets: has_boarding",
            "“sets” means nothing for the type yes_no_na.",
        ),
        ("ref: KCSIE Part two", "ref: " + "a" * 251, "ref: a", "“ref” has 251 characters; at most 250 fit."),
        # answers to choose from
        (
            OFTEN_OR_NEVER,
            "",
            "id: 1.3",
            "Question 1.3: there is nothing to choose from: “options” is missing.",
        ),
        (
            "type: date",
            "type: date\n        options: [{code: a, label: A}]",
            "options: [",
            "“options” means nothing for the type date.",
        ),
        ("type: yes_no_na", "type: rating4", "id: 1.5", "Question 1.5: the file has no scale rating4."),
        (
            "type: yes_no_na",
            "type: yes_no_na\n        scale: yes_no",
            "scale: yes_no\n",
            "the type yes_no_na uses the scale yes_no_na.",
        ),
        (
            "type: choice",
            "type: choice\n        scale: yes_no",
            "scale: yes_no\n",
            "give either options or a scale, not both.",
        ),
        (
            ", exclusive: true",
            "",
            "options:\n          - {code: one",
            "one option, such as “None of these”, must have exclusive: true.",
        ),
        (
            "label: Often",
            "label: Often, exclusive: true",
            "options:\n          - {code: often",
            "exclusive means nothing for the type choice.",
        ),
        ("type: date", "type: likert5_grid", "id: 1.1", "Question 1.1: a grid needs “rows”."),
        (
            "type: date",
            "type: knowledge\n        options: [{code: a, label: A}]",
            "options: [",
            "one option must have correct: true.",
        ),
        # thresholds and scores
        ("red_below: 60", "red_below: 95", "red_below", "red_below (95) must not be above amber_below (90)."),
        ("amber_below: 90", "amber_below: 101", "amber_below", "“amber_below” must be from 1 to 100, not 101."),
        ("type: date", "type: count", "max_age_days", "“max_age_days” means nothing for the type count."),
        ("max_age_days: 365", "max_age_days: 99999", "max_age_days", "“max_age_days” must be from 1 to 3650"),
        ("type: yes_no_na", "type: text", "id: 1.5", "Question 1.5: a text needs “max_length”, in characters."),
        (
            "type: yes_no_na",
            "type: count",
            "type: count",
            "Question 1.5 can turn no colour. Give it a threshold, or scored: false.",
        ),
        (
            "label: Often, rag: green",
            "label: Often",
            "options:\n          - {code: often",
            "every option needs a colour (rag), because it is scored.",
        ),
        ("sets: lets_premises", "scored: true", "scored: true", "only the questions of a standard are scored."),
        ("sets: lets_premises", "critical: true", "critical", "a question that is not scored cannot be critical."),
        # twins
        ("staff_twin: Q1", "staff_twin: [Q1, Q/2]", "staff_twin", "“Q/2” must be a number or short code"),
        ("staff_twin: Q1", "links: Q1", "links", "only a staff survey has “links”."),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, at: str, message: str) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    told = [problem for problem in problems_of(text) if message in problem.message]
    assert [problem.line for problem in told] == [line_of(at, text)]


def test_a_single_mistake_is_told_once() -> None:
    for old, new in [
        ("text: How often?", "text: []"),
        ("type: percent", "type: [a]"),
        ("yes_no:\n", "yes_no: x\n  b:\n"),
    ]:
        assert len(problems_of(SMALL.replace(old, new, 1))) == 1


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = (
        SMALL.replace("slug: small", "slug: S")
        .replace("type: date", "type: dat")
        .replace("red_below: 60", "red_below: x")
    )
    lines = [problem.line for problem in problems_of(text)]
    assert lines == [1, line_of("type: dat", text), line_of("red_below", text)]


def test_the_error_can_be_shown_as_it_is() -> None:
    with pytest.raises(QuestionFileError, match=r"^Line 2: kind “s17” is not known\. Did you mean “s175”\?$"):
        read_question_file(SMALL.replace("s175", "s17"))


def test_of_very_many_mistakes_the_first_are_told_and_the_rest_counted() -> None:
    problems = problems_of(SMALL + "      - {}\n" * 300)
    assert len(problems) == 201
    assert problems[-1].message == "From here on there are 700 more problems."


def test_an_alias_bomb_is_refused_before_it_swells() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    assert problems_of(f"l0: &l0 [a]\n{levels}")[0].line == 1


def test_a_file_that_is_too_big_is_refused() -> None:
    assert "too big" in problems_of(SMALL + "#" * 200_000)[0].message
    assert "too big" in problems_of((SMALL + "#" * 200_000).encode())[0].message


def test_a_file_that_is_not_utf8_is_refused_with_the_line() -> None:
    text = SMALL.replace("Leadership", "Führung")
    assert problems_of(text.encode("cp1252")) == [
        Problem(line_of("Führung", text), "This is not UTF-8 text. Save the file as UTF-8.")
    ]


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ('links: ["1.2"]', "staff_twin: [Q2]", "staff_twin", "a staff survey has “links”, not “staff_twin”."),
        ("kind: questions", "kind: standard", "kind: standard", "kind “standard” is not known."),
        ("code: online", "code: neglect", "label: Online", "The code neglect is there twice"),
        ("label: Online harm", "label: ''", "code: online", "row online: “label” is missing."),
        (
            "code: wait, label: Wait",
            "code: wait, label: Wait, correct: true",
            "options:",
            "one option must have correct: true.",
        ),
        ("max_length: 500", "max_length: 50000", "max_length", "“max_length” must be from 1 to 5000, not 50000."),
    ],
)
def test_a_mistake_in_a_survey_is_told_with_its_line(old: str, new: str, at: str, message: str) -> None:
    assert old in SURVEY
    text = SURVEY.replace(old, new, 1)
    told = [problem for problem in problems_of(text) if message in problem.message]
    assert [problem.line for problem in told] == [line_of(at, text)]


def test_a_set_from_no_file_can_be_checked_too() -> None:
    question_set = read_question_file(SMALL)
    section = question_set.sections[1]
    wrong = replace(section.questions[1], red_below=95, lines={})
    edited = replace(question_set, sections=(replace(section, questions=(wrong,)),))
    message = "Question 1.2: red_below (95) must not be above amber_below (90)."
    assert check_question_set(edited, flags=Flag.values) == [Problem(0, message)]
    assert str(Problem(0, message)) == message


# Twins


def test_a_twin_that_is_not_in_the_survey_is_told() -> None:
    text = SMALL.replace("staff_twin: Q1", "staff_twin: [Q1, Q9]")
    assert check_twins(read_question_file(text), read_question_file(SURVEY)) == [
        Problem(line_of("staff_twin", text), "small 1.2: survey has no question Q9.")
    ]


def test_a_twin_that_does_not_name_it_back_is_told() -> None:
    text = SURVEY.replace('["1.2"]', '["1.2", "1.3", "9.9"]')
    assert check_twins(read_question_file(SMALL), read_question_file(text)) == [
        Problem(line_of("links", text), "survey Q1: question 1.3 of small does not name it back."),
        Problem(line_of("links", text), "survey Q1: small has no question 9.9."),
    ]


# Properties

CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(list(": #'\"{}[]-|>&*!%@`\\,?~"))
TEXTS = st.text(CHARACTERS, max_size=80).map(lambda text: " ".join(text.split())).filter(bool)
PROSE = st.lists(st.text(CHARACTERS, max_size=150) | st.just(""), max_size=4).map(
    lambda parts: "\n".join(parts).strip()
)
CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.]{0,9}", fullmatch=True)
OPTION_CODES = st.from_regex(r"[a-z0-9][a-z0-9_]{0,12}", fullmatch=True).filter(lambda code: code != "na")


def options(**fixed: object) -> st.SearchStrategy[tuple[Option, ...]]:
    option = st.builds(Option, code=OPTION_CODES, label=TEXTS, help=TEXTS | st.just(""), **fixed)
    return st.lists(option, min_size=2, max_size=4, unique_by=lambda each: each.code).map(tuple)


@st.composite
def questions(draw: st.DrawFn, code: str) -> Question:
    answer_type = draw(
        st.sampled_from(["date", "percent", "count", "text", "choice", "multi", "likert5_grid", "person"])
    )
    question = Question(
        code=code,
        key=draw(st.just(code) | CODES.map(lambda word: f"{code}-{word}")),
        text=draw(TEXTS),
        guidance=draw(PROSE),
        answer_type=answer_type,
        reference=draw(TEXTS | st.just("")),
        reference_check=draw(st.sampled_from(["shown", "recall", ""])),
        evidence_prompt=draw(TEXTS | st.just("")),
        applies_when=draw(st.sampled_from(["", *Flag.values])),
        staff_twins=tuple(draw(st.lists(CODES, max_size=3))),
        theme_linked=draw(st.booleans()),
        feeds=draw(st.sampled_from(["", "good_practice_library"])),
    )
    match answer_type:
        case "date":
            return replace(question, max_age_days=draw(st.integers(1, 3650)), scored=True, critical=draw(st.booleans()))
        case "percent":
            amber, red = sorted(draw(st.tuples(st.integers(1, 100), st.integers(1, 100))), reverse=True)
            return replace(question, amber_below=amber, red_below=red, scored=draw(st.booleans()))
        case "text":
            return replace(question, max_length=draw(st.integers(1, 5000)))
        case "choice":
            return replace(question, options=draw(options(rag=st.sampled_from(["green", "amber"]))), scored=True)
        case "multi":
            first, *rest = draw(options())
            return replace(question, options=(replace(first, exclusive=True), *rest))
        case "likert5_grid":
            return replace(question, scale_code="likert5", rows=(GridRow(code=draw(OPTION_CODES), label=draw(TEXTS)),))
    return question


@st.composite
def question_sets(draw: st.DrawFn) -> QuestionSetFile:
    codes = draw(st.lists(CODES, min_size=1, max_size=4, unique=True))
    likert5 = ("strongly_agree", "agree", "neither", "disagree", "strongly_disagree")
    return QuestionSetFile(
        slug=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)),
        kind="s175",
        title=draw(TEXTS),
        version=draw(TEXTS.map(lambda text: text[:40].strip())),
        introduction=draw(PROSE),
        no_child_data_notice=draw(PROSE.filter(bool)),
        scales=(Scale(code="likert5", options=tuple(Option(code=code, label=draw(TEXTS)) for code in likert5)),),
        sections=(
            Section(
                code=draw(CODES),
                title=draw(TEXTS),
                kind="standard",
                introduction=draw(PROSE),
                questions=tuple(draw(questions(code)) for code in codes),
            ),
        ),
    )


@given(question_sets())
def test_what_is_written_is_read_again_as_the_same_set(question_set: QuestionSetFile) -> None:
    assert read_question_file(write_question_file(question_set)) == question_set


PIECES = st.sampled_from(
    [*SMALL.splitlines(keepends=True), "- ", "  ", "{", "}", "[", "]", ": ", "\n", "&a ", "*a", "!", "'", '"']
)


def result_of(source: str | bytes) -> QuestionSetFile | tuple[Problem, ...]:
    try:
        return read_question_file(source)
    except QuestionFileError as error:
        return error.problems


@given(st.text() | st.binary() | st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join))
def test_anything_else_gives_a_set_or_says_what_is_wrong(source: str | bytes) -> None:
    result = result_of(source)
    assert result
    assert isinstance(result, QuestionSetFile) or all(each.line >= 1 and each.message for each in result)


@given(st.integers(0, len(SMALL)), st.integers(0, 30), st.text(max_size=5))
def test_a_slip_of_the_keyboard_gives_a_set_or_says_what_is_wrong(place: int, length: int, typed: str) -> None:
    result = result_of(SMALL[:place] + typed + SMALL[place + length :])
    assert result
    assert isinstance(result, QuestionSetFile) or all(each.line >= 1 and each.message for each in result)
