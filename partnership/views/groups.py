"""Groups as people read them: the list, a group's page, its terms of reference, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from partnership import figures, groups
from partnership.engine import home
from partnership.filters.groups import NO_CHAIR, VACANCIES, GroupFilter
from partnership.models import Action, Group, Meeting, Membership, User
from partnership.permissions import Perm
from partnership.views.base import Gate, Page

GROUPS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of groups."""

    group: Group
    parent: Group | None
    chairing: groups.Chairing
    is_gap: bool
    vacant: int


class GroupList(Page):
    """Every group, filtered, with who chairs it and how many sit on it."""

    permission_required = Perm.VIEW_GROUP
    template_name = "partnership/groups/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        found = GroupFilter(self.request.GET, listed(self.person, today))
        page = Paginator(found.qs, GROUPS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        sees_seats = self.person.has_perm(Perm.VIEW_FIGURES)
        return super().get_context_data(
            filter=found,
            page_obj=page,
            rows=rows_of(list(page), today),
            counts=counts(today) if sees_seats else None,
            own_groups=list(Group.objects.filter(pk__in=self.person.groups_sat_on() | self.person.groups_chaired())),
            chosen=self.request.GET.get("attention", ""),
            today=today,
            **kwargs,
        )


def counts(on: date) -> list[dict[str, Any]]:
    """The figures at the head of the list, each leading to its groups."""
    url = reverse("groups")
    return [
        {
            "label": "Vacancies",
            "number": figures.vacancies(on),
            "key": VACANCIES,
            "url": f"{url}?attention={VACANCIES}",
        },
        {
            "label": "Without a chair",
            "number": figures.groups_without_chair(on),
            "key": NO_CHAIR,
            "url": f"{url}?attention={NO_CHAIR}",
        },
    ]


def listed(person: User, on: date) -> QuerySet[Group]:
    """The groups that exist for ``person``, with how many people sit on each as ``people``."""
    sitting = Membership.objects.on(on).order_by()
    found: QuerySet[Group] = Group.objects.visible_to(person).select_related("parent")
    found = found.prefetch_related("former_places__parent")
    return found.annotate(people=Count("memberships", filter=Q(memberships__in=sitting), distinct=True))


def rows_of(chosen: list[Group], on: date) -> list[Row]:
    """A line for each group that came from ``listed``. Some six queries, whatever their number."""
    gaps = set(groups.without_chair(on).values_list("pk", flat=True))
    seats = groups.seats_by_group(chosen, on)
    return [
        Row(
            one.group,
            parent=groups.place_on(one.group, on).parent,
            chairing=one,
            is_gap=one.group.pk in gaps,
            vacant=sum(seat.vacant for seat in seats.get(one.group.pk, [])),
        )
        for one in groups.chairing(chosen, on)
    ]


class PublicGroup(TemplateView):
    """A page about one group that everybody may read, signed in or not."""

    record: Group

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = Group.objects.select_related("parent", "merged_into").prefetch_related("former_names", "merged_from")
        self.record = get_object_or_404(found, slug=self.kwargs["slug"])
        return super().get_context_data(group=self.record, today=timezone.localdate(), **kwargs)

    def may(self, perm: Perm) -> bool:
        """Whether whoever reads the page holds ``perm`` on the group; somebody who is not signed in holds none."""
        return self.request.user.is_authenticated and self.request.user.has_perm(perm, self.record)


class GroupPage(PublicGroup):
    """What a group is for, and, for its members and those who read everything, who sits on it."""

    template_name = "partnership/groups/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = context["today"]
        sees_people = self.may(Perm.VIEW_MEMBERS)
        members = groups.members_on(self.record, today)
        goes_on = self.record.ends is None or self.record.ends > today
        return context | {
            "breadcrumbs": self._breadcrumbs(),
            "parent": groups.place_on(self.record, today).parent,
            "subgroups": groups.subgroups_on(self.record, today),
            "terms": groups.terms_on(self.record, today),
            "versions": list(self.record.terms.all()),
            "chairing": groups.chairing([self.record], today)[0],
            "is_gap": groups.without_chair(today).filter(pk=self.record.pk).exists(),
            "bodies": groups.organisations_on(members, today),
            "sees_people": sees_people,
            "may_manage": self.may(Perm.MANAGE_GROUP),
            "may_plan": goes_on and self.may(Perm.PLAN_MEETINGS),
            "may_open_action": goes_on and self.may(Perm.OPEN_GROUP_ACTION),
            **(people_of(self.record, members, today) if sees_people else {}),
            **(work_of(self.record, self.request.user, today) if sees_people else {}),
        }

    def _breadcrumbs(self) -> list[tuple[str, str]]:
        signed_in = self.request.user.is_authenticated
        above = ("Groups", reverse("groups")) if signed_in else ("Structure", reverse("structure"))
        return [above, (str(self.record), "")]


def people_of(group: Group, members: list[Membership], on: date) -> dict[str, Any]:
    """Who sits on the group, who will, who did; and its seats. Some five queries."""
    others = group.memberships.select_related("person", "organisation")
    seats = groups.seats_of(group, on)
    return {
        "members": members,
        "coming": list(others.filter(starts__gt=on).order_by("starts")),
        "former": list(others.filter(ends__lte=on).order_by("-ends", "person__name")),
        "seats": seats,
        "vacant": sum(seat.vacant for seat in seats),
        "missing": [seat.organisation for seat in seats if seat.is_missing],
    }


def work_of(group: Group, person: Any, on: date) -> dict[str, Any]:
    """What the group is about to do, and, for who chairs it, what that needs of them. Two queries, and for the chair
    those of their home page."""
    is_chair = group.pk in person.groups_chaired()
    meetings = Meeting.objects.visible_to(person).filter(group=group).to_come(timezone.now())
    late = Count("pk", filter=Q(due__lt=on))
    actions = Action.objects.visible_to(person).filter(group=group).unfinished()
    return {
        "next_meeting": meetings.order_by("starts_at").first(),
        "actions": actions.aggregate(unfinished=Count("pk"), overdue=late),
        "is_chair": is_chair,
        "needs": [need for need in home.needs_of(person, on=on) if need.group == group.pk] if is_chair else [],
    }


class TermsPage(PublicGroup):
    """One version of a group's terms of reference."""

    template_name = "partnership/groups/terms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        terms = get_object_or_404(self.record.terms.prefetch_related("seats__organisation"), version=kwargs["version"])
        in_force = groups.terms_on(self.record, context["today"])
        return context | {
            "terms": terms,
            "in_force": in_force,
            "breadcrumbs": [(str(self.record), self.record.get_absolute_url()), (f"Version {terms.version}", "")],
        }


class AboutGroup(Gate):
    """A page about one group behind a permission, found by its address."""

    model = Group
    lookup: ClassVar = {"slug": "slug"}

    def breadcrumbs(self, here: str) -> list[tuple[str, str]]:
        """From the list of groups down to this page."""
        group = (str(self.record), self.record.get_absolute_url())
        return [("Groups", reverse("groups")), group, (here, "")]

    def one_of(self, rows: QuerySet[Any], pk: int) -> Any:
        """The row of the group with that key. Raises ``Http404`` if the group has none."""
        found = rows.filter(pk=pk).first() if pk < 2**63 else None
        if found is None:
            raise Http404
        return found


class GroupEmails(AboutGroup, Page):
    """The addresses of those who sit on the group, to copy or to write to."""

    permission_required = Perm.MANAGE_GROUP
    template_name = "partnership/groups/emails.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = groups.members_on(self.record, timezone.localdate())
        addresses = sorted({member.person.email for member in members if member.person.is_active})
        return super().get_context_data(
            group=self.record, addresses=addresses, breadcrumbs=self.breadcrumbs("Email addresses"), **kwargs
        )
