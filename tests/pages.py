"""Every page of the portal, read from the URL map, and a small world in which each of them has something to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from learninghubs.choices import ItemKind, SubscriberStatus, SuggestionStatus
from learninghubs.forums import secret_of as forum_secret
from learninghubs.links import confirm_url, preferences_url, unsubscribe_url
from learninghubs.models import (
    Briefing,
    District,
    Forum,
    HubDistrict,
    LearningHub,
    NewsletterIssue,
    Subscriber,
    SubscriberImport,
    Suggestion,
    Theme,
)
from learninghubs.services.authors import secret_of
from learninghubs.services.issues import draft_issue
from partnership.choices import (
    Capacity,
    DocumentStatus,
    GroupKind,
    LeaverItemKind,
    MeetingStatus,
    PlanStatus,
    ReviewStatus,
    Role,
    Verdict,
)
from partnership.engine import access, documents
from partnership.engine.documents import Kind, Made
from partnership.models import (
    Action,
    AgendaItem,
    ArrangementItem,
    BudgetHeading,
    ChairTerm,
    Decision,
    Document,
    Escalation,
    EscalationProcedure,
    EscalationTheme,
    FinancialYear,
    GoodPractice,
    GovernanceReview,
    Group,
    HandoverItem,
    HeldText,
    LeaverItem,
    Meeting,
    Objective,
    Organisation,
    Paper,
    Plan,
    Priority,
    RoleGrant,
    SpendEntry,
    User,
)
from partnership.services import escalation_procedures
from partnership.services.meetings import make_feed
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
    HubFactory,
    OrganisationFactory,
    PriorityFactory,
    SchoolFactory,
    SubscriberFactory,
    SuggestionFactory,
    ThemeFactory,
    grant,
    put_in_the_chair,
    seat,
    small_question_set,
)
from tests.learninghubs.forum_helpers import guest, make_forum
from tests.learninghubs.newsletters import make_answer, sent_issue
from tests.partnership.budgets import give, make_line, make_year, spend
from tests.partnership.differences import raise_difference
from tests.partnership.meetings import make_full_meeting
from tests.partnership.plans import make_plan, make_review, read

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
    Action: frozenset({"maya", "chloe"}),
    User: frozenset({"dan"}),
    Group: frozenset({"maya", "chloe"}),
    ChairTerm: frozenset({"maya", "chloe"}),
    Plan: frozenset(),  # a draft
    FinancialYear: frozenset({"maya", "chloe"}),
    Escalation: frozenset({"dan", "maya"}),
    EscalationProcedure: frozenset(),  # a draft
    Objective: frozenset(cast.PEOPLE),  # of the published plan
    GovernanceReview: frozenset({"maya", "chloe"}),
    Meeting: frozenset({"maya", "chloe"}),
    AgendaItem: frozenset({"maya", "chloe"}),
    Paper: frozenset({"maya", "chloe"}),
    Decision: frozenset({"chloe"}),  # of minutes that are not circulated
    Briefing: frozenset({"ben"}),
    Forum: frozenset({"ben"}),
    LearningHub: frozenset({"ben"}),
    NewsletterIssue: frozenset({"ben"}),
    Suggestion: frozenset({"ben", "pat"}),  # at the hub: the Board does not see it
}
# The same for single permissions, where not all of those may: what only the chair does, say.
OWNERS_FOR: dict[str, frozenset[str]] = {
    "partnership.answer_escalation": frozenset({"maya"}),
    "partnership.pursue_escalation": frozenset({"dan"}),
    "partnership.hand_over": frozenset({"chloe"}),
    "partnership.progress_action": frozenset({"chloe"}),
    "partnership.approve_plan": frozenset({"maya", "chloe"}),
    "partnership.record_progress": frozenset({"chloe"}),
    "partnership.cancel_action": frozenset({"chloe"}),
    "partnership.manage_action": frozenset({"chloe"}),
    "partnership.open_group_action": frozenset({"chloe"}),
    "partnership.plan_meetings": frozenset({"chloe"}),
    "partnership.manage_meeting": frozenset({"chloe"}),
    "partnership.manage_agenda_item": frozenset({"chloe"}),
    "partnership.manage_paper": frozenset({"chloe"}),
    "partnership.manage_decision": frozenset({"chloe"}),
    "learninghubs.view_briefing": frozenset(cast.PEOPLE),  # it is published
    "learninghubs.view_dashboard": frozenset({"ben", "maya", "chloe"}),
    "learninghubs.put_on_agenda": frozenset({"chloe"}),
    "learninghubs.answer_suggestion": frozenset({"chloe"}),
}


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
    hub = _make_hubs(everyone, group)
    theme = ThemeFactory(academic_year=2001, number=1)
    forum_arguments = _make_forums(hub)
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
    plan, review = _make_plans(group), _make_review(group)
    differences = _make_differences(everyone)
    budget = _make_budget(everyone)
    meetings = _make_meetings(group)
    samples = {
        **differences,
        **budget,
        **meetings,
        ArrangementItem: plan.sections.get().answers.get(),
        GovernanceReview: review,
        Objective: Objective.objects.get(plan__version=1),
        Plan: plan,
        Priority: plan.priorities.get(),
        Action: Action.objects.create(group=group, what="Audit", due=timezone.localdate(), source=record),
        Collection: collection,
        Group: group,
        ChairTerm: group.chair_terms.get(),
        Briefing: Briefing.objects.get(),
        Forum: Forum.objects.get(status="planned"),
        ContactImport: ContactImport.objects.create(filename="contacts.csv", uploaded_by=ursula),
        HeldText: held,
        LearningHub: hub,
        Theme: theme,
        NewsletterIssue: _make_issues(hub),
        Organisation: everyone["maya"].organisation,
        QuestionSet: draft,
        RegisterImport: _make_register_import(ursula),
        Return: record,
        School: school,
        Subscriber: SubscriberFactory(hubs=[hub], status=SubscriberStatus.ACTIVE),
        SubscriberImport: _make_subscriber_import(ursula),
        Suggestion: _make_suggestion(hub, everyone["pat"], SuggestionStatus.AT_HUB),
        User: dan,
    }
    arguments = (
        _make_group_arguments(group)
        | _suggestion_arguments(hub, everyone["pat"])
        | _answer_arguments(everyone["ben"], everyone["pat"])
        | _hub_arguments(hub, theme)
        | _issue_arguments(hub)
        | _reader_arguments(hub)
        | forum_arguments
        | _meeting_arguments(meetings, group, everyone["maya"])
        | {
            "past_plan version": 1,
            "plan_pdf version": 1,
            "part": "sections",
            "row": plan.sections.get().pk,
            "record_milestone row": plan.milestones.get().pk,
            "edit_review_item item": review.items.get().pk,
            "follow_up_review_item item": review.items.get().pk,
            "open_review_action item": review.items.get().pk,
            "remove_review_item item": review.items.get().pk,
            "move_review_item item": review.items.get().pk,
            "answer_plan_item item": plan.sections.get().answers.get().pk,
            "priority slug": plan.priorities.get().slug,
            "table": "contributions",
            "edit_contribution pk": budget[FinancialYear].contributions.first().pk,
            "remove_contribution pk": budget[FinancialYear].contributions.first().pk,
            "correct_spend pk": SpendEntry.objects.get().pk,
            "edit_budget_heading pk": BudgetHeading.objects.first().pk,
            "edit_escalation_theme pk": EscalationTheme.objects.first().pk,
            "organisation": everyone["maya"].organisation.pk,
            "stage": differences[EscalationProcedure].stages.first().pk,
            "app_label": "schools",
            "model_name": "school",
            "history pk": school.pk,
            "document pk": document.pk,
            "schools:appoint_contact role": Role.DEPUTY_DSL.value,
            "contact": RoleGrant.objects.get(user=everyone["debbie"]).pk,
            "grant": RoleGrant.objects.get(user=dan).pk,
            "item": _make_leaver_item(dan, group).pk,
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
    )
    world = World(everyone, school, samples, arguments)
    for name in (None, *cast.PEOPLE):
        world.client(name)
    return world


def _make_differences(people: dict[str, User]) -> dict[type[models.Model], Any]:
    """A difference that Dan raised and that waits for Maya, the next version of the procedure, good practice."""
    raised = raise_difference(people["dan"], people["maya"].organisation, contacts=[people["maya"]])
    practice = GoodPractice.objects.create(
        organisation=people["maya"].organisation, recognised_by=people["dan"], what="Told us at once"
    )
    draft = escalation_procedures.draft(by=people["ursula"])
    return {Escalation: raised, EscalationProcedure: draft, GoodPractice: practice}


def _make_budget(people: dict[str, User]) -> dict[type[models.Model], Any]:
    """A year with a contribution of each partner and an entry of spend."""
    year = make_year(2026)
    for name in ("maya", "chloe"):
        give(year, people[name].organisation, agreed="100.00")
    spend(make_line(year))
    return {FinancialYear: year}


def _make_plans(group: Group) -> Plan:
    """A published plan whose objective the group leads, with its PDF; and the next version, a draft."""
    priority = PriorityFactory(slug="gangs-and-knife-crime")
    published = make_plan(1, PlanStatus.PUBLISHED, lead=group, priority=priority)
    read(published.objectives.get(), "amber")
    _make_pdf("plan", published)
    draft = make_plan(2, lead=group, priority=priority)
    item = ArrangementItem.objects.create(code="who", text="Who the partners are", source="Guidance")
    item.sections.add(draft.sections.get())
    return draft


def _make_pdf(kind: str, about: models.Model) -> None:
    document = Document.objects.create(
        about=about, kind=kind, title=kind, status=DocumentStatus.READY, made_at=timezone.now()
    )
    document.content_type, document.filename = "application/pdf", f"{kind}.pdf"
    document.file.save(kind, ContentFile(b"%PDF-1.7"))


def _make_review(group: Group) -> GovernanceReview:
    """A review under way, by the group."""
    review = make_review(ReviewStatus.UNDER_WAY, group=group)
    review.items.create(subject="What stays, what goes?", verdict=Verdict.STOP, reason="Twice the same work.")
    return review


def _copy_question_set(by: User) -> QuestionSet:
    """The next version of the small return, not yet published."""
    published = QuestionSet.objects.get(slug="small-return")
    return questions.copy(published, version="2027-28.1", by=by)


def _make_people(school: School) -> dict[str, User]:
    elm_park = SchoolFactory(name="Elm Park School", urn=900102)
    works_for = dict.fromkeys(("dan", "debbie", "amira", "colin"), school.organisation)
    works_for |= {"erin": elm_park.organisation}
    works_for |= {name: OrganisationFactory(is_statutory_partner=True) for name in ("maya", "chloe")}
    leads = {name: GroupFactory(kind=GroupKind.HUB) for name in ("ben", "bella")}
    return {name: cast.make(name, works_for.get(name), leads.get(name)) for name in cast.PEOPLE}


def _make_hubs(people: dict[str, User], board: Group) -> LearningHub:
    """The hub that Ben leads, reporting to the group of Maya and Chloe; and Bella's."""
    hubs = [HubFactory(group=people[name].grants.get().group, reports_to=board) for name in ("ben", "bella")]
    return hubs[0]


