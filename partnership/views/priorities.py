"""The priorities: the list, one's page with everything done about it, and changes by the business unit."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from partnership.engine import priorities
from partnership.forms.priorities import EndPriorityForm, PriorityForm
from partnership.models import Priority
from partnership.permissions import Perm
from partnership.services import priorities as services
from partnership.views.base import ChangePage
from partnership.views.parts import PartPage


class PriorityList(TemplateView):
    """What the partnership puts first, and what it used to; for everybody."""

    template_name = "partnership/priorities/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        everything, today = list(Priority.objects.all()), timezone.localdate()
        current = set(Priority.objects.on(today).values_list("pk", flat=True))
        return super().get_context_data(
            current=[priority for priority in everything if priority.pk in current],
            planned=[one for one in everything if one.starts and one.starts > today],
            ended=[one for one in everything if one.ends and one.ends <= today],
            **kwargs,
        )


class PriorityPage(TemplateView):
    """One priority and what is done about it: all of it for those who are signed in, as far as they may see it."""

    template_name = "partnership/priorities/priority.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        priority = get_object_or_404(Priority, slug=self.kwargs["slug"])
        user = self.request.user if self.request.user.is_authenticated else None
        return super().get_context_data(
            priority=priority,
            gathered=priorities.gathered(priority, user),
            today=timezone.localdate(),
            breadcrumbs=[("Plan", reverse("plan")), ("Priorities", reverse("priorities")), (str(priority), "")],
            **kwargs,
        )


class AddPriority(PartPage):
    permission_required = Perm.MANAGE_PRIORITY
    model = Priority
    form_class = PriorityForm
    heading = "Add a priority"
    done = "The priority has been added"

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate()}

    def perform(self, form: PriorityForm) -> Priority:
        return services.add_priority(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("priorities")


class OfPriority:
    """A change to one priority, which leads back to its page."""

    permission_required = Perm.MANAGE_PRIORITY
    model = Priority
    lookup: ClassVar[dict[str, str]] = {"slug": "slug"}
    record: Priority

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())


class EditPriority(OfPriority, PartPage):
    form_class = PriorityForm
    heading = "Change the priority"
    done = "The priority has been saved"

    def row(self) -> Priority:
        return self.record

    def perform(self, form: PriorityForm) -> Priority:
        return services.edit_priority(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class EndPriority(OfPriority, ChangePage):
    form_class = EndPriorityForm
    done = "Saved"

    def get_initial(self) -> dict[str, Any]:
        return {"ends": self.record.ends}

    def perform(self, form: EndPriorityForm) -> Priority:
        return services.end_priority(self.record, by=self.person, ends=form.cleaned_data["ends"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record} | kwargs)
