"""What every page shows: the portal's name and the navigation open to the person."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from partnership.engine import home


@dataclass(frozen=True, slots=True)
class Entry:
    """A navigation entry on one page."""

    label: str
    url: str
    current: bool


class Portal:
    """The shell of a page. Lazy, so that an error page costs no query."""

    name = settings.PORTAL_NAME
    short_name = settings.PORTAL_SHORT_NAME
    contact_email = settings.CONTACT_EMAIL

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def nav(self) -> list[Entry]:
        """The navigation entries open to the person, the one for this page marked."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        items = home.nav_of(user)
        current = self._by_view(items) or self._by_address(items)
        return [Entry(item.label, item.url, item == current) for item in items]

    def _by_view(self, items: list[home.NavItem]) -> home.NavItem | None:
        """The entry that the view of this page is registered under."""
        found = self.request.resolver_match
        return next((item for item in items if found and item.leads_to(found.func.__module__)), None)

    def _by_address(self, items: list[home.NavItem]) -> home.NavItem | None:
        """The entry whose address this page lies under, the nearest one."""
        path = self.request.path
        around = [item for item in items if path == item.url or (item.url != "/" and path.startswith(item.url))]
        return max(around, key=lambda item: len(item.url), default=None)


def portal(request: HttpRequest) -> dict[str, Portal]:
    """``portal`` for every template."""
    return {"portal": Portal(request)}
