"""Screens free text for what could identify a child or a family, before anybody else reads it.

The portal holds no child's data, so every free text is screened on the server: NHS numbers and unique pupil numbers (by
their check characters), dates of birth, postcodes, telephone numbers and e-mail addresses. A name cannot be told from
any other word and is not looked for; the notice beside each box asks people to leave names out.

The text is first made plain (``_Plain``): digits of any script, dashes of any length, no-break spaces, full-width
letters and invisible characters are what a person pasting from a pupil record brings along. A pattern looks only at
the characters that touch its match, so that taking one thing out never uncovers another. The time taken grows with
the length of the text, no faster.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Self

from hscp.lib.birthdates import MASK, REMOVED, find_birth_dates

MAX_LENGTH = 100_000  # characters


class Kind(StrEnum):
    """What a piece of text looks like."""

    NHS_NUMBER = "nhs_number"
    PUPIL_NUMBER = "pupil_number"
    DATE_OF_BIRTH = "date_of_birth"
    POSTCODE = "postcode"
    PHONE = "phone"
    EMAIL = "email"

    @property
    def explanation(self) -> str:
        """What was found and what to do about it, in words for the person who wrote the text."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Kind.NHS_NUMBER: (
        "This looks like an NHS number: ten digits, and the last one checks out. Take it out; describe the situation "
        "without pointing to a child."
    ),
    Kind.PUPIL_NUMBER: (
        "This looks like a unique pupil number (UPN): its check letter is right. Take it out; describe the situation "
        "without pointing to a child."
    ),
    Kind.DATE_OF_BIRTH: (
        "This looks like a date of birth. Take it out, or write an age group instead. If it is the date of something "
        "else, say of what, for example “policy approved on …”."
    ),
    Kind.POSTCODE: "This looks like a postcode. Take it out, or name the district or town instead.",
    Kind.PHONE: "This looks like somebody’s telephone number. Take it out; say whose role it is instead.",
    Kind.EMAIL: "This looks like an e-mail address. Take it out; say whose role it is instead.",
}


@dataclass(frozen=True)
class Hit:
    """A piece of a text that could identify somebody: ``original[start:end] == text``."""

    kind: Kind
    start: int
    end: int
    text: str


def screen(text: str, *, on: date, allowed: Collection[str] = ()) -> tuple[Hit, ...]:
    """What in the text could identify a child or a family: from left to right, never overlapping.

    ``on`` is the day by which ages are counted. ``allowed`` are things that may be written, such as the school's own
    postcode and telephone number; spacing, case and "+44" make no difference to them.
    Raises ``ValueError`` for a text of more than 100,000 characters: limit the field, so that nothing goes unscreened.
    Source: the partnership's privacy rule that no free text names or describes a child.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"A text of more than {MAX_LENGTH:,} characters cannot be screened")
    plain = _Plain.of(text)
    may_stay = {key for item in allowed for key in _keys(_Plain.of(item).text)}
    found = [piece for piece in _fixed_forms(plain.text) if may_stay.isdisjoint(_keys(plain.cut(piece)))]
    masked = _mask(plain.text, found)
    found += [_Piece(Kind.DATE_OF_BIRTH, *span) for span in find_birth_dates(masked, on=on)]
    return tuple(plain.hit(piece, text) for piece in _merged(found))


def redact(text: str, hits: Iterable[Hit]) -> str:
    """The text with "[removed]" in place of each hit that ``screen`` found in it."""
    kept, end = [], 0
    for hit in sorted(hits, key=lambda hit: hit.start):
        kept += [text[end : hit.start], REMOVED]
        end = hit.end
    return "".join([*kept, text[end:]])


# Making the text plain


@dataclass(frozen=True)
class _Piece:
    """A find in the plain text."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class _Plain:
    """A text in plain characters, and for each of them the place in the original that it came from."""

    text: str
    origins: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        characters = [(plain, place) for place, original in enumerate(text) for plain in _plain_characters(original)]
        return cls("".join(plain for plain, _ in characters), tuple(place for _, place in characters))

    def cut(self, piece: _Piece) -> str:
        return self.text[piece.start : piece.end]

    def hit(self, piece: _Piece, original: str) -> Hit:
        start, end = self.origins[piece.start], self.origins[piece.end - 1] + 1
        return Hit(piece.kind, start, end, original[start:end])


