"""Documents of this app, made by the worker."""

from partnership.engine.documents import Kind, register
from partnership.governance_pdf import plan_pdf, review_pdf
from partnership.meeting_pdf import minutes, pack
from partnership.permissions import Perm
from partnership.services.meetings.minutes import MINUTES
from partnership.services.meetings.papers import PACK, PAPER
from partnership.services.plan import PLAN_PDF
from partnership.services.reviews import REVIEW_PDF

register(Kind(PLAN_PDF, "Plan", Perm.VIEW_PLAN, plan_pdf))
register(Kind(REVIEW_PDF, "Review of the arrangements", Perm.VIEW_GOVERNANCE_REVIEW, review_pdf))

register(Kind(PAPER, "Paper", Perm.VIEW_PAPER))
register(Kind(PACK, "Pack", Perm.VIEW_MEETING, pack))
register(Kind(MINUTES, "Minutes", Perm.VIEW_MEETING, minutes))
