"""From a question set back to a file, in the same format: what is read again is the same set."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from schools.question_file.records import FIXED_SCALES, GridRow, Option, Question, QuestionSetFile, Section

WIDTH = 116  # characters; lines break at the next space

Fields = dict[str, Any]


def write_question_file(question_set: QuestionSetFile) -> str:
    """The set as YAML. What has its usual value is left out. Format: docs/question-sets.md."""
    fields = _given(
        slug=question_set.slug,
        kind=question_set.kind,
        title=question_set.title,
        version=question_set.version,
        guidance_edition=question_set.guidance_edition,
        introduction=question_set.introduction,
        no_child_data_notice=question_set.no_child_data_notice,
        scales={scale.code: _options(scale.options) for scale in question_set.scales},
        sections=[_section(section) for section in question_set.sections],
    )
    return yaml.dump(fields, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _section(section: Section) -> Fields:
    return _given(
        id=section.code,
        kind=section.kind,
        title=section.title,
        introduction=section.introduction,
        questions=[_question(question, section) for question in section.questions],
    )


def _question(question: Question, section: Section) -> Fields:
    fields = _given(
        id=question.code,
        key=question.key if question.key != question.code else "",
        text=question.text,
        guidance=question.guidance,
        type=question.answer_type,
        scale=question.scale_code if question.answer_type not in FIXED_SCALES else "",
        options=_options(question.options),
        options_from=question.options_from,
        rows=_rows(question.rows),
        applies=question.applies_when,
        critical=question.critical,
        amber_below=question.amber_below,
        red_below=question.red_below,
        max_age_days=question.max_age_days,
        max_length=question.max_length,
        ref=question.reference,
        ref_check=question.reference_check,
        evidence=question.evidence_prompt,
        prefill=question.prefill,
        sets=question.sets_flag,
        staff_twin=_Inline(question.staff_twins),
        links=_Inline(question.links),
        theme_linked=question.theme_linked,
        feeds=question.feeds,
    )
    if question.scored != section.is_scored:
        fields["scored"] = question.scored
    return fields


def _options(options: Iterable[Option]) -> list[Mapping[str, Any]]:
    return [_option(option) for option in options]


def _option(option: Option) -> Mapping[str, Any]:
    fields = _given(
        code=option.code,
        label=option.label,
        help=option.help,
        rag=option.rag,
        action_required=option.action_required,
        urgent=option.urgent,
        needs_reason=option.needs_reason,
        correct=option.correct,
        exclusive=option.exclusive,
    )
    return _InlineFields(fields if option.scored else {**fields, "scored": False})


def _rows(rows: Iterable[GridRow]) -> list[Mapping[str, Any]]:
    return [_InlineFields(code=row.code, label=row.label) for row in rows]


def _given(**fields: Any) -> Fields:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value}


class _Inline(list[str]):
    """A list written on one line."""


class _InlineFields(dict[str, Any]):
    """Fields written on one line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists under their name, writes options on one line and sets paragraphs apart."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=">" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_multi_representer(str, _represent_text)  # members of a TextChoices
_Dumper.add_representer(_Inline, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, True))
_Dumper.add_representer(
    _InlineFields, lambda dumper, fields: dumper.represent_mapping("tag:yaml.org,2002:map", fields, True)
)
