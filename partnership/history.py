"""Records of this app with a history page."""

from partnership.engine.history import Trail, register
from partnership.models import RoleGrant, User

register(User, lambda user: [Trail(RoleGrant, {"user": user.pk}, named_by=("role", "organisation"))])
