from datetime import date
from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hscp.lib.screening import MAX_LENGTH, Hit, Kind, is_nhs_number, is_pupil_number, redact, screen

TODAY = date(2026, 11, 23)

# Valid, but nobody's: the NHS's and python-stdnum's own examples; the telephone numbers are Ofcom's for drama.
NHS_NUMBER = "943 476 5919"
PUPIL_NUMBER = "B801200005001"


def found(text: str, **options: object) -> list[tuple[Kind, str]]:
    return [(hit.kind, hit.text) for hit in screen(text, on=TODAY, **options)]


def kinds(text: str) -> set[Kind]:
    return {hit.kind for hit in screen(text, on=TODAY)}


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("9434765919", True),
        ("9434765918", False),
        ("4505577104", True),
        ("4505577140", False),  # two digits swapped
        ("0000000000", True),
        ("1234567890", False),
    ],
)
def test_an_nhs_number_is_known_by_its_check_digit(digits: str, valid: bool) -> None:
    assert is_nhs_number(digits) is valid
    assert found(f"Referred ({digits}) to health.") == ([(Kind.NHS_NUMBER, digits)] if valid else [])


@pytest.mark.parametrize(
    "written",
    [
        "9434765919",
        "943 476 5919",
        "943-476-5919",
        "943 - 476 - 5919",
        "943.476.5919",
        "943\N{NO-BREAK SPACE}476\N{NARROW NO-BREAK SPACE}5919",
        "943\N{EN DASH}476\N{NON-BREAKING HYPHEN}5919",
        "943\N{MINUS SIGN}476\N{EM DASH}5919",
        "943\n476\t5919",
        "94\N{ZERO WIDTH SPACE}34765919",
        "９４３ ４７６ ５９１９",
        "٩٤٣٤٧٦٥٩١٩",
        "9 4 3 4 7 6 5 9 1 9",
        "9434 765 919",
        "94347 65919",
    ],
)
def test_an_nhs_number_is_found_however_it_is_written(written: str) -> None:
    assert found(f"NHS no. {written}, see notes") == [(Kind.NHS_NUMBER, written)]


def test_an_nhs_number_is_found_when_it_touches_a_word() -> None:
    assert found("NHS9434765919") == [(Kind.NHS_NUMBER, "9434765919")]


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("B801200005001", True),
        ("A801200005001", False),
        ("P207000016049", True),
        ("P207000016048", False),
        ("W82020000199A", True),  # temporary: the last letter counts by its place among the check letters
        ("K82020000199B", True),
        ("G82020000199Z", True),
        ("W82020000199B", False),
        ("I801200005001", False),  # I, O and S are never check letters
        ("A82020000199O", False),
    ],
)
def test_a_pupil_number_is_known_by_its_check_letter(number: str, valid: bool) -> None:
    assert is_pupil_number(number) is valid
    assert found(f"UPN: {number}.") == ([(Kind.PUPIL_NUMBER, number)] if valid else [])


