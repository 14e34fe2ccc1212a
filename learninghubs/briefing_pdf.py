"""The learning briefing as one page of A4 that anybody can read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from hscp.lib import pdf
from learninghubs.choices import BriefingStatus
from learninghubs.forums import came_to, lines_of
from learninghubs.models import Briefing
from partnership.engine.documents import Made

ROOMY, DENSE = 1000, 1700  # characters below which there is room for larger type, and above which it must be smaller


class NotPublished(Exception):
    """The briefing is a draft: a PDF of it could be taken for one that people may rely on."""


def sheet_of(briefing: Briefing) -> dict[str, Any]:
    """What the page and the PDF show. One to four queries."""
    return {
        "briefing": briefing,
        "forum": briefing.forum,
        "messages_learned": lines_of(briefing.messages),
        "practice": lines_of(briefing.practice),
        "questions": lines_of(briefing.questions),
        "presenters": list(briefing.forum.presenters.select_related("organisation")),
        "came": came_to(briefing.forum),
        "size": size_of(briefing),
        "address": settings.PORTAL_ADDRESS,
    }


def size_of(briefing: Briefing) -> str:
    """How large the type of the PDF is, so that one page is filled and never more: "roomy", "dense" or ""."""
    beside_each_other = max(len(briefing.messages), len(briefing.practice))
    number = len(briefing.title) + len(briefing.context) + 2 * beside_each_other + len(briefing.questions)
    return "roomy" if number < ROOMY else "dense" if number > DENSE else ""


def briefing_pdf(briefing: Briefing) -> Made:
    """The PDF of a published briefing. Raises ``NotPublished``."""
    if briefing.status != BriefingStatus.PUBLISHED:
        raise NotPublished(f"{briefing} is not published")
    content = pdf.render("learninghubs/pdf/briefing.html", sheet_of(briefing), made_on=timezone.localdate())
    return Made(content, f"learning-briefing-{slugify(briefing.title)[:80] or briefing.forum_id}.pdf")
