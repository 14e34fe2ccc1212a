"""Every page of the portal, read from the URL map, and a small world in which each of them has something to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from partnership.choices import DocumentStatus, Role
from partnership.engine import access, documents
from partnership.engine.documents import Kind, Made
from partnership.models import Action, Document, Group, HeldText, RoleGrant, User
from partnership.views.base import Gate
from schools.choices import ReturnStatus
from schools.models import (
    Collection,
    ContactImport,
    QuestionSet,
    RegisterImport,
    Return,
    ReturnQuery,
    School,
)
from schools.permissions import Perm
from schools.services import questions
from schools.services.collections import open_collection
from tests import cast
from tests.factories import (
    CollectionFactory,
    GroupFactory,
    OrganisationFactory,
    SchoolFactory,
    put_in_the_chair,
    seat,
    small_question_set,
)

documents.register(Kind("sample", "Sample", Perm.CONFIRM_RETURN, lambda record: Made(b"", "Sample.pdf")))


# The URL map


@dataclass(frozen=True)
class Page:
    """One line of the URL map."""

    name: str
    route: str
    callback: Any = field(compare=False)

    def __str__(self) -> str:
        return self.name

    @property
    def view(self) -> Any:
        """The view class; None for a function."""
        return getattr(self.callback, "view_class", None)

    @property
    def needs_sign_in(self) -> bool:
        return getattr(self.callback, "login_required", True)

    @property
    def perm(self) -> str | None:
        """The permission that the page declares through the gate; None if it declares none."""
        is_gated = isinstance(self.view, type) and issubclass(self.view, Gate)
        return getattr(self.view, "permission_required", None) if is_gated else None

    @property
    def model(self) -> type[models.Model] | None:
        """The kind of record that it is about, or that its permission is about."""
        return self.view.model or access.model_of(self.perm)


def all_pages() -> list[Page]:
    """Every page of the URL map, in its order."""
    return list(_walk(get_resolver()))


def _walk(resolver: URLResolver, route: str = "", namespace: str = "") -> Iterator[Page]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield Page(namespace + (entry.name or ""), route + str(entry.pattern), entry.callback)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, route + str(entry.pattern), inner)


def gated_pages() -> list[Page]:
    """The pages that declare a permission."""
    return [page for page in all_pages() if page.perm]


# A world


# Whose the samples of ``make_world`` are, by kind of record; those that are not named here, Oak Lane's people.
AT_OAK_LANE = frozenset({"dan", "debbie", "amira", "colin"})
OWNERS: dict[type[models.Model], frozenset[str]] = {
    User: frozenset({"dan"}),
    Group: frozenset({"maya", "chloe"}),
}
# The same for single permissions, where not all of those may: what only the chair does, say.
OWNERS_FOR: dict[str, frozenset[str]] = {}


def owners(perm: str) -> frozenset[str]:
    """Those of the cast for whom the sample that ``perm`` is about is one of their own."""
    return OWNERS_FOR.get(perm) or OWNERS.get(access.model_of(perm), AT_OAK_LANE)


# At the start, or after what django-pghistory puts before a statement to say who is behind it.
WRITE = re.compile(r"(^|;)\s*(INSERT|UPDATE|DELETE|TRUNCATE)\b|\bFOR (NO KEY )?UPDATE\b", re.IGNORECASE)


def writes(queries: CaptureQueriesContext) -> list[str]:
    """The statements that change or lock rows, those of the session apart."""
    statements = [query["sql"] for query in queries]
    return [sql for sql in statements if WRITE.search(sql) and '"django_session"' not in sql]


@dataclass(frozen=True)
class Visit:
    """What came of looking at a page: the answer, and the statements that changed something."""

    response: Any
    writes: list[str]


@dataclass
class World:
    """The cast of ``tests.cast`` by name, and a record of each kind, all of Oak Lane where it belongs to a school."""

    people: dict[str, User]
    school: School
    samples: dict[type[models.Model], Any]
    arguments: dict[str, Any]
    files: Path | None = None
    clients: dict[str | None, Client] = field(default_factory=dict)
    visits: dict[tuple[str, str | None], Visit] = field(default_factory=dict)

    def client(self, name: str | None) -> Client:
        """A browser in which that person of the cast is signed in; nobody for None."""
        if name not in self.clients:
            self.clients[name] = Client()
            if name:
                self.clients[name].force_login(self.people[name])
        return self.clients[name]

    def visit(self, page: Page, name: str | None) -> Visit:
        """What comes of looking at the page as that person. Each looks once: the next who asks is given the same."""
        client = self.client(name)
        if (page.name, name) not in self.visits:
            with CaptureQueriesContext(connection) as queries:
                response = client.get(self.address(page))
            self.visits[page.name, name] = Visit(response, writes(queries))
        return self.visits[page.name, name]

    def address(self, page: Page) -> str:
        """The address of the page about this world's records. Raises ``LookupError``, which says what to add."""
        return reverse(page.name, kwargs={name: self._argument(page, name) for name in _arguments_of(page)})

    def _argument(self, page: Page, name: str) -> Any:
        if f"{page.name} {name}" in self.arguments:
            return self.arguments[f"{page.name} {name}"]
        if name in (page.view.lookup if page.perm else {}):
            return _value(self.sample(page), page.view.lookup[name])
        if name in self.arguments:
            return self.arguments[name]
        raise LookupError(f'Add "{name}" or "{page.name} {name}" to the arguments of tests.pages.make_world')

    def sample(self, page: Page) -> Any:
        model = page.view.model
        if model not in self.samples:
            raise LookupError(f"Add a sample of {model.__name__} to tests.pages.make_world, for the page {page.name}")
        return self.samples[model]


