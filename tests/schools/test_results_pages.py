"""The pages of results: standards, one standard, one question; chosen groups, the year before, the file."""

import csv
import io
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from schools import figures
from schools.choices import CollectionStatus, Rag, ReturnStatus
from schools.models import Answer, QuestionSet, Return, SectionProgress
from schools.results import DIMENSIONS
from schools.services import questions
from schools.services.collections import add_returns
from tests.factories import CollectionFactory, SchoolFactory, small_question_set
from tests.markup import Markup, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection(db):
    return CollectionFactory(question_set=small_question_set(), status=CollectionStatus.OPEN)


@pytest.fixture
def standard(collection):
    return collection.question_set.sections.filter(kind="standard").first()


@pytest.fixture
def question(collection, standard):
    return standard.questions.filter(scored=True).first()


def submitted(collection, number, rag=Rag.GREEN, **facts) -> list[Return]:
    """So many submitted returns of new schools with these facts, every answer and standard in this colour."""
    schools = SchoolFactory.create_batch(number, **facts)
    add_returns(collection)
    returns = Return.objects.filter(collection=collection, organisation__in=[school.pk for school in schools])
    returns.update(status=ReturnStatus.SUBMITTED, submitted_at=timezone.now())
    rate(returns, collection, rag)
    return list(returns)


def rate(returns, collection, rag) -> None:
    sections = collection.question_set.sections.filter(kind="standard")
    scored = collection.question_set.questions.filter(scored=True, section__kind="standard")
    SectionProgress.objects.bulk_create(
        SectionProgress(return_record=record, section=section, rag=rag)
        for record, section in product(returns, sections)
    )
    Answer.objects.bulk_create(
        Answer(return_record=record, question=question, value="x", rag=rag)
        for record, question in product(returns, scored)
    )


def address(name: str, collection, *args) -> str:
    return reverse(f"schools:{name}", args=[collection.pk, *args])


@pytest.fixture
def pages(collection, standard, question):
    """Every page of results."""
    return [
        address("results", collection),
        address("standard_results", collection, standard.code),
        address("question_results", collection, question.code),
    ]


def page(response) -> Markup:
    assert response.status_code == 200, response.status_code
    return Markup(response.content)


def row(found: Markup, name: str) -> str:
    """The line of a table that begins with ``name``, after it."""
    line = next(line for line in found.texts("tbody tr") if line.startswith(name))
    return line.removeprefix(name).strip()


def cells(found: Markup, name: str) -> list[str]:
    """The cells of the first line that begins with ``name``, the chart left out."""
    line = next(line for line in found.all("tbody tr") if words(line).startswith(name))
    return [words(cell) for cell in line.iter("td") if "hscp-spread__bar" not in cell.get("class", "")]


# --- Who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"), [("ursula", 200), ("stella", 200), ("dan", 404), ("amira", 404), ("pat", 404)]
)
def test_the_business_unit_and_the_scrutineer_see_results(request, signed_in, collection, pages, person, status):
    submitted(collection, 5)
    client = signed_in(request.getfixturevalue(person))
    for url in [*pages, address("export_results", collection)]:
        assert client.get(url).status_code == status, url


# --- What they show ---------------------------------------------------------------------------------------------------


def test_every_standard_is_shown_with_its_numbers_and_a_chart_that_says_them(signed_in, ursula, collection, standard):
    submitted(collection, 6, Rag.GREEN)
    submitted(collection, 3, Rag.AMBER)
    submitted(collection, 1, Rag.RED)
    found = page(signed_in(ursula).get(address("results", collection)))
    titles = collection.question_set.sections.filter(kind="standard").values_list("title", flat=True)
    assert found.texts("tbody th a") == list(titles)
    assert cells(found, standard.title) == ["6", "3", "1", "0", "60.0%"]
    drawn = found.texts("tbody svg")[0]
    assert drawn.startswith(f"{standard.title}: Green 60%, Amber 30%, Red 10%, Not applicable 0%")
    assert "From 10 submitted returns" in found.text("body")


