"""``python -m bench`` prints the table; ``python -m bench pages saving`` only those parts of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

os.environ["DJANGO_SETTINGS_MODULE"] = "hscp.settings.test"  # PostgreSQL and Redis of its own

import django

django.setup()

from bench import Measure, Part, documents, pages, register, saving, sending  # noqa: E402 - Django must be ready first
from bench.database import empty, own  # noqa: E402

PARTS: dict[str, Callable[[], Iterable[Part]]] = {
    "saving": lambda: [saving.run()],
    "pages": pages.run,
    "register": lambda: [Part("Register import", "the bare COPY", [Measure(*found) for found in register.run()])],
    "documents": lambda: [documents.run()],
    "sending": lambda: [sending.run()],
}


def main(names: list[str]) -> None:
    """Measure the parts that are named, or all of them, and print each as soon as it is known."""
    unknown = set(names) - PARTS.keys()
    if unknown:
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    with own():
        for name in names or PARTS:
            for part in PARTS[name]():
                _show(part)
            empty()


def _show(part: Part) -> None:
    beside = f"Beside {part.beside}" if part.beside else ""
    print(f"\n### {part.title}\n\n| | | {beside} |\n|---|---:|---:|")
    for measure in part.measures:
        ratio = "" if measure.ratio is None else f"× {measure.ratio:.2f}"
        print(f"| {measure.label} | {_number(measure.value)} {measure.unit} | {ratio} |", flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
