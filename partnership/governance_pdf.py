"""The plan and the report of a review as PDFs that anybody can read."""

from __future__ import annotations

from django.utils import timezone
from django.utils.text import slugify

from hscp.lib import pdf
from partnership import plan as plan_reads
from partnership import reviews as review_reads
from partnership.engine.documents import Made
from partnership.figures import objectives_by_rag
from partnership.models import GovernanceReview, Plan


class NotPublished(Exception):
    """The plan is still being made: a PDF of it could be taken for the one in force."""


def plan_pdf(plan: Plan) -> Made:
    """The PDF of a plan that is or was published, with where its objectives stand today. Raises ``NotPublished``."""
    if not plan.is_public:
        raise NotPublished(f"{plan} is not published")
    today = timezone.localdate()
    context = {"plan": plan, "sheet": plan_reads.sheet(plan), "counts": objectives_by_rag(plan), "today": today}
    content = pdf.render("partnership/pdf/plan.html", context, made_on=today)
    return Made(content, f"{slugify(plan.title)[:80] or 'plan'}-version-{plan.version}.pdf")


def review_pdf(review: GovernanceReview) -> Made:
    """The PDF of a review's report, with what has become of its items by today."""
    today = timezone.localdate()
    context = {"review": review, "report": review_reads.report(review), "today": today}
    content = pdf.render("partnership/pdf/review.html", context, made_on=today)
    return Made(content, f"{slugify(review.title)[:80] or 'review'}.pdf")
