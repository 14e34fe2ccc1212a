"""What needs a person, and where they can go: registered by each app in its ``home.py``, shown by the shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from partnership.models import User


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person. ``urgent`` is shown first, then by ``due``, those without a date last.

    ``group`` is the id of the group that it is about, if it is about one: its chair finds it on the group's page too.
    """

    title: str
    url: str
    detail: str = ""
    due: date | None = None
    urgent: bool = False
    group: int | None = None


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the service navigation, shown to those who hold ``perm``.

    ``views`` are modules (or packages) of views whose pages belong under it, wherever their address lies.
    """

    label: str
    url_name: str
    perm: str
    order: int
    views: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def leads_to(self, module: str) -> bool:
        """Whether the pages of that module of views belong under it."""
        return any(module == name or module.startswith(f"{name}.") for name in self.views)


@dataclass(frozen=True, slots=True)
class Link:
    """A place that a person comes for, with a line that says what is there. Shown on the home page, by ``order``."""

    title: str
    url: str
    detail: str = ""
    order: int = 50


NeedsOf = Callable[[User, date], list[Need]]
LinksOf = Callable[[User], list[Link]]

_needs: list[NeedsOf] = []
_links: list[LinksOf] = []
_nav: list[NavItem] = []


def needs(function: NeedsOf) -> NeedsOf:
    """Register a function that gives what needs a person on a day. It must cost a bounded number of queries."""
    _needs.append(function)
    return function


def links(function: LinksOf) -> LinksOf:
    """Register a function that gives the places a person comes for. It must cost a bounded number of queries."""
    _links.append(function)
    return function


def nav(label: str, url_name: str, *, perm: str, order: int, views: tuple[str, ...] = ()) -> None:
    """Register an entry of the service navigation."""
    _nav.append(NavItem(label, url_name, perm, order, views))


def needs_of(user: User, *, on: date) -> list[Need]:
    """Everything that needs ``user`` on ``on``, most pressing first."""
    found = [need for function in _needs for need in function(user, on)]
    return sorted(found, key=lambda need: (not need.urgent, need.due is None, need.due or on, need.title))


def links_of(user: User) -> list[Link]:
    """The places that ``user`` comes for, in order."""
    return sorted((link for function in _links for link in function(user)), key=lambda link: link.order)


def nav_of(user: User) -> list[NavItem]:
    """The navigation entries open to ``user``, in order. No query beyond the person's grants."""
    return sorted((item for item in _nav if user.has_perm(item.perm)), key=lambda item: item.order)
