"""Themes: the list and the page of one, for everybody; resources and sessions for schools; changed by the business
unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from hscp.lib.dates import academic_year
from learninghubs import themes as reads
from learninghubs.forms.themes import ResourceForm, SessionForm, ThemeForm
from learninghubs.models import Briefing, Forum, SchoolSession, Suggestion, Theme, ThemeResource
from learninghubs.permissions import Perm
from learninghubs.services import themes as services
from learninghubs.views.hubs import answers_for_everybody
from partnership.views.group_changes import people_to_offer
from partnership.views.parts import ConfirmPage, PartPage

SHOWN = 10  # of suggestions and answers, on the page of a theme


# --- For everybody ----------------------------------------------------------------------------------------------------


class ThemeList(TemplateView):
    """Every theme, by academic year."""

    template_name = "learninghubs/themes/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(years=reads.by_year(), today=timezone.localdate(), **kwargs)


class ThemePage(TemplateView):
    """One theme: its purpose, what to read, forums of all hubs, sessions for schools, suggestions and answers."""

    template_name = "learninghubs/themes/theme.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        theme = get_object_or_404(Theme.objects.select_related("lead", "serves"), slug=self.kwargs["slug"])
        today = timezone.localdate()
        return super().get_context_data(
            theme=theme,
            is_on=theme.is_on(today),
            place=reads.PLACES[theme.number - 1],
            resources=list(theme.resources.all()),
            sessions=list(theme.sessions.all()),
            suggestions=self._suggestions(theme),
            today=today,
            breadcrumbs=[("Themes", reverse("learninghubs:themes")), (str(theme), "")],
            **what_came_of(theme),
            **kwargs,
        )

    def _suggestions(self, theme: Theme) -> list[Suggestion]:
        """Those on the theme that whoever reads the page may open, the newest first; none to the public."""
        if not self.request.user.is_authenticated:
            return []
        visible = Suggestion.objects.visible_to(self.request.user).itself().filter(theme=theme)
        return list(visible.select_related("hub__group")[:SHOWN])


def what_came_of(theme: Theme) -> dict[str, Any]:
    """The forums of all hubs, briefings and answers on the page of a theme. Four queries."""
    forums = Forum.objects.filter(theme=theme).select_related("hub__group", "theme")
    briefings = Briefing.objects.published().filter(forum__theme=theme)
    return {
        "to_come": list(forums.to_come(timezone.now())),
        "held": list(forums.held()),
        "briefings": list(briefings.select_related("forum__theme", "forum__hub__group")),
        "answers": list(answers_for_everybody().filter(theme=theme)[:SHOWN]),
    }


# --- Changed by the business unit -------------------------------------------------------------------------------------


class ThemeEdit(PartPage):
    """A form over a theme, in which its lead is named."""

    permission_required = Perm.MANAGE_THEME
    model = Theme
    form_class = ThemeForm
    template_name = "learninghubs/themes/edit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(people=people_to_offer(), **kwargs)


class AddTheme(ThemeEdit):
    heading = "Add a theme"
    done = "The theme has been added"

    def get_initial(self) -> dict[str, Any]:
        free = reads.free_places(academic_year(timezone.localdate()))
        return {"number": free[0] if free else 1}

    def perform(self, form: ThemeForm) -> Theme:
        return services.add_theme(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("learninghubs:themes")


class OfTheme:
    """A change to one theme or to what belongs to it; afterwards its page."""

    permission_required = Perm.MANAGE_THEME
    model = Theme
    lookup: ClassVar[dict[str, str]] = {"slug": "slug"}
    record: Theme

    def records(self) -> QuerySet[Any]:
        return super().records().select_related("lead", "serves")  # type: ignore[misc]

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record} | kwargs)  # type: ignore[misc]


class EditTheme(OfTheme, ThemeEdit):
    heading = "Change this theme"
    done = "The theme has been changed"

    def row(self) -> Theme:
        return self.record

    def perform(self, form: ThemeForm) -> Theme:
        return services.edit_theme(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


# --- Resources and sessions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """What belongs to a theme, as addresses name it: its model, its form, its noun, how one is added."""

    model: Any
    form: Any
    noun: str
    add: Any


KINDS = {
    "resources": Kind(ThemeResource, ResourceForm, "resource", services.add_resource),
    "sessions": Kind(SchoolSession, SessionForm, "session for schools", services.add_session),
}


class PartOfTheme(OfTheme):
    """The resource or session that a page's address names; 404 unless it belongs to the theme."""

    kwargs: dict[str, Any]

    @cached_property
    def kind(self) -> Kind:
        if self.kwargs["part"] not in KINDS:
            raise Http404
        return KINDS[self.kwargs["part"]]

    @cached_property
    def part(self) -> Any:
        return get_object_or_404(self.kind.model.objects.filter(theme=self.record), pk=self.kwargs["row"])


class PartEdit(PartOfTheme, PartPage):
    """A form over a resource or a session."""

    def get_form_class(self) -> Any:
        return self.kind.form


class AddPart(PartEdit):
    def perform(self, form: Any) -> Any:
        self.done = f"The {self.kind.noun} has been added"
        return self.kind.add(self.record, by=self.person, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=f"Add a {self.kind.noun}", **kwargs)


class EditPart(PartEdit):
    def row(self) -> Any:
        return self.part

    def perform(self, form: Any) -> Any:
        self.done = f"The {self.kind.noun} has been changed"
        return services.edit_part(self.part, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=f"Change this {self.kind.noun}", **kwargs)


class RemovePart(PartOfTheme, ConfirmPage):
    button = "Remove"

    @property
    def question(self) -> str:  # type: ignore[override]
        return f"Remove “{self.part}”?"

    def perform(self, form: Any) -> None:
        self.done = f"The {self.kind.noun} has been removed"
        services.remove_part(self.part, by=self.person)
