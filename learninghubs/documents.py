"""Documents of the learning hubs."""

from learninghubs.briefing_pdf import briefing_pdf
from learninghubs.newsletter_pdf import newsletter_pdf
from learninghubs.permissions import Perm
from learninghubs.services.briefings import BRIEFING_PDF
from learninghubs.services.issues import NEWSLETTER_PDF, NEWSLETTER_PREVIEW
from partnership.engine.documents import Kind, register

register(Kind(NEWSLETTER_PDF, "Newsletter", Perm.VIEW_ISSUE, newsletter_pdf))
register(Kind(NEWSLETTER_PREVIEW, "Preview of the newsletter", Perm.VIEW_ISSUE, newsletter_pdf))
register(Kind(BRIEFING_PDF, "Learning briefing", Perm.VIEW_BRIEFING, briefing_pdf))