@lru_cache(maxsize=4096)
def _plain_characters(character: str) -> str:
    """What a character stands for: none, one or (for a ligature) several plain ones."""
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if category in {"Cc", "Cf", "Mn", "Me"}:  # invisible, or a mark on the letter before
        return ""
    if category == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKC", character)


def _mask(text: str, pieces: Iterable[_Piece]) -> str:
    """The text with what has been found covered up, so that no part of it is read as something else."""
    characters = list(text)
    for piece in pieces:
        characters[piece.start : piece.end] = MASK * (piece.end - piece.start)
    return "".join(characters)


def _merged(pieces: Iterable[_Piece]) -> list[_Piece]:
    """The pieces in order, with those that overlap made one, of the kind of the first."""
    merged: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if merged and piece.start < merged[-1].end:
            first = merged.pop()
            piece = _Piece(first.kind, first.start, max(first.end, piece.end))
        merged.append(piece)
    return merged


def _keys(text: str) -> set[str]:
    """By what a find is compared with what is allowed: its letters and digits, and as a telephone number."""
    bare = "".join(filter(str.isalnum, text)).casefold()
    return {bare, _national(bare, international="+" in text)} - {""}


# Things with a fixed form


def _fixed_forms(text: str) -> Iterator[_Piece]:
    for kind, find in _FINDERS.items():
        for start, end in find(text):
            yield _Piece(kind, start, end)


_EMAIL = re.compile(r"[\w.%+'-]+(?P<domain>@(?:[\w-]+\.)+[^\W\d_]{2,})?")


def _emails(text: str) -> Iterator[tuple[int, int]]:
    # Taking every run of letters, with or without a domain, keeps the search from starting anew at each letter.
    return (match.span() for match in _EMAIL.finditer(text) if match["domain"])


_POSTCODE = re.compile(
    r"(?<![a-z])(?=(?P<all>(?P<area>[a-z]{1,2})[0-9][a-z0-9]?[ -]{0,2}[0-9](?P<end>[abd-hjlnp-uw-z]{2})(?![a-z])))",
    re.IGNORECASE,
)
_AREAS = """
    AB AL B BA BB BD BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY
    G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD
    WF WN WR WS WV YO ZE
"""
_POSTCODE_AREAS = frozenset(_AREAS.split())
_NOT_POSTCODE_ENDS = frozenset({"st", "nd", "rd", "th", "hr"})  # "set B3 2nd lesson": only as people write them, small


def _postcodes(text: str) -> Iterator[tuple[int, int]]:
    for match in _POSTCODE.finditer(text):
        if match["area"].upper() in _POSTCODE_AREAS and match["end"] not in _NOT_POSTCODE_ENDS:
            yield match.span("all")


_PUPIL_NUMBER = re.compile(
    r"(?<![a-z])(?=(?P<all>[a-z][ -]?[0-9](?:[ -]?[0-9]){10}[ -]?(?:[0-9](?![0-9])|[a-z](?![a-z]))))", re.IGNORECASE
)
_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # without I, O and S, which look like digits


def _pupil_numbers(text: str) -> Iterator[tuple[int, int]]:
    for match in _PUPIL_NUMBER.finditer(text):
        if is_pupil_number(re.sub(r"[ -]", "", match["all"])):
            yield match.span("all")


def is_pupil_number(number: str) -> bool:
    """Whether 13 characters are a unique pupil number, permanent (12 digits) or temporary (11 digits and a letter).

    The check letter is the sum of the characters after it, weighted 2 to 13, modulo 23; a letter counts by its place
    among the check letters. Source: Department for Education, Unique pupil numbers: a guide for schools.
    """
    letter, rest = number[0].upper(), number[1:].upper()
    if rest[-1].isalpha() and rest[-1] not in _CHECK_LETTERS:
        return False
    values = [int(character) if character.isdigit() else _CHECK_LETTERS.index(character) for character in rest]
    total = sum(weight * value for weight, value in enumerate(values, start=2))
    return letter == _CHECK_LETTERS[total % 23]


