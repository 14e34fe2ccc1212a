"""What needs the people of the schools app, and where they can go. Shown by the portal's shell."""

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import home
from partnership.models import User
from schools import collection_needs, contacts, return_needs
from schools.choices import ContactImportStatus, ImportStatus
from schools.models import ContactImport, RegisterImport, School
from schools.permissions import Perm

MOST_SCHOOLS = 20  # named one by one on the home page of somebody with many
MOST_IMPORTS = 5  # named one by one as needs; more than that wait on their own page

home.nav("Schools", "schools:register", perm=Perm.VIEW_REGISTER, order=10)
home.nav("Contacts", "schools:contacts", perm=Perm.VIEW_REGISTER, order=15)
home.nav("Collections", "schools:collections", perm=Perm.VIEW_COLLECTION, order=20)
home.nav("Question sets", "schools:question_sets", perm=Perm.VIEW_QUESTION_SET, order=30)
home.nav("Returns", "schools:returns", perm=Perm.VIEW_OWN_RETURNS, order=40)

for needs in (return_needs.to_fill, return_needs.to_confirm, return_needs.to_sign, return_needs.to_accept):
    home.needs(needs)
for needs in (collection_needs.to_open, collection_needs.governance_overdue):
    home.needs(needs)


@home.needs
def imports_to_decide(user: User, on: date) -> list[home.Need]:
    """Register imports whose differences wait to be looked at, and those that could not be read. One query."""
    if not user.has_perm(Perm.IMPORT_REGISTER):
        return []
    waiting = [ImportStatus.COMPARED, ImportStatus.FAILED]
    imports = RegisterImport.objects.allowed(user, Perm.IMPORT_REGISTER).filter(status__in=waiting)[:MOST_IMPORTS]
    return [
        home.Need(
            f"Register import {found.filename}",
            reverse("schools:register_import", args=[found.pk]),
            found.get_status_display(),
        )
        for found in imports
    ]


@home.needs
def contact_lists_to_decide(user: User, on: date) -> list[home.Need]:
    """Uploaded lists of contacts that have been checked and wait to be applied or discarded. One query."""
    if not user.has_perm(Perm.IMPORT_CONTACTS):
        return []
    lists = ContactImport.objects.allowed(user, Perm.IMPORT_CONTACTS).filter(status=ContactImportStatus.CHECKED)
    return [
        home.Need(f"List of contacts {found.filename}", found.get_absolute_url(), found.get_status_display())
        for found in lists[:MOST_IMPORTS]
    ]


@home.needs
def schools_without_a_lead(user: User, on: date) -> list[home.Need]:
    """Open schools in which nobody is named to fill the return, for the business unit. One query."""
    if not user.has_perm(Perm.IMPORT_CONTACTS):
        return []
    number = School.objects.open().filter(contacts.vacant_q(Role.DSL, at=timezone.now())).count()
    title = (
        "1 school has no designated safeguarding lead"
        if number == 1
        else f"{number} schools have no designated safeguarding lead"
    )
    url = f"{reverse('schools:contacts')}?missing={Role.DSL}"
    return [home.Need(title, url, "Nobody there can fill a return")] if number else []


@home.needs
def roles_to_fill(user: User, on: date) -> list[home.Need]:
    """Roles at a head's own schools in which nobody is named, and which the head may fill. At most one query each."""
    if user.has_perm(Perm.VIEW_REGISTER):
        return []  # who sees all schools has a list of them
    at = timezone.now()
    return [
        home.Need(
            f"{school}: name a {role.label.lower()}", f"{school.get_absolute_url()}#contacts", "Nobody holds this role"
        )
        for role in contacts.NEEDED_ROLES
        for school in _own_schools(user, contacts.permission_for(role)).filter(contacts.vacant_q(role, at=at))
    ]


def _own_schools(user: User, perm: Perm) -> QuerySet[School]:
    return School.objects.allowed(user, perm).open().select_related("organisation")


@home.links
def schools_to_go_to(user: User) -> list[home.Link]:
    """The person's own schools; all of them and their contacts for those who see all. One query."""
    if user.has_perm(Perm.VIEW_REGISTER):
        return [
            home.Link("Schools", reverse("schools:register"), "The register, and each school’s page", order=10),
            home.Link("Contacts", reverse("schools:contacts"), "Who is missing, who has never signed in", order=15),
        ]
    own = School.objects.visible_to(user).select_related("organisation")[:MOST_SCHOOLS]
    return [
        home.Link(str(school), school.get_absolute_url(), "Its returns, contacts and facts", order=10) for school in own
    ]
