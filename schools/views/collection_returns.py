"""The returns of one collection: filtered, exported, and acted on several at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from partnership.engine.workflow import TooLate
from partnership.middleware import take_back
from partnership.views.base import ChangePage, Page
from schools.figures import counted_returns
from schools.filters.collections import ReturnFilter
from schools.forms.collections import BulkAcceptForm, BulkExtendForm, BulkQueryForm
from schools.models import Return
from schools.moves import ACCEPT, QUERY
from schools.permissions import Perm
from schools.services import returns
from schools.views.collections import CollectionGate

RETURNS_ON_A_PAGE = 50  # and the most that can be ticked
ROWS_AT_A_TIME = 2_000  # read from the database for a file
REFUSALS = "refused returns"  # the key, in a session, of what could not be done to which school


class ReturnsOfCollection(CollectionGate):
    """The returns of the collection that match the filter of the address, in the order asked for."""

    def filtered(self) -> ReturnFilter:
        found = counted_returns(self.record.pk).visible_to(self.person).with_governance()
        found = found.select_related("organisation__school", "collection")
        return ReturnFilter(self.request.GET, queryset=found.order_by("organisation__name", "pk"))


class CollectionReturns(ReturnsOfCollection, Page):
    """The list, fifty at a time; those who may act tick returns and choose what to do with them."""

    template_name = "schools/collections/returns.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, RETURNS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            filter=found,
            page_obj=page,
            collection=self.record,
            actions=BULK_ACTIONS if self.person.has_perm(Perm.MANAGE_COLLECTION, self.record) else (),
            all_ticked=self.request.GET.get("tick") == "all",
            back=self._back(),
            refusals=self.request.session.pop(REFUSALS, []),
            today=timezone.localdate(),
            breadcrumbs=self.breadcrumbs(("Returns", "")),
            **kwargs,
        )

    def _back(self) -> str:
        """The address of this list, without what is ticked: what leads back to it from an action."""
        query = self.request.GET.copy()
        query.pop("tick", None)
        return str(query.urlencode())


def _school(record: Return) -> Any:
    return getattr(record.organisation, "school", None)


def _of_school(field: str) -> Any:
    return lambda record: getattr(_school(record), field, "")


def _governance(record: Any) -> str:
    if not record.is_submitted:
        return ""
    return "Confirmed" if record.governance_signed else "Wanted"


EXPORT_COLUMNS = [
    Column("Reference", lambda record: record.reference),
    Column("School", lambda record: record.organisation.name, width=45),
    Column("URN", _of_school("urn"), width=9),
    Column("District", _of_school("district_name"), width=20),
    Column("Phase", _of_school("phase"), width=16),
    Column("Type of school", _of_school("type_group_name"), width=28),
    Column("Status", lambda record: record.get_status_display(), width=14),
    Column("Started", lambda record: record.started_at),
    Column("Submitted", lambda record: record.submitted_at if record.is_submitted else None),
    Column("Governance confirmation", _governance),
    Column("Governance confirmation due", lambda record: record.governance_due if record.is_submitted else None),
    Column("Given more time until", lambda record: record.extended_to),
    Column("Last day", lambda record: record.deadline),
]


class ExportReturns(ReturnsOfCollection, View):
    """What the list shows with this filter, all of it, as CSV or XLSX."""

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        rows = self.filtered().qs.iterator(chunk_size=ROWS_AT_A_TIME)
        name = f"returns-{self.record.year_label}"
        if kind == "csv":
            return csv_response(EXPORT_COLUMNS, rows, filename=name)
        return xlsx_response(EXPORT_COLUMNS, rows, filename=name, title=f"Returns {self.record.year_label}")


# --- Several at once --------------------------------------------------------------------------------------------------


class BulkAction(CollectionGate, ChangePage):
    """One action on the returns that were ticked. What cannot be done to one says why and stops none of the others."""

    permission_required = Perm.MANAGE_COLLECTION
    template_name = "schools/collections/bulk.html"
    keeps_typed_text = True
    url_name: str
    label: str  # on the button under the list
    heading: str
    verb: str  # in the past, for the report: "accepted"

    def act(self, record: Return, form: Any) -> None:
        """Do it to one return: a service call, which may refuse."""
        raise NotImplementedError(type(self).__name__)

    def fits(self, record: Return) -> bool:
        """Whether it can be done to ``record``, as far as can be told before it is tried."""
        raise NotImplementedError(type(self).__name__)

    @cached_property
    def chosen(self) -> list[Return]:
        """The returns that were ticked and are in this collection."""
        ticked = self.request.GET.getlist("chosen")[:RETURNS_ON_A_PAGE]  # the form posts to the address it stands at
        ids = [value for value in ticked if value.isdecimal() and len(value) < 18]
        records = Return.objects.visible_to(self.person).filter(collection=self.record, pk__in=ids)
        return list(records.select_related("organisation", "collection"))

    def get_initial(self) -> dict[str, Any]:
        kept = take_back(self.request) or {}
        return super().get_initial() | {name: values[0] for name, values in kept.items() if values}

    def perform(self, form: Any) -> None:
        if not self.chosen:
            raise ValidationError("Go back to the list and tick the returns that you mean")
        refused = [(str(record.organisation), why) for record in self.chosen if (why := self._try(record, form))]
        done = len(self.chosen) - len(refused)
        if not done and form.fields:  # what was typed stays in the form
            raise ValidationError(_by_reason(refused))
        if done:
            messages.success(self.request, f"{done} {'return' if done == 1 else 'returns'} {self.verb}")
        self.request.session[REFUSALS] = refused

    def _try(self, record: Return, form: Any) -> str:
        """Do it to one return; the sentence that says why it was refused, or nothing."""
        try:
            self.act(record, form)
        except ValidationError as error:
            return " ".join(error.messages)
        except PermissionDenied:
            return "You may not do this."
        except TooLate as error:
            return str(error)
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            collection=self.record,
            caption=str(self.record),
            heading=self.heading,
            fitting=[record for record in self.chosen if self.fits(record)],
            unfit=[record for record in self.chosen if not self.fits(record)],
            **kwargs,
        )

    def get_success_url(self) -> str:
        page = reverse("schools:collection_returns", args=[self.record.pk])
        back = QueryDict(self.request.GET.get("back", "")).urlencode()
        return f"{page}?{back}" if back else page


def _by_reason(refused: list[tuple[str, str]]) -> list[str]:
    """Each reason once, with the schools that it holds for; without them if there is no other."""
    schools: dict[str, list[str]] = {}
    for school, why in refused:
        schools.setdefault(why, []).append(school)
    return list(schools) if len(schools) == 1 else [f"{', '.join(names)}: {why}" for why, names in schools.items()]


class BulkAccept(BulkAction):
    form_class = BulkAcceptForm
    url_name, label = "schools:bulk_accept", "Accept"
    heading = "Accept these returns"
    verb = "accepted"

    def fits(self, record: Return) -> bool:
        return record.status in ACCEPT.sources

    def act(self, record: Return, form: BulkAcceptForm) -> None:
        returns.accept(record, by=self.person)


class BulkQuery(BulkAction):
    form_class = BulkQueryForm
    url_name, label = "schools:bulk_query", "Query"
    heading = "Query these returns"
    verb = "queried"

    def fits(self, record: Return) -> bool:
        return record.status in QUERY.sources

    def act(self, record: Return, form: BulkQueryForm) -> None:
        returns.query(record, by=self.person, **form.cleaned_data)


class BulkExtend(BulkAction):
    form_class = BulkExtendForm
    url_name, label = "schools:bulk_extend", "Give more time"
    heading = "Give these schools more time"
    verb = "given more time"

    def fits(self, record: Return) -> bool:
        return not record.is_submitted

    def act(self, record: Return, form: BulkExtendForm) -> None:
        returns.extend(record, by=self.person, **form.cleaned_data)


BULK_ACTIONS = (BulkAccept, BulkQuery, BulkExtend)
