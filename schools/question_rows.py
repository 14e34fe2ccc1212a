"""Between the rows of a question set and the records of its file: one mapping, read in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schools import question_file as file
from schools.models import Option, Question, QuestionSet, Scale, Section

# Fields of the same name and meaning on both sides.
SET_FIELDS: Final = ("title", "guidance_edition", "introduction", "no_child_data_notice")
SECTION_FIELDS: Final = ("code", "kind", "title", "introduction")
OPTION_FIELDS: Final = (
    "code",
    "label",
    "help",
    "rag",
    "action_required",
    "urgent",
    "needs_reason",
    "scored",
    "correct",
    "exclusive",
)
QUESTION_FIELDS: Final = (
    "code",
    "key",
    "text",
    "guidance",
    "answer_type",
    "options_from",
    "applies_when",
    "critical",
    "scored",
    "amber_below",
    "red_below",
    "max_age_days",
    "max_length",
    "reference",
    "reference_check",
    "evidence_prompt",
    "prefill",
    "sets_flag",
    "theme_linked",
    "feeds",
)


def _same(record: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


# --- From the file to rows ------------------------------------------------------------------------------------------


def write_rows(question_set: QuestionSet, parsed: file.QuestionSetFile) -> None:
    """Make the rows of an empty set: four statements, whatever its size."""
    scales = _scales(question_set, parsed)
    Scale.objects.bulk_create(scales.values())
    Option.objects.bulk_create(_options(scales, parsed))
    sections = [
        Section(question_set=question_set, position=position, **_same(section, SECTION_FIELDS))
        for position, section in enumerate(parsed.sections, start=1)
    ]
    Section.objects.bulk_create(sections)
    Question.objects.bulk_create(
        _question_row(section, position, question, scales)
        for section, its_file in zip(sections, parsed.sections, strict=True)
        for position, question in enumerate(its_file.questions, start=1)
    )


def _scales(question_set: QuestionSet, parsed: file.QuestionSetFile) -> dict[str, Scale]:
    """The scales by code: those of the file, and one for each question that has options of its own."""
    shared = [scale.code for scale in parsed.scales]
    own = [Scale.own_code(question.key) for question in parsed.questions if question.options]
    return {code: Scale(question_set=question_set, code=code) for code in (*shared, *own)}


def _options(scales: Mapping[str, Scale], parsed: file.QuestionSetFile) -> Iterable[Option]:
    listed = {scale.code: scale.options for scale in parsed.scales}
    listed |= {Scale.own_code(question.key): question.options for question in parsed.questions if question.options}
    for code, options in listed.items():
        scale = scales[code]
        for position, option in enumerate(options, start=1):
            values = _same(option, OPTION_FIELDS)
            yield Option(question_set=scale.question_set, scale=scale, position=position, **values)


def _question_row(section: Section, position: int, question: file.Question, scales: Mapping[str, Scale]) -> Question:
    code = Scale.own_code(question.key) if question.options else question.scale_code
    return Question(
        question_set=section.question_set,
        section=section,
        position=position,
        scale=scales.get(code),
        staff_twins=list(question.staff_twins),
        links=list(question.links),
        rows=[[row.code, row.label] for row in question.rows],
        **_same(question, QUESTION_FIELDS),
    )


# --- From rows to the file ------------------------------------------------------------------------------------------


def read_rows(question_set: QuestionSet) -> file.QuestionSetFile:
    """The set as the record of a file. Three queries; none of the rest if it was fetched ``with_questions``."""
    scales = question_set.scales.prefetch_related("options")
    return file.QuestionSetFile(
        slug=question_set.slug,
        kind=question_set.kind,
        version=question_set.version,
        scales=tuple(
            file.Scale(code=scale.code, options=_option_records(scale)) for scale in scales if scale.is_shared
        ),
        sections=tuple(_section_record(section) for section in question_set.sections.all()),
        **_same(question_set, SET_FIELDS),
    )


def _option_records(scale: Scale) -> tuple[file.Option, ...]:
    return tuple(file.Option(**_same(option, OPTION_FIELDS)) for option in scale.options.all())


def _section_record(section: Section) -> file.Section:
    questions = tuple(_question_record(question) for question in section.questions.all())
    return file.Section(questions=questions, **_same(section, SECTION_FIELDS))


def _question_record(question: Question) -> file.Question:
    scale = question.scale
    return file.Question(
        scale_code=scale.code if scale and scale.is_shared else "",
        options=_option_records(scale) if scale and not scale.is_shared else (),
        rows=tuple(file.GridRow(code=code, label=label) for code, label in question.rows),
        staff_twins=tuple(question.staff_twins),
        links=tuple(question.links),
        **_same(question, QUESTION_FIELDS),
    )
