"""``manage.py import_register FILE --local-authority NAME [--links FILE] [--apply]``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from schools.choices import ChangeKind
from schools.gias import RegisterFileError
from schools.models import RegisterChange
from schools.services import register
from schools.services.register_compare import Difference

EMPTY = "(empty)"


class Command(BaseCommand):
    help = (
        "Shows what a file of the national register of schools would change; --apply changes it, all or nothing. Ends "
        "with 0 if the file could be used, whether or not it differs from the register, and with 1 if it could not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="edubasealldata….csv, as Get Information About Schools has it")
        parser.add_argument("--local-authority", required=True, metavar="NAME", help="whose schools: Hertfordshire")
        parser.add_argument("--links", type=Path, metavar="FILE", help="links_edubasealldata….csv: who followed whom")
        parser.add_argument("--apply", action="store_true", help="change the register; without it nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        with ExitStack() as stack:
            file = self._open(options["file"], stack)
            links = self._open(options["links"], stack) if options["links"] else None
            try:
                (self._apply if options["apply"] else self._compare)(file, links, options["local_authority"])
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            except RegisterFileError as error:
                raise CommandError(str(error)) from error

    def _open(self, path: Path, stack: ExitStack) -> File:
        try:
            return File(stack.enter_context(path.open("rb")), name=path.name)
        except OSError as error:
            raise CommandError(f"{path} cannot be opened: {error.strerror}.") from error

    def _compare(self, file: File, links: File | None, local_authority: str) -> None:
        found, new_links = register.compare_now(file, local_authority=local_authority, links=links)
        self._tell(found)
        if links:
            self.stdout.write(f"New links: {new_links}")
        self.stdout.write("Nothing has been written. Add --apply to change the register.")

    def _apply(self, file: File, links: File | None, local_authority: str) -> None:
        done = register.import_now(file, local_authority=local_authority, links=links)
        self._tell(done.changes.order_by("name", "urn").iterator(chunk_size=2_000))
        if links:
            self.stdout.write(f"New links: {done.new_links}")
        self.stdout.write(self.style.SUCCESS(f"Applied as import {done.pk}."))

    def _tell(self, changes: Iterable[Difference | RegisterChange]) -> None:
        """Every school under its kind of change, each with its fields; then the numbers."""
        by_kind: dict[str, list[Difference | RegisterChange]] = defaultdict(list)
        for change in changes:
            by_kind[change.kind].append(change)
        for kind in ChangeKind:
            if by_kind[kind]:
                self.stdout.write(self.style.MIGRATE_HEADING(kind.label))
            for change in by_kind[kind]:
                self._tell_one(change)
        self.stdout.write(", ".join(f"{kind.label}: {len(by_kind[kind])}" for kind in ChangeKind))

    def _tell_one(self, change: Difference | RegisterChange) -> None:
        self.stdout.write(f"  {change.urn} {change.name}")
        for label, was, becomes in change.fields:
            line = becomes if change.kind == ChangeKind.NEW else f"{was or EMPTY} -> {becomes or EMPTY}"
            self.stdout.write(f"      {label}: {line}")
