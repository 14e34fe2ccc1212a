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
        path = self.request.path
        entries = [(item.label, item.url) for item in home.nav_of(user)]
        around = [url for _, url in entries if path == url or (url != "/" and path.startswith(url))]
        longest = max(around, key=len, default=None)
        return [Entry(label, url, url == longest) for label, url in entries]


def portal(request: HttpRequest) -> dict[str, Portal]:
    """``portal`` for every template."""
    return {"portal": Portal(request)}
