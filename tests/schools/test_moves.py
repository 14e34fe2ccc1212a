"""The lives of returns, collections, question sets and register imports: every status × every move, written out.

``docs/lives.md`` shows the same in words. An empty cell: the move cannot start there.
"""

import pytest
from django.utils import timezone

from partnership.engine import workflow
from schools.models import Collection, ContactImport, QuestionSet, RegisterImport, Return
from tests.factories import CollectionFactory, QuestionSetFactory, UserFactory
from tests.tables import cells, check_cell, check_life, check_note, check_who, read_moves

RETURN = read_moves(
    """
    move                        | who            | note | not_started | in_progress | with_head   | submitted   | accepted
    start the return            | dan, debbie    |      | in_progress |             |             |             |
    send the return to the head | dan, debbie    |      |             | with_head   |             |             |
    send the return back        | amira          | yes  |             |             | in_progress |             |
    submit the return           | amira          |      |             |             | submitted   |             |
    query the return            | ursula, stella | yes  |             |             |             | in_progress | in_progress
    accept the return           | ursula         |      |             |             |             | accepted    |
    """  # noqa: E501 - a table is read in one piece
)
COLLECTION = read_moves(
    """
    move                  | who    | note | draft | open   | closed
    open the collection   | ursula |      | open  |        |
    close the collection  | ursula |      |       | closed |
    reopen the collection | ursula | yes  |       |        | open
    """
)
QUESTION_SET = read_moves(
    """
    move                     | who    | note | draft     | published | retired
    publish the question set | ursula |      | published |           |
    retire the question set  | ursula |      |           | retired   |
    """
)
REGISTER_IMPORT = read_moves(
    """
    move                       | who        | note | uploaded  | compared  | applying | applied | failed    | discarded
    compare the file           | the portal |      | compared  |           |          |         |           |
    give up on the file        | the portal |      | failed    |           | failed   |         |           |
    apply the import           | ursula     |      |           | applying  |          |         |           |
    finish applying the import | the portal |      |           |           | applied  |         |           |
    discard the import         | ursula     |      | discarded | discarded |          |         | discarded |
    """
)
CONTACT_IMPORT = read_moves(
    """
    move                                 | who        | note | checked   | applying | applied | discarded
    apply the list of contacts           | ursula     |      | applying  |          |         |
    finish applying the list of contacts | the portal |      |           | applied  |         |
    discard the list of contacts         | ursula     |      | discarded |          |         |
    """
)
LIVES = {
    Return: RETURN,
    Collection: COLLECTION,
    QuestionSet: QUESTION_SET,
    RegisterImport: REGISTER_IMPORT,
    ContactImport: CONTACT_IMPORT,
}
EVERYONE = ("ursula", "stella", "dan", "debbie", "amira", "colin", "erin", "pat")


@pytest.fixture
def in_status(oak_lane):
    """``in_status(Return, "submitted")``: Oak Lane's return, put into that status without its story."""

    def make(model, status: str):
        collection = CollectionFactory()
        now = timezone.now()
        records = {
            Collection: lambda: collection,
            QuestionSet: QuestionSetFactory,
            RegisterImport: lambda: RegisterImport.objects.create(
                filename="a.csv", sha256="0" * 64, size=1, local_authority="Hertfordshire", applied_at=now
            ),
            ContactImport: lambda: ContactImport.objects.create(
                filename="a.csv", uploaded_by=UserFactory(), applied_at=now
            ),
            Return: lambda: Return.objects.create(
                collection=collection, organisation=oak_lane.organisation, reference="R1", submitted_at=now
            ),
        }
        record = records[model]()
        model.objects.filter(pk=record.pk).update(status=status)
        record.refresh_from_db()
        return record

    return make


def _every(make_parameters):
    return [
        pytest.param(model, *parameter.values, id=f"{model.__name__}: {parameter.id}")
        for model, rows in LIVES.items()
        for parameter in make_parameters(rows)
    ]


def _starts(rows):
    """Each move once, from the first status in which it can start."""
    first = {}
    for cell in cells(rows):
        verb, who, status, target = cell.values
        note = next(row["note"] for row in rows if row["move"] == verb)
        if target and verb not in first:
            first[verb] = pytest.param(verb, who, status, note, id=verb)
    return list(first.values())


def _people(who: str) -> list[str]:
    return [] if who == "the portal" else who.split(", ")


def test_every_life_of_the_app_is_written_out_here():
    assert {life.model for life in workflow.lives() if life.model._meta.app_label == "schools"} == set(LIVES)


@pytest.mark.parametrize("model", LIVES, ids=lambda model: model.__name__)
def test_the_table_has_every_move_and_every_status(model):
    check_life(model, LIVES[model])


@pytest.mark.parametrize(("model", "verb", "who", "status", "target"), _every(cells))
def test_each_move_leads_where_the_table_says_or_nowhere(model, verb, who, status, target, in_status, request):
    people = _people(who)
    by = request.getfixturevalue(people[0]) if people else None
    check_cell(in_status(model, status), verb, by, target)


@pytest.mark.parametrize(("model", "verb", "who", "status", "note"), _every(_starts))
def test_each_move_is_taken_by_those_in_the_table_only(model, verb, who, status, note, in_status, request):
    people = {name: request.getfixturevalue(name) for name in EVERYONE}
    check_who(in_status(model, status), verb, set(_people(who)), people)


@pytest.mark.parametrize(("model", "verb", "who", "status", "note"), _every(_starts))
def test_a_reason_is_asked_for_where_the_table_says(model, verb, who, status, note, in_status, request):
    people = _people(who)
    by = request.getfixturevalue(people[0]) if people else None
    check_note(in_status(model, status), verb, by, required=note == "yes")
