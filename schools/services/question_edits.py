"""Edits of a draft question set: sections, questions and options added, reworded, moved and removed.

Every edit locks the set's row, so that edits of one draft come one after the other and none slips in beside its
publication. A form carries the fingerprint of what it was filled from: whoever saves second is told, and loses
nothing.

All raise ``PermissionDenied``, ``TooLate`` where the set is a draft no longer or the row is gone, and
``ValidationError`` with what is wrong by field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils.text import slugify

from hscp.lib.fingerprint import fingerprint as fingerprint_of
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock
from partnership.models import User
from partnership.services.parts import put_in_order, shift
from schools.choices import AnswerType, QuestionSetStatus, SectionKind
from schools.models import Option, Question, QuestionSet, Scale, Section
from schools.permissions import Perm
from schools.question_file.records import FIXED_SCALES

Row = TypeVar("Row", QuestionSet, Section, Question, Option)
Item = TypeVar("Item", Section, Question, Option)

DRAFT = QuestionSetStatus.DRAFT
EDIT = Move("change the question set", {DRAFT}, DRAFT, Perm.EDIT_QUESTION_SET)  # asked for, never taken

# What may be edited, and so what a fingerprint is made of. Positions move by their own services; the key of a question
# and the code of a section or option stay for good: the next year's answers are compared by them.
EDITABLE: Final[dict[type[models.Model], tuple[str, ...]]] = {
    QuestionSet: ("title", "version", "guidance_edition", "introduction", "no_child_data_notice"),
    Section: ("kind", "title", "introduction"),
    Question: (
        "section_id",
        "code",
        "text",
        "guidance",
        "answer_type",
        "reference",
        "reference_check",
        "evidence_prompt",
        "applies_when",
        "critical",
        "scored",
        "amber_below",
        "red_below",
        "max_age_days",
        "max_length",
        "prefill",
        "options_from",
        "sets_flag",
        "staff_twins",
        "links",
        "rows",
        "theme_linked",
        "feeds",
    ),
    Option: ("label", "help", "rag", "action_required", "urgent", "needs_reason", "scored", "correct", "exclusive"),
}

OWN_OPTIONS: Final = frozenset({AnswerType.CHOICE, AnswerType.MULTI, AnswerType.KNOWLEDGE})


def fingerprint(row: QuestionSet | Section | Question | Option) -> str:
    """A short hash of what can be edited of ``row``, the same for the same content: what a form was loaded with."""
    return fingerprint_of(getattr(row, name) for name in EDITABLE[type(row)])


# --- The set itself -------------------------------------------------------------------------------------------------


@transaction.atomic
def edit_set(question_set: QuestionSet, *, by: User, loaded: str, **fields: Any) -> QuestionSet:
    """Change what a draft says of itself: title, version, introduction and so on. Raises ``ChangedMeanwhile``."""
    locked = open_draft(question_set, by=by)
    version = fields.get("version", locked.version)
    if QuestionSet.objects.filter(slug=locked.slug, version=version).exclude(pk=locked.pk).exists():
        raise ValidationError({"version": f"There is a version “{version}” already: give this one another name"})
    return _write(locked, loaded, fields)


# --- Sections -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_section(question_set: QuestionSet, *, by: User, **fields: Any) -> Section:
    """A new section at the end of its kind: standards stay together, before the closing questions."""
    locked = open_draft(question_set, by=by)
    section = Section(question_set=locked, position=0, **_known(Section, fields))
    section.code = _section_code(locked, SectionKind(section.kind))
    section.full_clean()
    section.save()
    others = list(locked.sections.exclude(pk=section.pk))
    place = next((n for n, other in enumerate(others) if _order(other) > _order(section)), len(others))
    put_in_order([*others[:place], section, *others[place:]])
    return section


KIND_ORDER: Final = list(SectionKind)
CODE_LETTERS: Final = {
    SectionKind.CONTEXT: "C",
    SectionKind.STANDARD: "S",
    SectionKind.CLOSING: "Z",
    SectionKind.ABOUT_YOU: "A",
    SectionKind.QUESTIONS: "Q",
}


def _order(section: Section) -> int:
    return KIND_ORDER.index(SectionKind(section.kind))


def _section_code(question_set: QuestionSet, kind: SectionKind) -> str:
    """The next free code of a kind: S11 after S10, Z2 after Z. What any version has used is not given to another."""
    letter = CODE_LETTERS[kind]
    sections = Section.objects.filter(question_set__slug=question_set.slug, code__startswith=letter)
    used = set(sections.values_list("code", flat=True))
    if not used and kind != SectionKind.STANDARD:
        return letter
    return f"{letter}{1 + max((_last_number(code) or 1 for code in used), default=0)}"


def _last_number(code: str) -> int:
    found = re.search(r"(\d+)$", code)
    return int(found[1]) if found else 0


@transaction.atomic
def edit_section(section: Section, *, by: User, loaded: str, **fields: Any) -> Section:
    """Change a section's kind, title or introduction. Raises ``ChangedMeanwhile``."""
    return _write(_lock_row(section, by=by), loaded, fields)


