"""Themes: at most three a year and one at a time; their page; what is read about them, and sessions for schools."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from learninghubs import themes
from learninghubs.models import LearningHub, SchoolSession, Theme, ThemeResource
from learninghubs.services import themes as services
from partnership.choices import GroupKind
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.priorities import gathered
from partnership.engine.workflow import TooLate
from partnership.services import parts
from tests.factories import ForumFactory, GroupFactory, PriorityFactory, SuggestionFactory, ThemeFactory

LIST = reverse("learninghubs:themes")
ADD = reverse("learninghubs:add_theme")


def page(name, theme, *more):
    return reverse(f"learninghubs:{name}", args=[theme.slug, *more])


def day(name, when):
    return {f"{name}_day": when.day, f"{name}_month": when.month, f"{name}_year": when.year}


def made(by, number=1, starts=date(2026, 9, 1), ends=date(2026, 12, 18), **fields):
    said = {"title": "Gangs and knife crime", "purpose": "Why", "lead": None, "serves": None} | fields
    return services.add_theme(by=by, number=number, starts=starts, ends=ends, **said)


def refused(*args, **fields):
    with pytest.raises(ValidationError) as caught:
        made(*args, **fields)
    return {name: messages[0] for name, messages in caught.value.message_dict.items()}


# --- At most three a year, one at a time ------------------------------------------------------------------------------


def test_a_theme_belongs_to_the_academic_year_in_which_it_starts(ursula):
    theme = made(ursula)
    assert (theme.year_label, theme.slug) == ("2026-27", "gangs-and-knife-crime")
    again = made(ursula, starts=date(2027, 9, 1), ends=date(2027, 12, 1))
    assert (again.year_label, again.slug) == ("2027-28", "gangs-and-knife-crime-2")
    assert made(ursula, 2, starts=date(2027, 12, 2), ends=date(2028, 1, 2), title="Add").slug == "add-2"
    assert [year for year, _ in themes.by_year()] == ["2027-28", "2026-27"]


def test_a_year_has_three_themes_and_no_fourth(ursula):
    for number, month in ((1, 9), (2, 10), (3, 11)):
        made(ursula, number, starts=date(2026, month, 1), ends=date(2026, month, 28), title=f"Theme {number}")
    said = refused(ursula, 1, starts=date(2027, 1, 1), ends=date(2027, 2, 1))
    assert said["starts"].startswith("2026-27 has its 3 themes already")
    for number in (3, 4):
        with pytest.raises(IntegrityError), transaction.atomic():
            ThemeFactory(academic_year=2026, number=number)


@pytest.mark.parametrize(
    ("days", "field", "sentence"),
    [
        ({"starts": date(2027, 5, 1), "ends": date(2027, 9, 1)}, "ends", "enter a day up to 31 August 2027"),
        ({"starts": date(2027, 5, 1), "ends": date(2027, 5, 1)}, "ends", "must be after the first day"),
        ({"starts": date(2026, 12, 18), "ends": date(2027, 2, 1)}, "starts", "is on from 1 September 2026"),
        (
            {"number": 1, "starts": date(2027, 1, 1), "ends": date(2027, 2, 1)},
            "number",
            "is the first theme of 2026-27",
        ),
    ],
)
def test_days_and_places_that_do_not_fit_are_refused_in_a_sentence(ursula, days, field, sentence):
    made(ursula)
    assert sentence in refused(ursula, **{"number": 2} | days)[field]


def test_a_theme_is_changed_by_one_person_at_a_time_and_its_address_stays(ursula):
    theme = made(ursula)
    loaded = parts.loaded_from(theme)
    said = {"number": 1, "starts": theme.starts, "ends": theme.ends, "purpose": "Why", "lead": None, "serves": None}
    changed = services.edit_theme(theme, by=ursula, loaded=loaded, title="Knives", **said)
    assert (changed.title, changed.slug) == ("Knives", "gangs-and-knife-crime")
    with pytest.raises(ChangedMeanwhile):
        services.edit_theme(theme, by=ursula, loaded=loaded, title="Gangs", **said)


def test_only_the_business_unit_changes_themes(ursula, ben, stella):
    theme = made(ursula)
    for by in (ben, stella):
        with pytest.raises(PermissionDenied):
            made(by)
        with pytest.raises(PermissionDenied):
            services.add_resource(theme, by=by, title="Read", url="https://example.org", about="")


# --- What is read, and sessions ---------------------------------------------------------------------------------------


def test_resources_keep_their_order_and_a_number_in_an_address_is_nobodys(ursula):
    theme = made(ursula)
    for title in ("First", "Second"):
        services.add_resource(theme, by=ursula, title=title, url="https://example.org/9434765919", about="")
    assert [one.title for one in theme.resources.all()] == ["First", "Second"]
    with pytest.raises(ValidationError):
        services.add_resource(theme, by=ursula, title="Third", url="https://example.org", about="NHS 943 476 5919")
    first = theme.resources.get(title="First")
    services.remove_part(first, by=ursula)
    with pytest.raises(TooLate):
        services.remove_part(first, by=ursula)
    with pytest.raises(TooLate):
        services.edit_part(first, by=ursula, loaded="", title="First", url="https://example.org", about="")


def test_a_session_has_a_place_or_a_link_and_ends_after_it_starts(ursula):
    theme, start = made(ursula), timezone.now()
    said = {"title": "Twilight", "about": "", "place": "Stevenage", "link": ""}
    with pytest.raises(ValidationError) as caught:
        services.add_session(theme, by=ursula, starts_at=start, ends_at=start, **said)
    assert "ends" in caught.value.message_dict
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    with pytest.raises(ValidationError) as caught:
        services.add_session(theme, by=ursula, **times, **said | {"place": ""})
    assert "place" in caught.value.message_dict
    assert services.add_session(theme, by=ursula, **times, **said).get_absolute_url().startswith(page("theme", theme))


# --- The pages --------------------------------------------------------------------------------------------------------


def test_everybody_reads_a_theme_and_who_leads_it_is_for_those_who_are_signed_in(client, signed_in, ursula, pat, hub):
    theme = made(ursula, lead=pat, serves=PriorityFactory(name="Serious violence"))
    ThemeResource.objects.create(theme=theme, title="County lines", url="https://example.org")
    SchoolSession.objects.create(
        theme=theme, title="Twilight", starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1)
    )
    ForumFactory(hub=hub, theme=theme)
    SuggestionFactory(hub=hub, theme=theme, author__person=pat, title="Ring back")
    public = client.get(page("theme", theme)).content.decode()
    for part in ("First theme of 2026-27", "Serious violence", "County lines", "Twilight", str(hub)):
        assert part in public
    for part in ("Pat Practitioner", "Ring back", page("edit_theme", theme)):
        assert part not in public
    own = signed_in(pat).get(page("theme", theme)).content.decode()
    assert "Pat Practitioner" in own
    assert "Ring back" in own
    assert page("edit_theme", theme) not in own


def test_pages_cost_the_same_with_more(signed_in, ursula, hub, django_assert_max_num_queries):
    theme = ThemeFactory(serves=PriorityFactory())

    def fill(times):
        for n in range(times):
            other = LearningHub.objects.create(group=GroupFactory(kind=GroupKind.HUB), reports_to=hub.reports_to)
            ForumFactory(hub=other, theme=theme)
            SuggestionFactory(hub=other, theme=theme)
            ThemeResource.objects.create(theme=theme, title=f"Read {n}", url="https://example.org")
            ThemeFactory(academic_year=1990 + Theme.objects.count(), number=1)

    def cost(url):
        with django_assert_max_num_queries(30) as queries:
            client.get(url)
        return len(queries)

    client, urls = signed_in(ursula), (LIST, page("theme", theme), theme.serves.get_absolute_url())
    fill(1)
    for url in urls:
        client.get(url)
    before = [cost(url) for url in urls]
    fill(4)
    assert [cost(url) for url in urls] == before


def test_a_theme_is_added_and_changed_on_pages_and_nothing_typed_is_lost(signed_in, ursula, pat):
    client = signed_in(ursula)
    starts, ends = date(2026, 9, 1), date(2026, 12, 18)
    typed = {"title": "Gangs", "purpose": "Why we look", "number": 2, "lead": "nobody@example.org"}
    typed |= day("starts", starts) | day("ends", ends)
    refused = client.post(ADD, typed).content.decode()
    assert "No open account has the name or address" in refused
    assert "Why we look" in refused
    shown = client.post(ADD, typed | {"lead": pat.email}, follow=True).content.decode()
    assert "Second theme of 2026-27" in shown
    theme = Theme.objects.get()
    assert theme.lead == pat
    loaded = parts.loaded_from(theme)
    again = typed | {"lead": "", "loaded": loaded, "title": "Knives"}
    client.post(page("edit_theme", theme), again)
    second = client.post(page("edit_theme", theme), again | {"lead": pat.email, "title": "Both"}).content.decode()
    for part in ("What is saved now", "Knives", "Nothing", 'value="Both"'):
        assert part in second
    assert client.get(reverse("history", args=["learninghubs", "theme", theme.pk])).status_code == 200


def test_resources_and_sessions_are_added_changed_and_removed_on_pages(signed_in, ursula):
    client, theme = signed_in(ursula), ThemeFactory()
    resource = {"title": "County lines", "url": "example.org/lines", "about": "Read it"}
    client.post(page("add_theme_part", theme, "resources"), resource)
    assert theme.resources.get().url == "https://example.org/lines"
    session = {"title": "Twilight", "starts": "16:00", "ends": "17.30", "place": "Stevenage"}
    session |= day("day", date(2026, 11, 24))
    wrong = client.post(page("add_theme_part", theme, "sessions"), session | {"ends": "4pm"}).content.decode()
    assert "The end must be after the start" in wrong
    client.post(page("add_theme_part", theme, "sessions"), session)
    made = theme.sessions.get()
    assert timezone.localtime(made.ends_at).strftime("%H:%M") == "17:30"
    edit = page("edit_theme_part", theme, "sessions", made.pk)
    loaded = parts.loaded_from(made)
    client.post(edit, session | {"loaded": loaded, "place": "Watford"})
    second = client.post(edit, session | {"loaded": loaded, "place": "Hertford", "starts": "15:00"}).content.decode()
    for part in ("What is saved now", "Watford", "16:00"):
        assert part in second
    client.post(page("remove_theme_part", theme, "sessions", made.pk))
    assert not theme.sessions.exists()
    assert client.get(edit).status_code == 404
    other = ThemeFactory()
    assert client.get(page("edit_theme_part", other, "resources", theme.resources.get().pk)).status_code == 404


# --- What is done about a priority, and what is found -----------------------------------------------------------------


def test_a_priority_shows_its_themes_and_the_suggestions_that_one_may_read(ursula, pat, hub):
    theme = ThemeFactory(title="Knives", serves=PriorityFactory())
    SuggestionFactory(hub=hub, theme=theme, title="Ring back", author__person=pat)
    SuggestionFactory(hub=hub, theme=theme, status="unconfirmed", title="Not yet")

    def titles(user):
        return {kind.heading: [entry.title for entry in entries] for kind, entries in gathered(theme.serves, user)}

    themes_only = {"Themes of the learning hubs": ["Knives"]}
    assert titles(None) == themes_only
    assert titles(ursula) == titles(pat) == themes_only | {"Suggestions of practitioners": ["Ring back"]}


@pytest.mark.parametrize(("who", "found"), [("pat", False), ("ben", True), ("bella", False), ("stella", True)])
def test_search_finds_hubs_themes_and_sessions_for_all_and_suggestions_for_who_may_see_them(
    request, signed_in, hub, other_hub, ursula, who, found
):
    theme = made(ursula, title="Knives and wellbeing", purpose="About knives")
    start = timezone.now()
    SchoolSession.objects.create(theme=theme, title="Knives at school", starts_at=start, ends_at=start + timedelta(1))
    SuggestionFactory(hub=hub, reference="S-2026-0041", title="Talk about knives")
    client = signed_in(request.getfixturevalue(who))
    read = client.get(reverse("search"), {"q": "knives"}).content.decode()
    assert f'href="{page("theme", theme)}"' in read
    assert "#session-" in read
    assert ("S-2026-0041" in read) == found
    assert hub.get_absolute_url() in client.get(reverse("search"), {"q": "Stevenage"}).content.decode()
