"""What needs people beyond any one app, and where they can go."""

from datetime import date

from django.urls import reverse

from partnership import action_needs, escalation_needs, group_needs, leavers, meeting_needs, plan_needs
from partnership.choices import HeldTextStatus
from partnership.engine import home
from partnership.models import HeldText, User
from partnership.permissions import Perm

# What is reached from the home page alone belongs under it: the menu would not fit on a phone with an entry for each.
HOME_VIEWS = ("budget", "escalations", "held_texts", "leavers", "organisations", "people", "search")
home.nav("Home", "home", perm=Perm.USE_PORTAL, order=0, views=tuple(f"partnership.views.{name}" for name in HOME_VIEWS))
home.nav("Actions", "actions", perm=Perm.VIEW_ACTION, order=60, views=("partnership.views.actions",))

home.needs(action_needs.to_do)
home.needs(action_needs.left_behind)


@home.needs
def texts_to_look_at(user: User, on: date) -> list[home.Need]:
    """Texts held back that wait for the business unit."""
    if not user.has_perm(Perm.DECIDE_HELD_TEXT):
        return []
    waiting = HeldText.objects.allowed(user, Perm.DECIDE_HELD_TEXT).filter(status=HeldTextStatus.WAITING).count()
    if not waiting:
        return []
    title = "1 text to look at" if waiting == 1 else f"{waiting} texts to look at"
    detail = "Held back because they may identify a child"
    return [
        home.Need(title, reverse("held_texts"), detail if waiting > 1 else "Held back because it may identify a child")
    ]


@home.links
def your_account(user: User) -> list[home.Link]:
    """One's own name, password and second step; for the business unit also what has been held back."""
    links = [home.Link("Your account", reverse("your_account"), "Your name, password and second step", order=90)]
    if user.has_perm(Perm.VIEW_HELD_TEXT):
        links.append(home.Link("Texts held back", reverse("held_texts"), "What may identify a child", order=80))
    return links


MOST_LEAVERS = 5  # named one by one; more than that are in the list of people


@home.needs
def things_to_hand_over(user: User, on: date) -> list[home.Need]:
    """What people who leave or have left leave to others, for the business unit. One query."""
    if not user.has_perm(Perm.MANAGE_USERS):
        return []
    found = leavers.leavers_with_things(on=on)
    if len(found) > MOST_LEAVERS:
        url = f"{reverse('people')}?state=to_hand_over&organisation=any"
        return [home.Need(f"Things of {len(found)} people to hand over", url, "They leave or have left")]
    return [
        home.Need(
            f"{one.number} thing{'' if one.number == 1 else 's'} of {one.name} to hand over",
            reverse("leaver_hand_over", args=[one.pk]),
            "Seats, the chair or actions that somebody else must take",
            due=one.due,
        )
        for one in found
    ]


@home.links
def people_and_organisations(user: User) -> list[home.Link]:
    """The lists of organisations and, for the business unit, of people."""
    links = []
    if user.has_perm(Perm.MANAGE_USERS):
        links.append(home.Link("People", reverse("people"), "Accounts, roles, and who leaves", order=60))
    if user.has_perm(Perm.VIEW_ORGANISATION):
        detail = "Safeguarding partners and relevant agencies"
        links.append(home.Link("Organisations", reverse("organisations"), detail, order=61))
    return links


PLAN_VIEWS = ("plan", "plan_edits", "checklist", "priorities", "reviews")
home.nav(
    "Plan", "plan", perm=Perm.USE_PORTAL, order=65, views=tuple(f"partnership.views.{name}" for name in PLAN_VIEWS)
)

for needs in (plan_needs.to_approve, plan_needs.to_publish, plan_needs.objectives_without_reading):
    home.needs(needs)
home.links(plan_needs.places)


GROUP_VIEWS = ("groups", "group_changes", "chairs", "structure")
home.nav(
    "Groups",
    "groups",
    perm=Perm.VIEW_MEMBERS,
    order=50,
    views=tuple(f"partnership.views.{name}" for name in GROUP_VIEWS),
)

home.needs(group_needs.empty_chairs)
home.needs(group_needs.chairs_to_hand_over)


@home.links
def groups_and_chairs(user: User) -> list[home.Link]:
    """The structure, for everybody; who chairs, for those who see any of it."""
    links = [home.Link("Structure", reverse("structure"), "The groups of the partnership, drawn", order=63)]
    if user.has_perm(Perm.VIEW_MEMBERS):
        links.append(home.Link("Chairs", reverse("chairs"), "Who chairs which group, and who is next", order=62))
    return links


home.nav("Meetings", "meetings", perm=Perm.VIEW_MEETING, order=55, views=("partnership.views.meetings",))


@home.links
def meetings_in_your_calendar(user: User) -> list[home.Link]:
    """For those who see meetings: how to have them in a calendar program."""
    if not user.has_perm(Perm.VIEW_MEETING):
        return []
    detail = "An address that your calendar program can follow"
    return [home.Link("Meetings in your calendar", reverse("calendar_feed"), detail, order=85)]


for needs in (
    meeting_needs.agenda_to_prepare,
    meeting_needs.papers_to_read,
    meeting_needs.minutes_to_move_on,
    meeting_needs.proposals_to_decide,
):
    home.needs(needs)


for needs in (escalation_needs.to_answer, escalation_needs.to_accept, escalation_needs.for_the_unit):
    home.needs(needs)
home.links(escalation_needs.places)