@transaction.atomic
def remove_section(section: Section, *, by: User) -> None:
    """Take a section out of a draft, with its questions."""
    locked = _lock_row(section, by=by)
    locked.delete()
    _tidy_scales(locked.question_set)


def move_section(section: Section, *, by: User, up: bool) -> bool:
    """Move a section by one place and return whether it could move further that way; at an end it stays."""
    return _move(section, Section.objects.filter(question_set=section.question_set_id), by=by, up=up)


# --- Questions ------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_question(section: Section, *, by: User, **fields: Any) -> Question:
    """A new question at the end of ``section``, with the next free number if none is given, and a key of its own."""
    locked = _lock_row(section, by=by)
    last = locked.questions.aggregate(last=Max("position"))["last"] or 0
    question = Question(question_set=locked.question_set, position=last + 1, **_known(Question, fields))
    question.section = locked
    question.code = question.code or next_code(locked)
    question.key = _new_key(question)
    _fit_scale(question)
    _check_question(question)
    question.save()
    return question


def next_code(section: Section) -> str:
    """The number that a new question of ``section`` gets: 1.7 after 1.6, C9 after C8; numbers of other sections are
    passed over. Two queries."""
    codes = set(Question.objects.filter(question_set=section.question_set_id).values_list("code", flat=True))
    own = list(section.questions.values_list("code", flat=True))
    stem = code_stem(section, own)
    number = 1 + max((_last_number(code) for code in own), default=0)
    while f"{stem}{number}" in codes:
        number += 1
    return f"{stem}{number}"


def code_stem(section: Section, codes: Sequence[str]) -> str:
    """What the numbers of a section's questions begin with: that of the first, or made from the section's own code
    ("S11" gives "11.", "C1" gives "C")."""
    found = re.fullmatch(r"(.*?)\d+", codes[0]) if codes else None
    if found:
        return found[1]
    letters = section.code.rstrip("0123456789")
    return f"{_last_number(section.code)}." if section.kind == SectionKind.STANDARD else letters


def _new_key(question: Question) -> str:
    """A key made from the wording that no version of the set has used: last year's answer to another question must
    never be shown as the answer to this one."""
    used = set(Question.objects.filter(question_set__slug=question.question_set.slug).values_list("key", flat=True))
    stem = slugify(question.text)[:48].rstrip("-") or "question"
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if key not in used)


@transaction.atomic
def edit_question(question: Question, *, by: User, loaded: str, **fields: Any) -> Question:
    """Change a question; its key stays. Raises ``ChangedMeanwhile``.

    A new answer type brings its scale: the shared one (four levels, yes or no), or options of its own to be filled in.
    A new section puts it at that section's end.
    """
    locked = _lock_row(question, by=by)
    _same_as_loaded(locked, loaded)
    before = locked.section_id
    for name, value in _known(Question, fields).items():
        setattr(locked, name, value)
    if locked.section_id != before:
        locked.position = 1 + (locked.section.questions.aggregate(last=Max("position"))["last"] or 0)
    _fit_scale(locked)
    _check_question(locked)
    locked.save()
    _tidy_scales(locked.question_set)
    return locked


def _check_question(question: Question) -> None:
    if question.section.question_set_id != question.question_set_id:
        raise ValidationError({"section_id": "Select a section of this question set"})
    twin = Question.objects.filter(question_set=question.question_set_id, code=question.code).exclude(pk=question.pk)
    if twin.exists():
        raise ValidationError({"code": f"There is a question {question.code} already: give this one another number"})
    question.full_clean()


def _fit_scale(question: Question) -> None:
    """Give the question the scale that its answer type goes with."""
    fixed = FIXED_SCALES.get(question.answer_type)
    if fixed:
        question.scale = _fixed_scale(question, fixed)
    elif question.answer_type in OWN_OPTIONS:
        question.scale = _own_scale(question)
    else:
        question.scale = None


def _fixed_scale(question: Question, code: str) -> Scale:
    scale = question.question_set.scales.filter(code=code).first()
    if scale is None:
        raise ValidationError(
            {"answer_type": f"This question set has no scale for “{question.get_answer_type_display()}”"}
        )
    return scale


def _own_scale(question: Question) -> Scale:
    """The options of this question: those it has, if its type may keep them, or else new ones, still to be written."""
    scale = question.scale
    if scale and not is_fixed(scale) and (not scale.is_shared or question.answer_type == AnswerType.CHOICE):
        return scale
    own, _ = Scale.objects.get_or_create(question_set=question.question_set, code=Scale.own_code(question.key))
    return own


def _tidy_scales(question_set: QuestionSet) -> None:
    """Take away options that belonged to a question which is gone or of another type; those that may be shared stay."""
    question_set.scales.filter(questions=None, code__startswith=Scale.own_code("")).delete()


