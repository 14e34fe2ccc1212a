"""Question sets as a whole: loaded from a file, copied to a new version, published, retired, discarded.

The edits of a draft are in ``schools.services.question_edits``.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from partnership.engine.workflow import take
from partnership.models import User
from schools import question_differences
from schools.choices import CollectionStatus
from schools.models import Collection, QuestionSet
from schools.moves import PUBLISH, RETIRE
from schools.question_checks import problems
from schools.question_differences import Difference
from schools.question_file import QuestionSetFile
from schools.question_rows import SET_FIELDS, read_rows, write_rows
from schools.services.question_edits import open_draft


class VersionExists(ValidationError):
    """The version is there already. ``can_replace``: it is a draft, so it may be replaced."""

    def __init__(self, existing: QuestionSet) -> None:
        self.can_replace = existing.is_draft
        way_on = "Replace it, or give" if self.can_replace else "It can never change: give"
        super().__init__(
            f"Version {existing.version} of “{existing.title}” is there already "
            f"({existing.get_status_display().lower()}). {way_on} the new one another version."
        )


@transaction.atomic
def load(parsed: QuestionSetFile, *, by: User | None, replace: bool = False) -> QuestionSet:
    """Make a draft of what a file says; with ``replace``, in place of a draft of the same version.

    ``by`` None means the command line. Raises ``VersionExists``; ``PermissionDenied`` if ``by`` may not edit question
    sets. Some ten statements whatever the size, twice as many where a draft is replaced.
    """
    values = {name: getattr(parsed, name) for name in SET_FIELDS} | {"kind": parsed.kind}
    question_set, is_new = QuestionSet.objects.get_or_create(
        slug=parsed.slug,
        version=parsed.version,
        defaults=values | {"created_by": by, "based_on": newest(parsed.slug)},
    )
    if not is_new and not (replace and question_set.is_draft):
        raise VersionExists(question_set)
    draft = open_draft(question_set, by=by)
    if not is_new:
        _empty(draft)
        QuestionSet.objects.filter(pk=draft.pk).update(**values)
    write_rows(draft, parsed)
    return QuestionSet.objects.get(pk=draft.pk)


def newest(slug: str) -> QuestionSet | None:
    """The version of a set that was published last, retired ones included; None if none ever was."""
    return QuestionSet.objects.filter(slug=slug, published_at__isnull=False).order_by("-published_at", "-pk").first()


def _empty(draft: QuestionSet) -> None:
    """Take all rows of a draft away. Questions first: they hold their scales."""
    draft.questions.all().delete()
    draft.sections.all().delete()
    draft.scales.all().delete()


def export(question_set: QuestionSet) -> QuestionSetFile:
    """The set as the record of its file: ``write_question_file`` makes YAML of it. Eight queries at most."""
    return read_rows(QuestionSet.objects.with_questions().get(pk=question_set.pk))


@transaction.atomic
def copy(question_set: QuestionSet, *, version: str, by: User) -> QuestionSet:
    """A new draft like ``question_set``: the keys of the questions stay, so that the years can be compared.

    Raises ``VersionExists``, ``PermissionDenied``. Some twenty statements whatever the size.
    """
    draft, is_new = QuestionSet.objects.get_or_create(
        slug=question_set.slug,
        version=version,
        defaults={name: getattr(question_set, name) for name in SET_FIELDS}
        | {"kind": question_set.kind, "based_on": question_set, "created_by": by},
    )
    if not is_new:
        raise VersionExists(draft)
    write_rows(open_draft(draft, by=by), export(question_set))
    return draft


def differences(old: QuestionSet, new: QuestionSet) -> list[Difference]:
    """What ``new`` has that ``old`` has not, and the other way round: see ``schools.question_differences``."""
    return question_differences.differences(export(old), export(new))


@transaction.atomic
def publish(question_set: QuestionSet, *, by: User | None) -> QuestionSet:
    """Publish a draft: from now on it can be asked, and never changes.

    Raises ``ValidationError`` with everything that is missing or wrong, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    locked = open_draft(question_set, by=by, to=PUBLISH)
    found = problems(locked)
    if found:
        raise ValidationError([finding.text for finding in found])
    return take(PUBLISH, locked, by=by, published_at=timezone.now())


@transaction.atomic
def retire(question_set: QuestionSet, *, by: User) -> QuestionSet:
    """Take a published set out of use: no new collection can ask it, those that do keep it.

    Raises ``ValidationError`` while a planned collection is to ask it, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    locked = take(RETIRE, question_set, by=by)
    planned = Collection.objects.filter(status=CollectionStatus.DRAFT)
    if (planned.filter(question_set=locked) | planned.filter(staff_survey=locked)).exists():
        raise ValidationError("A planned collection is to ask this question set. Choose another one there first.")
    return locked


@transaction.atomic
def discard(question_set: QuestionSet, *, by: User) -> None:
    """Delete a draft, with all its questions.

    Raises ``ValidationError`` if a collection is planned with it or another version is based on it, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    draft = open_draft(question_set, by=by)
    if draft.later_versions.exists():
        raise ValidationError("Another version is based on this draft.")
    if Collection.objects.filter(question_set=draft).exists() or Collection.objects.filter(staff_survey=draft).exists():
        raise ValidationError("A collection is planned with this draft.")
    _empty(draft)
    draft.delete()