# Numbers that people split into groups as they please


@dataclass(frozen=True)
class _Groups:
    """Neighbouring groups of digits: "943 476 5919" is three."""

    start: int
    end: int
    parts: tuple[str, ...]

    @property
    def digits(self) -> str:
        return "".join(self.parts)


_DIGITS = re.compile(r"[0-9]+")


def _groups(text: str, *, gap: re.Pattern[str], fewest: int, most: int) -> Iterator[_Groups]:
    """Every way to take neighbouring groups with only ``gap`` between and from ``fewest`` to ``most`` digits in all."""
    numbers = list(_DIGITS.finditer(text))
    lengths = [len(number[0]) for number in numbers]
    joins = [gap.fullmatch(text, one.end(), other.start()) is not None for one, other in pairwise(numbers)]
    for first in range(len(numbers)):
        total = 0
        for last in range(first, len(numbers)):
            total += lengths[last]
            if total > most or (last > first and not joins[last - 1]):
                break
            if total >= fewest:
                taken = numbers[first : last + 1]
                yield _Groups(taken[0].start(), taken[-1].end(), tuple(number[0] for number in taken))


_NHS_GAP = re.compile(r"[ -]{1,3}|\.")
_NHS_LENGTH = 10
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def _nhs_numbers(text: str) -> Iterator[tuple[int, int]]:
    for groups in _groups(text, gap=_NHS_GAP, fewest=_NHS_LENGTH, most=_NHS_LENGTH):
        if _grouped_as_one_number(groups) and is_nhs_number(groups.digits):
            yield groups.start, groups.end


def _grouped_as_one_number(groups: _Groups) -> bool:
    """Whether the digits are split as one number is (or digit by digit), not as a list of small numbers or of years."""
    lengths = tuple(map(len, groups.parts))
    if lengths == (3, 3, 4) or max(lengths) == 1:
        return True
    return len(lengths) <= 4 and not any(map(_YEAR.fullmatch, groups.parts))


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits are an NHS number: weighted 10 down to 1, they add up to a multiple of 11.

    Source: NHS Data Dictionary, NHS number, modulus 11 check digit.
    """
    return sum(weight * int(digit) for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0


_PHONE_GAP = re.compile(r"[ ()./-]{1,3}")
_SHORTEST_PHONE, _LONGEST_PHONE = 10, 15  # digits: from the shortest 01 number to 0044 (0) and ten more
# Numbers of places (01, 02) and people (07). Others, such as 0300 and 0808, belong to councils and helplines.
_PHONE = re.compile(r"0(?:1[0-9]{8,9}|[27][0-9]{9})")
_SHORTEST_AREA = 3  # digits of the first group: "01-09-2024 12" is a date


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for groups in _groups(text, gap=_PHONE_GAP, fewest=_SHORTEST_PHONE, most=_LONGEST_PHONE):
        plus = text[groups.start - 1 : groups.start] == "+"
        if (plus or len(groups.parts[0]) >= _SHORTEST_AREA) and _PHONE.fullmatch(_national(groups.digits, plus)):
            yield groups.start - plus, groups.end


def _national(digits: str, international: bool) -> str:
    """A telephone number without its country: "447700900123" is "07700900123"; anything else stays as it is."""
    if digits.startswith("0044"):
        rest = digits[4:]
    elif digits.startswith("44") and (international or digits.startswith("447")):
        rest = digits[2:]
    else:
        return digits
    return "0" + rest.removeprefix("0")


_FINDERS: dict[Kind, Callable[[str], Iterator[tuple[int, int]]]] = {
    Kind.EMAIL: _emails,
    Kind.PUPIL_NUMBER: _pupil_numbers,
    Kind.PHONE: _phones,
    Kind.NHS_NUMBER: _nhs_numbers,
    Kind.POSTCODE: _postcodes,
}