def _hub_arguments(hub: LearningHub, theme: Theme) -> dict[str, Any]:
    """A hub, a theme and what belongs to it; a district that the hub is to serve from tomorrow."""
    district = District.objects.create(name="Stevenage")
    HubDistrict.objects.create(hub=hub, district=district, starts=timezone.localdate() + timedelta(days=1))
    resource = theme.resources.create(title="To read", url="https://example.org")
    in_parts = ("add_theme_part", "edit_theme_part", "remove_theme_part")
    return {
        "learninghubs:hub slug": hub.group.slug,
        "learninghubs:theme slug": theme.slug,
        **{f"learninghubs:{name}_district pk": district.pk for name in ("serve", "rename", "take_back")},
        **{f"learninghubs:{name} part": "resources" for name in in_parts},
        **{f"learninghubs:{name} row": resource.pk for name in in_parts},
    }


def _make_issues(hub: LearningHub) -> NewsletterIssue:
    """A draft with an answer of the Board, and with news; before it, an issue that went out, with its PDF."""
    sent = sent_issue(hub, number=1)
    _make_pdf("newsletter", sent)
    make_answer(hub)
    draft = draft_issue(hub, on=timezone.localdate())
    draft.items.create(kind=ItemKind.NEWS, title="News", order=9)
    return draft