def test_a_standard_shows_its_questions_and_itself_by_group(signed_in, ursula, collection, standard, question):
    submitted(collection, 6, Rag.GREEN, district_name="Watford")
    submitted(collection, 5, Rag.RED, district_name="Dacorum")
    found = page(signed_in(ursula).get(address("standard_results", collection, standard.code)))
    assert cells(found, f"{question.code} {question.text}") == ["6", "0", "5", "0", "54.5%"]
    assert cells(found, "Watford") == ["6", "0", "0", "0", "100.0%"]
    assert cells(found, "Dacorum") == ["0", "0", "5", "0", "0.0%"]


def test_a_question_that_applies_to_some_is_not_applicable_to_the_rest(signed_in, ursula, collection, question):
    returns = submitted(collection, 20)
    Answer.objects.filter(question=question, return_record__in=returns[:12]).update(rag=Rag.NA)
    found = page(signed_in(ursula).get(address("question_results", collection, question.code)))
    assert cells(found, "All schools") == ["8", "0", "0", "12", "100.0%"]


@pytest.mark.parametrize(
    ("by", "fact"), [("district", "district_name"), ("phase", "phase"), ("type", "type_group_name")]
)
def test_a_group_is_chosen_and_stays_chosen_on_the_way_down(signed_in, ursula, collection, pages, by, fact):
    submitted(collection, 6, Rag.GREEN, **{fact: "Chosen & apart"})
    submitted(collection, 7, Rag.RED, **{fact: "Other"})
    client = signed_in(ursula)
    for url in pages:
        found = page(client.get(url, {"group": f"{by}:Chosen & apart", "by": by}))
        assert "From 6 submitted returns" in found.text("body")
        assert found.one("option[selected]").get("value") == f"{by}:Chosen & apart"
    down = page(client.get(pages[0], {"group": f"{by}:Chosen & apart"})).all("tbody a")[0].get("href")
    assert "From 6 submitted returns" in page(client.get(down)).text("body")


def test_the_table_is_by_what_the_address_asks_for(signed_in, ursula, collection, pages):
    submitted(collection, 6, phase="Nursery", type_group_name="Free Schools", district_name="Watford")
    client = signed_in(ursula)
    for url, (by, value) in product(
        pages[1:], [("district", "Watford"), ("phase", "Nursery"), ("type", "Free Schools")]
    ):
        found = page(client.get(url, {"by": by}))
        assert found.text("#groups") == f"By {DIMENSIONS[by].label.lower()}"
        assert cells(found, value)[0] == "6"


@pytest.mark.parametrize(
    "query",
    [
        {"group": "evil"},
        {"group": "colour:red"},
        {"group": "district:"},
        {"group": "district:\0"},
        {"group": ":"},
        {"by": "colour"},
        {"by": "\0", "group": "x" * 3000},
    ],
)
def test_bad_input_shows_all_schools_or_says_that_there_are_too_few(signed_in, ursula, collection, pages, query):
    submitted(collection, 6)
    for url in pages:
        found = page(signed_in(ursula).get(url, query)).text("body")
        assert "From 6 submitted returns" in found or "Too few schools to show" in found


@pytest.mark.parametrize(
    "path", ["standards/nope/", "standards/%00/", "questions/9.99/", "questions/%00/", "questions/a b/"]
)
def test_a_standard_or_question_that_is_not_asked_is_not_found(signed_in, ursula, collection, path):
    assert signed_in(ursula).get(f"{address('results', collection)}{path}").status_code == 404


def test_a_question_that_is_not_scored_has_no_results(signed_in, ursula, collection):
    unscored = collection.question_set.questions.filter(scored=False).first()
    assert signed_in(ursula).get(address("question_results", collection, unscored.code)).status_code == 404


# --- The year before --------------------------------------------------------------------------------------------------


