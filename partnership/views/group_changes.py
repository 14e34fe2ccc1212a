"""Groups changed by the business unit: begun, renamed, moved, merged, ended; terms of reference; members."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnership import groups
from partnership.choices import Capacity
from partnership.forms.groups import (
    MORE_ROWS,
    AddGroupForm,
    AddMemberForm,
    ChangeMemberForm,
    EndGroupForm,
    EndMemberForm,
    GroupForm,
    LetGoOnForm,
    MergeForm,
    MoveForm,
    RenameForm,
    TermsForm,
    seats_as_initial,
    typed_as_initial,
)
from partnership.models import Group, Membership, Organisation, User
from partnership.permissions import Perm
from partnership.services import groups as services
from partnership.services import members
from partnership.views.base import ChangePage
from partnership.views.groups import AboutGroup


class AddGroup(ChangePage):
    """A new group."""

    model = Group
    permission_required = Perm.MANAGE_GROUP
    form_class = AddGroupForm
    done = "Group added"

    def perform(self, form: AddGroupForm) -> Group:
        return services.add_group(by=self.person, **form.cleaned_data)

    def back_url(self) -> str:
        return reverse("groups")

    def get_success_url(self) -> str:
        return self.outcome.get_absolute_url()


class ChangeGroup(AboutGroup, ChangePage):
    """A change to one group; afterwards its page."""

    permission_required = Perm.MANAGE_GROUP

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.record, "group": self.record} | kwargs)


class EditGroup(ChangeGroup):
    form_class = GroupForm
    done = "Group changed"

    def get_initial(self) -> dict[str, Any]:
        initial = {name: getattr(self.record, name) for name in GroupForm.base_fields}
        return initial | {"on_structure": "yes" if self.record.on_structure else "no"}

    def perform(self, form: GroupForm) -> Group:
        return services.edit_group(self.record, by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        changed: Group = getattr(self, "outcome", self.record)  # its address may have changed
        return changed.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Change this group", **kwargs)


class RenameGroup(ChangeGroup):
    form_class = RenameForm
    done = "Group renamed"

    def perform(self, form: RenameForm) -> Group:
        typed = form.cleaned_data
        return services.rename_group(self.record, by=self.person, name=typed["name"], from_day=typed["from_day"])


class OfGroup(ChangeGroup):
    """A change whose form needs to know the group."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"group": self.record}


class MoveGroup(OfGroup):
    form_class = MoveForm
    done = "Group moved"

    def get_initial(self) -> dict[str, Any]:
        return {"parent": self.record.parent_id, "from_day": timezone.localdate()}

    def perform(self, form: MoveForm) -> Group:
        return services.move_group(self.record, by=self.person, **form.cleaned_data)


class EndGroup(ChangeGroup):
    form_class = EndGroupForm
    template_name = "partnership/groups/end.html"
    done = "The end of the group has been set"

    def get_initial(self) -> dict[str, Any]:
        return {"last_day": self.record.last_day}

    def perform(self, form: EndGroupForm) -> Group:
        return services.end_group(self.record, by=self.person, **form.cleaned_data)


class LetGoOn(ChangeGroup):
    """Takes back the end of a group."""

    form_class = LetGoOnForm
    template_name = "partnership/groups/let_go_on.html"
    done = "The group goes on"

    def perform(self, form: LetGoOnForm) -> Group:
        return services.let_go_on(self.record, by=self.person)


class MergeGroup(OfGroup):
    """Ends a group in favour of another; the page asks of each member whether they go along."""

    form_class = MergeForm
    done = "Group merged"

    def get_initial(self) -> dict[str, Any]:
        carried = [row.pk for row in groups.members_on(self.record, timezone.localdate())]
        return {"carried": carried, "last_day": self.record.last_day}

    def perform(self, form: MergeForm) -> Group:
        return services.merge_group(self.record, by=self.person, **form.cleaned_data)


