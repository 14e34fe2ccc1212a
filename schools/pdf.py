"""The signed return as a PDF: what a head hands to an inspector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from hscp.lib import pdf
from partnership.engine.documents import Made
from partnership.models import Action
from schools import facts
from schools.choices import SignOffKind
from schools.models import Question, Return, SignOff
from schools.services.returns import governance_sign_off
from schools.sheets import Line, Sheet


class NotSubmitted(Exception):
    """The return is being changed: a signed PDF would show answers that nobody has signed."""


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action as the PDF lists it: the question that it came from, and how it stands."""

    question: Question
    what: str
    who: str
    due: Any
    status: str


def signed_return(record: Return) -> Made:
    """The PDF of a submitted return: every question with its wording and answer, the actions, the signatures.

    Raises ``NotSubmitted`` while it is being changed after a query; the next submission asks for a PDF of its own.
    """
    if not record.is_submitted:
        raise NotSubmitted(f"{record} is not submitted")
    content = pdf.render("schools/pdf/signed_return.html", context_of(record), made_on=timezone.localdate())
    name = slugify(str(record.organisation))[:100] or "school"
    return Made(content, f"safeguarding-return-{record.collection.year_label}-{name}.pdf")


def context_of(record: Return) -> dict[str, Any]:
    """What the template shows of ``record``. Some two dozen queries, whatever the number of questions."""
    sheet = Sheet(record)
    worst, mean = sheet.overall
    asked = sum(len(part.lines) for part in sheet.parts)
    return {
        "record": record,
        "sheet": sheet,
        "school": sheet.school,
        "duty": facts.duty(sheet.school).label if sheet.school else "",
        "question_set": record.collection.question_set,
        "worst": worst,
        "mean": mean,
        "counts": counts_of(sheet.lines),
        "left_out": sum(len(section.questions.all()) for section in sheet.sections) - asked,
        "actions": list(actions_of(sheet)),
        "head": _signature(record),
        "governance": governance_sign_off(record),
        "today": timezone.localdate(),
    }


def counts_of(lines: Iterable[Line]) -> dict[str, int]:
    """How many answers that count are green, amber, red and not applicable."""
    counts = {"green": 0, "amber": 0, "red": 0, "na": 0}
    for line in lines:
        if line.judgement.rag:
            counts[line.judgement.rag.value] += 1
    return counts


def actions_of(sheet: Sheet) -> Iterable[PlannedAction]:
    """The actions of the tracker that came from this return, in the order of its questions."""
    actions: dict[int | None, list[Action]] = {}
    for action in sheet.actions:
        actions.setdefault(action.source_id, []).append(action)
    for line in sheet.lines:
        for action in actions.get(line.answer.pk, []) if line.answer else []:
            yield PlannedAction(line.question, action.what, action.who, action.due, action.get_status_display())


def _signature(record: Return) -> SignOff | None:
    """The head's confirmation of the present submission."""
    return record.sign_offs.filter(kind=SignOffKind.HEAD).order_by("-at").first()
