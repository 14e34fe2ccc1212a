"""The parts that pages are put together from: tags, charts, lists, tables, summaries."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.core.paginator import Paginator
from django.db.models import TextChoices
from django.template import Context, Template
from django.template.loader import render_to_string

from hscp.lib.status import RAG, STATUS_COLOURS, colour_of
from tests.markup import Markup


def part(name, request=None, **context):
    return Markup(render_to_string(f"partials/{name}.html", context, request))


def drawn(template, **context):
    return Markup(Template(template).render(Context(context)))


# --- Statuses and ratings --------------------------------------------------------------------------------------------


def statuses():
    for module in ("partnership.choices", "schools.choices"):
        for kind in vars(import_module(module)).values():
            is_status = isinstance(kind, type) and issubclass(kind, TextChoices) and kind is not TextChoices
            if is_status and kind.__name__.endswith(("Status", "State", "ChangeKind")):
                yield from kind.values


@pytest.mark.parametrize("status", sorted(set(statuses())))
def test_every_status_of_a_record_has_a_colour(status):
    assert status in STATUS_COLOURS


def test_a_status_without_a_meaning_of_its_own_is_grey():
    assert colour_of("something new") == "grey"


def test_a_status_is_a_tag_with_its_words():
    tag = drawn('{% status_tag "with_head" "With the head" %}').one("strong")
    assert (tag.get("class"), tag.text) == ("govuk-tag govuk-tag--purple", "With the head")


def test_a_status_without_words_gives_its_own_name():
    assert drawn('{% status_tag "not_started" %}').text("strong") == "Not started"


def test_the_words_of_a_status_are_escaped():
    assert not drawn("{% status_tag 'open' words %}", words="<b>Open</b>").all("b")


@pytest.mark.parametrize("rating", RAG)
def test_a_rating_is_a_colour_with_its_word(rating):
    tag = drawn("{% rag_tag rating %}", rating=rating).one(f".hscp-rag--{rating}")
    assert tag.text == RAG[rating].label


def test_no_rating_no_tag():
    assert Template("{% rag_tag rating %}").render(Context({"rating": None})) == ""


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("rating", RAG.values(), ids=lambda rating: rating.name)
def test_charts_keep_the_contrast_that_the_guidelines_ask_for(rating):
    assert contrast(rating.fill, "#ffffff") >= 3
    assert contrast(rating.fill, rating.ink) >= 4.5


# --- Stacked bars ----------------------------------------------------------------------------------------------------

SHARES = [("green", 62.5), ("amber", 25), ("red", 12.5), ("na", 0)]


@pytest.fixture
def bar():
    return drawn("{% stacked_bar shares 'Leadership' %}", shares=SHARES)


def test_a_stacked_bar_says_in_words_what_it_shows(bar):
    assert bar.one("svg").get("role") == "img"
    assert bar.text("svg title") == "Leadership: Green 62.5%, Amber 25%, Red 12.5%, Not applicable 0%"


def test_its_parts_follow_on_each_other_and_empty_ones_are_left_out(bar):
    parts = [(rect.get("x"), rect.get("width"), rect.get("fill")) for rect in bar.all("rect")]
    assert parts == [
        ("0.0%", "62.5%", RAG["green"].fill),
        ("62.5%", "25.0%", RAG["amber"].fill),
        ("87.5%", "12.5%", RAG["red"].fill),
    ]


def test_narrow_parts_carry_no_number():
    bar = drawn("{% stacked_bar shares %}", shares=[("green", 92), ("red", 8)])
    assert bar.texts("text") == ["92%"]


def test_a_bar_of_nothing_says_so():
    assert drawn("{% stacked_bar shares 'Training' %}", shares=[]).text("title") == "Training: no answers yet"


def test_an_unknown_rating_fails_loudly():
    with pytest.raises(KeyError):
        drawn("{% stacked_bar shares %}", shares=[("blue", 100)])


def test_the_key_names_every_colour():
    assert drawn("{% rag_key %}").texts("li") == ["Green", "Amber", "Red", "Not applicable"]


# --- Lists -----------------------------------------------------------------------------------------------------------


def pagination(rf, query="", page=3, count=100):
    request = rf.get(f"/schools/{query}")
    return part("pagination", request, page_obj=Paginator(range(count), 10).page(page))


def test_pages_keep_the_filters_and_change_only_the_page(rf):
    links = pagination(rf, "?phase=Primary&q=oak+lane&page=3")
    assert links.one("[rel=next]").get("href") == "?phase=Primary&q=oak+lane&page=4"
    assert links.one("[rel=prev]").get("href") == "?phase=Primary&q=oak+lane&page=2"


def test_the_present_page_is_marked_and_distant_ones_are_left_out(rf):
    links = pagination(rf, page=5)
    assert links.text("[aria-current=page]") == "5"
    assert links.texts(".govuk-pagination__item") == ["1", "⋯", "4", "5", "6", "⋯", "10"]


@pytest.mark.parametrize(("page", "missing"), [(1, "prev"), (10, "next")])
def test_the_first_and_the_last_page_lead_only_one_way(rf, page, missing):
    assert not pagination(rf, page=page).all(f"[rel={missing}]")


def test_a_single_page_needs_no_pagination(rf):
    assert not pagination(rf, page=1, count=7).all("nav")


@pytest.mark.parametrize(
    ("query", "order", "link"),
    [
        ("", "ascending", "?sort=-name"),
        ("?sort=name&q=oak&page=4", "ascending", "?sort=-name&q=oak"),
        ("?sort=-name", "descending", "?sort=name"),
        ("?sort=urn", "none", "?sort=name"),
    ],
)
def test_a_column_says_how_it_is_sorted_and_sorts_the_other_way(rf, query, order, link):
    template = Template('<table><tr>{% sort_header "name" "School" default="name" %}</tr></table>')
    heading = Markup(template.render(Context({"request": rf.get(f"/{query}")})))
    assert heading.one("th").get("aria-sort") == order
    assert heading.one("th").get("scope") == "col"
    assert heading.one("a").get("href") == link


def test_a_wide_table_scrolls_in_a_frame_that_the_keyboard_reaches():
    frame = drawn('{% scrollable "All schools" %}<table><tr><td>1</td></tr></table>{% endscrollable %}').one("div")
    assert (frame.get("role"), frame.get("tabindex"), frame.get("aria-label")) == ("region", "0", "All schools")
    assert frame.find(".//td").text == "1"


def test_an_empty_list_says_what_to_do():
    state = part(
        "empty_state", heading="No actions", text="They come from weak answers.", url="/r/", action="The return"
    )
    assert "They come from weak answers." in state.texts("p")
    assert state.one("a").get("href") == "/r/"


# --- Summaries, tasks, history ---------------------------------------------------------------------------------------


def test_a_summary_has_a_change_link_that_says_of_what():
    summary = part("summary_list", rows=[{"key": "Headteacher", "value": "Amira", "url": "/change/"}])
    assert summary.text("dd a") == "Change Headteacher"
    assert summary.text(".govuk-visually-hidden") == "Headteacher"


def test_a_summary_tells_nothing_from_nought():
    summary = part("summary_list", rows=[{"key": "Staff", "value": 0}, {"key": "Chair", "value": ""}])
    assert summary.texts("dd") == ["0", "Not provided"]


def test_a_task_is_a_link_described_by_its_hint_and_status():
    tasks = [
        {"title": "Training", "url": "/2/", "hint": "8 questions", "status": "In progress", "colour": "light-blue"},
        {"title": "Send", "status": "Cannot start yet"},
    ]
    task_list = part("task_list", tasks=tasks)
    assert task_list.one("a").get("aria-describedby") == "task-1-hint task-1-status"
    assert task_list.text("#task-1-status .govuk-tag--light-blue") == "In progress"
    assert task_list.text("#task-2-status.govuk-task-list__status--cannot-start-yet") == "Cannot start yet"


def test_the_history_reads_newest_first_with_what_changed():
    change = {"field": "Status", "was": "", "became": "Closed"}
    event = {
        "at": datetime(2025, 11, 20, 14, 5, tzinfo=UTC),
        "by": "Ursula Unit",
        "what": "School",
        "changes": [change],
    }
    history = part("timeline", entries=[event])
    assert history.text("time") == "20 November 2025, 14:05"
    assert history.text("del") == "from empty"
    assert history.text("ins") == "to Closed"


def test_messages_are_banners_and_success_is_green(rf):
    class Message(str):
        level_tag = "success"

    banner = part("messages", messages=[Message("Return accepted")])
    assert banner.one(".govuk-notification-banner--success").get("role") == "alert"
    assert banner.text("h2") == "Success"
    assert banner.text("p") == "Return accepted"
