"""Records of the learning hubs whose field history has a page."""

from learninghubs.models import (
    Briefing,
    Forum,
    HubDistrict,
    LearningHub,
    NewsletterIssue,
    Response,
    Suggestion,
    Theme,
)
from learninghubs.permissions import Perm
from partnership.engine.history import Trail, register
from partnership.models import RoleGrant

register(
    Suggestion,
    lambda suggestion: [Trail(Response, {"suggestion": suggestion.pk})],
    perm=Perm.SEE_AUTHORS,  # a change that its author made, signed in, names them
)
register(Forum, perm=Perm.MANAGE_FORUM)
register(Briefing, perm=Perm.MANAGE_BRIEFING)  # what stood in a draft is not for everybody
register(
    LearningHub,
    lambda hub: [
        Trail(HubDistrict, {"hub": hub.pk}, named_by=("district",)),
        Trail(RoleGrant, {"group": hub.group_id}, named_by=("user", "role")),
    ],
    perm=Perm.VIEW_DASHBOARD,
)
register(Theme)
register(NewsletterIssue)
