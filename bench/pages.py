"""How long the business unit's pages take at 535 schools and at 24,000, each with years of returns behind it."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench import Measure, Part, world
from bench.database import empty
from bench.world import World

COUNTY, ENGLAND = 535, 24_000
YEARS = 5
TIMES = 5  # each page, after one look that warms it up


def run() -> list[Part]:
    """A part for the county, whose pages are the measure, and one for all of England."""
    measured = {}
    for schools in (COUNTY, ENGLAND):
        start = perf_counter()
        made = world.make(schools, years=YEARS)
        seconds = perf_counter() - start
        measured[schools] = seconds, {name: _look(made, path) for name, path in addresses(made).items()}
        empty()
    return [
        Part(
            f"Pages at {schools:,} schools, {YEARS} years of returns (set up in {seconds:.0f} s)",
            f"the same page at {COUNTY} schools" if schools != COUNTY else "",
            [
                measure
                for name, (whole, sql, queries) in found.items()
                for measure in (
                    Measure(name, whole, "ms", whole / measured[COUNTY][1][name][0] if schools != COUNTY else None),
                    Measure(f"{name}: of which SQL, {queries} queries", sql, "ms"),
                )
            ],
        )
        for schools, (seconds, found) in measured.items()
    ]


def addresses(made: World) -> dict[str, str]:
    """The pages that are measured, by what they are called in the table."""
    pk = made.collection.pk
    standard, question = (reverse(f"schools:{name}", args=[pk, code]) for name, code in STANDARD_AND_QUESTION)
    results = reverse("schools:results", args=[pk])
    return {
        "Home": reverse("home"),
        "Register": reverse("schools:register"),
        "Collection": reverse("schools:collection", args=[pk]),
        "Returns of the collection": reverse("schools:collection_returns", args=[pk]),
        "Results, all standards": results,
        "Results, all standards of one district": f"{results}?group=district:District 1",
        "Results, one standard": standard,
        "Results, one question": question,
        "Results of every question as CSV": reverse("schools:export_results", args=[pk]),
    }


STANDARD_AND_QUESTION = (("standard_results", "S10"), ("question_results", "1.1"))


def _look(made: World, path: str) -> tuple[float, float, int]:
    """The median time of a page in ms, how much of it was SQL, and the number of queries."""
    client = Client()
    client.force_login(made.unit)
    _seconds(lambda: _get(client, path))
    looks = [_timed(client, path) for _ in range(TIMES)]
    return (
        median(whole for whole, _, _ in looks) * 1000,
        median(sql for _, sql, _ in looks) * 1000,
        looks[0][2],
    )


def _timed(client: Client, path: str) -> tuple[float, float, int]:
    taken: list[float] = []

    def time_it(execute: Callable[..., Any], *args: Any) -> Any:
        start = perf_counter()
        try:
            return execute(*args)
        finally:
            taken.append(perf_counter() - start)

    with connection.execute_wrapper(time_it):
        whole = _seconds(lambda: _get(client, path))
    return whole, sum(taken), len(taken)


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    b"".join(response)


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
