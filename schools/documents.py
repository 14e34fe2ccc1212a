"""Documents of this app, made by the worker."""

from partnership.engine.documents import Kind, register
from schools.pdf import signed_return
from schools.permissions import Perm
from schools.services.returns import SIGNED_RETURN

register(Kind(SIGNED_RETURN, "Signed return", Perm.VIEW_RETURN, signed_return))
