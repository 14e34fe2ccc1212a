"""Rows for tests. Only what a test does not care about is made up here; what it cares about, it says."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import factory
from django.conf import settings
from django.utils import timezone

from partnership.choices import Capacity, GroupKind, OrganisationKind, Role
from partnership.models import ChairTerm, Group, Membership, Organisation, Priority, RoleGrant, User
from schools.answers import applies, needs_action, needs_reason
from schools.choices import AnswerType, Duty, QuestionSetKind, Rag, SchoolStatus
from schools.models import Answer, Collection, Question, QuestionSet, Return, School, Section
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


def grant(user: User, role: Role, organisation: Organisation | None = None, starts: date | None = None) -> RoleGrant:
    """Give ``user`` a role, held since a month ago unless said otherwise."""
    return RoleGrant.objects.create(
        user=user, role=role, organisation=organisation, starts=starts or timezone.localdate() - timedelta(days=30)
    )


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
    question_set = questions.load(parsed_set(path), by=None)
    return questions.publish(question_set, by=None) if published else question_set


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