@pytest.mark.parametrize("written", ["b801200005001", "B 801 2000 05 001", "B-801200005001", "Ｂ801200005001"])
def test_a_pupil_number_is_found_in_any_case_and_spacing(written: str) -> None:
    assert found(f"Pupil {written} moved") == [(Kind.PUPIL_NUMBER, written)]


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("DOB 12/03/2014", "12/03/2014"),
        ("d.o.b. 12.3.14", "12.3.14"),
        ("DoB: 12032014", "12032014"),
        ("D O B - 3rd March 2014", "3rd March 2014"),
        ("Date of birth: 2014-03-12", "2014-03-12"),
        ("She was born on Tuesday the 3rd of March, 2014", "3rd of March, 2014"),
        ("born 03\N{EN DASH}Mar\N{EN DASH}14", "03\N{EN DASH}Mar\N{EN DASH}14"),
        ("her birthday is 12 / 03 / 2014", "12 / 03 / 2014"),
        ("Parent born 1 January 1950", "1 January 1950"),  # a birth at any age
        ("DOB 31/02/2014", "31/02/2014"),  # no such day, but meant as one
        ("DOB 03/25/2014", "03/25/2014"),
        ("03/04/1990 (dob)", "03/04/1990"),
        ("Policy reviewed after the case (DOB 12/03/2014)", "12/03/2014"),
    ],
)
def test_a_date_that_is_called_a_birth_is_found(text: str, birth: str) -> None:
    assert found(text) == [(Kind.DATE_OF_BIRTH, birth)]


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("JS 12/03/2014 referred to early help", "12/03/2014"),
        ("Pupil A, 3 March 2014, moved to AP", "3 March 2014"),
        ("Tom (3-Mar-14)", "3-Mar-14"),
        ("March 3, 2014: Jo", "March 3, 2014"),
        ("Tom 12 03 2014", "12 03 2014"),
        ("12\N{FULLWIDTH SOLIDUS}03\N{FULLWIDTH SOLIDUS}2014 Jo", "12\N{FULLWIDTH SOLIDUS}03\N{FULLWIDTH SOLIDUS}2014"),
        ("Policy approved 12/09/2019, pupil J 3 March 2014", "3 March 2014"),
        ("We reviewed this. J 12/03/2014 was moved", "12/03/2014"),
        ("Training for the pupil 12/03/2014", "12/03/2014"),  # the nearest telling word decides
        ("5/12/03/2014 Jo", "12/03/2014"),
    ],
)
def test_a_date_at_which_a_pupil_could_be_born_is_found_unless_something_explains_it(text: str, birth: str) -> None:
    assert (Kind.DATE_OF_BIRTH, birth) in found(text)


@pytest.mark.parametrize(
    ("birth", "is_found"),
    [
        ("24/11/2024", False),  # one year old
        ("23/11/2024", True),  # two today
        ("24/11/2007", True),  # nineteen tomorrow
        ("23/11/2007", False),
        ("24/11/2026", False),  # tomorrow
    ],
)
def test_only_two_to_eighteen_year_olds_count_without_the_word(birth: str, is_found: bool) -> None:
    assert bool(found(f"Sam {birth}")) is is_found


@pytest.mark.parametrize(
    "written", ["AL1 3GH", "al1 3gh", "SG13 8DE", "SG138DE", "EN11-0AA", "W1A 0AX", "AL1\N{NO-BREAK SPACE}3GH"]
)
def test_a_postcode_is_found(written: str) -> None:
    assert found(f"Lives at 4 High Street, {written}.") == [(Kind.POSTCODE, written)]


@pytest.mark.parametrize(
    "written",
    [
        "01632 960123",
        "(01632) 960 123",
        "01632960123",
        "020 7946 0018",
        "07700 900123",
        "07700-900-123",
        "07700.900.123",
        "0044 7700 900123",
        "447700900123",
        "01632\N{NO-BREAK SPACE}960\N{NON-BREAKING HYPHEN}123",
        "016977 2345",  # the few short numbers
    ],
)
def test_a_telephone_number_is_found(written: str) -> None:
    assert [(kind, text.strip("(")) for kind, text in found(f"Rang mum on {written} twice")] == [
        (Kind.PHONE, written.strip("("))
    ]


def test_the_plus_of_a_country_code_belongs_to_the_number() -> None:
    assert found("+44 (0)1632 960123") == [(Kind.PHONE, "+44 (0)1632 960123")]


@pytest.mark.parametrize(
    "written", ["a.smith@school.herts.sch.uk", "JO+1@EXAMPLE.COM", "o'neill@example.org", "jo@münchen.example"]
)
def test_an_email_address_is_found(written: str) -> None:
    assert found(f"Sent to {written}.") == [(Kind.EMAIL, written)]