def _issue_arguments(hub: LearningHub) -> dict[str, Any]:
    """The pages about an item, and those for everybody, which are about an issue that went out."""
    items = NewsletterIssue.objects.get(hub=hub, number=2).items
    names = ("edit_issue_item", "move_issue_item", "leave_out_item", "put_back_item")
    return {
        **{f"learninghubs:{name} item": items.get(kind=ItemKind.ANSWER).pk for name in names},
        "learninghubs:remove_news item": items.get(kind=ItemKind.NEWS).pk,
        **{f"learninghubs:{name} slug": hub.group.slug for name in ("newsletter", "newsletter_pdf")},
        **{f"learninghubs:{name} number": 1 for name in ("newsletter", "newsletter_pdf")},
    }


def _make_forums(hub: LearningHub) -> dict[str, Any]:
    """A forum to come with a booking and a presenter, and two that were held, one of them with a published briefing and
    its PDF. What leads to them."""
    theme = ThemeFactory()
    forum = make_forum(hub, theme=theme)
    presenter = forum.presenters.create(organisation=OrganisationFactory())
    booking = guest(forum)
    held, written_up = (make_forum(hub, days=-days, status="held", theme=theme) for days in (3, 5))
    words = {"title": "First contacts", "context": "Why", "messages": "What", "practice": "How"}
    briefing = Briefing.objects.create(forum=written_up, status="published", published_at=timezone.now(), **words)
    _make_pdf("learning_briefing", briefing)
    public = ("forum", "forum_calendar", "book_by_email", "booking_asked")
    return {
        **{f"learninghubs:{name} pk": forum.pk for name in public},
        **{f"learninghubs:{name} pk": held.pk for name in ("forum_attendance", "record_forum", "draft_briefing")},
        **{f"learninghubs:{name} pk": written_up.pk for name in ("briefing", "briefing_pdf")},
        **{f"learninghubs:{name} secret": forum_secret(booking) for name in BEHIND_LINK},
        "presenter": presenter.pk,
    }