# --- Terms of reference ----------------------------------------------------------------------------------------------


class WriteTerms(ChangeGroup):
    """The next version of the terms of reference; it starts from the newest."""

    form_class = TermsForm
    template_name = "partnership/groups/write_terms.html"
    done = "Terms of reference saved"

    def get_initial(self) -> dict[str, Any]:
        last = self.record.terms.prefetch_related("seats").order_by("-version").first()
        if last is None:
            return {"based_on": 0}
        said = {name: getattr(last, name) for name in ("text", "quorum")}
        return said | {"based_on": last.version} | seats_as_initial(last)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        named = sum(name.endswith("_organisation") for name in kwargs["initial"])
        return kwargs | {"rows": _number(self.request.POST.get("rows")) or named + MORE_ROWS}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "more" in request.POST:
            return self._with_more_rows()
        return super().post(request, *args, **kwargs)

    def _with_more_rows(self) -> HttpResponse:
        rows = _number(self.request.POST.get("rows")) + MORE_ROWS
        form = TermsForm(initial=typed_as_initial(self.request.POST.dict()), rows=rows)
        return self.render_to_response(self.get_context_data(form=form))

    def perform(self, form: TermsForm) -> Any:
        named = ("text", "in_force_from", "agreed_at", "based_on")
        typed = {name: form.cleaned_data[name] for name in named}
        quorum = form.cleaned_data["quorum"] or 0
        return services.write_terms(self.record, by=self.person, quorum=quorum, seats=form.seats(), **typed)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 4 else 0


# --- Members ---------------------------------------------------------------------------------------------------------


def people_to_offer() -> list[User]:
    """Those whose names a page offers where somebody is to be named: people of organisations that are no schools."""
    bodies = Organisation.objects.other_than_schools()
    staff = User.objects.there(on=timezone.localdate()).filter(organisation__in=bodies)
    return list(staff.select_related("organisation").order_by("name"))


class NamesSomebody(ChangeGroup):
    """A form in which somebody is named; the page offers names."""

    template_name = "partnership/groups/name_somebody.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(people=people_to_offer(), **kwargs)


class AddMember(NamesSomebody):
    form_class = AddMemberForm
    done = "Member added"

    def get_initial(self) -> dict[str, Any]:
        return {"starts": timezone.localdate(), "person": self.request.GET.get("person", "")}

    def perform(self, form: AddMemberForm) -> Membership:
        typed = dict(form.cleaned_data)
        person = members.find_person(typed.pop("person"))
        capacity = Capacity(typed.pop("capacity"))
        return members.add_member(self.record, by=self.person, person=person, capacity=capacity, **typed)


class AboutMember(ChangeGroup):
    """A change to one membership of the group."""

    def check(self) -> None:
        super().check()
        rows = self.record.memberships.select_related("group", "person", "organisation")
        self.member: Membership = self.one_of(rows, self.kwargs["member"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=f"{self.member.person}, {self.record}", **kwargs)


class ChangeMember(AboutMember):
    form_class = ChangeMemberForm
    done = "Membership changed"

    def get_initial(self) -> dict[str, Any]:
        row = self.member
        days = {"starts": row.starts, "last_day": row.last_day}
        return {"organisation": row.organisation_id, "capacity": row.capacity} | days

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"also": self.member.organisation_id}

    def perform(self, form: ChangeMemberForm) -> Membership:
        typed = form.cleaned_data
        return members.change_member(self.member, by=self.person, **typed | {"capacity": Capacity(typed["capacity"])})


class EndMember(AboutMember):
    form_class = EndMemberForm
    done = "The end of the membership has been set"

    def get_initial(self) -> dict[str, Any]:
        return {"last_day": self.member.last_day or timezone.localdate()}

    def perform(self, form: EndMemberForm) -> Membership:
        return members.end_member(self.member, by=self.person, **form.cleaned_data)
