"""Form fields that follow the GOV.UK Design System: a date in three boxes, and text over several lines."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

Day = date | Callable[[], date] | None

PARTS = ("day", "month", "year")
# Beyond these a year was mistyped; and near the ends of the calendar days cannot be counted on or back.
FIRST_YEAR, LAST_YEAR = 1900, 2199
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class DateParts(forms.MultiWidget):
    """Text boxes for day, month and year: a field ``visited`` posts ``visited_day``, ``visited_month`` and so on."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({part: forms.TextInput() for part in PARTS}, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class GovukDateField(forms.MultiValueField):
    """A date typed as day, month and year; months may be numbers or names. Cleans to a ``date``, or None if left empty.

    ``describe`` completes the sentences that people see ("Enter the *date of the last audit*"); without it the label
    serves. ``earliest`` and ``latest`` are days that are still allowed, or functions that return one. Errors name the
    boxes that are wrong (``params["parts"]``), so that the summary can link to the first of them.

    Source of the wording: GOV.UK Design System, date input, "Error messages".
    """

    widget = DateParts

    def __init__(self, *, describe: str = "", earliest: Day = None, latest: Day = None, **kwargs: Any) -> None:
        label = str(kwargs.get("label") or "date")
        self.describe = describe or label[:1].lower() + label[1:]
        self.earliest, self.latest = earliest, latest
        messages = {
            "required": f"Enter the {self.describe}",
            "incomplete": f"{self.subject} must include a %(missing)s",
            "invalid": f"{self.subject} must be a real date",
            "short_year": "Year must include 4 numbers",
            "far_year": f"Year must be between {FIRST_YEAR} and {LAST_YEAR}",
            "too_early": f"{self.subject} must be on or after %(limit)s",
            "too_late": f"{self.subject} must be on or before %(limit)s",
        }
        kwargs["error_messages"] = messages | kwargs.get("error_messages", {})
        fields = [forms.CharField(required=False) for _ in PARTS]
        super().__init__(fields, require_all_fields=False, **kwargs)

    @property
    def subject(self) -> str:
        """``describe`` as the first words of a sentence."""
        return self.describe[:1].upper() + self.describe[1:]

    def clean(self, value: Any) -> date | None:
        typed = dict(zip(PARTS, self._strings(value), strict=True))
        if not any(typed.values()):
            self._refuse_nothing()
            return None
        self._refuse_gaps(typed)
        day = self._real_day(typed)
        self._refuse_beyond_limits(day)
        self.run_validators(day)
        return day

    def compress(self, data_list: Any) -> None:
        """Not used: ``clean`` makes the date, so that it can say which box is wrong."""

    def _refuse_nothing(self) -> None:
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def _strings(self, value: Any) -> list[str]:
        values = value if isinstance(value, (list, tuple)) else DateParts().decompress(value)
        return ["" if part is None else str(part).strip() for part in values]

    def _refuse_gaps(self, typed: dict[str, str]) -> None:
        missing = [part for part in PARTS if not typed[part]]
        if missing:
            raise self._error("incomplete", missing, missing=" and ".join(missing))

    def _real_day(self, typed: dict[str, str]) -> date:
        if typed["year"].isdecimal() and len(typed["year"]) != 4:
            raise self._error("short_year", ["year"])
        day, month, year = _number(typed["day"]), _month(typed["month"]), _number(typed["year"])
        try:
            found = date(year, month, day)
        except ValueError:
            raise self._error("invalid", _impossible_parts(day, month, year)) from None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise self._error("far_year", ["year"])
        return found

    def _refuse_beyond_limits(self, day: date) -> None:
        earliest, latest = _day(self.earliest), _day(self.latest)
        if earliest and day < earliest:
            raise self._error("too_early", PARTS, limit=date_format(earliest, "j F Y"))
        if latest and day > latest:
            raise self._error("too_late", PARTS, limit=date_format(latest, "j F Y"))

    def _error(self, code: str, parts: Iterable[str], **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"parts": tuple(parts), **params})


class LongTextField(forms.CharField):
    """Text over several lines. A line break counts as one character, as it does on the page's character count:
    browsers send two."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _day(limit: Day) -> date | None:
    return limit() if callable(limit) else limit


def _number(text: str) -> int:
    """``text`` as a number; 0, which is no day, month or year, if it is none."""
    return int(text) if text.isdecimal() and len(text) <= 4 else 0


def _month(text: str) -> int:
    """The number of a month given as a number, a name or the first three letters of a name; 0 if it is none."""
    name = text.lower()
    for number, short in enumerate(MONTHS, start=1):
        if name == short or (len(name) > 3 and name == date_format(date(2000, number, 1), "F").lower()):
            return number
    return _number(text)


def _impossible_parts(day: int, month: int, year: int) -> list[str]:
    """Which of the three cannot be right by themselves; the day if only the combination is impossible (31 June)."""
    wrong = [("day", 1 <= day <= 31), ("month", 1 <= month <= 12), ("year", year >= 1)]
    return [part for part, possible in wrong if not possible] or ["day"]
