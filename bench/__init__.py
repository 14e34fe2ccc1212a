"""What the portal costs, measured: ``make bench`` prints the table.

Each part measures a page, a save or a file beside the least that it could cost on the same machine in the same minute:
the same rows in a bare INSERT, the same file in a bare COPY, the same HTML in bare WeasyPrint, the same page with fewer
schools. The ratios can be compared from machine to machine; the times cannot.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table; ``ratio`` compares it with the line that the part's heading names."""

    label: str
    value: float
    unit: str
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the table. ``beside`` says what the ratios compare with."""

    title: str
    beside: str
    measures: list[Measure]