@transaction.atomic
def remove_question(question: Question, *, by: User) -> None:
    """Take a question out of a draft, with the options that were its alone."""
    locked = _lock_row(question, by=by)
    locked.delete()
    _tidy_scales(locked.question_set)


def move_question(question: Question, *, by: User, up: bool) -> bool:
    """Move a question by one place within its section, as ``move_section``. Its number stays: ``number_questions``."""
    return _move(question, Question.objects.filter(section=question.section_id), by=by, up=up)


@transaction.atomic
def number_questions(section: Section, *, by: User) -> int:
    """Number a section's questions in their order (1.1, 1.2, …) and return how many numbers changed.

    Numbers are what people and the staff survey refer to, so they change only when somebody asks for it.
    """
    locked = _lock_row(section, by=by)
    questions = list(locked.questions.order_by("position", "pk"))
    stem = code_stem(locked, [question.code for question in questions])
    changed = [(q, f"{stem}{n}") for n, q in enumerate(questions, start=1) if q.code != f"{stem}{n}"]
    for place, (question, _) in enumerate(changed):  # out of the way first: two may swap their numbers
        question.code = f"~{place}"
    Question.objects.bulk_update([question for question, _ in changed], ["code"])
    for question, code in changed:
        question.code = code
        _check_question(question)
    Question.objects.bulk_update([question for question, _ in changed], ["code"])
    return len(changed)


# --- Options --------------------------------------------------------------------------------------------------------


def is_fixed(scale: Scale) -> bool:
    """Whether the portal itself goes by the scale's answers: they can be reworded, but are always the same ones."""
    return scale.code in FIXED_SCALES.values()


@transaction.atomic
def add_option(scale: Scale, *, by: User, **fields: Any) -> Option:
    """A new option at the end of a scale, under a code made from its label."""
    open_draft(scale.question_set, by=by)
    _refuse_if_fixed(scale)
    others = list(scale.options.all())
    option = Option(question_set=scale.question_set, scale=scale, **_known(Option, fields))
    option.position = 1 + max((other.position for other in others), default=0)
    option.code = _new_code(option.label, {other.code for other in others})
    option.full_clean()
    option.save()
    return option


def _new_code(label: str, used: set[str]) -> str:
    stem = slugify(label).replace("-", "_")[:50] or "option"
    return next(code for code in (stem, *(f"{stem}_{n}" for n in range(2, len(used) + 3))) if code not in used)


@transaction.atomic
def edit_option(option: Option, *, by: User, loaded: str, **fields: Any) -> Option:
    """Change an option, for every question that uses its scale. Its code, which answers hold, stays.

    Raises ``ChangedMeanwhile``.
    """
    return _write(_lock_row(option, by=by), loaded, fields)


@transaction.atomic
def remove_option(option: Option, *, by: User) -> None:
    """Take an option out of its scale."""
    locked = _lock_row(option, by=by)
    _refuse_if_fixed(locked.scale)
    locked.delete()


def _refuse_if_fixed(scale: Scale) -> None:
    if is_fixed(scale):
        raise ValidationError("These answers can be reworded, but none can be added or taken away.")


def move_option(option: Option, *, by: User, up: bool) -> bool:
    """Move an option by one place within its scale, as ``move_section``."""
    return _move(option, Option.objects.filter(scale=option.scale_id), by=by, up=up)


# --- What they all do -----------------------------------------------------------------------------------------------


def open_draft(question_set: QuestionSet, *, by: User | None, to: Move = EDIT) -> QuestionSet:
    """``question_set`` re-read and locked, a draft that ``by`` (None: the system) may edit. In a transaction only."""
    locked = lock(question_set)
    if by is not None and not by.has_perm(Perm.EDIT_QUESTION_SET, locked):
        raise PermissionDenied(f"{by} may not {to.verb}")
    if not locked.is_draft:
        raise MoveNotAllowed(to, locked)
    return locked


def _lock_row(row: Item, *, by: User) -> Item:
    """A section, question or option re-read under its set's lock. Raises ``TooLate`` if it is gone."""
    open_draft(row.question_set, by=by)
    found: Item | None = type(row)._default_manager.select_related("question_set").filter(pk=row.pk).first()
    if found is None:
        raise TooLate(f"Somebody has removed this {row._meta.verbose_name} in the meantime.")
    return found


def _known(model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(EDITABLE[model])
    if unknown:
        raise TypeError(f"{model.__name__} has nothing to edit called {', '.join(sorted(unknown))}")
    return fields


def _same_as_loaded(row: QuestionSet | Section | Question | Option, loaded: str) -> None:
    if loaded != (now := fingerprint(row)):
        raise ChangedMeanwhile(row, now)


def _write(row: Row, loaded: str, fields: dict[str, Any]) -> Row:
    _same_as_loaded(row, loaded)
    for name, value in _known(type(row), fields).items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=list(fields))
    return row


@transaction.atomic
def _move(row: Item, siblings: models.QuerySet[Any], *, by: User, up: bool) -> bool:
    _lock_row(row, by=by)
    return shift(row, siblings, up=up)
