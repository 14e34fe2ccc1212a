"""Rows for tests. Only what a test does not care about is made up here; what it cares about, it says."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import factory
from django.conf import settings
from django.utils import timezone

from hscp.lib.dates import academic_year
from learninghubs.choices import SubscriberStatus, SuggestionStatus
from learninghubs.models import (
    Author,
    Forum,
    LearningHub,
    NewsletterIssue,
    Subscriber,
    Suggestion,
    Theme,
)
from learninghubs.models.suggestions import SENT_UP
from partnership.choices import Capacity, GroupKind, OrganisationKind, Role
from partnership.models import (
    ChairTerm,
    Group,
    Membership,
    Organisation,
    Priority,
    RoleGrant,
    StatusChange,
    User,
)
from schools.answers import applies, needs_action, needs_reason
from schools.choices import AnswerType, Duty, QuestionSetKind, QuestionSetStatus, Rag, SchoolStatus
from schools.models import Answer, Collection, Option, Question, QuestionSet, Return, Scale, School, Section
from schools.question_file import QuestionSetFile, read_question_file
from schools.services import collections, questions, returns
from schools.services.sections import Content, Entry, content_of, save_section
from schools.sheets import Sheet


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.django.Password("three random words")


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = OrganisationKind.OTHER


class GroupFactory(factory.django.DjangoModelFactory):
    """A subgroup that has existed for years."""

    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"Group {n}")
    slug = factory.Sequence(lambda n: f"group-{n}")
    kind = GroupKind.SUBGROUP
    purpose = "Judges the help that children are given, by data and audits."
    starts = date(2019, 4, 1)


class PriorityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Priority

    name = factory.Sequence(lambda n: f"Priority {n}")
    slug = factory.Sequence(lambda n: f"priority-{n}")
    summary = "What the partnership puts first, and for whom."


class SchoolFactory(factory.django.DjangoModelFactory):
    """An open maintained primary school with a nursery class, unless said otherwise."""

    class Meta:
        model = School

    class Params:
        name = factory.Sequence(lambda n: f"School {n}")

    organisation = factory.SubFactory(
        OrganisationFactory, kind=OrganisationKind.SCHOOL, name=factory.SelfAttribute("..name")
    )
    urn = factory.Sequence(lambda n: 910001 + n)  # clear of the cast's schools
    la_code = "919"
    la_name = "Hertfordshire"
    type_code = "1"
    type_name = "Community school"
    type_group_code = "4"
    type_group_name = "Local authority maintained schools"
    status = SchoolStatus.OPEN
    phase_code = "2"
    phase = "Primary"
    low_age = 3
    high_age = 11
    boarders = "No boarders"
    nursery_provision = "Has Nursery Classes"
    sixth_form = "Does not have a sixth form"
    district_code = "E07000242"
    district_name = "East Hertfordshire"


class QuestionSetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = QuestionSet

    slug = factory.Sequence(lambda n: f"set-{n}")
    kind = QuestionSetKind.S175
    title = "Annual school safeguarding return"
    version = "2026-27.1"


class CollectionFactory(factory.django.DjangoModelFactory):
    """This year's collection, as a draft: opened three weeks ago, first deadline in seven weeks."""

    class Meta:
        model = Collection

    academic_year = 2026
    question_set = factory.SubFactory(QuestionSetFactory)
    duties = factory.LazyFunction(lambda: [Duty.S175, Duty.S157, Duty.NMSS])
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=21))
    first_deadline = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=49))
    final_deadline = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=74))


def grant(
    user: User,
    role: Role,
    organisation: Organisation | None = None,
    starts: date | None = None,
    *,
    group: Group | None = None,
) -> RoleGrant:
    """Give ``user`` a role, held since a month ago unless said otherwise."""
    begins = starts or timezone.localdate() - timedelta(days=30)
    return RoleGrant.objects.create(user=user, role=role, organisation=organisation, group=group, starts=begins)


def seat(
    person: User,
    group: Group,
    capacity: Capacity = Capacity.MEMBER,
    *,
    organisation: Organisation | None = None,
    starts: date | None = None,
    ends: date | None = None,
) -> Membership:
    """Let ``person`` sit on ``group`` for the organisation they work for, since a month ago unless said otherwise."""
    made = Membership.objects.create(
        person=person,
        group=group,
        capacity=capacity,
        organisation=organisation or person.organisation,
        starts=starts or timezone.localdate() - timedelta(days=30),
        ends=ends,
    )
    person.forget_reach()
    return made


def put_in_the_chair(
    person: User, group: Group, *, starts: date | None = None, ends: date | None = None, **fields: Any
) -> ChairTerm:
    """Let ``person`` chair ``group`` for the organisation they work for, a year from a month ago unless said."""
    day = starts or timezone.localdate() - timedelta(days=30)
    fields.setdefault("organisation", person.organisation)
    made = ChairTerm.objects.create(
        person=person, group=group, starts=day, ends=ends or day + timedelta(days=365), **fields
    )
    person.forget_reach()
    return made


