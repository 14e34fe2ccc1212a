"""The structure as a PDF: the picture on a wide page, then the list with the role of each group."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from hscp.lib import pdf
from partnership.structure import draw, structure_on

FILENAME = "structure-{on}.pdf"


def context_of(on: date) -> dict[str, Any]:
    """What the template shows: the structure as it was on ``on``. Three queries."""
    structure = structure_on(on)
    return {"structure": structure, "drawing": draw(structure), "on": on, "address": settings.PORTAL_ADDRESS}


def html_of(context: dict[str, Any], *, made_on: date) -> str:
    """What the PDF is made from."""
    return pdf.html_of("partnership/pdf/structure.html", context, made_on=made_on)
