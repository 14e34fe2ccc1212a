"""Every e-mail that the portal would have sent, to read in development. Public there: it holds the links to sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from partnership import mailbox


@method_decorator(login_not_required, name="dispatch")
class Mailbox(TemplateView):
    """The newest messages first; ``?to=`` narrows them to one address."""

    template_name = "partnership/mailbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = mailbox.kept()
        to = self.request.GET.get("to", "")
        letters = [letter for letter in kept if not to or letter["to"] == to]
        addresses = sorted({letter["to"] for letter in kept})
        return super().get_context_data(letters=letters, addresses=addresses, to=to, **kwargs)