BEHIND_LINK = ("booking", "booking_calendar", "evaluate_forum")


def _make_subscriber_import(by: User) -> SubscriberImport:
    rows = [{"line": 2, "email": "", "outcome": "refused", "why": "This is not an email address."}]
    return SubscriberImport.objects.create(filename="readers.csv", rows=rows, refused=1, imported_by=by)


def _reader_arguments(hub: LearningHub) -> dict[str, Any]:
    """For the pages of readers: the links of one who reads, of one who has just asked; one who is suspended."""
    active = SubscriberFactory(hubs=[hub])
    asked = SubscriberFactory(hubs=[hub], status=SubscriberStatus.PENDING)
    suspended = SubscriberFactory(hubs=[hub], status=SubscriberStatus.SUSPENDED)
    links_of = {"preferences": preferences_url(active), "unsubscribe": unsubscribe_url(active)}
    links_of["confirm_subscription"] = confirm_url(asked)
    return {
        **{f"learninghubs:{name} token": link.rstrip("/").rpartition("/")[2] for name, link in links_of.items()},
        "learninghubs:resume_subscriber pk": suspended.pk,
    }


def _make_suggestion(hub: LearningHub, author: User, status: SuggestionStatus, **fields: Any) -> Suggestion:
    return SuggestionFactory(hub=hub, status=status, author__person=author, title="Answer referrals", **fields)


def _suggestion_arguments(hub: LearningHub, author: User) -> dict[str, Any]:
    """For the pages about a suggestion that is not at the hub: the same author's in another state."""
    new, asked, aside = (
        _make_suggestion(hub, author, status)
        for status in (SuggestionStatus.SUBMITTED, SuggestionStatus.ASKED, SuggestionStatus.SET_ASIDE)
    )
    merged = _make_suggestion(hub, author, SuggestionStatus.MERGED, merged_into=new)
    return _author_arguments(hub, asked) | {
        "learninghubs:take_on_suggestion pk": new.pk,
        "learninghubs:go_on_without_reply pk": asked.pk,
        "learninghubs:take_up_suggestion pk": aside.pk,
        "learninghubs:separate_suggestion pk": merged.pk,
    }


def _answer_arguments(lead: User, author: User) -> dict[str, Any]:
    """For the pages about an answer: suggestions of another hub that Ben leads, to a Board on which nobody sits."""
    hub = HubFactory()
    grant(lead, Role.HUB_LEAD, group=hub.group)
    answered = make_answer(hub, author__person=author)
    answered.checks.create(months=3, due=timezone.localdate())
    waiting = _make_suggestion(hub, author, SuggestionStatus.WITH_BOARD)
    about_answer = ("correct_answer", "check_impact", "suggestion_telling", "tell_authors_now", "tell_in_person")
    return {
        **{f"learninghubs:{name} pk": answered.suggestion_id for name in about_answer},
        **{f"learninghubs:{name} pk": waiting.pk for name in ("answer_suggestion", "take_back_suggestion")},
        "learninghubs:check_impact months": 3,
        "learninghubs:tell_in_person author": answered.suggestion.author.pk,
    }


