"""Writes the pages of ``docs/`` that follow from tables in the code, or checks that they are up to date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from partnership.engine import in_words

PAGES = {
    "permissions.md": in_words.permissions,
    "lives.md": in_words.lives,
    "figures.md": in_words.all_figures,
}


class Command(BaseCommand):
    help = "Write docs/permissions.md, docs/lives.md and docs/figures.md from the tables in the code."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "docs", help="where the pages are")

    def handle(self, *, check: bool, folder: Path, **options: Any) -> None:
        stale = [name for name, page in PAGES.items() if _read(folder / name) != page()]
        if check and stale:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run: manage.py document_tables")
        for name in [] if check else stale:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(PAGES[name](), encoding="utf-8")
            self.stdout.write(f"Wrote {folder / name}")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
