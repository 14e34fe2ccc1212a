"""The letter: what each reader gets, in words that every mail program can show."""

import re
from email import policy
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from html.parser import HTMLParser
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learninghubs import letters
from learninghubs.choices import Answer, ItemKind
from learninghubs.issues import HEADINGS
from learninghubs.letters import Letter
from learninghubs.models import Subscriber
from learninghubs.services import issues as services
from tests.factories import ForumFactory, IssueFactory, SubscriberFactory, ThemeFactory
from tests.learninghubs.newsletters import REASON, make_answer, make_everything, make_session

NOBODY = frozenset()


@pytest.fixture(autouse=True)
def pages_of_the_readers(monkeypatch):
    """Addresses that need nothing but the reader, so that the letter is tested by itself."""
    monkeypatch.setattr(letters, "preferences_url", lambda reader: f"https://portal.example/p/{reader.pk}?a=1&b=2")
    monkeypatch.setattr(letters, "unsubscribe_url", lambda reader: f"https://portal.example/u/{reader.pk}")


@pytest.fixture
def reader(hub):
    return SubscriberFactory(hubs=[hub])


@pytest.fixture
def issue(hub):
    make_everything(hub)
    return services.draft_issue(hub, on=timezone.localdate())


class Tags(HTMLParser):
    """The tags of a letter with their attributes, and the words of its headings."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.headings, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h\d", tag):
            self.inside = tag
            self.headings.append([tag, ""])

    def handle_endtag(self, tag):
        self.inside = None if tag == self.inside else self.inside

    def handle_data(self, data):
        if self.inside:
            self.headings[-1][1] += data.strip()

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def own_of(issue) -> frozenset[int]:
    return frozenset(issue.items.exclude(response=None).values_list("response", flat=True))


# What it says


def test_both_parts_say_the_same_in_the_same_order(issue, reader):
    words = Letter(issue).to(reader, own=NOBODY)
    titles = [item.title for item in issue.items.all()]
    for text in (words.text, words.html):
        places = [text.rindex(title) if title == "Gangs and knife crime" else text.index(title) for title in titles]
        assert places[0] < places[1] < places[-1]
        assert REASON in " ".join(text.split())
        assert "Strategic Safeguarding Board" in text


def test_headings_go_from_the_title_to_kinds_to_items(issue, reader):
    found = Tags(Letter(issue).to(reader, own=NOBODY).html).headings
    assert found[0] == ["h1", issue.title]
    assert [words for level, words in found if level == "h2"] == [HEADINGS[kind] for kind in list(ItemKind)[:5]]
    assert all(level in ("h1", "h2", "h3") for level, _ in found)


def test_who_asked_reads_the_answer_first_and_once(issue, reader):
    letter = Letter(issue)
    words = letter.to(reader, own=own_of(issue))
    assert words.subject == f"The Board has answered your suggestion: {issue.title}"
    for text in (words.text, words.html):
        assert text.count("Feedback after a referral") == 1
        assert (
            text.lower().index("you asked") < text.index("Feedback after a referral") < text.index("Hearing the child")
        )
    assert "You asked" not in letter.to(reader, own=NOBODY).html.replace("You asked, the Board", "")


def test_an_answer_to_somebody_else_makes_the_letter_no_more_personal(issue, reader):
    assert Letter(issue).to(reader, own=frozenset([999_999])).subject == issue.title


def test_what_its_author_does_not_share_goes_to_its_authors_alone(hub, reader):
    response = make_answer(hub, title="A quiet matter", may_be_shared=False)
    ForumFactory(hub=hub)
    letter = Letter(services.draft_issue(hub, on=timezone.localdate()))
    assert "A quiet matter" not in "".join(letter.to(reader, own=NOBODY).html + letter.to(reader, own=NOBODY).text)
    assert "A quiet matter" in letter.to(reader, own=frozenset([response.pk])).text


def test_what_is_left_out_goes_to_nobody_not_even_to_who_asked(issue, reader, ursula):
    answer = issue.items.get(kind=ItemKind.ANSWER)
    services.leave_out(answer, by=ursula, because="Later")
    words = Letter(issue).to(reader, own=frozenset([answer.response_id]))
    assert answer.title not in words.html + words.text


def test_a_reader_of_some_themes_gets_these_the_answers_and_what_is_on_none(hub, issue, reader, ursula):
    other = ThemeFactory(title="Neglect")
    make_session(other, title="Twilight on neglect")
    services.take_in(issue, by=ursula)
    services.add_news(issue, by=ursula, title="For all", text="News", url="", theme=None)
    reader.themes.add(other)
    words = Letter(issue).to(reader, own=NOBODY)
    for text in (words.text, words.html):
        assert "Twilight on neglect" in text
        assert "For all" in text
        assert "Feedback after a referral" in text
        assert "Hearing the child" not in text
        assert "You chose some themes" in text


def test_a_reader_of_everything_is_not_told_of_more(issue, reader):
    assert "You chose some themes" not in Letter(issue).to(reader, own=NOBODY).html


def test_a_forum_that_was_cancelled_after_the_issue_was_approved_is_called_so(issue, reader):
    forum = issue.items.get(kind=ItemKind.COMING).forum
    forum.status = "cancelled"
    forum.save()
    text = Letter(issue).to(reader, own=NOBODY).text
    assert "This forum has been cancelled" in text
    assert "Book a place" not in text


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_is_named_in_both_parts(hub, reader, answer):
    make_answer(hub, answer)
    words = Letter(services.draft_issue(hub, on=timezone.localdate())).to(reader, own=NOBODY)
    assert f">{answer.label}<" in words.html
    assert f"The Board’s answer: {answer.label}" in words.text


# How it is built


def test_every_style_stands_at_its_element_and_only_what_depends_on_the_screen_in_the_head(issue, reader):
    html = Letter(issue).to(reader, own=NOBODY).html
    head = html[: html.index("<body")]
    assert "@media (prefers-color-scheme: dark)" in head
    assert "font-family" not in head
    tags = Tags(html)
    assert all("style" in attributes for name in ("td", "p", "h1", "h2", "h3") for attributes in tags.all(name))
    assert {"name": "color-scheme", "content": "light dark"} in tags.all("meta")
    assert tags.all("html")[0]["lang"] == "en"
    assert all(table.get("role") == "presentation" for table in tags.all("table"))


def test_nothing_is_fetched_counted_or_run(issue, reader):
    html = Letter(issue).to(reader, own=own_of(issue)).html
    assert not re.search(r"<(img|script|link|iframe|form|input|object|video)\b|url\(|@import|@font-face", html)
    assert all(attributes["href"].startswith(("http", "mailto:")) for attributes in Tags(html).all("a"))


def test_what_people_typed_is_shown_as_text(hub, reader):
    issue = IssueFactory(hub=hub, title="<script>alert(1)</script> & more", intro="<b>bold</b>")
    url = 'https://example.org/?a=1&b="><i>'
    issue.items.create(kind=ItemKind.NEWS, title="<!--end--> </td></table>", text="<img src=x>", url=url)
    html = Letter(issue).to(reader, own=NOBODY).html
    assert not {"script", "b", "i", "img"} & {tag for tag, _ in Tags(html).tags}
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert "&lt;!--end--&gt; &lt;/td&gt;&lt;/table&gt;" in html
    assert html.count("</html>") == 1


def test_the_links_of_a_reader_are_theirs_and_no_mark_is_left(issue, reader, hub):
    letter, other = Letter(issue), SubscriberFactory(hubs=[hub])
    for one in (reader, other):
        words = letter.to(one, own=NOBODY)
        for text in (words.text, words.html.replace("&amp;", "&")):
            assert f"https://portal.example/p/{one.pk}?a=1&b=2" in text
            assert f"https://portal.example/u/{one.pk}" in text
            assert ".invalid" not in text
            assert letter._token not in text
    assert f"/u/{reader.pk}" not in letter.to(other, own=NOBODY).html


def test_plain_text_has_short_lines_and_whole_addresses(issue, reader, ursula):
    url = "https://example.org/" + "long/" * 30
    services.add_news(
        issue, by=ursula, title="Tool", text="- one point " * 3 + "\n- " + "word " * 40, url=url, theme=None
    )
    text = Letter(issue).to(reader, own=NOBODY).text
    assert url in text
    assert all(len(line) <= letters.LINE for line in text.splitlines() if "http" not in line)
    assert "\n\n\n" not in text
    assert "&amp;" not in text
    assert not re.search(r"<[a-z!/]", text)


def test_both_parts_go_through_a_mail_message_unharmed(issue, reader):
    words = Letter(issue).to(reader, own=NOBODY)
    message = MIMEMultipart("alternative")
    message.attach(MIMEText(words.text, "plain", "utf-8"))
    message.attach(MIMEText(words.html, "html", "utf-8"))
    parsed = BytesParser(policy=policy.default).parsebytes(message.as_bytes())
    assert parsed.get_body(("plain",)).get_content() == words.text
    assert parsed.get_body(("html",)).get_content() == words.html


def test_a_letter_costs_one_query_and_a_reader_none(issue, hub):
    SubscriberFactory.create_batch(3, hubs=[hub])
    readers = list(Subscriber.objects.prefetch_related("themes"))
    issue = type(issue).objects.select_related("hub__group").get(pk=issue.pk)
    with CaptureQueriesContext(connection) as queries:
        letter = Letter(issue)
        for one in readers:
            letter.to(one, own=NOBODY)
    assert len(queries) == 1


def test_a_thousand_readers_take_no_time_worth_the_name(issue):
    letter, links = Letter(issue), {"preferences": "https://a.example", "unsubscribe": "https://b.example"}
    started = perf_counter()
    for _ in range(1000):
        letter.compose(themes=NOBODY, own=NOBODY, **links)
    assert perf_counter() - started < 2  # seconds; it takes a tenth of that
