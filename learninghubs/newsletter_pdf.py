"""An issue as a PDF that anybody can read."""

from __future__ import annotations

from django.utils import timezone
from django.utils.text import slugify

from hscp.lib import pdf
from learninghubs import issues as reads
from learninghubs.models import NewsletterIssue
from partnership.engine.documents import Made


def newsletter_pdf(issue: NewsletterIssue) -> Made:
    """The PDF of ``issue`` as it stands: what goes to everybody, nothing that is for some readers alone."""
    content = pdf.render("learninghubs/newsletters/pdf.html", reads.page_of(issue), made_on=timezone.localdate())
    return Made(content, f"{slugify(str(issue.hub))[:80] or 'newsletter'}-issue-{issue.number}.pdf")
