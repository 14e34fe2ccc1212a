"""Search: what is found by which words, by whom, and what odd input does."""

import pytest
from django.urls import reverse
from django.utils import timezone

from hscp.lib.screening import screen
from partnership.choices import PlanStatus
from partnership.engine import search
from partnership.engine.search import Search, Source, marked, tidy
from partnership.models import Action, ActionNote, HeldText
from partnership.services import screening
from tests.factories import SchoolFactory, UserFactory, open_return
from tests.markup import Markup
from tests.partnership.plans import add_objective, make_plan, put

TODAY = timezone.localdate


def make(owner, what, **fields):
    return Action.objects.create(**{type(owner).__name__.lower(): owner}, what=what, due=TODAY(), **fields)


def found(words, user, *, kind=""):
    """The titles found, as they are shown but without their marks, best first."""
    user.forget_reach()
    result = Search(words, user, kind=kind)
    return [Markup(f"<p>{hit.title}</p>").text("p") for hit in result.hits(result.places)]


def only_hit(words, user):
    result = Search(words, user)
    (hit,) = result.hits(result.places)
    return hit


def page(client, **query):
    return client.get(reverse("search"), query)


# By which words


@pytest.mark.parametrize(
    "words",
    [
        "training",
        "trained",
        "TRAIN",
        "train governors",
        "governor training",
        "the training of governors",
        "govern",
        "gov tra",
        '"train the governors"',
        "“train the governors”",
        "train -pupils",
        "nonsense or train",
    ],
)
def test_words_are_found_in_all_their_forms_and_by_how_they_begin(ursula, audit_group, words):
    make(audit_group, "Train the governors")
    make(audit_group, "Something else")
    assert found(words, ursula) == ["Train the governors"]


def test_words_in_typographic_quotes_and_dashes_are_found(ursula, audit_group):
    make(audit_group, "Ask about “Signs of safety” – and neglect…")
    assert len(found("signs safety neglect", ursula)) == 1


@pytest.mark.parametrize(
    "words", ["training pupils", "-train", '"governors train"', "rain", "train -governor", "overnors"]
)
def test_other_words_do_not_find_it(ursula, audit_group, words):
    make(audit_group, "Train the governors")
    assert "Train the governors" not in found(words, ursula)


def test_names_that_english_takes_for_fillers_are_found(ursula):
    SchoolFactory(name="Over School", town="")
    UserFactory(name="Will Don", email="w@example.org")
    assert found("over", ursula) == ["Over School"]
    assert "Will Don" in found("will don", ursula)


def test_the_title_counts_more_than_the_text(ursula, audit_group):
    make(audit_group, "Read the minutes", status="done", evidence="All about neglect", finished_on=TODAY())
    make(audit_group, "Neglect audit")
    assert found("neglect", ursula) == ["Neglect audit", "Read the minutes"]


def test_the_words_are_shown_where_they_were_found_and_marked(ursula, audit_group):
    evidence = f"{'Nothing of note. ' * 40}The governors were trained in safer recruitment. {'And so on. ' * 40}"
    make(audit_group, "Train them", status="done", evidence=evidence, finished_on=TODAY())
    hit = only_hit("training", ursula)
    assert hit.title == "<mark>Train</mark> them"
    assert "governors were <mark>trained</mark> in safer recruitment" in hit.excerpt
    assert len(hit.excerpt) < 400
    assert (hit.kind, hit.when) == ("Action", TODAY())


def test_a_school_is_found_by_its_urn_name_town_and_trust(ursula):
    school = SchoolFactory(name="St Mary’s School", urn=912345, town="Hitchin", trust_name="Lantern Trust")
    SchoolFactory(urn=912346)
    for words in ("912345", " 912345 ", "st marys hitchin", "mary", "mary’s", "mary's", "Hitch", "lantern trust"):
        assert found(words, ursula) == ["St Mary's School"], words
    assert only_hit("912345", ursula).url == school.get_absolute_url()
    assert found("91234", ursula) == []


def test_a_return_is_found_by_its_reference_in_any_case(ursula, oak_lane):
    record = open_return(oak_lane)
    for words in (record.reference, record.reference.lower()):
        result = Search(words, ursula)
        assert next(hit.url for hit in result.hits(result.places)) == record.get_absolute_url()
    assert found(record.reference.rpartition("-")[0], ursula, kind="Return") == []


