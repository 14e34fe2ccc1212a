"""The register itself: one ``Row`` for each establishment, with the facts that the portal keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import BinaryIO

from schools.gias.lines import MAX_BYTES, RegisterFileError, shown
from schools.gias.table import Column, Record, Table, Text, age, day, urn, whole_number

MAX_SCHOOLS = 250_000  # the register of May 2026 has 50,605, closed ones among them
MAX_AUTHORITIES = 1_000  # names remembered for the message when the one asked for is not found; England has about 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One establishment as the register has it; text is "" where the register is silent.

    Codes are text, with their leading zeros. ``pupils`` and ``capacity`` are counts of children, ages are in years.
    Two rows are equal if their facts are, wherever they stand in their files.
    """

    urn: int
    name: str
    ukprn: str = ""
    la_code: str = ""
    la_name: str = ""
    establishment_number: str = ""
    type_code: str = ""
    type_name: str = ""
    type_group_code: str = ""
    type_group_name: str = ""
    further_education_type: str = ""
    status_code: str = ""
    status_name: str = ""
    open_date: date | None = None
    reason_opened: str = ""
    close_date: date | None = None
    reason_closed: str = ""
    phase_code: str = ""
    phase: str = ""
    low_age: int | None = None
    high_age: int | None = None
    boarders: str = ""
    nursery_provision: str = ""
    sixth_form: str = ""
    gender: str = ""
    religious_character: str = ""
    trust_code: str = ""
    trust_name: str = ""
    federation_name: str = ""
    district_code: str = ""
    district_name: str = ""
    proprietor: str = ""
    pupils: int | None = None
    capacity: int | None = None
    census_date: date | None = None
    street: str = ""
    locality: str = ""
    address3: str = ""
    town: str = ""
    county: str = ""
    postcode: str = ""
    website: str = ""
    telephone: str = ""
    head_title: str = ""
    head_first_name: str = ""
    head_last_name: str = ""
    head_job_title: str = ""
    last_changed: date | None = None
    line: int = field(default=0, compare=False)


# Required: who it is, whose it is, whether it is open, and what decides its duty and its questions.
COLUMNS = (
    Column("urn", "URN", urn),
    Column("ukprn", "UKPRN", Text(10)),
    Column("la_code", "LA (code)", Text(3)),
    Column("la_name", "LA (name)", Text(80)),
    Column("establishment_number", "EstablishmentNumber", Text(10)),
    Column("name", "EstablishmentName", Text(200, may_be_empty=False)),
    Column("type_code", "TypeOfEstablishment (code)", Text(3)),
    Column("type_name", "TypeOfEstablishment (name)", Text(80)),
    Column("type_group_code", "EstablishmentTypeGroup (code)", Text(3)),
    Column("type_group_name", "EstablishmentTypeGroup (name)", Text(60)),
    Column("further_education_type", "FurtherEducationType (name)", Text(100), required=False),
    Column("status_code", "EstablishmentStatus (code)", Text(3)),
    Column("status_name", "EstablishmentStatus (name)", Text(60)),
    Column("open_date", "OpenDate", day),
    Column("reason_opened", "ReasonEstablishmentOpened (name)", Text(100), required=False),
    Column("close_date", "CloseDate", day),
    Column("reason_closed", "ReasonEstablishmentClosed (name)", Text(100), required=False),
    Column("phase_code", "PhaseOfEducation (code)", Text(3)),
    Column("phase", "PhaseOfEducation (name)", Text(40)),
    Column("low_age", "StatutoryLowAge", age),
    Column("high_age", "StatutoryHighAge", age),
    Column("boarders", "Boarders (name)", Text(60)),
    Column("nursery_provision", "NurseryProvision (name)", Text(60)),
    Column("sixth_form", "OfficialSixthForm (name)", Text(60)),
    Column("gender", "Gender (name)", Text(20), required=False),
    Column("religious_character", "ReligiousCharacter (name)", Text(80), required=False),
    Column("trust_code", "Trusts (code)", Text(10)),
    Column("trust_name", "Trusts (name)", Text(200)),
    Column("federation_name", "Federations (name)", Text(200), required=False),
    Column("district_code", "DistrictAdministrative (code)", Text(12)),
    Column("district_name", "DistrictAdministrative (name)", Text(80)),
    Column("proprietor", "PropsName", Text(250), required=False),
    Column("pupils", "NumberOfPupils", whole_number, required=False),
    Column("capacity", "SchoolCapacity", whole_number, required=False),
    Column("census_date", "CensusDate", day, required=False),
    Column("street", "Street", Text(150), required=False),
    Column("locality", "Locality", Text(150), required=False),
    Column("address3", "Address3", Text(150), required=False),
    Column("town", "Town", Text(100), required=False),
    Column("county", "County (name)", Text(100), required=False),
    Column("postcode", "Postcode", Text(10), required=False),
    Column("website", "SchoolWebsite", Text(250), required=False),
    Column("telephone", "TelephoneNum", Text(30), required=False),
    Column("head_title", "HeadTitle (name)", Text(30), required=False),
    Column("head_first_name", "HeadFirstName", Text(60), required=False),
    Column("head_last_name", "HeadLastName", Text(60), required=False),
    Column("head_job_title", "HeadPreferredJobTitle", Text(100), required=False),
    Column("last_changed", "LastChangedDate", day, required=False),
)


