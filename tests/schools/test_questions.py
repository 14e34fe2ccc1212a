"""Question sets as a whole: loaded, exported, copied, compared, published, retired, deleted, and frozen for good."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import ProtectedError
from psycopg2.sql import SQL, Identifier

from partnership.engine.workflow import MoveNotAllowed
from partnership.models import StatusChange
from schools.choices import QuestionSetStatus
from schools.models import Option, Question, QuestionSet, Scale, Section
from schools.question_checks import problems, warnings
from schools.question_differences import Kind, compared_words
from schools.question_file import check_question_set, read_question_file, write_question_file
from schools.services import questions as services
from schools.services.questions import VersionExists
from tests.factories import CollectionFactory, full_question_set, parsed_set, small_question_set, staff_survey

pytestmark = pytest.mark.django_db

SHIPPED = settings.BASE_DIR / "schools" / "data"


@pytest.fixture
def draft(db):
    return small_question_set(published=False)


def only(queryset, **lookup):
    """The one row of ``queryset`` that fits."""
    return queryset.get(**lookup)


def question(question_set, code):
    return only(question_set.questions, code=code)


def change(row, **fields):
    """Change a row behind the services' back, as a mistake in some other code would."""
    type(row).objects.filter(pk=row.pk).update(**fields)


def texts(findings):
    return [finding.text for finding in findings]


# --- Loading and exporting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s175-2026-27.yaml", "staff-survey-2026-27.yaml"])
def test_what_the_portal_comes_with_is_loaded_exported_and_read_again_as_the_same(name):
    parsed = parsed_set(SHIPPED / name)
    exported = services.export(services.load(parsed, by=None))
    assert exported == parsed
    assert read_question_file(write_question_file(exported)) == parsed


def test_the_shipped_return_has_its_ten_standards_in_order():
    shipped = full_question_set()
    standards = shipped.sections.filter(kind="standard")
    assert [section.code for section in standards] == [f"S{number}" for number in range(1, 11)]
    assert shipped.questions.filter(section__kind="standard").count() == 66
    assert shipped.questions.exclude(section__kind="standard").count() == 11


def test_loading_makes_a_draft_in_the_name_of_whoever_loads(ursula):
    loaded = services.load(parsed_set(SHIPPED / "staff-survey-2026-27.yaml"), by=ursula)
    assert (loaded.status, loaded.created_by, loaded.published_at) == (QuestionSetStatus.DRAFT, ursula, None)


def test_loading_takes_as_few_statements_for_77_questions_as_for_17(django_assert_num_queries):
    small, full = small_question_set(published=False), full_question_set(published=False)
    counts = []
    for question_set in (small, full):
        parsed = replace(services.export(question_set), version="again")
        with django_assert_num_queries(13) as statements:
            services.load(parsed, by=None)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_draft_is_replaced_only_if_that_is_said(draft):
    parsed = replace(services.export(draft), title="Another title")
    with pytest.raises(VersionExists, match="Replace it, or give the new one another version") as refused:
        services.load(parsed, by=None)
    assert refused.value.can_replace
    replaced = services.load(parsed, by=None, replace=True)
    assert (replaced.pk, replaced.title) == (draft.pk, "Another title")
    assert services.export(replaced) == parsed


def test_replacing_leaves_nothing_of_the_old_draft(draft):
    parsed = services.export(draft)
    smaller = replace(parsed, sections=parsed.sections[:2])
    services.load(smaller, by=None, replace=True)
    assert draft.sections.count() == 2
    assert draft.questions.filter(section__code="S2").count() == 0
    assert not draft.scales.filter(questions=None, code__startswith="only:").exists()


def test_a_published_version_is_never_replaced():
    published = small_question_set()
    with pytest.raises(VersionExists, match="It can never change") as refused:
        services.load(services.export(published), by=None, replace=True)
    assert not refused.value.can_replace


def test_a_loaded_version_is_based_on_the_one_that_was_published_last():
    first = small_question_set()
    second = services.load(replace(services.export(first), version="2027-28.1"), by=None)
    assert second.based_on == first