def test_a_note_leads_to_its_place_on_the_page_of_the_action(ursula, audit_group, maya):
    note = ActionNote.objects.create(action=make(audit_group, "Audit"), text="Delayed by illness", by=maya)
    hit = only_hit("delays", ursula)
    assert (hit.kind, hit.title, hit.url) == ("Note on an action", "Audit", note.get_absolute_url())


# By whom


def test_nobody_finds_what_they_may_not_see(
    ursula, stella, maya, chloe, dan, pat, audit_group, health_board, oak_lane, elm_park
):
    of_group = make(audit_group, "Zebra of the group")
    make(health_board, "Zebra of the board")
    make(oak_lane.organisation, "Zebra of Oak Lane")
    make(elm_park.organisation, "Zebra of Elm Park")
    ActionNote.objects.create(action=of_group, text="A striped note", by=chloe)
    everything = {"Zebra of the group", "Zebra of the board", "Zebra of Oak Lane", "Zebra of Elm Park"}
    assert set(found("zebra", ursula, kind="Action")) == set(found("zebra", stella, kind="Action")) == everything
    assert found("zebra", maya) == ["Zebra of the group"]
    assert found("zebra", dan) == ["Zebra of Oak Lane"]
    assert found("zebra", pat) == []
    assert (len(found("striped", maya)), found("striped", dan)) == (1, [])
    assert found("elm park", dan, kind="School") == []


def test_who_leaves_a_group_finds_its_actions_no_more(maya, audit_group):
    make(audit_group, "Zebra")
    assert found("zebra", maya) == ["Zebra"]
    maya.memberships.update(ends=TODAY())
    assert found("zebra", maya) == []


def test_the_counts_do_not_betray_what_one_does_not_see(maya, audit_group, health_board):
    make(audit_group, "Zebra"), make(health_board, "Zebra")
    assert Search("zebra", maya).counts == {"Action": 1}


def test_a_text_that_waits_to_be_looked_at_is_never_found(ursula, dan, oak_lane):
    action = make(oak_lane.organisation, "Train")
    text = "Zebra crossing, 07700 900123"
    screening.hold(action, "who", text, hits=screen(text, on=TODAY()), by=dan)
    for person in (ursula, dan):
        assert found("zebra", person) == []
    assert not any(issubclass(source.model, HeldText) for source in search.sources())
    with pytest.raises(ValueError, match="must never be found"):
        search.register(Source("Held", HeldText, "text"))


def test_a_kind_is_declared_once(db):
    with pytest.raises(ValueError, match="declared twice"):
        search.register(search.sources()[0])


@pytest.mark.parametrize("source", search.sources(), ids=lambda source: source.kind)
def test_every_kind_has_fields_that_are_there_and_an_address(source, ursula):
    """The query of each kind runs for somebody who sees everything; its records can be linked to."""
    assert callable(source.model.get_absolute_url)
    result = Search("zebra", ursula, kind=source.kind)
    assert result.number == 0
    assert result._records(source, [0]) == {}


# Odd input


@pytest.mark.parametrize(
    "words",
    [
        "\0",
        "zebra\0",
        "'; drop table",
        "\\",
        "'",
        '"',
        '"zebra',
        "a & b | !c <-> d:*",
        "(((",
        "-",
        "- or or -",
        ":*",
        "!!!",
        "x" * 10_000,
        "word " * 2_000,
        "9" * 30,
        "2147483648",
        "٣٤٥",
        "²",
        "<script>alert(1)</script>",
        "日本語 ñandú 🦓",
        "%_",
        "the",
    ],
    ids=lambda words: repr(words[:20]),
)
def test_odd_input_is_never_an_error(signed_in, ursula, audit_group, words):
    make(audit_group, "Zebra")
    response = page(signed_in(ursula), q=words)
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_what_is_looked_for_is_bounded():
    assert tidy("  a \0 b\n c ") == "a b c"
    assert len(tidy("x" * 10_000)) == search.LONGEST


@pytest.mark.parametrize("hostile", ["<b>Zebra</b> & <img src=x onerror=alert(1)>", "\x02Zebra\x03 \x03<i>\x02"])
def test_html_in_what_people_typed_stays_text(signed_in, ursula, audit_group, hostile):
    make(audit_group, hostile, status="done", evidence=f"{hostile} zebra", finished_on=TODAY())
    text = page(signed_in(ursula), q="zebra").content.decode()
    hits = text[text.index("hscp-hits") :]
    assert "<mark>" in hits
    assert not any(tag in hits for tag in ("<b>", "<img", "<i>", "\x02", "\x03"))


