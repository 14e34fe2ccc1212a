"""Free texts of a return: screened before anybody else reads them. Reads only."""

from __future__ import annotations

from django.db.models import Q

from hscp.lib.screening import Hit
from partnership.choices import HeldTextStatus
from partnership.models import HeldText
from partnership.texts import find, refuse
from schools.models import Answer, Return, ReturnQuery, School


def allowed_words(school: School | None) -> list[str]:
    """What may stand in a text of ``school``'s return: its own postcode and telephone number, which are published."""
    return [school.postcode, school.telephone] if school else []


def find_in(record: Return, text: str) -> tuple[Hit, ...]:
    """What in a ``text`` that goes with ``record`` could identify a child or a family. One query."""
    school = School.objects.filter(organisation=record.organisation_id).first()
    return find(text, allowed=allowed_words(school))


def refuse_identifying(record: Return, **texts: str) -> None:
    """Raise ``ValidationError``, by field, where the screening finds something in ``texts``.

    For texts that become part of the record at once (a note, a query, a reason) and so cannot be held back.
    """
    refuse({name: find_in(record, text) for name, text in texts.items()})


def waiting_texts(record: Return) -> list[HeldText]:
    """The texts of ``record`` that wait for the business unit, with their writers, oldest first. One query."""
    answers, queries = HeldText(about=Answer(pk=0)).about_type, HeldText(about=ReturnQuery(pk=0)).about_type
    about = Q(about_type=answers, about_id__in=record.answers.order_by().values("pk"))
    about |= Q(about_type=queries, about_id__in=record.queries.order_by().values("pk"))
    waiting = HeldText.objects.filter(about, status=HeldTextStatus.WAITING)
    return list(waiting.select_related("about_type", "written_by").order_by("written_at", "pk"))


def is_about(held: HeldText, row: Answer | ReturnQuery | None) -> bool:
    """Whether ``held`` waits to be put into ``row``. No query."""
    return row is not None and held.about_id == row.pk and held.about_type.model_class() is type(row)
