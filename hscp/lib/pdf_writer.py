"""HTML to PDF by WeasyPrint, with our own style sheets and nothing from outside. ``hscp.lib.pdf`` is the way in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STYLES = ("vendor/fonts.css", "pdf.css")


def write(html: str) -> bytes:
    """The PDF of ``html``. Raises ``FileNotFoundError`` as ``hscp.lib.pdf.render`` does."""
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
