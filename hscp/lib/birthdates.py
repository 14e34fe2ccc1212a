"""Finds the dates in a text that may be somebody's date of birth, and leaves alone those that a school writes daily.

Two rules, in this order:

1. a date straight after words such as "born" or "DOB" is a date of birth, however old the person and odd the date;
2. any other full date that would make someone 2 to 18 years old is one too, unless the nearest telling word beside it
   says that it belongs to a policy, a training day, a meeting and so on: "Policy approved 12/09/2019; minutes of
   3 March 2021". A text of nothing but dates describes nobody and is left alone.

The text is expected as ``hscp.lib.screening`` prepares it: plain digits, hyphens and spaces, with ``MASK`` over what
has been found already. Months and years without a day ("born in 2014") describe a whole class, not a child, and are
not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

MASK = "\0"
REMOVED = "[removed]"

YOUNGEST, OLDEST = 2, 18  # years: from nursery to the end of the sixth form
REACH = 80  # characters looked at on either side of a date
WORDS_BEFORE, WORDS_AFTER = 5, 3

Span = tuple[int, int]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_PATTERNS = tuple(
    # Looking ahead finds dates that overlap, so that "5/12/03/2014" cannot hide the date in its tail.
    re.compile(rf"(?<![0-9a-z])(?=(?P<all>{pattern})(?![0-9a-z]))", re.IGNORECASE)
    for pattern in (
        r"(?P<day>[0-9]{1,2})(?P<gap> ?[/.-] ?)(?P<month>[0-9]{1,2})(?P=gap)(?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{2})",
        r"(?P<day>[0-9]{2})(?P<gap>[.-])(?P<month>[0-9]{2})(?P=gap)(?P<year>[0-9]{2})",
        r"(?P<day>[0-9]{2}) (?P<month>[0-9]{2}) (?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})(?P<gap>[/.-])(?P<month>[0-9]{1,2})(?P=gap)(?P<day>[0-9]{1,2})",
        rf"{_DAY}[ ,./-]{{0,2}}(?:of )?{_MONTH}[ ,./-]{{0,2}}(?P<year>[0-9]{{4}})",
        # Two digits are a year only after a mark: "on 3 March 12 staff came" holds no year.
        rf"{_DAY}[ ./-]?{_MONTH}(?:[./-]| ')(?P<year>[0-9]{{2}})",
        rf"{_MONTH}[ .]{{1,2}}{_DAY}[ ,]{{1,2}}(?P<year>[0-9]{{4}})",
    )
)

_BIRTH_WORD = r"(?<![a-z])(?:d\.? ?o\.? ?b\.?|dates? of birth|birth ?dates?|birth ?days?|born)"
_LITTLE_WORD = r"(?:[ :;,.()='\"-]|(?:on|is|was|of|the|an?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?![a-z]))"
_BORN_BEFORE = re.compile(rf"{_BIRTH_WORD}{_LITTLE_WORD}{{0,12}}\Z", re.IGNORECASE)
_BORN_AFTER = re.compile(rf"[ (,-]{{0,3}}{_BIRTH_WORD}(?![a-z])", re.IGNORECASE)
_BORN_IN_DIGITS = re.compile(  # "DOB 12032014", "dob 1.2.14": no date anywhere else
    rf"{_BIRTH_WORD}{_LITTLE_WORD}{{0,12}}(?<![0-9])"
    r"(?P<all>[0-9]{8}|[0-9]{6}|[0-9]{1,2}(?P<gap>[ /.-])[0-9]{1,2}(?P=gap)[0-9]{2})(?![0-9a-z])",
    re.IGNORECASE,
)

_JOINT = re.compile(r"(?:[ ,;:&/()+-]|and|to|or|then){0,12}", re.IGNORECASE)
_STOP = re.compile(rf"[.!?;](?: |\Z)|{MASK}|{re.escape(REMOVED)}")
_WORD = re.compile(r"[^\W\d_]+")
_CHILD = re.compile(
    r"child|pupil|student|learner|boy|girl|son|daughter|brother|sister|sibling|birth|birthday|born|dob|aged?",
    re.IGNORECASE,
)
_OTHER_MATTER = re.compile(
    # the start of a word is enough: "approv" stands for approved, approval, approves
    r"academic|act\Z|adopt|after|agenda|agree|amend|appoint|approv|assess|attend|audit|before|began|between|board"
    r"|brief|certificat|check|committee|complet|conference|contract|council|course|dates?\Z|dated|dbs|declar|deliver"
    r"|document|drill|edition|effective|employ|event|expir|force|from|governor|governance|guidance|handbook|headteacher"
    r"|held|induct|inset|inspect|install|issu|job|joined|kcsie|launch|letter|meeting|minut|ofsted|open|polic"
    r"|procedure|protocol|publish|questionnaire|ratif|refresh|regulation|renew|report|review|revis|session|sign|since|start"
    r"|supervis|survey|term\Z|test|train|trustee|until|updat|version|visit|walk|workshop",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Date:
    start: int
    end: int
    day: date | None  # None: written like a date, but there is no such day


def find_birth_dates(text: str, *, on: date) -> list[Span]:
    """Where dates of birth stand in the text, as (start, end), in no particular order; spans may overlap.

    Ages are counted in whole years on the day ``on``. The time taken grows with the length of the text, no faster.
    """
    dates = sorted(_dates(text, on), key=lambda found: (found.start, found.end))
    spans = [match.span("all") for match in _BORN_IN_DIGITS.finditer(text)]
    spans += [(found.start, found.end) for found in dates if _is_called_a_birth(text, found)]
    if _says_more_than_dates(text, dates):
        spans += _unexplained(text, dates, on)
    return spans


def _dates(text: str, on: date) -> Iterator[_Date]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield _Date(*match.span("all"), _day(match, on))


def _day(match: re.Match[str], on: date) -> date | None:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    try:
        return date(_full_year(match["year"], on), number, int(match["day"]))
    except ValueError:
        return None


def _full_year(digits: str, on: date) -> int:
    """The year meant: two digits are the latest such year that is not in the future."""
    year = int(digits)
    if len(digits) == 4:
        return year
    century = on.year - on.year % 100
    return century + year if century + year <= on.year else century - 100 + year


def _is_called_a_birth(text: str, found: _Date) -> bool:
    before = text[max(0, found.start - REACH) : found.start]
    return bool(_BORN_BEFORE.search(before) or _BORN_AFTER.match(text, found.end))


def _says_more_than_dates(text: str, dates: list[_Date]) -> bool:
    """Whether anything but dates, figures and punctuation is written: a list of dates alone describes nobody."""
    end = 0
    for found in dates:
        if _has_words(text, end, found.start):
            return True
        end = max(end, found.end)
    return _has_words(text, end, len(text))


def _has_words(text: str, start: int, end: int) -> bool:
    return start < end and bool(_WORD.search(text, start, end) or text.find(MASK, start, end) >= 0)


def _unexplained(text: str, dates: list[_Date], on: date) -> Iterator[Span]:
    """The dates at which someone of school age could be born and which nothing beside them explains."""
    clusters = list(_clusters(text, dates))
    ends = [0, *(max(found.end for found in cluster) for cluster in clusters)]
    starts = [*(cluster[0].start for cluster in clusters), len(text)]
    for number, cluster in enumerate(clusters):
        before = _words_before(text, starts[number], ends[number])
        after = _words_after(text, ends[number + 1], starts[number + 1])
        if _may_be_about_a_child(before, after):
            yield from ((found.start, found.end) for found in cluster if _is_school_age(found.day, on))


def _clusters(text: str, dates: list[_Date]) -> Iterator[list[_Date]]:
    """Dates strung together ("3 March, 5 July and 1 December 2021") share the words that explain them."""
    cluster = dates[:1]
    end = cluster[0].end if cluster else 0
    for _, found in pairwise(dates):
        if found.start > end and not _JOINT.fullmatch(text, end, found.start):
            yield cluster
            cluster = []
        cluster.append(found)
        end = max(end, found.end)
    if cluster:
        yield cluster


def _words_before(text: str, start: int, floor: int) -> list[str]:
    """The last words before ``start`` in its sentence, nearest first."""
    heading = text[max(floor, start - REACH) : start].rstrip(" .;")  # "Minutes. 12/09/2019" is one thought
    piece = _STOP.split(heading)[-1]
    return _WORD.findall(piece)[: -WORDS_BEFORE - 1 : -1]


def _words_after(text: str, end: int, ceiling: int) -> list[str]:
    """The next words after ``end`` in its sentence, nearest first."""
    piece = _STOP.split(text[end : min(ceiling, end + REACH)])[0]
    return _WORD.findall(piece)[:WORDS_AFTER]


def _may_be_about_a_child(before: list[str], after: list[str]) -> bool:
    """What the nearest telling word says, those before the date first; nothing telling leaves the doubt."""
    for word in [*before, *after]:
        if _OTHER_MATTER.match(word):
            return False
        if _CHILD.fullmatch(word):
            return True
    return True


def _is_school_age(day: date | None, on: date) -> bool:
    if day is None:
        return False
    age = on.year - day.year - ((on.month, on.day) < (day.month, day.day))
    return YOUNGEST <= age <= OLDEST
