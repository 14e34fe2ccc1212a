"""Registered figures: each is defined once, in an app's ``figures.py``, with a docstring that says what it is.

The dashboard, the export, the newsletter and the annual report all call the same function, so a figure shown twice is
the same figure. ``docs/figures.md`` is written from the docstrings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Figure:
    """A registered figure: its code, what it is called, its unit, and the function that works it out."""

    code: str
    label: str
    unit: str
    compute: Callable[..., Any]

    @property
    def definition(self) -> str:
        """The docstring of the function: the definition that people can read."""
        return inspect.getdoc(self.compute) or ""


_figures: dict[str, Figure] = {}


def figure(code: str, label: str, unit: str) -> Callable[[F], F]:
    """Register the decorated function as the figure ``code``. Raises ``ValueError`` without a docstring or if taken."""

    def decorate(function: F) -> F:
        if not function.__doc__:
            raise ValueError(f"The figure {code} needs a definition: write its docstring")
        if code in _figures:
            raise ValueError(f"The figure {code} is registered twice")
        _figures[code] = Figure(code, label, unit, function)
        return function

    return decorate


def all_figures() -> list[Figure]:
    """Every registered figure, by code."""
    return [_figures[code] for code in sorted(_figures)]


def get(code: str) -> Figure:
    """The figure ``code``. Raises ``KeyError`` if no app registers it."""
    return _figures[code]