@pytest.mark.parametrize("person", ["stella", "dan", "pat"])
def test_only_the_business_unit_loads_copies_publishes_retires_and_deletes(person, request, draft):
    by = request.getfixturevalue(person)
    published = full_question_set()
    attempts = [
        lambda: services.load(replace(services.export(draft), version="mine"), by=by),
        lambda: services.copy(draft, version="mine", by=by),
        lambda: services.publish(draft, by=by),
        lambda: services.retire(published, by=by),
        lambda: services.discard(draft, by=by),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert QuestionSet.objects.count() == 2


# --- A new version --------------------------------------------------------------------------------------------------


def test_a_copy_is_a_draft_with_the_same_questions_under_the_same_keys(ursula):
    published = full_question_set()
    copied = services.copy(published, version="2027-28", by=ursula)
    assert (copied.status, copied.based_on, copied.created_by) == (QuestionSetStatus.DRAFT, published, ursula)
    assert services.export(copied) == replace(services.export(published), version="2027-28")
    assert not set(copied.questions.values_list("pk")) & set(published.questions.values_list("pk"))


def test_a_copy_shares_no_row_with_its_original(ursula):
    published = small_question_set()
    copied = services.copy(published, version="2027-28", by=ursula)
    assert set(Scale.objects.filter(questions__question_set=copied)) <= set(copied.scales.all())
    assert all(option.scale.question_set == copied for option in Option.objects.filter(question_set=copied))


def test_copying_takes_as_few_statements_for_77_questions_as_for_17(ursula, django_assert_num_queries):
    small, full = small_question_set(), full_question_set()
    ursula.active_grants()
    for question_set in (small, full):
        with django_assert_num_queries(18):
            services.copy(question_set, version="2027-28", by=ursula)


def test_two_versions_cannot_have_one_name(draft, ursula):
    with pytest.raises(VersionExists, match=r"Version 2026-27\.1 of “Small safeguarding return” is there already"):
        services.copy(draft, version="2026-27.1", by=ursula)


def test_two_people_who_copy_at_once_do_not_make_two_versions_of_one_name(transactional_db, ursula):
    published = small_question_set()

    def attempt(_):
        try:
            return services.copy(published, version="2027-28", by=ursula)
        except VersionExists:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = [copied for copied in pool.map(attempt, range(4)) if copied]
    assert len(made) == 1
    assert made[0].questions.count() == published.questions.count()


# --- Differences ----------------------------------------------------------------------------------------------------


def differences(old, new):
    return {(found.kind, found.what) for found in services.differences(old, new)}


def test_a_copy_differs_in_nothing(ursula):
    published = full_question_set()
    assert services.differences(published, services.copy(published, version="2027-28", by=ursula)) == []


@pytest.fixture
def versions(ursula):
    published = small_question_set()
    return published, services.copy(published, version="2027-28", by=ursula)


def test_a_new_question_and_one_that_is_gone_are_told(versions):
    old, new = versions
    gone = question(new, "1.2")
    change(gone, key="another-question", text="Something else.")
    assert differences(old, new) == {(Kind.ADDED, "Question 1.2"), (Kind.REMOVED, "Question 1.2")}


@pytest.mark.parametrize(
    ("fields", "kind", "label", "was", "became"),
    [
        ({"text": "All staff assume that harm could happen here."}, Kind.REWORDED, "Wording", None, None),
        ({"guidance": ""}, Kind.REWORDED, "Guidance", "Think of all staff, also those who work at midday.", ""),
        ({"evidence_prompt": "How"}, Kind.REWORDED, "Evidence", "What you did to test the culture", "How"),
        ({"critical": False}, Kind.CHANGED, "Critical", "yes", "no"),
        ({"code": "1.9"}, Kind.CHANGED, "Number", "1.1", "1.9"),
        ({"reference": "KCSIE Part one"}, Kind.CHANGED, "Reference", "KCSIE Part two", "KCSIE Part one"),
        (
            {"applies_when": "has_boarding"},
            Kind.CHANGED,
            "Asked of",
            "",
            "Has boarders",
        ),
        ({"staff_twins": ["Q1", "Q2"]}, Kind.CHANGED, "Staff survey", "", "Q1, Q2"),
    ],
)
def test_what_is_different_in_a_question_is_told_with_both_values(versions, fields, kind, label, was, became):
    old, new = versions
    change(question(new, "1.1"), **fields)
    (found,) = services.differences(old, new)
    (its_change,) = found.changes
    assert (found.kind, its_change.label) == (kind, label)
    if was is not None:
        assert (its_change.was, its_change.became) == (was, became)


def test_changed_thresholds_and_answer_types_are_told(versions):
    old, new = versions
    change(question(new, "1.3"), amber_below=95, red_below=None)
    change(question(new, "2.1"), answer_type="count", max_age_days=None, scored=False, critical=False)
    found = {each.what: each for each in services.differences(old, new)}
    assert [(c.label, c.was, c.became) for c in found["Question 1.3"].changes] == [
        ("Amber below", "100", "95"),
        ("Red below", "80", ""),
    ]
    assert ("Answer", "Date", "Number") in [(c.label, c.was, c.became) for c in found["Question 2.1"].changes]


def test_changed_options_are_told_with_the_question_that_they_belong_to(versions):
    old, new = versions
    change(
        only(Option.objects, question_set=new, code="yearly"), label="Every year", rag="green", action_required=False
    )
    (found,) = services.differences(old, new)
    assert (found.kind, found.what) == (Kind.CHANGED, "Question 1.4")
    assert "Once a year (amber, needs an action)" in found.changes[0].was
    assert "Every year (green)" in found.changes[0].became


def test_a_changed_scale_is_told_once_not_with_every_question_that_uses_it(versions):
    old, new = versions
    change(only(Option.objects, question_set=new, code="developing"), label="On the way")
    assert differences(old, new) == {(Kind.CHANGED, "Scale rating4")}


def test_a_question_that_changed_places_has_moved_and_its_neighbours_have_not(versions):
    old, new = versions
    change(question(new, "1.4"), position=0)
    assert differences(old, new) == {(Kind.MOVED, "Question 1.4")}


def test_a_question_that_changed_its_section_has_moved(versions):
    old, new = versions
    change(question(new, "1.2"), section=only(new.sections, code="S2"), position=99)
    (found,) = services.differences(old, new)
    assert (found.kind, found.what) == (Kind.MOVED, "Question 1.2")
    assert (found.changes[0].was, found.changes[0].became) == ("Leadership", "Policies and training")


def test_questions_below_a_new_one_have_not_moved(versions):
    old, new = versions
    section = only(new.sections, code="S1")
    Question.objects.create(
        question_set=new, section=section, position=0, code="1.0", key="new", text="New.", answer_type="count"
    )
    assert differences(old, new) == {(Kind.ADDED, "Question 1.0")}


def test_sections_that_came_went_moved_or_were_renamed_are_told(versions):
    old, new = versions
    change(only(new.sections, code="S1"), title="Leading")
    change(only(new.sections, code="Z"), position=0)
    Section.objects.create(question_set=new, position=9, code="S3", kind="standard", title="Third")
    assert differences(old, new) == {
        (Kind.REWORDED, "Section S1"),
        (Kind.MOVED, "Section Z"),
        (Kind.ADDED, "Section S3"),
    }
    assert (Kind.REMOVED, "Section S3") in differences(new, old)


def test_what_the_set_says_of_itself_is_told(versions):
    old, new = versions
    QuestionSet.objects.filter(pk=new.pk).update(title="New title", guidance_edition="KCSIE 2027")
    assert differences(old, new) == {(Kind.REWORDED, "The set"), (Kind.CHANGED, "The set")}


def test_changed_words_are_shown_stretch_by_stretch():
    found = compared_words("Staff know the lead", "All staff know the lead and deputies")
    assert [(words.was, words.became) for words in found] == [
        ("Staff", "All staff"),
        ("know the lead", "know the lead"),
        ("", "and deputies"),
    ]
    assert [words.stayed for words in found] == [False, True, False]


# --- Publishing -----------------------------------------------------------------------------------------------------


def test_publishing_says_who_and_when(draft, ursula):
    published = services.publish(draft, by=ursula)
    assert published.status == QuestionSetStatus.PUBLISHED
    assert published.published_at is not None
    moved = StatusChange.objects.about(published).get()
    assert (moved.from_status, moved.to_status, moved.by) == ("draft", "published", ursula)


def test_a_set_is_published_once(draft, ursula):
    services.publish(draft, by=ursula)
    with pytest.raises(MoveNotAllowed, match="You cannot publish the question set now: Ursula Unit changed the status"):
        services.publish(draft, by=ursula)


def lacks(draft, sentence):
    """Whether ``sentence`` is among what keeps the draft from being published."""
    with pytest.raises(ValidationError) as refused:
        services.publish(draft, by=None)
    assert sentence in refused.value.messages
    draft.refresh_from_db()
    assert draft.is_draft
    return True


def test_a_set_without_questions_is_not_published(draft):
    draft.questions.all().delete()
    draft.sections.all().delete()
    assert lacks(draft, "The set has no section of the kind “standard”.")


def test_a_section_without_questions_is_not_published(draft):
    draft.questions.filter(section__code="S2").delete()
    assert lacks(draft, "Section S2 has no questions.")


def test_a_question_with_nothing_to_choose_is_not_published(draft):
    Option.objects.filter(scale=question(draft, "1.4").scale).delete()
    assert lacks(draft, "Question 1.4: there is nothing to choose from: add its answers.")


def test_a_question_with_one_answer_to_choose_is_not_published(draft):
    question(draft, "1.4").scale.options.exclude(code="every_term").delete()
    assert lacks(draft, "Question 1.4: there is only one option to choose.")


def test_an_answer_without_a_label_is_not_published(draft):
    question(draft, "1.4").scale.options.filter(code="yearly").update(label="")
    assert lacks(draft, "Question 1.4, option yearly: “label” is missing. People see the label, not the code.")


def test_a_threshold_that_cannot_be_is_not_published(draft):
    change(question(draft, "1.3"), amber_below=120)
    assert lacks(draft, "Question 1.3: “amber_below” must be from 1 to 100, not 120.")


def test_a_threshold_of_another_answer_type_is_not_published(draft):
    change(question(draft, "1.2"), max_age_days=365)
    assert lacks(draft, "Question 1.2: “max_age_days” means nothing for the type yes_no.")


def test_a_question_that_depends_on_what_nobody_asks_is_not_published(draft):
    change(question(draft, "C5"), sets_flag="")
    sentence = "Question 2.5 depends on “Lets its premises to others who work with children”, which the school is asked"
    assert lacks(draft, f"{sentence} nowhere.")


def test_a_question_that_comes_before_the_one_that_decides_about_it_is_not_published(draft):
    change(question(draft, "C4"), applies_when="lets_premises")
    sentence = "Question C4 depends on “Lets its premises to others who work with children”, which the school is asked"
    assert lacks(draft, f"{sentence} only later.")


def test_one_wording_twice_is_not_published(draft):
    change(question(draft, "1.2"), text="  STAFF assume that harm could happen   here. ")
    assert lacks(draft, "Question 1.2: question 1.1 asks the same in the same words.")


def test_everything_that_is_wrong_is_told_in_the_order_of_the_pages(draft):
    change(question(draft, "2.1"), text="")
    change(question(draft, "1.3"), red_below=0)
    draft.questions.filter(section__code="Z").delete()
    QuestionSet.objects.filter(pk=draft.pk).update(no_child_data_notice="")
    found = problems(draft)
    assert [finding.anchor for finding in found] == ["", "question-1.3", "question-2.1", "section-Z"]


def test_references_still_to_be_checked_and_numbers_out_of_order_are_warnings_only(draft):
    change(question(draft, "1.1"), position=99)
    assert texts(warnings(draft)) == [
        "References still to be checked against the guidance: 2.1.",
        "The numbers of the questions in “Leadership” are not in order.",
    ]
    assert services.publish(draft, by=None)


def test_checking_takes_as_few_queries_for_77_questions_as_for_17(django_assert_max_num_queries):
    for question_set in (small_question_set(published=False), full_question_set(published=False)):
        with django_assert_max_num_queries(9):
            problems(question_set)


def test_the_return_and_the_staff_survey_are_published_when_they_name_each_other(db):
    assert full_question_set().questions.exclude(staff_twins=[]).exists()
    assert not staff_survey().is_draft


def test_a_return_that_names_an_unknown_question_of_the_staff_survey_is_not_published(db):
    staff_survey()
    draft = full_question_set(published=False)
    change(question(draft, "1.4"), staff_twins=["Q1", "Q99"])
    assert lacks(draft, "Question 1.4: hscp-staff has no question Q99.")


def test_a_survey_that_the_return_does_not_name_back_is_not_published(db):
    full_question_set()
    draft = staff_survey(published=False)
    change(question(draft, "Q1"), links=["1.1", "1.4"])
    assert lacks(draft, "Question Q1: question 1.1 of hscp-s175 does not name it back.")


def test_without_a_survey_the_twins_of_a_return_are_a_warning(db):
    draft = full_question_set(published=False)
    assert "There is nothing yet to compare the staff survey’s questions with." in texts(warnings(draft))


def test_every_rule_of_a_file_holds_for_a_draft_too(draft):
    assert check_question_set(services.export(draft), flags=()) != []
    assert problems(draft) == []


# --- Retiring and deleting ------------------------------------------------------------------------------------------


def test_a_published_set_is_retired_and_no_longer_offered(ursula):
    retired = services.retire(small_question_set(), by=ursula)
    assert retired.status == QuestionSetStatus.RETIRED
    assert not QuestionSet.objects.published().exists()


def test_a_draft_cannot_be_retired(draft, ursula):
    with pytest.raises(MoveNotAllowed):
        services.retire(draft, by=ursula)


def test_a_set_that_a_planned_collection_is_to_ask_is_not_retired(ursula):
    published = small_question_set()
    CollectionFactory(question_set=published)
    with pytest.raises(ValidationError, match="A planned collection is to ask this question set"):
        services.retire(published, by=ursula)
    published.refresh_from_db()
    assert published.status == QuestionSetStatus.PUBLISHED


def test_a_draft_is_deleted_with_all_its_rows(draft, ursula):
    services.discard(draft, by=ursula)
    for model in (QuestionSet, Section, Question, Scale, Option):
        assert not model.objects.exists()


def test_a_published_set_is_not_deleted(ursula):
    with pytest.raises(MoveNotAllowed):
        services.discard(small_question_set(), by=ursula)


def test_a_draft_that_another_is_based_on_is_not_deleted(draft, ursula):
    services.copy(draft, version="2027-28", by=ursula)
    with pytest.raises(ValidationError, match="Another version is based on this draft"):
        services.discard(draft, by=ursula)


def test_a_draft_that_a_collection_is_planned_with_is_not_deleted(draft, ursula):
    CollectionFactory(question_set=draft)
    with pytest.raises(ValidationError, match="A collection is planned with this draft"):
        services.discard(draft, by=ursula)


# --- A published set never changes, whoever writes ------------------------------------------------------------------


@pytest.fixture
def published(db):
    return small_question_set()


def refused(write):
    """Whether the database refuses ``write``."""
    with pytest.raises(InternalError, match="never changes"), transaction.atomic():
        write()
    return True


def sql(statement, row, *params, column="code"):
    """Run a statement past Django, with the names of the row's table and of a column put in."""
    names = {"table": Identifier(row._meta.db_table), "column": Identifier(column)}
    with connection.cursor() as cursor:
        cursor.execute(SQL(statement).format(**names), [*params, row.pk])


@pytest.mark.parametrize("model", [Section, Question, Option])
def test_no_row_of_a_published_set_is_deleted(published, model):
    assert refused(model.objects.filter(question_set=published).first().delete)
    assert refused(model.objects.filter(question_set=published).delete)


@pytest.mark.parametrize("model", [Section, Question, Scale, Option])
def test_no_row_of_a_published_set_is_changed_or_deleted_or_added(published, model):
    row = model.objects.filter(question_set=published).first()
    assert refused(row.save)
    assert refused(lambda: model.objects.filter(pk=row.pk).update(code="changed"))
    assert refused(lambda: model.objects.filter(pk=row.pk)._raw_delete("default"))
    assert refused(lambda: sql("UPDATE {table} SET {column} = 'changed' WHERE id = %s", row))
    assert refused(lambda: sql("DELETE FROM {table} WHERE id = %s", row))
    row.pk, row.code, row._state.adding = None, "new", True
    assert refused(row.save)
    assert refused(lambda: model.objects.bulk_create([row]))


@pytest.mark.parametrize(
    "column", ["slug", "kind", "title", "version", "guidance_edition", "introduction", "no_child_data_notice"]
)
def test_no_word_of_a_published_set_is_changed(published, column):
    assert refused(lambda: sql("UPDATE {table} SET {column} = 'changed' WHERE id = %s", published, column=column))
    setattr(published, column, "changed")
    assert refused(published.save)


@pytest.mark.parametrize("column", ["created_at", "created_by_id", "based_on_id"])
def test_where_a_published_set_comes_from_is_never_changed(published, ursula, column):
    other = small_question_set_of("other").pk if column == "based_on_id" else ursula.pk
    value = "2020-01-01" if column == "created_at" else other
    assert refused(lambda: sql("UPDATE {table} SET {column} = %s WHERE id = %s", published, value, column=column))


def small_question_set_of(version):
    parsed = services.export(QuestionSet.objects.get(slug="small-return"))
    return services.load(replace(parsed, version=version), by=None)


def test_a_published_set_never_becomes_a_draft_again(published, ursula):
    back_to_draft = QuestionSet.objects.filter(pk=published.pk)
    assert refused(lambda: back_to_draft.update(status=QuestionSetStatus.DRAFT))
    services.retire(published, by=ursula)
    assert refused(lambda: back_to_draft.update(status=QuestionSetStatus.DRAFT))
    assert refused(lambda: change(question(published, "1.1"), text="changed"))


def test_a_published_set_is_never_deleted_in_any_way(published):
    with pytest.raises(ProtectedError), transaction.atomic():
        published.delete()
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        QuestionSet.objects.filter(pk=published.pk)._raw_delete("default")


def test_no_row_moves_from_a_published_set_to_a_draft_or_back(published):
    other = small_question_set_of("2027-28")
    frozen, free = question(published, "1.1"), question(other, "1.1")
    for row, target in ((frozen, other), (free, published)):
        with pytest.raises(InternalError), transaction.atomic():
            change(row, question_set=target)


def test_no_row_of_a_draft_hangs_on_a_row_of_another_set(published):
    other = small_question_set_of("2027-28")
    scale = only(published.scales, code="yes_no")
    section = only(published.sections, code="S1")
    together = "The rows of a question set belong together"
    with pytest.raises(InternalError, match=together), transaction.atomic():
        Option.objects.create(question_set=other, scale=scale, position=9, code="perhaps", label="Perhaps")
    with pytest.raises(InternalError, match=together), transaction.atomic():
        change(question(other, "1.2"), scale=scale)
    with pytest.raises(InternalError, match=together), transaction.atomic():
        change(question(other, "1.2"), section=section)


def test_nothing_slips_in_while_a_set_is_being_published(transactional_db):
    """Somebody writes past the services while another transaction publishes: the write waits, and is refused."""
    draft = small_question_set(published=False)

    def write():
        try:
            change(question(draft, "1.1"), text="Slipped in.")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.publish(draft, by=None)
            written = pool.submit(write)
            with pytest.raises(TimeoutError):
                written.result(timeout=1)
        with pytest.raises(InternalError, match="never changes"):
            written.result(timeout=20)
    assert question(draft, "1.1").text == "Staff assume that harm could happen here."


def test_what_must_never_be_twice_in_a_set_is_a_constraint(draft):
    twin = question(draft, "1.2")
    for fields in ({"code": "1.1"}, {"key": "culture"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            change(twin, **fields)


def test_a_red_threshold_above_the_amber_one_is_refused_by_the_database(draft):
    with pytest.raises(IntegrityError, match="question_red_not_above_amber"), transaction.atomic():
        change(question(draft, "1.3"), amber_below=50, red_below=60)