def test_the_year_before_stands_beside_each_share(signed_in, ursula, collection, standard, question, pages):
    submitted(collection, 6, Rag.GREEN, district_name="Watford")
    before = CollectionFactory(academic_year=2025, question_set=another_version(), status="closed")
    submitted(before, 4, Rag.GREEN, district_name="Watford")
    submitted(before, 4, Rag.RED, district_name="Watford")
    client = signed_in(ursula)
    assert cells(page(client.get(pages[0])), standard.title)[-1] == "50.0%"
    assert cells(page(client.get(pages[1])), f"{question.code} ")[-1] == "50.0%"
    assert cells(page(client.get(pages[2])), "All schools")[-1] == "50.0%"
    assert cells(page(client.get(pages[2])), "Watford")[-1] == "50.0%"


def another_version(without: str = ""):
    """A later version of the small set: other rows with the same keys, one of them renamed if ``without`` names it."""
    draft = questions.copy(QuestionSet.objects.get(slug="small-return"), version="another", by=None)
    draft.questions.filter(key=without).update(key="another-question")
    return questions.publish(draft, by=None)


def test_a_question_that_was_not_asked_the_year_before_says_so(signed_in, ursula, collection, question):
    submitted(collection, 6)
    before = CollectionFactory(academic_year=2025, question_set=another_version(without=question.key), status="closed")
    submitted(before, 6)
    found = page(signed_in(ursula).get(address("question_results", collection, question.code)))
    assert cells(found, "All schools")[-1] == "Not asked"


def test_without_a_year_before_there_is_no_column_for_it(signed_in, ursula, collection, pages):
    submitted(collection, 6)
    assert "The same in" not in page(signed_in(ursula).get(pages[0])).text("body")


# --- Nothing small ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 4])
def test_nothing_is_shown_of_fewer_than_five_returns(signed_in, ursula, collection, pages, number):
    submitted(collection, number, Rag.RED)
    client = signed_in(ursula)
    for url in pages:
        found = page(client.get(url))
        assert "Too few returns to show" in found.text("body")
        assert found.all("svg[role=img]") == []
    assert client.get(address("export_results", collection)).status_code == 404


@pytest.mark.parametrize("dimension", list(DIMENSIONS))
def test_a_small_group_is_hidden_in_its_table_on_its_page_and_in_its_file(
    signed_in, ursula, collection, pages, dimension
):
    field = DIMENSIONS[dimension].field
    submitted(collection, 9, **{field: "Large"})
    submitted(collection, 6, **{field: "Middling"})
    submitted(collection, 4, Rag.RED, **{field: "Small"})
    client = signed_in(ursula)
    for url in pages[1:]:
        found = page(client.get(url, {"by": dimension}))
        assert cells(found, "Large")[0] == "9"
        for hidden in ("Middling", "Small"):
            assert row(found, hidden) == "Not shown: too few schools"
    for url, hidden in product(pages, ("Middling", "Small", "Nowhere")):
        found = page(client.get(url, {"group": f"{dimension}:{hidden}", "by": dimension}))
        assert "Too few schools to show" in found.text("body")
    export = address("export_results", collection)
    assert client.get(export, {"group": f"{dimension}:Small"}).status_code == 404
    assert client.get(export, {"group": f"{dimension}:Large"}).status_code == 200


def test_a_small_group_cannot_be_worked_out_from_two_tables(signed_in, ursula, collection, question):
    """All independent schools are of no phase; so are three others, whose answers would be the one less the other."""
    apart = {"phase": "Not applicable", "type_group_name": "Independent schools"}
    submitted(collection, 20, Rag.GREEN, **apart)
    submitted(collection, 3, Rag.RED, **apart | {"type_group_name": "Local authority maintained schools"})
    submitted(collection, 30, Rag.GREEN, phase="Primary", type_group_name="Local authority maintained schools")
    client = signed_in(ursula)
    shown = {}
    for by, value in (("phase", "Not applicable"), ("type", "Independent schools")):
        url = address("question_results", collection, question.code)
        shown[by] = row(page(client.get(url, {"by": by})), value) != "Not shown: too few schools"
        alone = page(client.get(url, {"group": f"{by}:{value}"})).text("body")
        assert ("Too few schools to show" in alone) != shown[by]
    assert not all(shown.values())


