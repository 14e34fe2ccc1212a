"""``manage.py load_questions FILE``: a question set from its YAML file, checked, as a draft or published at once."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count

from schools.models import QuestionSet
from schools.question_checks import warnings
from schools.question_file import QuestionFileError, QuestionSetFile, read_question_file
from schools.services import questions


class Command(BaseCommand):
    help = "Load a question set from a YAML file (docs/question-sets.md), as a draft unless --publish is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the YAML file")
        parser.add_argument("--publish", action="store_true", help="publish it at once: it can never change again")
        parser.add_argument("--replace", action="store_true", help="replace a draft of the same version")

    def handle(self, *, file: Path, publish: bool, replace: bool, **options: Any) -> None:
        parsed = self._read(file)
        with transaction.atomic():
            question_set = self._load(parsed, replace=replace)
            if publish:
                question_set = self._publish(question_set)
        self._report(question_set)

    def _read(self, file: Path) -> QuestionSetFile:
        try:
            with file.open("rb") as opened:
                return read_question_file(opened)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except QuestionFileError as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"{file} cannot be used:\n{lines}") from error

    def _load(self, parsed: QuestionSetFile, *, replace: bool) -> QuestionSet:
        try:
            return questions.load(parsed, by=None, replace=replace)
        except questions.VersionExists as error:
            hint = " (--replace does that)" if error.can_replace else ""
            raise CommandError(f"{error.messages[0]}{hint}") from error

    def _publish(self, question_set: QuestionSet) -> QuestionSet:
        try:
            return questions.publish(question_set, by=None)
        except ValidationError as error:
            lines = "\n".join(f"  {message}" for message in error.messages)
            raise CommandError(f"It cannot be published, so nothing was loaded:\n{lines}") from error

    def _report(self, question_set: QuestionSet) -> None:
        sections, asked = question_set.sections.count(), question_set.questions.count()
        scales = question_set.scales.count()
        self.stdout.write(f"{question_set} ({question_set.get_status_display().lower()})")
        self.stdout.write(f"  {sections} sections, {asked} questions, {scales} lists of answers")
        for section in question_set.sections.annotate(number_asked=Count("questions")).order_by("position"):
            self.stdout.write(f"  {section.code:<4} {section.number_asked:>3}  {section.title}")
        for warning in warnings(question_set):
            self.stdout.write(self.style.WARNING(f"  {warning.text}"))