@pytest.mark.parametrize(
    "text",
    [
        "Policy approved 12/09/2019; minutes of 3 March 2021",
        "Minutes of 12/09/2023, 4/12/2023 and 18 March 2024; item 7.2.14",
        "12/09/2019 (board minutes), 3/3/2020",
        "14/06/2021",  # "Job description date" asks for just that
        "Chair of governors appointed 1 September 2020, trained 12-10-2022",
        "DSL in post since 4 September 2017; job description dated 1.9.2019",
        "Single central record checked 3 November 2023 by the link governor (sample of 10, no gaps).",
        "Ofsted inspection 14 and 15 March 2023: safeguarding effective",
        "Filtering tested on 2 May 2024 with the DfE tool",
        "INSET 2/9/2024; briefings every half term; 97 per cent attended on 02.09.2024",
        "Prevent risk assessment reviewed 12/05/2023, signed by the head",
        "Counter-Terrorism and Security Act 2015 s26, in force 1 July 2015",
        "Survey of 12 June 2024: 412 of 450 pupils named a trusted adult",
        "On 3 March 12 staff attended; on 4 May 14 staff came",
        "Children born in 2014 and in March 2015 are in year 6 now",
        "We check date of birth and address on the passport",
        "Cohorts of 30, 28, 30 and 27; 14 referrals in 2024-25, 2025-26 and 2026-27",
        "Years 7 8 9 10 11 12 13; marks 12 14 15 16 18 20 21 22",
        "KS2 1st lesson, Y7 3rd lesson, set B3 2nd half",
        "URN 117594, UKPRN 10012345, LAESTAB 919/4032, DBS 001234567890",
        "Childline 0800 1111, NSPCC 0808 800 5000, the partnership 0300 123 4043, 101 and 999",
        "s128, s175(3A), Part 3, paragraphs 12.3.1 to 12.3.4, version 2.1.14",
        "We spent £1,234,567.89 over 2023/24 - 2025/26",
        "Report at https://www.example.org/policies/2024/03/child-protection-v3.pdf",
        "Contact us on social media @exampleschool or by post",
        "Board 12:30-14:00 on 01-09-2024 12 governors present at the meeting",
    ],
)
def test_what_a_safeguarding_lead_writes_every_day_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_what_is_allowed_is_no_hit_however_it_is_written() -> None:
    allowed = ["AL1 3GH", "01632 960123", "office@school.example"]
    text = "Ring +44 (0)1632 960-123 or Office@School.example, al13gh; not 01632 960124 or AL1 3GJ"
    assert found(text, allowed=allowed) == [(Kind.PHONE, "01632 960124"), (Kind.POSTCODE, "AL1 3GJ")]


def test_hits_come_in_order_with_their_place_in_the_original() -> None:
    text = "ﬁle\N{ZERO WIDTH SPACE} of jo@example.org, AL1 3GH"
    hits = screen(text, on=TODAY)
    assert [hit.kind for hit in hits] == [Kind.EMAIL, Kind.POSTCODE]
    assert all(text[hit.start : hit.end] == hit.text for hit in hits)


def test_finds_that_overlap_are_one() -> None:
    assert found("9434765919@example.org") == [(Kind.EMAIL, "9434765919@example.org")]


def test_redaction_replaces_every_hit_and_nothing_else() -> None:
    text = f"J ({NHS_NUMBER}, {PUPIL_NUMBER}) of AL1 3GH was seen."
    assert redact(text, screen(text, on=TODAY)) == "J ([removed], [removed]) of [removed] was seen."
    assert redact(text, ()) == text


def test_redaction_does_not_mind_the_order_of_the_hits() -> None:
    hits = (Hit(Kind.EMAIL, 4, 5, "e"), Hit(Kind.EMAIL, 0, 1, "a"))
    assert redact("abcde", hits) == "[removed]bcd[removed]"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_tells_the_writer_what_was_found_and_what_to_do(kind: Kind) -> None:
    assert kind.explanation.startswith("This looks like")
    assert "Take it out" in kind.explanation


def test_a_text_that_is_too_long_is_refused_rather_than_half_screened() -> None:
    with pytest.raises(ValueError, match="100,000"):
        screen("a" * (MAX_LENGTH + 1), on=TODAY)


