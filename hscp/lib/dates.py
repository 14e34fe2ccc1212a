"""Academic years and working days, as the partnership counts them."""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

ACADEMIC_YEAR_STARTS_IN = 9  # September: guidance for schools changes on the first
SATURDAY = 5
ONE_DAY = timedelta(days=1)


def academic_year(on: date) -> int:
    """The academic year that the day falls in, by the year in which it started (1 September)."""
    return on.year if on.month >= ACADEMIC_YEAR_STARTS_IN else on.year - 1


def academic_year_label(start: int) -> str:
    """The academic year as schools write it: 2026 gives "2026-27", 1999 gives "1999-00"."""
    return f"{start}-{(start + 1) % 100:02d}"


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last day of that month where it has no such day (31 January plus one)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_working_day(day: date) -> bool:
    """Whether the day is neither a weekend nor a bank holiday in England and Wales.

    Bank holidays come from GOV.UK's list as the govuk-bank-holidays package ships it; nothing is fetched. The
    package of November 2026 covers 2012 to 2028. Outside the years it ships only weekends count: a deadline set
    further ahead than GOV.UK has announced can move when the package is updated.
    """
    return day.weekday() < SATURDAY and day not in _bank_holidays()


def add_working_days(day: date, days: int) -> date:
    """The day that lies ``days`` working days after ``day``; the day itself is never counted.

    Friday plus one is Monday, and so is Saturday plus one. Zero gives ``day`` itself, working day or not.
    Raises ``ValueError`` for a negative number. Source of the days: see ``is_working_day``.
    """
    if days < 0:
        raise ValueError("Working days can be added, not taken away")
    for _ in range(days):
        day = _next_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after ``first``, up to and including ``last``; negative if ``last`` is earlier.

    It undoes ``add_working_days``: from a day to that day plus five is five.
    """
    if last < first:
        return -working_days_between(last, first)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_working_day, days))


def _next_working_day(day: date) -> date:
    day += ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return day


@cache
def _bank_holidays() -> frozenset[date]:
    """Every bank holiday that the package ships for England and Wales."""
    shipped = BankHolidays(use_cached_holidays=True)
    return frozenset(holiday["date"] for holiday in shipped.get_holidays(division=BankHolidays.ENGLAND_AND_WALES))