def test_marks_are_put_around_words_and_never_break():
    assert marked("\x02a\x03 <b> \x02c") == "<mark>a</mark> &lt;b&gt; c"


# The page


def test_nothing_asked_and_nothing_found_say_what_to_do(signed_in, ursula):
    client = signed_in(ursula)
    assert "Put words in quotes" in page(client).content.decode()
    assert "Put words in quotes" in page(client, q="   ").content.decode()
    assert "Nothing was found" in page(client, q="zebra").content.decode()


def test_kinds_have_their_counts_and_narrow_what_is_shown(signed_in, ursula, audit_group):
    make(audit_group, "Zebra audit"), make(audit_group, "Zebra count")
    SchoolFactory(name="Zebra School")
    client = signed_in(ursula)
    response = page(client, q="zebra")
    assert [(tab.label, tab.number) for tab in response.context["tabs"]] == [
        ("Everything", 3),
        ("Action", 2),
        ("School", 1),
    ]
    response = page(client, q="zebra", kind="School")
    assert [str(hit.title) for hit in response.context["hits"]] == ["<mark>Zebra</mark> School"]
    assert len(page(client, q="zebra", kind="nonsense").context["hits"]) == 3
    assert "Nothing of this kind" in page(client, q="zebra audit", kind="School").content.decode()


def test_many_hits_are_leafed_through_each_once(signed_in, ursula, audit_group, monkeypatch):
    for number in range(45):
        make(audit_group, f"Zebra {number}")
    client = signed_in(ursula)
    seen = [hit.title for number in (1, 2, 3) for hit in page(client, q="zebra", page=number).context["hits"]]
    assert len(seen) == len(set(seen)) == 45
    assert page(client, q="zebra", page="99").status_code == 200
    monkeypatch.setattr(search, "MOST", 30)
    text = page(client, q="zebra", page=2).content.decode()
    assert "45 found" in text
    assert "15 more were found, but not listed" in text


def test_it_costs_one_query_for_each_kind_and_one_for_each_kind_shown(
    ursula, audit_group, django_assert_max_num_queries
):
    kinds = len(search.sources())

    def cost():
        with django_assert_max_num_queries(kinds + 4) as counted:
            result = Search("zebra", ursula)
            hits = result.hits(result.places[:20])
        assert {hit.kind for hit in hits} == {"Action", "School"}
        return len(counted)

    def add(number):
        for _ in range(number):
            make(audit_group, "Zebra"), SchoolFactory(name="Zebra School")

    add(1)
    Search("zebra", ursula)
    before = cost()
    add(9)
    assert cost() == before == kinds + 2


def test_the_box_in_the_header_leads_here_for_who_is_signed_in(client, signed_in, pat):
    assert 'id="header-search"' not in client.get(reverse("account_login")).content.decode()
    home = Markup(signed_in(pat).get(reverse("home")).content)
    assert home.one(".hscp-header__search-form").get("action") == reverse("search")
    assert home.texts("label[for=header-search]") == ["Search the portal"]
    assert 'id="header-search"' not in page(signed_in(pat)).content.decode()


def test_a_section_that_is_the_same_in_each_version_is_found_once_in_the_plan_in_force(ursula, pat):
    past, plan, draft = make_plan(1), make_plan(2), make_plan(3)
    for one in (past, plan, draft):
        one.sections.create(heading="Working together", text="As zealous as ever.")
    new = draft.sections.create(heading="Working together", text="More zealous than ever.")
    put(past, PlanStatus.SUPERSEDED)
    put(plan, PlanStatus.PUBLISHED)
    in_force = plan.sections.get(heading="Working together")

    def found(person):
        return {place.pk for place in Search("zealous", person, kind="Section of the plan").places}

    assert found(pat) == {in_force.pk}
    assert found(ursula) == {in_force.pk, new.pk}


def test_an_objective_that_goes_on_in_the_next_version_is_found_once_in_the_plan_in_force(ursula):
    past, plan, draft = make_plan(1), make_plan(2), make_plan(3)
    kept, changed = plan.objectives.get(), draft.objectives.get()
    put(past, PlanStatus.SUPERSEDED)
    put(plan, PlanStatus.PUBLISHED)
    again = add_objective(draft, priority=changed.priority, continues=kept)
    type(changed).objects.filter(pk=changed.pk).update(what="Every school knows whom to ask for help", continues=kept)
    places = Search("every school knows", ursula, kind="Objective").places
    assert {place.pk for place in places} == {kept.pk, changed.pk}
    assert again.what == kept.what