@pytest.mark.parametrize("piece", ["1", "1 ", "a", "a@", "@a.", "dob ", "1/1/2014 ", "AL1 ", "3 March ", "b8 ", "+44 "])
def test_the_longest_text_is_screened_in_moments_whatever_it_holds(piece: str) -> None:
    # Were any pattern to start anew at each place, this would take hours, not seconds.
    assert isinstance(screen((piece * MAX_LENGTH)[:MAX_LENGTH], on=TODAY), tuple)


# Properties


@st.composite
def nhs_numbers(draw: st.DrawFn) -> str:
    digits = draw(st.lists(st.integers(0, 9), min_size=9, max_size=9).filter(lambda nine: _check_digit(nine) < 10))
    return "".join(map(str, [*digits, _check_digit(digits)]))


def _check_digit(nine: list[int]) -> int:
    """As the NHS Data Dictionary puts it: eleven less the remainder, where eleven itself stands for nought."""
    remainder = sum(digit * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return (11 - remainder) % 11


@st.composite
def spaced_nhs_numbers(draw: st.DrawFn) -> str:
    """In up to four groups, or digit by digit, with any one mark between; never a group that reads as a year."""
    digits = draw(nhs_numbers())
    mark = draw(st.sampled_from([" ", "-", ".", "\N{NO-BREAK SPACE}", "\N{EN DASH}", " - ", "  "]))
    if draw(st.booleans()):
        return mark.join(digits)
    ends = sorted(draw(st.sets(st.integers(1, 9), max_size=3)))
    parts = [digits[start:end] for start, end in zip([0, *ends], [*ends, 10], strict=True)]
    years = [part for part in parts if len(part) == 4 and part[:2] in {"19", "20"}]
    return digits if years and ends != [3, 6] else mark.join(parts)


@given(
    spaced_nhs_numbers(), st.sampled_from(["", "for ", "NHS", "(", "no.", "…"]), st.sampled_from(["", " was", ")", "."])
)
def test_every_nhs_number_is_found_in_any_spacing(number: str, before: str, after: str) -> None:
    assert any(number in hit.text for hit in screen(before + number + after, on=TODAY))


WORDS = """
9434765919 943 476 919 +44 (0) 960123 B801200005001 B80120000500 W82020000199A AL1 3GH jo@example.org policy@a.bc @ /
12/03/2014 12/9/19 5/12/03/2014 2014-03-12 1950 120314 March 3, DOB born policy pupil minutes reviewed and Jo [removed]
"""
PHRASES = [NHS_NUMBER, "AL1 3GH", "01632 960123", "07700 900123", "3 March 2014", "\N{ZERO WIDTH SPACE}", "\0", "ﬁ"]
FRAGMENTS = [*WORDS.split(), *PHRASES, *" .;,é–\n"]
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=14).map("".join)


@given(st.text() | TEXTS, st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_any_text_can_be_screened(text: str, on: date) -> None:
    hits = screen(text, on=on)
    assert all(text[hit.start : hit.end] == hit.text and hit.text for hit in hits)
    assert all(one.end <= other.start for one, other in pairwise(hits))


@given(TEXTS)
@example("Policy 12/09/2019 jo@policy.example 3 March 2014")
@example("AL1 3GH01632 960123B801200005001")
def test_a_redacted_text_is_clean(text: str) -> None:
    cleaned = redact(text, screen(text, on=TODAY))
    assert screen(cleaned, on=TODAY) == ()


@given(st.lists(st.sampled_from([NHS_NUMBER, PUPIL_NUMBER, "AL1 3GH", "jo@example.org", "DOB 12/03/2014"]), min_size=1))
def test_nothing_hides_behind_its_neighbours(pieces: list[str]) -> None:
    text = ", then ".join(pieces)
    hits = screen(text, on=TODAY)
    starts = accumulate((len(piece) + len(", then ") for piece in pieces[:-1]), initial=0)
    assert [hit.end for hit in hits] == [start + len(piece) for start, piece in zip(starts, pieces, strict=True)]