def _author_arguments(hub: LearningHub, asked: Suggestion) -> dict[str, Any]:
    """For the pages of authors: one whom the hub asked, and one who has not confirmed their address."""
    sent = SuggestionFactory(hub=hub, status=SuggestionStatus.UNCONFIRMED, author__confirmed_at=None)
    by_link = ("track", "reply_by_link", "withdraw_by_link", "forget_by_link")
    return {
        "learninghubs:suggestion_sent token": sent.form_token,
        **{f"learninghubs:{name} secret": secret_of(sent.author) for name in ("confirm_suggestion", "confirm_again")},
        **{f"learninghubs:{name} secret": secret_of(asked.author) for name in by_link},
    }


def _make_group(people: dict[str, User]) -> Group:
    """A group on which Maya and Chloe sit, and which Chloe chairs."""
    group = GroupFactory(name="Performance and Audit Group", slug="performance-and-audit")
    seat(people["maya"], group)
    seat(people["chloe"], group)
    put_in_the_chair(people["chloe"], group)
    return group


def _make_meetings(group: Group) -> dict[type[models.Model], Any]:
    """A meeting to come with all that belongs to it."""
    meeting = make_full_meeting(group)
    return {
        Meeting: meeting,
        AgendaItem: meeting.items.on_agenda().get(),
        Paper: Paper.objects.get(item__meeting=meeting),
        Decision: Decision.objects.get(item__meeting=meeting),
    }


def _meeting_arguments(meetings: dict[Any, Any], group: Group, person: User) -> dict[str, Any]:
    """For the pages about what happened: a meeting that was held, one whose minutes are out, and one after it."""
    held = make_full_meeting(group, days=-7, status=MeetingStatus.HELD)
    out = make_full_meeting(group, days=-30, status=MeetingStatus.CIRCULATED)
    drafted = make_full_meeting(group, days=-20, status=MeetingStatus.DRAFTED)
    item = held.items.on_agenda().get()
    proposed = meetings[Meeting].items.proposals().get()
    standing = group.standing_items.create(title="Apologies")
    about_held = ("record_attendance", "minutes", "draft_minutes", "reopen_minutes", "note_correction")
    about_item = ("write_minute", "record_decision", "record_action")
    return {
        **{f"{name} pk": held.pk for name in about_held},
        **{f"{name} pk": item.pk for name in about_item},
        **{f"{name} pk": proposed.pk for name in ("accept_item", "decline_item")},
        **{f"{name} pk": item.decisions.get().pk for name in ("edit_decision", "remove_decision")},
        **{f"{name} item": standing.pk for name in ("edit_standing_item", "remove_standing_item")},
        "agree_minutes pk": out.pk,
        "circulate_minutes pk": drafted.pk,
        "calendar secret": make_feed(person),
    }


def _make_leaver_item(person: User, group: Group) -> LeaverItem:
    """A seat that waits for somebody else."""
    return LeaverItem.objects.create(
        person=person,
        kind=LeaverItemKind.SEAT,
        group=group,
        organisation=person.organisation,
        capacity=Capacity.MEMBER,
        starts=timezone.localdate(),
    )


def _make_group_arguments(group: Group) -> dict[str, Any]:
    """Terms of reference, a place in the rota, a hand-over with its list, and what leads to them."""
    group.terms.create(version=1, text="What it is for.", in_force_from=group.starts)
    term = group.chair_terms.get()
    member, line = group.memberships.get(person=term.person), HandoverItem.objects.create(text="Hand over", order=1)
    place = group.chair_rota.create(organisation=term.organisation, order=1)
    return {
        "group slug": group.slug,
        "group_terms slug": group.slug,
        "group_terms version": 1,
        "change_member member": member.pk,
        "end_member member": member.pk,
        "change_chair_term term": term.pk,
        "end_chair_term term": term.pk,
        "remove_chair_term term": term.pk,
        "change_rota place": place.pk,
        "change_rota change": "up",
        "change_handover_item item": line.pk,
        "place_handover_item item": line.pk,
        "place_handover_item change": "up",
        "tick_handover_step step": term.handover.create(text="Hand over", order=1).pk,
    }


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