class Register(Iterator[Row]):
    """The rows of a register file, read as they are asked for.

    ``absent`` names the fields of ``Row`` whose column this file does not have: their values say nothing about a
    school, so a comparison leaves them out.
    """

    def __init__(self, table: Table, *, local_authority: str | None) -> None:
        self.absent = table.absent
        self._table = table
        self._wanted = local_authority
        self._line_of: dict[int, int] = {}
        self._authorities: dict[str, str] = {}
        self._rows = self._read()

    def __next__(self) -> Row:
        return next(self._rows)

    def _read(self) -> Iterator[Row]:
        kept = 0
        for record in self._table:
            self._note_urn(record)
            if self._is_wanted(record):
                kept += 1
                yield Row(line=record.line, **record.values())
        if not kept:
            raise self._nothing_found()

    def _note_urn(self, record: Record) -> None:
        """Every URN of the file counts, also those of other authorities: a file with one twice is not to be trusted."""
        number: int = record["urn"]
        if number in self._line_of:
            raise RegisterFileError(f"URN {number} is already on line {self._line_of[number]}.", line=record.line)
        if len(self._line_of) == MAX_SCHOOLS:
            raise RegisterFileError(f"more than {MAX_SCHOOLS:,} schools: this is not the register.", line=record.line)
        self._line_of[number] = record.line

    def _is_wanted(self, record: Record) -> bool:
        if self._wanted is None:
            return True
        name: str = record["la_name"]
        if len(self._authorities) < MAX_AUTHORITIES:
            self._authorities[name.casefold()] = name
        return name.casefold() == self._wanted.casefold()

    def _nothing_found(self) -> RegisterFileError:
        if not self._line_of:
            return RegisterFileError("the file names its columns but has no schools.")
        wanted = shown(str(self._wanted))
        return RegisterFileError(f"the file has no school of the local authority {wanted}. {self._hint()}")

    def _hint(self) -> str:
        """The names in the file that are like the one asked for, or some of those it has."""
        near = get_close_matches(str(self._wanted).casefold(), self._authorities, cutoff=0.5)
        if near:
            return f"It has {', '.join(shown(self._authorities[key]) for key in near)}."
        some = sorted(filter(None, self._authorities.values()))[:3]
        return f"It has, for instance, {', '.join(map(shown, some))}." if some else "It names no local authority."


def read(
    stream: BinaryIO,
    *,
    local_authority: str | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], None] | None = None,
) -> Register:
    """The establishments of one local authority (by name, whatever its capitals), or of all if None.

    They come as they are read; whatever the size of the file, memory holds one row and the URNs seen. The file must be
    read to its end before anything is done with it: a fault may stand on its last line. ``progress`` is told the bytes
    read so far. Raises ``RegisterFileError`` for a file that cannot be used: at once if its first line shows it, else
    at the row. Values of other authorities' rows are not looked at, apart from their URN. One fault cannot be seen: a
    file cut exactly between two rows.

    Source of the layout: the Department for Education's extract "edubasealldata", versions of 2021 to 2025.
    """
    wanted = None if local_authority is None else local_authority.strip()
    if wanted == "":
        raise ValueError("Name a local authority, or give None for every one.")
    table = Table(stream, COLUMNS, kind="register of schools", max_bytes=max_bytes, progress=progress)
    return Register(table, local_authority=wanted)
