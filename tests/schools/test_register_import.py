"""A register file is received, compared, applied: what it changes, what it never touches, and what goes wrong well."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import history
from partnership.engine.workflow import MoveNotAllowed
from partnership.models import Organisation, RoleGrant, StatusChange
from schools import gias, jobs
from schools.choices import ChangeKind, Duty, Fact, ImportStatus, LinkKind, SchoolStatus
from schools.gias import RegisterFileError
from schools.models import FactOverride, LocalFacts, RegisterChange, RegisterImport, School, SchoolLink
from schools.services import register, register_compare, register_progress
from schools.services.register_compare import FACTS, differences
from schools.services.register_links import apply_links, compare_links
from tests.factories import SchoolFactory
from tests.schools.gias_files import links_file, register_bytes, register_file, row, rows
from tests.services import wait_until

CLOSED = {"status_name": "Closed", "status_code": "2", "close_date": date(2026, 8, 31), "reason_closed": "Closure"}


@pytest.fixture
def received(ursula):
    """``received(*rows)`` gives an import of those rows, uploaded by Ursula and not yet compared."""

    def receive(*schools, links=None, **options):
        file = register_file(*schools, **options)
        return register.receive_import(file, local_authority="Hertfordshire", by=ursula, links=links)

    return receive


@pytest.fixture
def compared(received):
    def receive_and_compare(*schools, **options):
        found = received(*schools, **options)
        register.compare(found.pk)
        found.refresh_from_db()
        return found

    return receive_and_compare


@pytest.fixture
def applied(compared, ursula):
    def compare_and_apply(*schools, **options):
        found = register.start_applying(compared(*schools, **options), by=ursula)
        register.apply(found.pk)
        found.refresh_from_db()
        return found

    return compare_and_apply


def changes_of(register_import) -> list[tuple[str, int]]:
    return list(register_import.changes.order_by("kind", "urn").values_list("kind", "urn"))


def school(urn=900101) -> School:
    return School.objects.get(urn=urn)


# --- Receiving --------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_privately_with_its_name_size_and_checksum(received, ursula):
    found = received(row())
    assert (found.status, found.filename, found.uploaded_by) == ("uploaded", "edubasealldata20261123.csv", ursula)
    assert found.file.read() == register_bytes(row())
    assert found.size == len(register_bytes(row()))
    assert found.sha256 == register._sha256(ContentFile(register_bytes(row())))
    assert "edubasealldata" not in found.file.name
    assert Path(found.file.path).stat().st_mode & 0o077 == 0


def test_a_path_in_the_name_of_an_upload_is_left_out(ursula):
    file = ContentFile(register_bytes(row()), name="x")
    file.name = "C:\\Users\\me\\..\\register.csv"
    found = register.receive_import(file, local_authority="Hertfordshire", by=ursula)
    assert found.filename == "register.csv"


def test_the_worker_is_asked_once_the_file_is_safe(received, django_capture_on_commit_callbacks, monkeypatch):
    asked = []
    monkeypatch.setattr(register.later, "do", lambda task, *args: asked.append((task, args)))
    found = received(row())
    assert asked == [("schools.jobs.compare_register_import", (found.pk,))]


@pytest.mark.parametrize("person", ["stella", "dan", "amira"])
def test_only_the_business_unit_imports_the_register(request, person):
    by = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        register.receive_import(register_file(row()), local_authority="Hertfordshire", by=by)
    assert not RegisterImport.objects.exists()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 and so on", "This is not the register of schools: it looks like a PDF document."),
        (b"PK\x03\x04 [Content_Types] xl/workbook.xml", "it looks like an Excel workbook (XLSX)"),
        (b"Name,Address\r\nOak Lane,Hertford", "Line 1: this is not the register of schools"),
        (b"URN,LA (code)\r\n1,2", "that this file does not have: UKPRN"),
    ],
)
def test_a_file_that_is_no_register_is_refused_when_it_is_received(ursula, data, sentence):
    with pytest.raises(ValidationError) as caught:
        register.receive_import(ContentFile(data, name="file.csv"), local_authority="Hertfordshire", by=ursula)
    assert sentence in caught.value.message_dict["file"][0]
    assert not RegisterImport.objects.exists()


def test_a_links_file_that_is_none_is_refused_when_it_is_received(received):
    with pytest.raises(ValidationError) as caught:
        received(row(), links=register_file(row()))
    assert "list of links between schools" in caught.value.message_dict["links"][0]


def test_a_file_above_the_limit_is_refused_before_it_is_read(received, monkeypatch):
    monkeypatch.setattr(gias, "MAX_BYTES", 1000)
    with pytest.raises(ValidationError, match="smaller than"):
        received(row())


@pytest.mark.parametrize("name", ["", "   ", "H" * 81])
def test_a_local_authority_must_be_named(ursula, name):
    with pytest.raises(ValidationError) as caught:
        register.receive_import(register_file(row()), local_authority=name, by=ursula)
    assert "local_authority" in caught.value.message_dict


# --- Comparing --------------------------------------------------------------------------------------------------------


def test_everything_that_the_file_knows_of_a_school_is_a_field_of_the_register():
    assert set(FACTS) <= {field.name for field in School._meta.concrete_fields}
    kept_elsewhere = {"organisation", "urn"}
    assert {field.name for field in School._meta.concrete_fields} - set(FACTS) == kept_elsewhere


def test_comparing_tells_what_is_new_changed_closed_reopened_and_missing(applied, compared):
    old = [*rows(4), row(urn=920001, name="Was Closed School", **CLOSED)]
    applied(*old)
    found = compared(
        old[0],
        row(urn=old[1].urn, name=old[1].name, head_last_name="Brown"),
        row(urn=old[2].urn, name=old[2].name, **CLOSED),
        row(urn=920001, name="Was Closed School"),
        row(urn=930001, name="New School"),
    )
    assert found.status == ImportStatus.COMPARED
    assert changes_of(found) == [
        (ChangeKind.CHANGED, old[1].urn),
        (ChangeKind.CLOSED, old[2].urn),
        (ChangeKind.NEW, 930001),
        (ChangeKind.REOPENED, 920001),
        (ChangeKind.UNKNOWN, old[3].urn),
    ]
    assert (found.rows_read, found.bytes_read, found.share_read) == (5, found.size, 100)
    assert found.compared_at


def test_comparing_changes_nothing(compared):
    compared(row(), row(urn=900102, name="Elm Park School"))
    assert not School.objects.exists()
    assert not Organisation.objects.exists()


def test_a_change_is_told_field_by_field_in_words(applied, compared):
    applied(row())
    found = compared(
        row(
            name="Oak Lane Academy",
            status_name="OPEN, BUT PROPOSED TO CLOSE",
            close_date=date(2027, 8, 31),
            pupils=None,
            head_first_name="",
            high_age=16,
        )
    )
    assert found.changes.get().fields == [
        ["Name", "Oak Lane School", "Oak Lane Academy"],
        ["Closed on", "", "31 August 2027"],
        ["Highest age", "11", "16"],
        ["Number of pupils", "210", ""],
        ["Head’s first name", "Amira", ""],
        ["Status", "Open", "Open, but proposed to close"],
    ]


def test_a_new_school_is_told_with_what_it_is(compared):
    (line, *others) = compared(row(trust_name="The Lea Valley Trust")).changes.get().fields
    assert line == ["Status", "", "Open"]
    assert ["Type", "", "Community school"] in others
    assert ["Trust", "", "The Lea Valley Trust"] in others
    assert ["Opened on", "", "1 September 1965"] in others
    assert not any(label == "Closed on" for label, _, _ in others)


def test_schools_of_other_authorities_are_left_out_in_the_file_and_in_the_register(compared):
    SchoolFactory(urn=800001, la_name="Essex")
    found = compared(row(), row(urn=800002, la_name="Barnet"))
    assert changes_of(found) == [(ChangeKind.NEW, 900101)]


def test_a_school_that_is_closed_or_proposed_and_not_in_the_file_is_not_reported(compared):
    SchoolFactory(urn=800001, status=SchoolStatus.CLOSED)
    SchoolFactory(urn=800002, status=SchoolStatus.PROPOSED)
    SchoolFactory(urn=800003, status=SchoolStatus.CLOSING)
    assert changes_of(compared(row())) == [(ChangeKind.NEW, 900101), (ChangeKind.UNKNOWN, 800003)]


def test_a_column_that_the_file_does_not_have_says_nothing(applied):
    applied(row(website="https://oaklane.example/"))
    without = [name for name in gias.Layout.CURRENT.columns if name not in ("SchoolWebsite", "HeadLastName")]
    found = applied(row(website="", head_last_name="", town="Hertford"), columns=without)
    assert [line[0] for line in found.changes.get().fields] == ["Town"]
    assert (school().website, school().head_last_name) == ("https://oaklane.example/", "Aziz")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-8"])
def test_both_kinds_of_apostrophe_come_through_every_encoding(applied, encoding):
    applied(row(name="St Mary’s and St John's School"), encoding=encoding)
    assert school().name == "St Mary’s and St John's School"


BAD_FILES = [
    ([row(), row(urn=900102), row()], "Line 4: URN 900101 is already on line 2."),
    ([row(), row(urn=900102, status_name="Shut")], "Line 3: EstablishmentStatus (name) is “Shut”, which is none of"),
    ([row(), row(urn=900102, la_name="Essex", name="")], ""),
    ([row(), row(urn=900102, town="x" * 101)], "Line 3: Town has 101 characters, more than the 100 that fit"),
    ([row(la_name="Essex")], "The file has no school of the local authority “Hertfordshire”. It has, for instance"),
    ([], "The file names its columns but has no schools."),
]


@pytest.mark.parametrize(("schools", "sentence"), [bad for bad in BAD_FILES if bad[1]])
def test_a_bad_file_leaves_the_reason_and_no_differences(compared, schools, sentence):
    found = compared(*schools)
    assert found.status == ImportStatus.FAILED
    assert found.error.startswith(sentence)
    assert not RegisterChange.objects.exists()


def test_a_row_cut_short_at_the_end_of_the_file_is_named(ursula):
    file = ContentFile(register_bytes(row(), row(urn=900102))[:-40], name="cut.csv")
    found = register.receive_import(file, local_authority="Hertfordshire", by=ursula)
    register.compare(found.pk)
    found.refresh_from_db()
    assert found.status == ImportStatus.FAILED
    assert found.error.startswith("Line 3: ")
    assert "cut short" in found.error


def test_a_fault_in_the_links_file_is_named_as_such(compared):
    found = compared(row(), links=links_file((900101, 900001, "Old", "Predecessor", "1 May 2015")))
    assert found.status == ImportStatus.FAILED
    assert found.error.startswith("In the links file: Line 2: LinkEstablishedDate is “1 May 2015”")
    assert not RegisterChange.objects.exists()


def test_a_file_that_is_gone_from_the_disk_is_said_to_be_gone(received):
    found = received(row())
    Path(found.file.path).unlink()
    assert register.compare(found.pk)
    found.refresh_from_db()
    assert (found.status, found.error) == (ImportStatus.FAILED, register.GONE)


def test_a_mistake_of_our_own_is_noted_and_the_person_told(received, monkeypatch, caplog):
    found = received(row())
    monkeypatch.setattr(register, "differences", lambda *args, **kwargs: 1 / 0)
    assert register.compare(found.pk)
    found.refresh_from_db()
    assert (found.status, found.error) == (ImportStatus.FAILED, register.OUR_MISTAKE)
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_goes_away_leaves_the_import_waiting(received, monkeypatch):
    found = received(row())

    def go_away(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(register, "differences", go_away)
    with pytest.raises(OperationalError):
        register.compare(found.pk)
    found.refresh_from_db()
    assert found.status == ImportStatus.UPLOADED


def test_comparing_what_is_compared_or_discarded_does_nothing(compared, ursula):
    found = compared(row())
    assert not register.compare(found.pk)
    register.discard(found, by=ursula)
    assert not register.compare(found.pk)
    assert not register.apply(found.pk)
    assert not register.compare(0)


# --- Applying ---------------------------------------------------------------------------------------------------------


def test_a_new_school_gets_its_organisation_every_fact_and_an_empty_row_of_local_facts(applied):
    applied(row(further_education_type="Not applicable"))
    found = school()
    assert found.organisation.kind == "school"
    assert found.name == "Oak Lane School"
    assert (found.organisation.starts, found.organisation.ends) == (date(1965, 9, 1), None)
    assert register_compare.facts_of(row(further_education_type="Not applicable")) == {
        name: getattr(found, name) for name in FACTS
    }
    assert found.local == LocalFacts.objects.get()


def test_applying_says_who_and_when_and_what_was_done(applied, ursula):
    found = applied(row())
    assert (found.status, found.applied_by) == (ImportStatus.APPLIED, ursula)
    assert timezone.now() - found.applied_at < timedelta(minutes=1)
    assert changes_of(found) == [(ChangeKind.NEW, 900101)]
    lives = StatusChange.objects.about(found).values_list("verb", "by__name")
    assert list(lives) == [
        ("compare the file", None),
        ("apply the import", "Ursula Unit"),
        ("finish applying the import", None),
    ]


def test_a_changed_school_is_changed_and_renamed(applied):
    applied(row())
    before = school()
    applied(row(name="Oak Lane Academy", trust_name="The Lea Valley Trust", pupils=None))
    assert (school().pk, school().name) == (before.pk, "Oak Lane Academy")
    assert (school().trust_name, school().pupils) == ("The Lea Valley Trust", None)


def test_a_school_that_closed_is_marked_closed_with_its_date_and_reopens_as_the_same_one(applied):
    applied(row())
    applied(row(**CLOSED))
    closed = school()
    assert (closed.status, closed.close_date, closed.reason_closed) == ("closed", date(2026, 8, 31), "Closure")
    assert closed.organisation.ends == date(2026, 9, 1)
    applied(row())
    assert (school().pk, school().status, school().close_date) == (closed.pk, "open", None)
    assert school().organisation.ends is None


def test_a_school_proposed_to_close_still_exists_after_the_day_that_is_planned(applied):
    applied(row(status_name="Open, but proposed to close", close_date=date(2026, 8, 31)))
    assert school().organisation.ends is None


@pytest.mark.parametrize(("opened", "closed"), [(date(2026, 9, 2), date(2026, 8, 31)), (date(1965, 9, 1), date.max)])
def test_days_that_contradict_each_other_or_leave_the_calendar_do_not_stop_an_import(applied, opened, closed):
    found = applied(row(**CLOSED | {"open_date": opened, "close_date": closed}))
    assert found.status == ImportStatus.APPLIED
    assert (school().open_date, school().close_date) == (opened, closed)


def test_a_school_that_is_not_in_the_file_is_left_as_it_is(applied):
    applied(*rows(2))
    kept = School.objects.filter(urn=950002).values().get()
    found = applied(*rows(1))
    assert changes_of(found) == [(ChangeKind.UNKNOWN, 950002)]
    assert School.objects.filter(urn=950002).values().get() == kept


def test_the_same_file_applied_again_differs_in_nothing(applied, compared):
    schools = [*rows(3), row(urn=920001, **CLOSED), row(urn=930001, name="St Mary’s", postcode="SG13 8XX")]
    applied(*schools)
    assert not compared(*schools).changes.exists()
    assert not applied(*schools).changes.exists()


def test_what_is_known_locally_is_never_touched(applied, ursula, dan):
    local = LocalFacts.objects.create(school=school(), hub_district="Stevenage", notes="Rang on Monday")
    override = FactOverride.objects.create(
        school=school(), fact=Fact.DUTY, value=Duty.NMSS, reason="By agreement", set_by=ursula
    )
    applied(row(district_name="Broxbourne", type_code="34"))
    assert LocalFacts.objects.values().get() == {
        "school_id": local.pk,
        "hub_district": "Stevenage",
        "notes": "Rang on Monday",
    }
    assert FactOverride.objects.get() == override
    assert RoleGrant.objects.get(role=Role.DSL, organisation=school().organisation, ends=None).user == dan
    assert (school().district_name, school().type_code) == ("Broxbourne", "34")


def test_field_history_names_the_person_who_applied(applied, ursula):
    applied(row())
    applied(row(town="Hertford", name="Oak Lane Academy"))
    events = history.events_of(school())
    assert [(event.by, change.field, change.became) for event in events for change in event.changes] == [
        ("Ursula Unit", "Town", "Hertford"),
        ("Ursula Unit", "Name", "Oak Lane Academy"),
    ]


def test_a_school_that_did_not_change_has_no_new_history(applied):
    applied(*rows(2))
    assert history.events_of(school(950001)) == []
    applied(rows(1)[0], row(urn=950002, name="School 950002", town="Ware"))
    assert history.events_of(school(950001)) == []
    assert len(history.events_of(school(950002))) == 1


def test_the_register_may_change_between_comparing_and_applying(compared, applied, ursula):
    waiting = compared(row(town="Hertford"), row(urn=900102, name="Elm Park School"))
    assert changes_of(waiting) == [(ChangeKind.NEW, 900101), (ChangeKind.NEW, 900102)]
    applied(row(town="Ware"))
    started = register.start_applying(waiting, by=ursula)
    assert register.apply(started.pk)
    assert changes_of(started) == [(ChangeKind.CHANGED, 900101), (ChangeKind.NEW, 900102)]
    assert school().town == "Hertford"


def test_an_error_while_applying_leaves_nothing_half_done(compared, ursula, monkeypatch):
    started = register.start_applying(compared(*rows(3)), by=ursula)
    monkeypatch.setattr(register, "BATCH", 1)
    real, calls = register.write, []

    def fail_at_the_third(batch):
        calls.append(batch)
        if len(calls) == 3:
            raise RegisterFileError("the row cannot be read", line=4)
        real(batch)

    monkeypatch.setattr(register, "write", fail_at_the_third)
    assert register.apply(started.pk)
    started.refresh_from_db()
    assert (started.status, started.error) == (ImportStatus.FAILED, "Line 4: the row cannot be read")
    assert not School.objects.exists()
    assert not Organisation.objects.exists()
    assert started.changes.count() == 3  # what the comparison found still stands


@pytest.mark.parametrize("person", ["stella", "dan"])
def test_only_the_business_unit_applies_and_discards(request, compared, person):
    by, found = request.getfixturevalue(person), compared(row())
    for step in (register.start_applying, register.discard):
        with pytest.raises(PermissionDenied):
            step(found, by=by)


def test_a_stale_click_says_what_has_happened(compared, ursula):
    found = compared(row())
    register.start_applying(found, by=ursula)
    for step in (register.start_applying, register.discard):
        with pytest.raises(MoveNotAllowed, match="Ursula Unit changed the status to “being applied”"):
            step(found, by=ursula)


def test_discarding_deletes_the_files_and_keeps_the_record(
    compared, ursula, django_capture_on_commit_callbacks, settings
):
    found = compared(row(), links=links_file((900101, 900001, "Old", "Predecessor", "")))
    assert len(list(settings.MEDIA_ROOT.rglob("*.csv"))) == 2
    with django_capture_on_commit_callbacks(execute=True):
        register.discard(found, by=ursula)
    assert not list(settings.MEDIA_ROOT.rglob("*.csv"))
    assert RegisterImport.objects.get().status == ImportStatus.DISCARDED


def test_applying_takes_few_statements(compared, ursula, django_assert_max_num_queries):
    small = register.start_applying(compared(*rows(5)), by=ursula)
    with django_assert_max_num_queries(30) as queries:
        register.apply(small.pk)
    large = register.start_applying(compared(*rows(400, town="Ware")), by=ursula)
    with django_assert_max_num_queries(len(queries) + 3):  # some are new and some are changed now
        register.apply(large.pk)
    assert School.objects.filter(town="Ware").count() == 400


# --- Links ------------------------------------------------------------------------------------------------------------

CONVERSION = (900201, 900101, "Oak Lane School", "Predecessor", "01-09-2026")


def test_an_academy_conversion_keeps_its_history(applied):
    academy = row(urn=900201, name="Oak Lane Academy", type_code="34", open_date=date(2026, 9, 1))
    applied(row())
    found = applied(row(**CLOSED), academy, links=links_file(CONVERSION))
    assert changes_of(found) == [(ChangeKind.CLOSED, 900101), (ChangeKind.NEW, 900201)]
    assert found.new_links == 1
    link = SchoolLink.objects.get()
    assert (link.school, link.kind, link.established) == (school(900201), LinkKind.PREDECESSOR, date(2026, 9, 1))
    assert school(900201).lineage() == [school(900201), school(900101)]
    assert school(900101).lineage() == [school(900101)]


def test_a_comparison_counts_the_links_of_schools_that_are_still_to_come(compared):
    other = (900301, 900102, "Elm Park School", "Predecessor", "")
    found = compared(row(), row(urn=900201), links=links_file(CONVERSION, other))
    assert found.new_links == 1
    assert not SchoolLink.objects.exists()


def test_links_applied_again_differ_in_nothing_and_a_corrected_one_is_corrected(oak_lane):
    academy = SchoolFactory(urn=900201)
    assert apply_links(links_file(CONVERSION)).new == 1
    again = apply_links(links_file(CONVERSION))
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    corrected = (*CONVERSION[:4], "02-09-2026")
    found = apply_links(links_file(corrected))
    assert (found.new, found.changed, found.same) == (0, 1, 0)
    assert academy.links.get().established == date(2026, 9, 2)


def test_a_link_that_stands_twice_counts_once(oak_lane):
    SchoolFactory(urn=900201)
    found = apply_links(links_file(CONVERSION, (*CONVERSION[:4], "")))
    assert (found.new, SchoolLink.objects.get().established) == (1, None)


def test_links_that_a_later_file_leaves_out_stay(oak_lane):
    SchoolFactory(urn=900201)
    apply_links(links_file(CONVERSION))
    apply_links(links_file((900201, 900102, "Elm Park School", "Result of Amalgamation", "")))
    assert SchoolLink.objects.count() == 2


def test_comparing_links_writes_nothing(oak_lane):
    found = compare_links(links_file(CONVERSION), new_schools=frozenset({900201}))
    assert found.new == 1
    assert not SchoolLink.objects.exists()


def test_history_is_followed_from_either_side_of_a_link_and_through_schools_that_are_not_there(oak_lane):
    academy = SchoolFactory(urn=900201)
    trust_school = SchoolFactory(urn=900301)
    apply_links(
        links_file(
            (900101, 900201, "Academy", "Successor", ""),  # under the old school
            (900301, 900201, "Academy", "Predecessor", ""),  # under the new one
            (900101, 800001, "Long gone", "Predecessor - amalgamated", ""),  # not in the register
            (900301, 900102, "Elm Park", "Expansion", ""),  # no predecessor at all
        )
    )
    assert trust_school.predecessor_urns() == [900201, 900101, 800001]
    assert trust_school.lineage() == [trust_school, academy, oak_lane]


def test_a_circle_of_links_ends_where_it_began(oak_lane, django_assert_max_num_queries):
    academy = SchoolFactory(urn=900201)
    apply_links(links_file(CONVERSION, (900101, 900201, "Oak Lane Academy", "Predecessor", "")))
    with django_assert_max_num_queries(3):
        assert academy.lineage() == [academy, oak_lane]
    assert oak_lane.lineage() == [oak_lane, academy]


# --- Workers ----------------------------------------------------------------------------------------------------------


def test_the_clock_finds_imports_whose_task_was_lost(received, compared, ursula):
    to_compare = received(row())
    to_apply = register.start_applying(compared(row()), by=ursula)
    jobs.resume_register_imports()
    for found in (to_compare, to_apply):
        found.refresh_from_db()
    assert to_compare.status == ImportStatus.COMPARED
    assert to_apply.status == ImportStatus.APPLIED


def _at_once(work, times: int) -> list:
    """What ``work`` returns, or raises, in so many threads that start together, each with its own connection."""
    barrier, results = Barrier(times), []

    def one() -> None:
        barrier.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_several_people_who_apply_an_import_at_once_one_does(compared, ursula):
    found = compared(*rows(20))
    results = _at_once(lambda: register.start_applying(found, by=ursula), 4)
    assert sum(isinstance(result, RegisterImport) for result in results) == 1
    assert sum(isinstance(result, MoveNotAllowed) for result in results) == 3


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_on_one_import_one_does_it(compared, ursula):
    started = register.start_applying(compared(*rows(20)), by=ursula)
    results = _at_once(lambda: register.apply(started.pk), 4)
    assert sorted(results) == [False, False, False, True]
    assert School.objects.count() == 20
    started.refresh_from_db()
    assert started.status == ImportStatus.APPLIED


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_new_schools_applied_at_once_make_each_school_once(compared, ursula):
    started = [register.start_applying(compared(*rows(20, town=town)), by=ursula) for town in ("Hertford", "Ware")]
    waiting = iter([found.pk for found in started])
    assert _at_once(lambda: register.apply(next(waiting)), 2) == [True, True]
    assert School.objects.count() == Organisation.objects.count() == 20
    assert set(RegisterImport.objects.values_list("status", flat=True)) == {ImportStatus.APPLIED}
    kinds = [set(found.changes.values_list("kind", flat=True)) for found in started]
    assert sorted(kinds, key=str) == [{ChangeKind.CHANGED}, {ChangeKind.NEW}]


@pytest.mark.django_db(transaction=True)
def test_the_clock_passes_over_an_import_in_a_worker_s_hands(received):
    found = received(row())
    with transaction.atomic():
        assert register_progress.claim(found.pk, ImportStatus.UPLOADED) == found
        assert _at_once(lambda: register.compare(found.pk), 1) == [False]
    assert _at_once(lambda: register.compare(found.pk), 1) == [True]


@pytest.mark.django_db(transaction=True)
def test_an_import_discarded_while_it_is_compared_stays_discarded(received, ursula, monkeypatch):
    found = received(row())

    def discard_meanwhile(rows, **kwargs):
        _at_once(lambda: register.discard(found, by=ursula), 1)
        return differences(rows, **kwargs)

    monkeypatch.setattr(register, "differences", discard_meanwhile)
    assert register.compare(found.pk)
    found.refresh_from_db()
    assert (found.status, found.error) == (ImportStatus.DISCARDED, "")
    assert not RegisterChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_work_is_not_yet_committed(received, monkeypatch):
    monkeypatch.setattr(register_progress, "SECONDS_BETWEEN_REPORTS", 0.0)
    found = received(*rows(5))
    seen = []

    def look_in_the_middle(rows, **kwargs):
        yield from differences(rows, **kwargs)
        seen.extend(_at_once(lambda: RegisterImport.objects.values_list("status", "bytes_read", "rows_read").get(), 1))

    monkeypatch.setattr(register, "differences", look_in_the_middle)
    register.compare(found.pk)
    assert seen == [(ImportStatus.UPLOADED, found.size, 5)]


def test_progress_is_written_at_a_bounded_rate(received, monkeypatch):
    found, written, clock = received(row()), [], [100.0]
    monkeypatch.setattr(register_progress, "monotonic", lambda: clock[0])
    with register_progress.Progress(found.pk) as progress:
        monkeypatch.setattr(progress, "_write", written.append)
        for bytes_read in range(50):
            clock[0] += 0.1
            progress(bytes_read)
    assert len(written) == 4


def test_a_large_file_is_never_in_memory(received):
    """Forty thousand schools of another authority, some 25 MB, beside ours."""
    everyone = (row(urn=1_000_000 + n, la_name="Essex", street="x" * 100) for n in range(40_000))
    found = received(*everyone, row())
    tracemalloc.start()
    register.compare(found.pk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found.refresh_from_db()
    assert (found.status, found.rows_read) == (ImportStatus.COMPARED, 1)
    assert found.size > 20_000_000
    assert peak < 12_000_000


def test_a_real_worker_compares_and_applies_what_people_ask_for(celery_worker, received, ursula):
    found = received(*rows(5))
    wait_until(lambda: status_of(found) == ImportStatus.COMPARED, "the file to be compared")
    register.start_applying(found, by=ursula)
    wait_until(lambda: status_of(found) == ImportStatus.APPLIED, "the import to be applied")
    assert School.objects.count() == 5


def test_an_upload_does_not_depend_on_the_queue(redis_is_down, transactional_db, received):
    found = received(row())
    assert status_of(found) == ImportStatus.UPLOADED
    jobs.resume_register_imports()
    assert status_of(found) == ImportStatus.COMPARED


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_clock_does_it_anew(worker_process, compared, ursula):
    started = register.start_applying(compared(*rows(6000)), by=ursula)
    worker = worker_process()
    reading = RegisterImport.objects.filter(pk=started.pk, status=ImportStatus.APPLYING, bytes_read__gt=0)
    wait_until(reading.exists, "the worker to be in the middle", seconds=90)
    worker.kill()
    worker.wait()
    assert status_of(started) == ImportStatus.APPLYING
    assert not School.objects.exists()
    wait_until(lambda: register.apply(started.pk), "the dead worker's lock to go")
    assert status_of(started) == ImportStatus.APPLIED
    assert School.objects.count() == 6000


def status_of(register_import) -> str:
    return RegisterImport.objects.get(pk=register_import.pk).status