def _arguments_of(page: Page) -> list[str]:
    namespace, _, name = page.name.rpartition(":")
    resolver = get_resolver()
    for part in filter(None, namespace.split(":")):
        resolver = resolver.namespace_dict[part][1]
    return resolver.reverse_dict.getlist(name)[0][0][0][1]


def _value(record: Any, path: str) -> Any:
    for name in path.split("__"):
        record = getattr(record, name)
    return record


def make_world() -> World:
    """The cast, Oak Lane's return in an open collection, a draft question set, uploads, a held text, a document."""
    school = SchoolFactory(name="Oak Lane School", urn=900101, postcode="SG13 8XX")
    everyone = _make_people(school)
    ursula, dan = everyone["ursula"], everyone["dan"]
    group = _make_group(everyone)
    collection = CollectionFactory(question_set=small_question_set())
    SchoolFactory.create_batch(5)  # results of fewer schools are not shown
    open_collection(collection, by=ursula)
    record = Return.objects.get(organisation=school.organisation)
    Return.objects.exclude(pk=record.pk).update(status=ReturnStatus.SUBMITTED, submitted_at=timezone.now())
    draft = _copy_question_set(ursula)
    section = draft.sections.get(code="S1")
    question = section.questions.get(code="1.4")
    document = _make_document(record, dan)
    asked = ReturnQuery.objects.create(return_record=record, text="When was this?", asked_by=ursula)
    held = HeldText.objects.create(about=asked, field="reply", text="Call 07700 900123", kinds="phone", written_by=dan)
    Action.objects.create(
        organisation=school.organisation, what="Train", who="Lead", due=timezone.localdate(), source=record
    )
    samples = {
        Collection: collection,
        Group: group,
        ContactImport: ContactImport.objects.create(filename="contacts.csv", uploaded_by=ursula),
        HeldText: held,
        QuestionSet: draft,
        RegisterImport: _make_register_import(ursula),
        Return: record,
        School: school,
        User: dan,
    }
    arguments = {
        "app_label": "schools",
        "model_name": "school",
        "history pk": school.pk,
        "document pk": document.pk,
        "schools:appoint_contact role": Role.DEPUTY_DSL.value,
        "contact": RoleGrant.objects.get(user=everyone["debbie"]).pk,
        "fact": "duty",
        "file_format": "csv",
        "kind": "csv",
        "section": section.pk,
        "question": question.pk,
        "scale": question.scale.pk,
        "option": question.scale.options.first().pk,
        "code": "S1",
        "schools:question_results code": "1.1",
        "schools:submitted pk": _make_last_years_return(collection, school).pk,
        "query": asked.pk,
    }
    world = World(everyone, school, samples, arguments)
    for name in (None, *cast.PEOPLE):
        world.client(name)
    return world


def _copy_question_set(by: User) -> QuestionSet:
    """The next version of the small return, not yet published."""
    published = QuestionSet.objects.get(slug="small-return")
    return questions.copy(published, version="2027-28.1", by=by)


def _make_people(school: School) -> dict[str, User]:
    elm_park = SchoolFactory(name="Elm Park School", urn=900102)
    works_for = dict.fromkeys(("dan", "debbie", "amira", "colin"), school.organisation)
    works_for |= {"erin": elm_park.organisation}
    works_for |= {name: OrganisationFactory(is_statutory_partner=True) for name in ("maya", "chloe")}
    return {name: cast.make(name, works_for.get(name)) for name in cast.PEOPLE}


def _make_group(people: dict[str, User]) -> Group:
    """A group on which Maya and Chloe sit, and which Chloe chairs."""
    group = GroupFactory(name="Performance and Audit Group", slug="performance-and-audit")
    seat(people["maya"], group)
    seat(people["chloe"], group)
    put_in_the_chair(people["chloe"], group)
    return group


def _make_last_years_return(collection: Collection, school: School) -> Return:
    last_year = CollectionFactory(academic_year=collection.academic_year - 1, question_set=collection.question_set)
    return Return.objects.create(
        collection=last_year,
        organisation=school.organisation,
        reference="LAST-YEAR",
        status=ReturnStatus.SUBMITTED,
        submitted_at=timezone.now(),
    )


def _make_document(record: Return, by: User) -> Document:
    document = Document.objects.create(
        about=record, kind="sample", title="Sample", wanted_by=by, status=DocumentStatus.READY, made_at=timezone.now()
    )
    document.content_type, document.filename = "application/pdf", "Sample.pdf"
    document.file.save("sample", ContentFile(b"%PDF-1.7"))
    return document


def _make_register_import(by: User) -> RegisterImport:
    return RegisterImport.objects.create(
        filename="edubase.csv",
        sha256="0" * 64,
        size=1,
        local_authority="Hertfordshire",
        uploaded_by=by,
        status="compared",
    )
