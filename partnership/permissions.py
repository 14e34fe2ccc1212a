"""Who may do what with the partnership's own records. One table; ``docs/permissions.md`` is written from it."""

from enum import StrEnum

from partnership.choices import Role
from partnership.engine.access import Rule, own_organisation, register, themselves
from partnership.models import Action, HeldText, User

ANYONE: frozenset[Role] = frozenset()
own_school = own_organisation("organisation")


class Perm(StrEnum):
    USE_PORTAL = "partnership.use_portal"
    VIEW_FIGURES = "partnership.view_figures"
    VIEW_USER = "partnership.view_user"
    MANAGE_USERS = "partnership.manage_users"
    VIEW_ACTION = "partnership.view_action"
    PROGRESS_ACTION = "partnership.progress_action"
    VIEW_HELD_TEXT = "partnership.view_held_text"
    DECIDE_HELD_TEXT = "partnership.decide_held_text"


register(
    None,
    {
        Perm.USE_PORTAL: [Rule(ANYONE)],
        Perm.VIEW_FIGURES: [Rule({Role.BUSINESS_UNIT, Role.SCRUTINEER})],
    },
)

register(
    User,
    {
        Perm.VIEW_USER: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, themselves())],
        Perm.MANAGE_USERS: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_USER,
)

SCHOOL_STAFF = {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER}

register(
    Action,
    {
        Perm.VIEW_ACTION: [
            Rule({Role.BUSINESS_UNIT, Role.SCRUTINEER}),
            Rule(SCHOOL_STAFF | {Role.CHAIR_OF_GOVERNORS}, own_school),
        ],
        Perm.PROGRESS_ACTION: [Rule(SCHOOL_STAFF, own_school)],
    },
    view=Perm.VIEW_ACTION,
)

register(
    HeldText,
    {
        Perm.VIEW_HELD_TEXT: [Rule({Role.BUSINESS_UNIT})],
        Perm.DECIDE_HELD_TEXT: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_HELD_TEXT,
)
