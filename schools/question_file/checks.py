"""What can be wrong with a question set. Each rule is one small function that tells what breaks it, and where."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from hscp.lib.lined_yaml import ALREADY_TOLD, Problem, did_you_mean
from schools.choices import AnswerType, QuestionSetKind, Rag, SectionKind
from schools.question_file.records import FIXED_SCALES, GridRow, Option, Question, QuestionSetFile, Section

COLOURS = (Rag.GREEN, Rag.AMBER, Rag.RED)
REFERENCE_CHECKS = ("shown", "recall")
PREFILLS = ("gias", "last_cycle_actions")  # and context_C2: what question C2 of the set was answered with
OPTION_SOURCES = ("events_in_cycle",)
FEEDS = ("good_practice_library", "learning_hub_suggestion", "themed_suggestions")

SECTION_KINDS: Mapping[str, tuple[str, ...]] = {
    QuestionSetKind.S175: (SectionKind.CONTEXT, SectionKind.STANDARD, SectionKind.CLOSING),
    QuestionSetKind.S11: (SectionKind.CONTEXT, SectionKind.STANDARD, SectionKind.CLOSING),
    QuestionSetKind.STAFF_SURVEY: (SectionKind.ABOUT_YOU, SectionKind.QUESTIONS),
}
"""The kinds of section that each kind of set is made of."""

MAIN_SECTION: Mapping[str, str] = {
    QuestionSetKind.S175: SectionKind.STANDARD,
    QuestionSetKind.S11: SectionKind.STANDARD,
    QuestionSetKind.STAFF_SURVEY: SectionKind.QUESTIONS,
}
"""The kind of section without which there is nothing to ask."""

SCALE_CODES: Mapping[str, tuple[str, ...]] = {
    "rating4": ("embedded", "in_place", "developing", "not_in_place"),
    "yes_no": ("yes", "no"),
    "yes_no_na": ("yes", "no", "na"),
    "likert5": ("strongly_agree", "agree", "neither", "disagree", "strongly_disagree"),
    "yes_unsure_no": ("yes", "not_sure", "no"),
}
"""The codes that the portal itself goes by: years can be compared only if they stay the same."""

NOT_APPLICABLE = "na"
WITH_OPTIONS = (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.KNOWLEDGE)

# Field of the file → the answer types that it makes sense for.
FIELDS_OF_TYPES: Mapping[str, tuple[str, ...]] = {
    "amber_below": (AnswerType.PERCENT,),
    "red_below": (AnswerType.PERCENT,),
    "max_age_days": (AnswerType.DATE,),
    "max_length": (AnswerType.TEXT,),
    "options": WITH_OPTIONS,
    "options_from": (AnswerType.MULTI,),
    "scale": (AnswerType.CHOICE, *FIXED_SCALES),
    "rows": (AnswerType.LIKERT5_GRID,),
    "sets": (AnswerType.YES_NO,),
}

MAX_PERCENT = 100
MAX_AGE_DAYS = 3650  # ten years
MAX_ANSWER = 5000  # characters

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,9}")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,59}")
_SCALE_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_OPTION_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
_OPTION_CODE_RULE = "the code must be small letters, digits and underscores"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")

# Longest texts, in characters: as much as the database's columns hold, and no novels.
_SET_LENGTHS = {
    "title": 200,
    "version": 40,
    "guidance_edition": 250,
    "introduction": 5000,
    "no_child_data_notice": 1000,
}
_SECTION_LENGTHS = {"title": 200, "introduction": 5000}
_QUESTION_LENGTHS = {"text": 1000, "guidance": 3000, "reference": 250, "evidence_prompt": 250}
_OPTION_LENGTHS = {"label": 150, "help": 300}
_FIELD_NAMES = {"reference": "ref", "evidence_prompt": "evidence"}  # where the file has a shorter name

Problems = Iterator[Problem]
Lengths = Mapping[str, int]


def check_question_set(question_set: QuestionSetFile, *, flags: Collection[str]) -> list[Problem]:
    """Everything that is wrong with the set, by line; nothing if it can be used.

    ``flags`` are what may be true of a school. A set that comes from no file can be checked too: then the lines are 0,
    and the messages name the question.
    """
    problems = chain(
        *(rule(question_set) for rule in _SET_RULES),
        *(rule(question, question_set) for question in question_set.questions for rule in _QUESTION_RULES),
        *(_flag_problems(question, flags) for question in question_set.questions),
    )
    return sorted(problem for problem in problems if problem.line != ALREADY_TOLD)


# The set and its sections


def _set_problems(question_set: QuestionSetFile) -> Problems:
    line = question_set.line
    if question_set.kind not in SECTION_KINDS:
        yield from _unknown(line("kind"), "kind", question_set.kind, SECTION_KINDS)
    if not _SLUG.fullmatch(question_set.slug):
        yield Problem(line("slug"), "“slug” must be a short name of small letters, digits and hyphens.")
    for field in ("title", "version", "no_child_data_notice"):
        if not getattr(question_set, field):
            yield Problem(line(field), f"“{field}” is missing.")
    yield from _too_long(question_set, _SET_LENGTHS, "The set")


def _section_problems(question_set: QuestionSetFile) -> Problems:
    main = MAIN_SECTION.get(question_set.kind)
    if main and main not in {section.kind for section in question_set.sections}:
        yield Problem(question_set.line("sections"), f"The set has no section of the kind “{main}”.")
    for section in question_set.sections:
        kinds = SECTION_KINDS.get(question_set.kind, tuple(SectionKind.values))
        if section.kind not in kinds:
            yield from _unknown(section.line("kind"), "kind", section.kind, kinds)
        if not _CODE.fullmatch(section.code):
            yield Problem(section.line("id"), _code_rule("A section", section.code))
        if not section.title:
            yield Problem(section.line("title"), f"{_name(section)} has no title.")
        if not section.questions:
            yield Problem(section.line("questions"), f"{_name(section)} has no questions.")
        yield from _too_long(section, _SECTION_LENGTHS, _name(section))


# Scales and options


def _scale_problems(question_set: QuestionSetFile) -> Problems:
    for scale in question_set.scales:
        name = f"Scale {scale.code}"
        expected = SCALE_CODES.get(scale.code)
        if expected and {option.code for option in scale.options} != set(expected):
            yield Problem(scale.line(), f"{name} must have the options {', '.join(expected)}, and no others.")
        elif not scale.options:
            yield Problem(scale.line(), f"{name} has no options.")
        if not _SCALE_CODE.fullmatch(scale.code):
            yield Problem(scale.line(), f"{name}: {_OPTION_CODE_RULE}.")
        yield from _option_problems(scale.options, name)


def _option_problems(options: Iterable[Option], name: str) -> Problems:
    for option in options:
        its_name = f"{name}, option {option.code}" if option.code else f"{name}, an option"
        yield from _wording_problems(option, its_name)
        yield from _meaning_problems(option, its_name)


def _wording_problems(option: Option | GridRow, name: str) -> Problems:
    if not _OPTION_CODE.fullmatch(option.code):
        yield Problem(option.line("code"), f"{name}: {_OPTION_CODE_RULE}.")
    if not option.label:
        yield Problem(option.line("label"), f"{name}: “label” is missing. People see the label, not the code.")
    yield from _too_long(option, _OPTION_LENGTHS, name)


def _meaning_problems(option: Option, name: str) -> Problems:
    if option.rag and option.rag not in COLOURS:
        yield from _unknown(option.line("rag"), f"{name}: rag", option.rag, COLOURS)
    if option.action_required and option.rag not in {Rag.AMBER, Rag.RED}:
        yield Problem(option.line("action_required"), f"{name}: only an amber or red answer can require an action.")
    if option.urgent and not option.action_required:
        yield Problem(option.line("urgent"), f"{name}: what is urgent must have action_required too.")
    if option.code == NOT_APPLICABLE and not option.needs_reason:
        yield Problem(option.line("code"), f"{name}: “not applicable” must have needs_reason: true.")
    if option.code == NOT_APPLICABLE and option.scored:
        yield Problem(option.line("code"), f"{name}: “not applicable” must have scored: false.")
    if option.rag and not option.scored:
        yield Problem(option.line("rag"), f"{name}: an answer that is not scored has no colour.")


# Questions


def _naming(question: Question, _: QuestionSetFile) -> Problems:
    name = _name(question)
    if not _CODE.fullmatch(question.code):
        yield Problem(question.line("id"), _code_rule("A question", question.code))
    elif not _KEY.fullmatch(question.key):
        message = f"{name}: “key” can have letters, digits, dots and hyphens, at most 60."
        yield Problem(question.line("key"), message)
    if not question.text:
        yield Problem(question.line("text"), f"{name}: “text” is missing.")
    yield from _too_long(question, _QUESTION_LENGTHS, name)


def _known_words(question: Question, question_set: QuestionSetFile) -> Problems:
    """Words that must be one of a list."""
    prefills = (*PREFILLS, *(f"context_{code}" for code in _context_codes(question_set)))
    for field, word, allowed in (
        ("type", question.answer_type, AnswerType.values),
        ("ref_check", question.reference_check, REFERENCE_CHECKS),
        ("prefill", question.prefill, prefills),
        ("options_from", question.options_from, OPTION_SOURCES),
        ("feeds", question.feeds, FEEDS),
    ):
        if (word or field == "type") and word not in allowed:
            yield from _unknown(question.line(field), f"{_name(question)}: {field}", word, allowed)


def _context_codes(question_set: QuestionSetFile) -> Iterator[str]:
    for section in question_set.sections:
        if section.kind == SectionKind.CONTEXT:
            yield from (question.code for question in section.questions)


def _fields_that_fit(question: Question, _: QuestionSetFile) -> Problems:
    """A field that has no meaning for the type of answer is a mistake somewhere."""
    given = {
        "amber_below": question.amber_below is not None,
        "red_below": question.red_below is not None,
        "max_age_days": question.max_age_days is not None,
        "max_length": question.max_length is not None,
        "options": bool(question.options),
        "options_from": bool(question.options_from),
        "scale": bool(question.scale_code),
        "rows": bool(question.rows),
        "sets": bool(question.sets_flag),
    }
    for field, types in FIELDS_OF_TYPES.items():
        if given[field] and question.answer_type in AnswerType.values and question.answer_type not in types:
            yield Problem(
                question.line(field), f"{_name(question)}: “{field}” means nothing for the type {question.answer_type}."
            )


def _choices(question: Question, question_set: QuestionSetFile) -> Problems:
    name = _name(question)
    fixed = FIXED_SCALES.get(question.answer_type)
    if fixed and question.scale_code != fixed:
        yield Problem(question.line("scale"), f"{name}: the type {question.answer_type} uses the scale {fixed}.")
    elif question.scale_code and question.scale_code not in {scale.code for scale in question_set.scales}:
        yield Problem(question.line("scale"), f"{name}: the file has no scale {question.scale_code}.")
    if question.answer_type in WITH_OPTIONS:
        yield from _own_options(question, name)
    yield from _option_problems(question.options, name)


def _own_options(question: Question, name: str) -> Problems:
    if question.options and question.scale_code:
        yield Problem(question.line("scale"), f"{name}: give either options or a scale, not both.")
    if not (question.options or question.scale_code):
        yield Problem(question.line("options"), f"{name}: there is nothing to choose from: “options” is missing.")
    elif question.answer_type == AnswerType.MULTI and _count(question.options, "exclusive") != 1:
        message = f"{name}: one option, such as “None of these”, must have exclusive: true."
        yield Problem(question.line("options"), message)
    elif question.answer_type == AnswerType.KNOWLEDGE and _count(question.options, "correct") != 1:
        yield Problem(question.line("options"), f"{name}: one option must have correct: true.")
    for field, owner in (("exclusive", AnswerType.MULTI), ("correct", AnswerType.KNOWLEDGE)):
        if question.answer_type != owner and _count(question.options, field):
            yield Problem(
                question.line("options"), f"{name}: {field} means nothing for the type {question.answer_type}."
            )


def _grid(question: Question, _: QuestionSetFile) -> Problems:
    if question.answer_type == AnswerType.LIKERT5_GRID and not question.rows:
        yield Problem(question.line("rows"), f"{_name(question)}: a grid needs “rows”.")
    for row in question.rows:
        yield from _wording_problems(row, f"{_name(question)}, row {row.code}")


def _thresholds(question: Question, _: QuestionSetFile) -> Problems:
    name = _name(question)
    for field, value, highest in (
        ("amber_below", question.amber_below, MAX_PERCENT),
        ("red_below", question.red_below, MAX_PERCENT),
        ("max_age_days", question.max_age_days, MAX_AGE_DAYS),
        ("max_length", question.max_length, MAX_ANSWER),
    ):
        if value is not None and not 1 <= value <= highest:
            yield Problem(question.line(field), f"{name}: “{field}” must be from 1 to {highest}, not {value}.")
    if (
        question.red_below is not None
        and question.amber_below is not None
        and question.red_below > question.amber_below
    ):
        message = f"{name}: red_below ({question.red_below}) must not be above amber_below ({question.amber_below})."
        yield Problem(question.line("red_below"), message)
    if question.answer_type == AnswerType.TEXT and question.max_length is None:
        yield Problem(question.line("max_length"), f"{name}: a text needs “max_length”, in characters.")


def _scoring_problems(question_set: QuestionSetFile) -> Problems:
    for section in question_set.sections:
        for question in section.questions:
            if question.scored:
                yield from _scored_problems(question, section, question_set)
            elif question.critical:
                message = f"{_name(question)}: a question that is not scored cannot be critical."
                yield Problem(question.line("critical"), message)


def _scored_problems(question: Question, section: Section, question_set: QuestionSetFile) -> Problems:
    name = _name(question)
    if not section.is_scored:
        yield Problem(question.line("scored"), f"{name}: only the questions of a standard are scored.")
    elif not _can_turn_colour(question, question_set):
        yield Problem(question.line("type"), f"{name} can turn no colour. Give it a threshold, or scored: false.")
    elif not all(option.rag for option in question_set.options_of(question) if option.scored):
        yield Problem(question.line("options"), f"{name}: every option needs a colour (rag), because it is scored.")


def _can_turn_colour(question: Question, question_set: QuestionSetFile) -> bool:
    """Whether some answer would be green, amber or red. Of a type that is not known nothing is known; that is told."""
    thresholds = (question.amber_below, question.red_below, question.max_age_days)
    if question.answer_type not in AnswerType.values or any(value is not None for value in thresholds):
        return True
    return any(option.rag for option in question_set.options_of(question))


def _names_of_others(question: Question, question_set: QuestionSetFile) -> Problems:
    is_survey = question_set.kind == QuestionSetKind.STAFF_SURVEY
    if question.staff_twins and is_survey:
        yield Problem(question.line("staff_twin"), f"{_name(question)}: a staff survey has “links”, not “staff_twin”.")
    if question.links and not is_survey:
        yield Problem(question.line("links"), f"{_name(question)}: only a staff survey has “links”.")
    for field, codes in (("staff_twin", question.staff_twins), ("links", question.links)):
        for code in codes:
            if not _CODE.fullmatch(code):
                yield Problem(question.line(field), _code_rule(f"{_name(question)}: {field}", code))


def _flag_problems(question: Question, flags: Collection[str]) -> Problems:
    for field, flag in (("applies", question.applies_when), ("sets", question.sets_flag)):
        if flag and flag not in flags:
            yield from _unknown(question.line(field), f"{_name(question)}: {field}", flag, flags)


# What must be there once


def _duplicates(question_set: QuestionSetFile) -> Problems:
    questions = list(question_set.questions)
    by_code = {question.code: question for question in questions}  # a question twice has its key twice: say it once
    yield from _repeated("section", ((section.code, section.line("id")) for section in question_set.sections))
    yield from _repeated("question", ((question.code, question.line("id")) for question in questions))
    yield from _repeated("key", ((question.key, question.line("key")) for question in by_code.values()))
    yield from _repeated("flag", ((question.sets_flag, question.line("sets")) for question in questions))
    for listed in _lists_of_codes(question_set):
        yield from _repeated("code", ((each.code, each.line("code")) for each in listed))


def _lists_of_codes(question_set: QuestionSetFile) -> Iterator[tuple[Option, ...] | tuple[GridRow, ...]]:
    for scale in question_set.scales:
        yield scale.options
    for question in question_set.questions:
        yield question.options
        yield question.rows


def _repeated(what: str, places: Iterable[tuple[str, int]]) -> Problems:
    first: dict[str, int] = {}
    for code, line in places:
        if code and code in first:
            before = f": it is on line {first[code]} already" if first[code] > 0 else ""
            yield Problem(line, f"The {what} {code} is there twice{before}.")
        first.setdefault(code, line)


# Words that the messages share


def _name(record: Question | Section) -> str:
    what = type(record).__name__
    return f"{what} {record.code}" if record.code else f"This {what.lower()}"


def _unknown(line: int, what: str, word: str, allowed: Collection[str]) -> Problems:
    if word:
        yield Problem(line, f"{what} “{word}” is not known. {did_you_mean(word, allowed)}")
    else:
        yield Problem(line, f"{what} is missing. It can be {', '.join(allowed)}.")


def _too_long(record: QuestionSetFile | Section | Question | Option | GridRow, lengths: Lengths, name: str) -> Problems:
    for attribute, most in lengths.items():
        field = _FIELD_NAMES.get(attribute, attribute)
        length = len(getattr(record, attribute, ""))
        if length > most:
            yield Problem(record.line(field), f"{name}: “{field}” has {length:,} characters; at most {most:,} fit.")


def _count(options: Iterable[Option], attribute: str) -> int:
    return sum(getattr(option, attribute) for option in options)


def _code_rule(name: str, code: str) -> str:
    if not code:
        return f"{name} has no “id”."
    return f"{name}: “{code}” must be a number or short code of letters, digits and dots, at most 10."


_SET_RULES: tuple[Callable[[QuestionSetFile], Problems], ...] = (
    _set_problems,
    _section_problems,
    _scale_problems,
    _scoring_problems,
    _duplicates,
)
_QUESTION_RULES: tuple[Callable[[Question, QuestionSetFile], Problems], ...] = (
    _naming,
    _known_words,
    _fields_that_fit,
    _choices,
    _grid,
    _thresholds,
    _names_of_others,
)
