"""Reviews of the arrangements, read: their items with what became of each. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType

from partnership.choices import Verdict
from partnership.models import Action, GovernanceReview, ReviewItem
from partnership.models.actions import ActionQuerySet


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item with the actions that came of it."""

    item: ReviewItem
    actions: list[Action]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole review. ``counts`` are numbers of items by verdict, in the order of the verdicts."""

    review: GovernanceReview
    lines: list[ItemLine]
    counts: list[tuple[Verdict, int]]


def report(review: GovernanceReview) -> Report:
    """The whole of ``review``. Two queries, whatever its size."""
    items = list(review.items.select_related("merged_group__merged_into", "new_group"))
    found: dict[int | None, list[Action]] = {}
    for action in actions_of(*items).select_related("group", "organisation"):
        found.setdefault(action.source_id, []).append(action)
    counts = [(verdict, sum(item.verdict == verdict for item in items)) for verdict in Verdict]
    return Report(review, [ItemLine(item, found.get(item.pk, [])) for item in items], counts)


def actions_of(*items: ReviewItem) -> ActionQuerySet:
    """The actions of the tracker that came of ``items``, by due date."""
    kind = ContentType.objects.get_for_model(ReviewItem)
    found: ActionQuerySet = Action.objects.filter(source_type=kind, source_id__in=[item.pk for item in items])
    return found
