"""What actions and items of agendas came from: a record of any app, named only to who may see it."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partnership.choices import MeetingStatus
from partnership.meeting_pdf import pack_context
from partnership.models import Action, AgendaItem
from partnership.services import meetings as services
from partnership.sources import CameFrom, came_from, for_any_reader, sources_of
from tests.factories import GroupFactory, PriorityFactory, open_return
from tests.partnership.meetings import make_item, make_meeting

KIND = "Return"


@pytest.fixture
def record(oak_lane):
    return open_return(oak_lane)


@pytest.fixture
def meeting(audit_group):
    return make_meeting(audit_group)


def test_an_item_leads_to_what_it_came_from_for_who_may_see_that(meeting, record, ursula, chloe):
    item = make_item(meeting, source=record)
    assert came_from(item, ursula) == CameFrom(KIND, str(record), record.get_absolute_url())
    assert came_from(item, chloe) == CameFrom(KIND)
    assert came_from(make_item(meeting), ursula) is None


def test_a_source_that_is_gone_or_has_no_page_is_not_led_to(meeting, record, ursula):
    group = GroupFactory()
    assert came_from(make_item(meeting, source=group.standing_items.create(title="Apologies")), ursula).url == ""
    make_item(meeting, source=record)
    AgendaItem.objects.update(source_id=0)
    assert sources_of(AgendaItem.objects.all(), ursula) == {}


def test_many_items_cost_two_queries_for_each_kind_of_source(meeting, chloe, ursula):
    def cost(reader):
        items = list(meeting.items.on_agenda())
        with CaptureQueriesContext(connection) as queries:
            found = sources_of(items, reader)
        assert len(found) == len(items)
        return len(queries)

    def add():
        make_item(meeting, source=PriorityFactory())
        make_item(meeting, source=Action.objects.create(group=meeting.group, what="Audit", due=meeting.day))

    add()
    cost(chloe), cost(ursula)  # their grants and groups, read once
    few = cost(chloe), cost(ursula)
    for _ in range(4):
        add()
    assert (cost(chloe), cost(ursula)) == few
    assert max(few) <= 4


@pytest.mark.parametrize("name", ["agenda", "meeting", "minutes"])
def test_the_pages_of_a_meeting_lead_to_what_its_items_came_from(name, audit_group, record, ursula, chloe, signed_in):
    meeting = make_meeting(audit_group, days=-1, status=MeetingStatus.HELD)
    make_item(meeting, source=record)
    address, link = reverse(name, args=[meeting.pk]), f'href="{record.get_absolute_url()}"'
    assert link in signed_in(ursula).get(address).content.decode()
    page = signed_in(chloe).get(address).content.decode()
    assert "Came from: return" in page
    assert link not in page


def test_the_pack_names_the_kind_and_the_address_and_leaves_it_to_that_page_who_may_read_it(meeting, record):
    item, plain = make_item(meeting, source=record), make_item(meeting)
    assert for_any_reader([item, plain]) == {item.pk: CameFrom(KIND, url=record.get_absolute_url())}
    addresses = [one.source_address for one in pack_context(meeting)["items"]]
    assert addresses == [f"{settings.PORTAL_ADDRESS}{record.get_absolute_url()}", ""]


def test_what_was_put_on_an_agenda_is_not_carried_forward_to_it_as_well(audit_group, record, chloe):
    last = make_meeting(audit_group, days=-9, status=MeetingStatus.HELD)
    make_item(last, "Twice", source=record, carry_forward=True)
    make_item(last, "Once", carry_forward=True)
    meeting = make_meeting(audit_group)
    services.add_item(meeting, title="Put on since", source=record, by=chloe)
    services.build_agenda(meeting, by=chloe)
    assert {item.title for item in meeting.items.on_agenda()} == {"Put on since", "Once"}


def test_an_item_that_something_else_refers_to_stays(audit_group, chloe):
    item = make_item(make_meeting(audit_group, days=-9, status=MeetingStatus.HELD))
    make_item(make_meeting(audit_group), carried_from=item)
    with pytest.raises(ValidationError, match="so it stays"):
        services.remove_item(item, by=chloe)
    assert AgendaItem.objects.filter(pk=item.pk).exists()
