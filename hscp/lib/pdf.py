"""PDFs that anybody can read: tagged (PDF/UA), in the portal's own type and colours, made from an HTML template.

A template extends ``pdf/base.html``; its looks are ``static/pdf.css``. Making one takes up to seconds, so it is work
for the worker, not for a request.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STYLES = ("vendor/fonts.css", "pdf.css")


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
    stylesheets, fonts = _styles()
    document = HTML(string=html, base_url="https://portal.invalid/", url_fetcher=OwnFiles())
    pdf: bytes = document.write_pdf(stylesheets=stylesheets, font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


class OwnFiles(URLFetcher):  # type: ignore[misc]
    """Opens the portal's own style sheets, fonts and pictures, and data inside the page. A PDF never fetches from a
    network, nor any other file, whatever somebody typed."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith(("data:", *_own_folders())) or ".." in url:
            raise ValueError(f"A PDF may not open {url}")
        return super().fetch(url, headers)


def _portal() -> dict[str, str]:
    return {
        "name": settings.PORTAL_NAME,
        "short_name": settings.PORTAL_SHORT_NAME,
        "contact_email": settings.CONTACT_EMAIL,
    }


def _own_folders() -> tuple[str, ...]:
    return tuple(f"{Path(folder).as_uri()}/" for folder in settings.STATICFILES_DIRS)


@cache
def _styles() -> tuple[list[CSS], FontConfiguration]:
    """The style sheets and their fonts, read once for each process."""
    fonts = FontConfiguration()
    return [CSS(filename=_find(name), font_config=fonts, url_fetcher=OwnFiles()) for name in STYLES], fonts


def _find(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"static/{name} is missing: run python -m hscp.frontend")
    return found