def test_a_question_asked_of_few_schools_of_a_group_is_hidden_wherever_it_stands(
    signed_in, ursula, collection, standard, question
):
    for district, applies in (("Watford", 2), ("Dacorum", 6), ("Hertsmere", 12)):
        returns = submitted(collection, 12, Rag.RED, district_name=district)
        Answer.objects.filter(question=question, return_record__in=returns[applies:]).update(rag=Rag.NA)
    client, name = signed_in(ursula), f"{question.code} {question.text}"
    table = page(client.get(address("question_results", collection, question.code)))
    assert cells(table, "All schools")[2] == "20"
    assert cells(table, "Hertsmere")[2] == "12"
    for hidden in ("Watford", "Dacorum"):
        query = {"group": f"district:{hidden}"}
        assert row(table, hidden) == "Not shown: too few schools"
        of_standard = page(client.get(address("standard_results", collection, standard.code), query))
        assert cells(of_standard, name) == ["Not shown: too few schools"]
        file = client.get(address("export_results", collection), query)
        assert line_of(file, question.code)["Red"] == "c"


# --- One number -------------------------------------------------------------------------------------------------------


def test_a_figure_in_two_places_is_one_figure(signed_in, ursula, collection, standard, question):
    submitted(collection, 8, Rag.GREEN, district_name="Watford")
    submitted(collection, 5, Rag.AMBER, district_name="Watford")
    submitted(collection, 9, Rag.RED, district_name="Dacorum")
    client, query = signed_in(ursula), {"group": "district:Watford"}
    table = page(client.get(address("question_results", collection, question.code)))
    alone = page(client.get(address("question_results", collection, question.code), query))
    of_standard = page(client.get(address("standard_results", collection, standard.code), query))
    file = line_of(client.get(address("export_results", collection), query), question.code)
    expected = ["8", "5", "0", "0", "61.5%"]
    assert cells(table, "Watford") == cells(alone, "Watford") == expected
    assert cells(of_standard, f"{question.code} ") == expected
    assert [file[name] for name in ("Green", "Amber", "Red", "Not applicable")] == expected[:4]
    assert file["Green, % of those it applies to"] == "61.5"
    assert figures.questions(collection).spread(question.key).green == int(cells(table, "All schools")[0]) == 8


def line_of(response, code) -> dict[str, str]:
    """The line of a question in the file of results."""
    assert response.status_code == 200
    lines = csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig")))
    return next(line for line in lines if line["Question"] == code)


def test_the_file_holds_every_scored_question_in_order_and_says_whose_it_is(signed_in, ursula, collection):
    submitted(collection, 6, district_name="St Albans")
    response = signed_in(ursula).get(address("export_results", collection), {"group": "district:St Albans"})
    lines = list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    scored = collection.question_set.questions.filter(scored=True, section__kind="standard")
    assert [line["Question"] for line in lines] == [question.code for question in scored]
    assert response["Content-Disposition"] == 'attachment; filename="results-2026-27-st-albans.csv"'


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_the_pages_cost_as_many_queries_at_300_schools_as_at_50(
    signed_in, ursula, collection, pages, django_assert_max_num_queries
):
    CollectionFactory(academic_year=2025, question_set=collection.question_set, status="closed")
    client = signed_in(ursula)

    def costs() -> list[int]:
        found = []
        for url in [*pages, address("export_results", collection)]:
            with django_assert_max_num_queries(30) as queries:
                assert b"".join(client.get(url))
            found.append(len(queries))
        return found

    submitted(collection, 50)
    few = costs()
    for district in ("Watford", "Dacorum", "Stevenage", "Hertsmere", "Broxbourne"):
        submitted(collection, 50, district_name=district)
    assert costs() == few
