"""PDFs that anybody can read: tagged (PDF/UA), in the portal's own type and colours, made from an HTML template.

A template extends ``pdf/base.html``; its looks are ``static/pdf.css``. Making one takes up to seconds, so it is work
for the worker, not for a request.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string


def render(template: str, context: dict[str, Any], *, made_on: date) -> bytes:
    """The PDF of ``template``. ``made_on`` is the day that its foot says it was made on.

    Raises ``FileNotFoundError`` if the front-end files have not been fetched (``python -m hscp.frontend``).
    """
    return from_html(html_of(template, context, made_on=made_on))


def html_of(template: str, context: dict[str, Any], *, made_on: date) -> str:
    """What the PDF is made from."""
    return render_to_string(template, {"portal": _portal(), "made_on": made_on, **context})


def from_html(html: str) -> bytes:
    """The PDF of ``html``. Raises as ``render`` does."""
    # WeasyPrint takes most of a second to load, and hardly any process that starts will make a PDF.
    from hscp.lib.pdf_writer import write

    return write(html)


def _portal() -> dict[str, str]:
    return {
        "name": settings.PORTAL_NAME,
        "short_name": settings.PORTAL_SHORT_NAME,
        "contact_email": settings.CONTACT_EMAIL,
    }
