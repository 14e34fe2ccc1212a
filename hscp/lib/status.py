"""The colours that statuses and ratings have on every page and in every PDF. Colour never stands without its word."""

from dataclasses import dataclass

GREY, BLUE, LIGHT_BLUE, PURPLE = "grey", "blue", "light-blue", "purple"
GREEN, ORANGE, RED, YELLOW = "green", "orange", "red", "yellow"

# One word, one colour, wherever it appears. Grey: nothing has happened, or nothing more will; blue: under way; purple:
# waiting for somebody; green: done; yellow and orange: needs a look; red: late or wrong.
STATUS_COLOURS = {
    "accepted": GREEN,
    "active": GREEN,
    "answered": BLUE,
    "agreed": GREEN,
    "already": BLUE,
    "applied": GREEN,
    "applying": LIGHT_BLUE,
    "approved": BLUE,
    "asked": PURPLE,
    "at_hub": LIGHT_BLUE,
    "booked": GREEN,
    "bounced": RED,
    "called": BLUE,
    "cancelled": GREY,
    "changed": YELLOW,
    "checked": PURPLE,
    "circulated": PURPLE,
    "closed": GREY,
    "closing": ORANGE,
    "compared": PURPLE,
    "continue": GREEN,
    "declined": GREY,
    "discarded": GREY,
    "done": GREEN,
    "draft": YELLOW,
    "drafted": YELLOW,
    "due": YELLOW,
    "expired": ORANGE,
    "failed": RED,
    "fed_back": GREEN,
    "governance_pending": ORANGE,
    "held": LIGHT_BLUE,
    "in_part": GREEN,
    "in_progress": LIGHT_BLUE,
    "invited": PURPLE,
    "leaving": ORANGE,
    "left": GREY,
    "late": ORANGE,
    "merged": GREY,
    "never_invited": ORANGE,
    "never_signed_in": YELLOW,
    "new": GREEN,
    "no": GREY,
    "not_now": YELLOW,
    "not_shown": ORANGE,
    "not_started": GREY,
    "on_agenda": GREEN,
    "open": LIGHT_BLUE,
    "overdue": RED,
    "pending": PURPLE,
    "planned": GREY,
    "proposed": YELLOW,
    "published": GREEN,
    "queried": ORANGE,
    "queued": LIGHT_BLUE,
    "ready": GREEN,
    "redacted": GREY,
    "released": GREEN,
    "reopened": LIGHT_BLUE,
    "reported": BLUE,
    "resolved": GREEN,
    "retired": GREY,
    "sending": LIGHT_BLUE,
    "sent": GREEN,
    "shown": GREEN,
    "set_aside": GREY,
    "start": LIGHT_BLUE,
    "stop": GREY,
    "submitted": BLUE,
    "superseded": GREY,
    "suspended": ORANGE,
    "too_early": GREY,
    "unconfirmed": YELLOW,
    "undecided": YELLOW,
    "under_way": LIGHT_BLUE,
    "unknown": GREY,
    "unsubscribed": GREY,
    "uploaded": LIGHT_BLUE,
    "waiting": PURPLE,
    "wanted": LIGHT_BLUE,
    "with_board": PURPLE,
    "with_head": PURPLE,
    "with_unit": RED,
    "withdrawn": GREY,
    "with_partners": PURPLE,
}


def colour_of(status: str) -> str:
    """The tag colour for a status; grey for one without a meaning of its own."""
    return STATUS_COLOURS.get(status, GREY)


@dataclass(frozen=True)
class Rating:
    """A rating as drawn: its word, the colour of its area and of text upon it."""

    name: str
    label: str
    fill: str
    ink: str


# Each fill has at least 3:1 against white, each ink at least 4.5:1 on its fill (WCAG 1.4.11 and 1.4.3).
RAG = {
    "green": Rating("green", "Green", "#0f6b45", "#ffffff"),
    "amber": Rating("amber", "Amber", "#d97706", "#0b0c0c"),
    "red": Rating("red", "Red", "#b3261e", "#ffffff"),
    "na": Rating("na", "Not applicable", "#6f777b", "#ffffff"),
}
