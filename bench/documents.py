"""The signed return as a PDF, beside bare WeasyPrint on the same HTML."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.utils import timezone
from weasyprint import HTML

from bench import Measure, Part, world
from hscp.lib import pdf, pdf_writer
from schools import pdf as schools_pdf
from schools.models import Return

TEMPLATE = "schools/pdf/signed_return.html"
TIMES = 3


def run() -> Part:
    """One whole return of the full question set, several times each way; the first of each warms up and is left out."""
    made = world.make(10, years=1)
    record = Return.objects.filter(collection=made.collection).submitted()[0]
    html = pdf.html_of(TEMPLATE, schools_pdf.context_of(record), made_on=timezone.localdate())
    bare = _seconds(
        lambda: HTML(string=html, base_url="https://portal.invalid/", url_fetcher=pdf_writer.OwnFiles()).write_pdf()
    )
    tagged = _seconds(lambda: pdf.from_html(html))
    whole = _seconds(lambda: schools_pdf.signed_return(record))
    return Part(
        "The signed return as a PDF",
        "bare WeasyPrint",
        [
            Measure("bare WeasyPrint on the same HTML", bare, "s"),
            Measure("the same with the portal's type and looks, tagged (PDF/UA)", tagged, "s", tagged / bare),
            Measure("the whole document, read from the database", whole, "s", whole / bare),
        ],
    )


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES + 1):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return median(taken[1:])
