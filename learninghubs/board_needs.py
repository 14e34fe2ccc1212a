"""What suggestions before the Board need of people: registered by ``learninghubs.home``. Each costs a query at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from learninghubs import board
from learninghubs.choices import SuggestionStatus
from learninghubs.models import ImpactCheck, Suggestion
from learninghubs.models.suggestions import SuggestionQuerySet
from learninghubs.permissions import Perm
from partnership.choices import Role
from partnership.engine.home import Link, Need
from partnership.models import User
from partnership.models.meetings import TO_COME, TOOK_PLACE

MOST_NAMED: Final = 5  # one by one; more than that are in the list

Board = tuple[int, str, str]  # its id, name and slug
BOARD: Final = ("hub__reports_to", "hub__reports_to__name", "hub__reports_to__slug")


def overdue(user: User, on: date) -> list[Need]:
    """What a Board has not answered although it has met twice: urgent for who may answer, told to scrutineers too."""
    reads_only = Role.SCRUTINEER in user.roles()
    seen: SuggestionQuerySet = Suggestion.objects.visible_to(user) if reads_only else _answerable(user)
    late = board.overdue(seen, on).values_list(*BOARD)
    return [
        Need(
            f"{_suggestions(number)} overdue: {where[1]}",
            _address(where),
            "Not answered although the Board has met twice since",
            urgent=not reads_only,
            group=where[0],
        )
        for where, number in _counted(late)
    ]


def to_see_to(user: User, on: date) -> list[Need]:
    """For who may answer: what waits and is on no agenda of a meeting to come. Where the Board has met with it on its
    agenda, the answer is to be recorded."""
    kept = board.agenda_items().filter(source_id=OuterRef("pk"), meeting__group=OuterRef("hub__reports_to"))
    coming = kept.filter(meeting__status__in=TO_COME, meeting__ends_at__gte=timezone.now())
    had = kept.filter(meeting__status__in=TOOK_PLACE)
    waiting = _answerable(user).filter(~Exists(coming), status=SuggestionStatus.WITH_BOARD)
    found = list(waiting.annotate(was_there=Exists(had)).values_list("was_there", *BOARD))
    to_record = _counted(row[1:] for row in found if row[0])
    to_put = _counted(row[1:] for row in found if not row[0])
    return [
        *(
            Need(f"{_answers(number)} to record: {where[1]}", _address(where), "The Board has met", group=where[0])
            for where, number in to_record
        ),
        *(
            Need(
                f"{_suggestions(number)} to put on an agenda: {where[1]}",
                _address(where),
                "From the learning hubs",
                group=where[0],
            )
            for where, number in to_put
        ),
    ]


def impact_to_say(user: User, on: date) -> list[Need]:
    """For a hub's leads and the business unit: what became of an answer's action, once that is asked."""
    asked = Suggestion.objects.allowed(user, Perm.CHECK_IMPACT).order_by().values("pk")
    due = ImpactCheck.objects.due_on(on).filter(response__suggestion__in=asked)
    checks = list(due.select_related("response__suggestion").order_by("due", "pk"))
    if len(checks) > MOST_NAMED:
        url = f"{reverse('learninghubs:board_suggestions')}?view=impact"
        return [Need(f"{len(checks)} answers of the Board: what became of them?", url, "", checks[0].due)]
    return [_impact(check) for check in checks]


def _impact(check: ImpactCheck) -> Need:
    suggestion = check.response.suggestion
    url = reverse("learninghubs:check_impact", args=[suggestion.pk, check.months])
    return Need(f"What became of it? {suggestion}", url, f"{check.months} months after the Board’s answer", check.due)


def places(user: User) -> list[Link]:
    """For those of a Board, the hubs that report to it, the business unit and scrutineers."""
    if not board.boards_of(user).exists():
        return []
    detail = "What practitioners suggest, the Board’s answers, and what became of them"
    return [Link("Suggestions before the Board", reverse("learninghubs:board_suggestions"), detail, order=41)]


def _answerable(user: User) -> SuggestionQuerySet:
    found: SuggestionQuerySet = Suggestion.objects.allowed(user, Perm.ANSWER_SUGGESTION)
    return found


def _counted(boards: Iterable[Any]) -> list[tuple[Board, int]]:
    return sorted(Counter(boards).items(), key=lambda one: one[0][1])


def _address(where: Board) -> str:
    return f"{reverse('learninghubs:board_suggestions')}?{urlencode({'board': where[2]})}"


def _suggestions(number: int) -> str:
    return "1 suggestion" if number == 1 else f"{number} suggestions"


def _answers(number: int) -> str:
    return "1 answer" if number == 1 else f"{number} answers"