def small_question_set(*, published: bool = True) -> QuestionSet:
    """A small but complete return with every type of answer: "small-return", 17 questions (tests/schools)."""
    return _loaded(Path(__file__).parent / "schools" / "small_return.yaml", published=published)


def full_question_set(*, published: bool = True) -> QuestionSet:
    """The return that the portal comes with: "hscp-s175", ten standards."""
    return _loaded(settings.BASE_DIR / "schools" / "data" / "s175-2026-27.yaml", published=published)


def staff_survey(*, published: bool = True) -> QuestionSet:
    """The staff survey that the portal comes with: "hscp-staff"."""
    return _loaded(settings.BASE_DIR / "schools" / "data" / "staff-survey-2026-27.yaml", published=published)


def _loaded(path: Path, *, published: bool) -> QuestionSet:
    """Made by the services the first time; after that, put back as they left it, which is most of a thousand times."""
    parsed = parsed_set(path)
    if QuestionSet.objects.filter(slug=parsed.slug).exists():  # then what comes of it depends on the one that is there
        return _load(path, published=published)
    if (path, published) in _left_by_services:
        return _put_back(*_left_by_services[path, published])
    made = _load(path, published=published)
    draft = QuestionSet.objects.get(pk=made.pk)
    draft.status, draft.published_at = QuestionSetStatus.DRAFT, None
    parts = [list(model.objects.filter(question_set=draft)) for model in (Scale, Option, Section, Question)]
    _left_by_services[path, published] = draft, parts, list(StatusChange.objects.about(draft))
    return made


def _load(path: Path, *, published: bool) -> QuestionSet:
    question_set = questions.load(parsed_set(path), by=None)
    return questions.publish(question_set, by=None) if published else question_set


_left_by_services: dict[tuple[Path, bool], tuple[QuestionSet, list[list[Any]], list[StatusChange]]] = {}


def _put_back(draft: QuestionSet, parts: list[list[Any]], changes: list[StatusChange]) -> QuestionSet:
    """The same rows once more. They go into a draft, as the database lets nothing into a published set."""
    now = draft.created_at = timezone.now()
    QuestionSet.objects.bulk_create([draft])
    for rows in parts:
        type(rows[0]).objects.bulk_create(rows)
    for change in changes:
        change.at = now
        QuestionSet.objects.filter(pk=draft.pk).update(status=change.to_status, published_at=now)
    StatusChange.objects.bulk_create(changes)
    return QuestionSet.objects.get(pk=draft.pk)


@cache
def parsed_set(path: Path) -> QuestionSetFile:
    """The question set in a file, read once for all tests."""
    return read_question_file(path.read_bytes())


# --- Returns ---------------------------------------------------------------------------------------------------------


def open_return(school: School, *, question_set: QuestionSet | None = None, **collection: Any) -> Return:
    """The return of ``school`` in a collection that is open today, not started yet.

    ``collection`` are fields of the collection (``academic_year``, ``final_deadline`` …); the question set is the small
    one, published. A collection of the same year that is open already is used again.
    """
    year = collection.setdefault("academic_year", 2026)
    found = Collection.objects.filter(academic_year=year).first()
    if found is None:
        asked = question_set or QuestionSet.objects.published().filter(slug="small-return").first()
        found = CollectionFactory(question_set=asked or small_question_set(), **collection)
        collections.open_collection(found, by=None)
    collections.add_returns(found)
    return Return.objects.get(collection=found, organisation=school.organisation)


def good_answer(question: Question) -> Any:
    """An answer to ``question`` that is green, or at least whole, in the shape of ``Answer.value``."""
    today = timezone.localdate().isoformat()
    person = {"name": "Jo Example", "email": "jo@example.org", "appointed": today, "trained": today}
    green = [option.code for option in question.options if option.rag == Rag.GREEN]
    anyhow = [option.code for option in question.options]
    return {
        AnswerType.DATE: today,
        AnswerType.PERCENT: 100,
        AnswerType.COUNT: 12,
        AnswerType.TEXT: "Briefings at the start of each week.",
        AnswerType.PERSON: {"name": "Jo Example"},
        AnswerType.PERSON_WITH_DATES: person,
        AnswerType.REPEAT: [{"name": "Sam Example", "trained": today}],
        AnswerType.MULTI: green[:1] or anyhow[:1],
    }.get(AnswerType(question.answer_type), (green or anyhow or [None])[0])


def fill(
    record: Return,
    *,
    by: User,
    values: Mapping[str, Any] | None = None,
    complete: bool = True,
    sections: Iterable[str] | None = None,
) -> Return:
    """Answer a return through the service: every question well, but for ``values``, which map codes of questions to a
    value or a whole ``Content``. Weak values get an action. ``sections`` are codes; all, unless said."""
    given = dict(values or {})
    asked = record.collection.question_set.sections.prefetch_related("questions__scale__options")
    for section in [one for one in asked if sections is None or one.code in sections]:
        entries = _entries(record, section, given)
        if entries:
            save_section(record, section, entries, by=by, complete=complete)
            record.refresh_from_db()
    return record


