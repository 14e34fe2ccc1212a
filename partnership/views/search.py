"""Search over everything that the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator

from partnership.engine import search
from partnership.permissions import Perm
from partnership.views.base import Page

HITS_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind of record that was found, and how many of it; ``kind`` is empty for all kinds."""

    kind: str
    label: str
    number: int
    url: str


class SearchPage(Page):
    """What was found, best first, twenty at a time; of one kind, where the address names it."""

    permission_required = Perm.USE_PORTAL
    template_name = "partnership/search/search.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = {source.kind for source in search.sources()}
        kind = self.request.GET.get("kind", "")
        found = search.Search(self.request.GET.get("q", ""), self.person, kind=kind if kind in kinds else "")
        page = Paginator(found.places, HITS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            search=found,
            page_obj=page,
            hits=found.hits(page.object_list),
            tabs=_tabs(found),
            hidden_ones=found.number - page.paginator.count,
            **kwargs,
        )


def _tabs(found: search.Search) -> list[Tab]:
    """All kinds, then each kind of which something was found, the most first."""
    kinds = sorted(found.counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [("", "Everything", sum(found.counts.values())), *((kind, kind, number) for kind, number in kinds)]
    asked = {"q": found.wanted}
    return [
        Tab(kind, label, number, f"?{urlencode(asked | ({'kind': kind} if kind else {}))}")
        for kind, label, number in rows
    ]
