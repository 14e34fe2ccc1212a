"""Hubs: the list and the page of one, for everybody; made, changed and closed by the business unit; their districts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from learninghubs import hubs as reads
from learninghubs.forms.hubs import AddHubForm, AddLeadForm, DistrictForm, HandOverForm, HubForm, ServeForm
from learninghubs.models import Briefing, District, Forum, HubDistrict, LearningHub, Suggestion
from learninghubs.permissions import Perm
from learninghubs.services import hubs as services
from learninghubs.themes import themes_on
from partnership.choices import Role
from partnership.models import RoleGrant
from partnership.services import roles
from partnership.services.groups import in_words
from partnership.services.members import find_person
from partnership.views.base import ChangePage, Page
from partnership.views.group_changes import people_to_offer
from partnership.views.parts import ConfirmPage, PartPage

SHOWN = 5  # of each kind, on the page of a hub


# --- For everybody ----------------------------------------------------------------------------------------------------


class HubList(TemplateView):
    """The hubs, each with its districts; what they are at; and the hubs that have closed."""

    template_name = "learninghubs/hubs/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        served = reads.districts_by_hub(today)
        hubs = [(hub, served.get(hub.pk, [])) for hub in reads.current_hubs(today)]
        return super().get_context_data(
            hubs=hubs, closed=list(reads.closed_hubs(today)), themes=list(themes_on(today)), **kwargs
        )


class HubPage(TemplateView):
    """One hub: its districts, theme, forums, briefings and answers; and, for those who are signed in, who leads it."""

    template_name = "learninghubs/hubs/hub.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hubs = LearningHub.objects.select_related("group__merged_into__learning_hub", "reports_to")
        hub, today = get_object_or_404(hubs, group__slug=self.kwargs["slug"]), timezone.localdate()
        is_closed = reads.is_closed(hub, today)
        return super().get_context_data(
            hub=hub,
            is_closed=is_closed,
            successor=getattr(hub.group.merged_into, "learning_hub", None),
            districts=[] if is_closed else reads.districts_of(hub, today),
            themes=list(themes_on(today)),
            leads=reads.leads_of(hub, today) if self.request.user.is_authenticated else [],
            breadcrumbs=[("Learning hubs", reverse("learninghubs:hubs")), (str(hub), "")],
            **what_came_of(hub),
            **self._for_the_unit(hub, is_closed),
            **kwargs,
        )

    def _for_the_unit(self, hub: LearningHub, is_closed: bool) -> dict[str, Any]:
        user = self.request.user
        may_manage = user.is_authenticated and user.has_perm(Perm.MANAGE_HUBS, hub)
        return {
            "may_manage": may_manage,
            "open": reads.open_suggestions(hub).count() if is_closed and may_manage else 0,
        }


def what_came_of(hub: LearningHub) -> dict[str, Any]:
    """The forums, briefings and answers on the page of a hub, the newest of each. Four queries."""
    forums = Forum.objects.filter(hub=hub).select_related("theme", "hub__group")
    briefings = Briefing.objects.published().filter(forum__hub=hub).select_related("forum__theme", "forum__hub__group")
    return {
        "to_come": list(forums.to_come(timezone.now())[:SHOWN]),
        "held": list(forums.held()[:SHOWN]),
        "briefings": list(briefings[:SHOWN]),
        "answers": list(answers_for_everybody().filter(hub=hub)[:SHOWN]),
    }


def answers_for_everybody() -> QuerySet[Suggestion]:
    """Suggestions that everybody may read, with their answers, the newest answer first."""
    answered = Suggestion.objects.for_everybody().filter(response__isnull=False)
    found: QuerySet[Suggestion] = answered.select_related("hub__group", "theme", "response")
    return found.order_by("-response__answered_on", "-pk")


# --- Made and changed by the business unit ----------------------------------------------------------------------------


class AddHub(PartPage):
    """A hub of a group that is there."""

    permission_required = Perm.MANAGE_HUBS
    model = LearningHub
    form_class = AddHubForm
    template_name = "learninghubs/hubs/add.html"
    heading = "Make a hub of a group"
    done = "The hub has been made. Say which districts it serves, and who leads it"

    def perform(self, form: AddHubForm) -> LearningHub:
        return services.make_hub(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("learninghubs:hubs")


class OfHub:
    """A change to one hub; afterwards its page."""

    permission_required = Perm.MANAGE_HUBS
    model = LearningHub
    lookup: ClassVar[dict[str, str]] = {"slug": "group__slug"}
    record: LearningHub

    def records(self) -> QuerySet[Any]:
        return super().records().select_related("group", "reports_to")  # type: ignore[misc]

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record} | kwargs)  # type: ignore[misc]


class EditHub(OfHub, PartPage):
    form_class = HubForm
    heading = "Change this hub"
    done = "The hub has been changed"

    def row(self) -> LearningHub:
        return self.record

    def perform(self, form: HubForm) -> LearningHub:
        return services.edit_hub(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class AddLead(OfHub, ChangePage):
    """The role of a hub lead for somebody who has an account."""

    form_class = AddLeadForm
    template_name = "partnership/groups/name_somebody.html"

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate()}

    def perform(self, form: AddLeadForm) -> RoleGrant:
        typed = dict(form.cleaned_data)
        person = find_person(typed.pop("person"))
        made = roles.give(person, role=Role.HUB_LEAD, group=self.record.group, by=self.person, **typed)
        self.done = f"{person} is hub lead. We have emailed {person.email}"
        return made

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(people=people_to_offer(), **kwargs)


class HandOverOpen(OfHub, ChangePage):
    """Everything open of a hub that has closed goes to another, in one step."""

    form_class = HandOverForm
    template_name = "learninghubs/hubs/hand_over.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"number": reads.open_suggestions(self.record).count()}

    def get_initial(self) -> dict[str, Any]:
        successor = getattr(self.record.group.merged_into, "learning_hub", None)
        return {"to": successor.pk if successor else None}

    def perform(self, form: HandOverForm) -> int:
        number = services.hand_over_open(self.record, by=self.person, **form.cleaned_data)
        to = form.cleaned_data["to"]
        self.done = f"{number} suggestion{'' if number == 1 else 's'} handed to {to}. We have told its leads"
        return number


# --- Districts --------------------------------------------------------------------------------------------------------


class DistrictList(Page):
    """Which hub serves which district, what is set for later, and what was."""

    permission_required = Perm.MANAGE_HUBS
    template_name = "learninghubs/hubs/districts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        lines = [(one, one.is_without(today)) for one in reads.served(today)]
        return super().get_context_data(lines=lines, today=today, **kwargs)


class DistrictChange:
    """A change to a district; afterwards the list of them."""

    permission_required = Perm.MANAGE_HUBS
    kwargs: dict[str, Any]
    district: District

    def check(self) -> None:
        super().check()  # type: ignore[misc]
        self.district = get_object_or_404(District, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("learninghubs:districts")


class AddDistrict(PartPage):
    permission_required = Perm.MANAGE_HUBS
    form_class = DistrictForm
    heading = "Add a district"
    done = "The district has been added"

    def perform(self, form: DistrictForm) -> District:
        return services.add_district(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return reverse("learninghubs:districts")


class RenameDistrict(DistrictChange, PartPage):
    form_class = DistrictForm
    heading = "Change how a district is called"
    done = "The district has been changed"

    def row(self) -> District:
        return self.district

    def perform(self, form: DistrictForm) -> District:
        loaded = form.cleaned_data["loaded"]
        return services.rename_district(self.district, by=self.person, loaded=loaded, **form.values())


class ServeDistrict(DistrictChange, ChangePage):
    """Which hub serves a district from a day on."""

    form_class = ServeForm
    template_name = "learninghubs/hubs/serve.html"
    done = "Saved"

    def get_initial(self) -> dict[str, Any]:
        return {"from_day": timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"district": self.district}

    def perform(self, form: ServeForm) -> HubDistrict | None:
        return services.serve(self.district, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        return super().get_context_data(served=reads.served_by(self.district, today), **kwargs)


class TakeBackChange(DistrictChange, ConfirmPage):
    """Take back what is set for a day to come."""

    question = "Take back this change?"
    button = "Take it back"
    done = "Taken back"

    def check(self) -> None:
        super().check()
        coming = reads.served_by(self.district, timezone.localdate()).coming
        if coming is None:
            raise Http404
        self.row = coming
        day = in_words(coming.starts)
        self.sentences = [
            f"{coming.hub} is to serve {self.district} from {day}. Without this, all stays as it is today."
        ]

    def perform(self, form: Any) -> None:
        services.take_back_change(self.row, by=self.person)
