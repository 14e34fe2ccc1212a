"""From a file to a question set, or to everything that is wrong with it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import IO

from hscp.lib.lined_yaml import OWN_LINE, Entry, Problem, Unreadable, load
from schools.choices import Flag
from schools.question_file.checks import check_question_set
from schools.question_file.records import FIXED_SCALES, GridRow, Option, Question, QuestionSetFile, Scale, Section

EVERYONE = "all"
MAX_TOLD = 200  # problems: nobody mends more at a time


class QuestionFileError(ValueError):
    """The file cannot be used. ``problems`` holds what is wrong with it, in the order of the lines.

    Of more than 200 problems it holds the first 200 and one that says how many more there are.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        told, untold = sorted(problems)[:MAX_TOLD], len(problems) - MAX_TOLD
        if untold > 0:
            told.append(Problem(told[-1].line, f"From here on there are {untold:,} more problems."))
        self.problems = tuple(told)
        super().__init__("\n".join(map(str, self.problems)))


def read_question_file(
    source: str | bytes | IO[str] | IO[bytes], *, flags: Collection[str] = tuple(Flag.values)
) -> QuestionSetFile:
    """The question set in a YAML file, or in its text.

    ``flags`` are what may be true of a school, for "applies" and "sets". Raises ``QuestionFileError`` with every
    problem that was found, each with its line, unless the set is complete and sound. Format: docs/question-sets.md.
    """
    problems: list[Problem] = []
    try:
        question_set = _question_set(load(source, problems))
    except Unreadable as error:
        raise QuestionFileError([error.problem]) from error
    problems += check_question_set(question_set, flags=flags)
    if problems:
        raise QuestionFileError(problems)
    return question_set


def _question_set(entry: Entry) -> QuestionSetFile:
    return QuestionSetFile(
        slug=entry.text("slug"),
        kind=entry.text("kind"),
        title=entry.text("title"),
        version=entry.text("version"),
        guidance_edition=entry.text("guidance_edition"),
        introduction=entry.prose("introduction"),
        no_child_data_notice=entry.prose("no_child_data_notice"),
        scales=_scales(entry.group("scales")),
        sections=tuple(map(_section, entry.entries("sections"))),
        lines=entry.close(),
    )


def _scales(group: Entry | None) -> tuple[Scale, ...]:
    if group is None:
        return ()
    options = {code: _options(group, code) for code in group.names()}
    lines = group.close()
    return tuple(Scale(code=code, options=options[code], lines={OWN_LINE: lines[code]}) for code in options)


def _options(entry: Entry, name: str) -> tuple[Option, ...]:
    return tuple(map(_option, entry.entries(name, bare="code")))


def _option(entry: Entry) -> Option:
    return Option(
        code=entry.text("code"),
        label=entry.text("label"),
        help=entry.text("help"),
        rag=entry.text("rag"),
        action_required=entry.truth("action_required"),
        urgent=entry.truth("urgent"),
        needs_reason=entry.truth("needs_reason"),
        scored=entry.truth("scored", default=True),
        correct=entry.truth("correct"),
        exclusive=entry.truth("exclusive"),
        lines=entry.close(),
    )


def _section(entry: Entry) -> Section:
    section = Section(
        code=entry.text("id"),
        kind=entry.text("kind"),
        title=entry.text("title"),
        introduction=entry.prose("introduction"),
        questions=(),
    )
    questions = tuple(_question(each, section) for each in entry.entries("questions"))
    return replace(section, questions=questions, lines=entry.close())


def _question(entry: Entry, section: Section) -> Question:
    code, answer_type = entry.text("id"), entry.text("type")
    applies_when = entry.text("applies")
    return Question(
        code=code,
        key=entry.text("key") or code,
        text=entry.text("text"),
        guidance=entry.prose("guidance"),
        answer_type=answer_type,
        scale_code=entry.text("scale") or FIXED_SCALES.get(answer_type, ""),
        options=_options(entry, "options"),
        options_from=entry.text("options_from"),
        rows=tuple(map(_row, entry.entries("rows", bare="code"))),
        applies_when="" if applies_when == EVERYONE else applies_when,
        critical=entry.truth("critical"),
        scored=entry.truth("scored", default=section.is_scored),
        amber_below=entry.number("amber_below"),
        red_below=entry.number("red_below"),
        max_age_days=entry.number("max_age_days"),
        max_length=entry.number("max_length"),
        reference=entry.text("ref"),
        reference_check=entry.text("ref_check"),
        evidence_prompt=entry.text("evidence"),
        prefill=entry.text("prefill"),
        sets_flag=entry.text("sets"),
        staff_twins=entry.words("staff_twin"),
        links=entry.words("links"),
        theme_linked=entry.truth("theme_linked"),
        feeds=entry.text("feeds"),
        lines=entry.close(),
    )


def _row(entry: Entry) -> GridRow:
    return GridRow(code=entry.text("code"), label=entry.text("label"), lines=entry.close())
