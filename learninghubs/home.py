"""What needs people in the learning loop, and where they can go."""

from learninghubs import (
    board_needs,
    forum_needs,
    hub_needs,
    inbox_needs,
    newsletter_needs,
    suggestion_needs,
    telling_needs,
)
from learninghubs.permissions import Perm
from partnership.engine import home

for needs in (board_needs.overdue, board_needs.to_see_to, board_needs.impact_to_say):
    home.needs(needs)
home.links(board_needs.places)

LEARNING_VIEWS = ("hubs", "themes", "forums", "bookings", "briefings", "figures", "suggestions")
home.nav(
    "Learning",
    "learninghubs:hubs",
    perm=Perm.VIEW_HUB,
    order=45,
    views=tuple(f"learninghubs.views.{name}" for name in LEARNING_VIEWS),
)
for needs in (hub_needs.closed_with_open, hub_needs.districts_without_hub, hub_needs.without_lead):
    home.needs(needs)
home.links(hub_needs.places)

home.needs(newsletter_needs.drafts)
home.links(newsletter_needs.places)

home.needs(suggestion_needs.questions)
home.needs(suggestion_needs.answers)
home.links(suggestion_needs.places)

SUGGESTION_VIEWS = ("learninghubs.views.inbox", "learninghubs.views.answers")
home.nav("Suggestions", "learninghubs:inbox", perm=Perm.VIEW_INBOX, order=47, views=SUGGESTION_VIEWS)
for needs in (inbox_needs.to_read, inbox_needs.replies):
    home.needs(needs)
home.links(inbox_needs.places)

home.needs(forum_needs.to_write_up)
home.links(forum_needs.places)

home.needs(telling_needs.could_not_be_told)
home.links(telling_needs.places)
