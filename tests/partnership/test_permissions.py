"""Who may do what with the partnership's own records, written out. ``docs/permissions.md`` says it in words."""

from datetime import date

import pytest

from partnership.engine import access
from partnership.models import Action, HeldText, User
from tests.factories import UserFactory
from tests.tables import check_permission, check_visible, declared_permissions, read_permissions

TABLE = read_permissions(
    """
    partnership.use_portal: everyone all
    partnership.view_figures: business_unit all, scrutineer all

    partnership.view_user: business_unit all, everyone own
    partnership.manage_users: business_unit all

    partnership.view_action: business_unit all, scrutineer all,
        dsl own, deputy_dsl own, headteacher own, chair_of_governors own
    partnership.progress_action: dsl own, deputy_dsl own, headteacher own

    partnership.view_held_text: business_unit all
    partnership.decide_held_text: business_unit all
    """
)


def _action(school):
    return Action.objects.create(organisation=school.organisation, what="Train", who="The lead", due=date(2027, 1, 31))


def _held_text(school):
    return HeldText.objects.create(about=school, field="notes", text="x", kinds="phone", written_by=UserFactory())


@pytest.fixture
def records(oak_lane, elm_park):
    """By model: a record of a person's own organisation (Oak Lane), or themselves; and another's."""
    action, other_action = _action(oak_lane), _action(elm_park)
    held, other_held = _held_text(oak_lane), _held_text(elm_park)
    stranger = UserFactory()
    return {
        Action: (lambda person: action, lambda person: other_action),
        HeldText: (lambda person: held, lambda person: other_held),
        User: (lambda person: person, lambda person: stranger),
    }


def test_the_table_has_every_permission_and_no_other():
    assert set(TABLE) == declared_permissions("partnership")


@pytest.mark.parametrize("perm", TABLE)
def test_each_role_has_what_the_table_says_and_no_more(perm, records, oak_lane):
    own, other = records.get(access.model_of(perm), (None, None))
    check_permission(perm, TABLE[perm], oak_lane.organisation, own, other)


@pytest.mark.parametrize("model", [Action, HeldText, User], ids=lambda model: model.__name__)
def test_what_a_role_sees_in_a_list_is_what_it_may_view(model, records, oak_lane):
    check_visible(model, oak_lane.organisation, *records[model])