def _entries(record: Return, section: Section, given: Mapping[str, Any]) -> list[Entry]:
    """What is entered into the questions of ``section`` that apply by now: an earlier answer may have decided it."""
    flags = Sheet(record).flags
    known = {answer.question_id: answer for answer in record.answers.filter(question__section=section)}
    questions = [question for question in section.questions.all() if applies(question, flags)]
    return [_entry(question, known.get(question.pk), given) for question in questions]


def _entry(question: Question, answer: Answer | None, given: Mapping[str, Any]) -> Entry:
    value = given.get(question.code, good_answer(question))
    content = value if isinstance(value, Content) else whole(question, value)
    return Entry(question, content, loaded=content_of(answer).fingerprint)


def whole(question: Question, value: Any) -> Content:
    """``value`` with what must go with it: the reason, or the action of a weak answer."""
    today = timezone.localdate()
    if needs_reason(question, value):
        return Content(value, reason="We have no agency staff.")
    if needs_action(question, value, on=today):
        return Content(value, "", "", "Put it in order", "Headteacher", today + timedelta(days=30))
    return Content(value, evidence="Seen at the last check." if question.evidence_prompt else "")


def sent_return(school: School, *, lead: User, **options: Any) -> Return:
    """A whole return of ``school`` that waits for the head. ``options`` as for ``open_return``, and ``values``."""
    values = options.pop("values", None)
    record = fill(open_return(school, **options), by=lead, values=values)
    return returns.send_to_head(record, by=lead)


def completed_return(school: School, *, lead: User, head: User, **options: Any) -> Return:
    """A return of ``school`` that its head has submitted, through the services. ``options`` as for ``sent_return``."""
    return returns.submit(sent_return(school, lead=lead, **options), by=head)


# The learning hubs


class HubFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LearningHub

    group = factory.SubFactory(GroupFactory, kind=GroupKind.HUB)
    reports_to = factory.SubFactory(GroupFactory, kind=GroupKind.BOARD)


class ThemeFactory(factory.django.DjangoModelFactory):
    """A theme of this academic year, on today, as far as one year has room: three."""

    class Meta:
        model = Theme

    title = factory.Sequence("Theme {}".format)
    slug = factory.Sequence("theme-{}".format)
    academic_year = factory.LazyFunction(lambda: academic_year(timezone.localdate()))
    number = factory.LazyAttribute(lambda theme: Theme.objects.filter(academic_year=theme.academic_year).count() + 1)
    starts = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=30))
    ends = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=60))
    purpose = "Why we look at it"


class ForumFactory(factory.django.DjangoModelFactory):
    """A forum a fortnight from now, of two hours."""

    class Meta:
        model = Forum

    hub = factory.SubFactory(HubFactory)
    theme = factory.SubFactory(ThemeFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))
    ends_at = factory.LazyAttribute(lambda forum: forum.starts_at + timedelta(hours=2))
    place = "County Hall"


class SuggestionFactory(factory.django.DjangoModelFactory):
    """A suggestion that its author has confirmed; ``author__...`` are fields of the author."""

    class Meta:
        model = Suggestion
        skip_postgeneration_save = True

    reference = factory.Sequence("S-2020-{:04}".format)
    hub = factory.SubFactory(HubFactory)
    now = "Referrals are answered late"
    change = "Answer each within a day"
    good = "Everybody knows what became of their referral"
    status = SuggestionStatus.SUBMITTED
    sent_up_at = factory.LazyAttribute(lambda made: timezone.now() if made.status in SENT_UP else None)
    fed_back_at = factory.LazyAttribute(
        lambda made: timezone.now() if made.status == SuggestionStatus.FED_BACK else None
    )
    author = factory.RelatedFactory("tests.factories.AuthorFactory", factory_related_name="suggestion")


class AuthorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Author

    suggestion = factory.SubFactory(SuggestionFactory, author=None)
    name = "Aisha Author"
    email = factory.Sequence("author{}@agency.example".format)
    secret_hash = factory.Sequence("secret-{}".format)
    confirmed_at = factory.LazyFunction(timezone.now)


class SubscriberFactory(factory.django.DjangoModelFactory):
    """A reader of no hub yet: ``hubs=[hub]`` says of which."""

    class Meta:
        model = Subscriber
        skip_postgeneration_save = True

    email = factory.Sequence("reader{}@agency.example".format)
    status = SubscriberStatus.ACTIVE
    confirmed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def hubs(self, create, given, **kwargs):
        self.hubs.set(given or [])


class IssueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NewsletterIssue

    hub = factory.SubFactory(HubFactory)
    number = factory.Sequence(lambda number: number + 1)
    title = "News from the hub"
    since = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=28))
    until = factory.LazyFunction(timezone.localdate)
