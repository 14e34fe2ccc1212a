"""The lives of what the hubs hold. ``docs/lives.md`` is written from it."""

from learninghubs.choices import BriefingStatus, ForumStatus, IssueStatus, SubscriberStatus
from learninghubs.choices import SuggestionStatus as S
from learninghubs.models import Briefing, Forum, NewsletterIssue, Subscriber, Suggestion
from learninghubs.models.suggestions import AT_THE_HUB
from learninghubs.permissions import Perm
from partnership.engine.workflow import Move, life

CONFIRM = Move("confirm", {S.UNCONFIRMED}, S.SUBMITTED, None)
SCREEN = Move("take on", {S.SUBMITTED}, S.AT_HUB, Perm.SCREEN_SUGGESTION)
ASK_BACK = Move("ask its author", {S.SUBMITTED, S.AT_HUB}, S.ASKED, Perm.SCREEN_SUGGESTION)
REPLY = Move("reply to the hub", {S.ASKED}, S.AT_HUB, None)
GO_ON = Move("go on without a reply", {S.ASKED}, S.AT_HUB, Perm.SCREEN_SUGGESTION)
MERGE = Move("merge", AT_THE_HUB, S.MERGED, Perm.SCREEN_SUGGESTION)
SEPARATE = Move("separate again", {S.MERGED}, S.AT_HUB, Perm.SCREEN_SUGGESTION)
SET_ASIDE = Move("take no further", AT_THE_HUB, S.SET_ASIDE, Perm.SCREEN_SUGGESTION, note_required=True)
TAKE_UP_AGAIN = Move("take up again", {S.SET_ASIDE}, S.AT_HUB, Perm.SCREEN_SUGGESTION)
SEND_UP = Move("put to the Board", {S.AT_HUB}, S.WITH_BOARD, Perm.SCREEN_SUGGESTION)
TAKE_BACK = Move("take back from the Board", {S.WITH_BOARD}, S.AT_HUB, Perm.SCREEN_SUGGESTION, note_required=True)
ANSWER = Move("answer", {S.WITH_BOARD}, S.ANSWERED, Perm.ANSWER_SUGGESTION)
CORRECT = Move("take the answer back", {S.ANSWERED}, S.WITH_BOARD, Perm.ANSWER_SUGGESTION, note_required=True)
FEED_BACK = Move("feed back", {S.ANSWERED}, S.FED_BACK, None)
WITHDRAW = Move("withdraw", {S.UNCONFIRMED, *AT_THE_HUB}, S.WITHDRAWN, None)

SUGGESTION = life(
    Suggestion,
    CONFIRM,
    SCREEN,
    ASK_BACK,
    REPLY,
    GO_ON,
    MERGE,
    SEPARATE,
    SET_ASIDE,
    TAKE_UP_AGAIN,
    SEND_UP,
    TAKE_BACK,
    ANSWER,
    CORRECT,
    FEED_BACK,
    WITHDRAW,
)

F = ForumStatus
HOLD_FORUM = Move("record that it was held", {F.PLANNED}, F.HELD, Perm.MANAGE_FORUM)
CANCEL_FORUM = Move("cancel", {F.PLANNED}, F.CANCELLED, Perm.MANAGE_FORUM, note_required=True)

FORUM = life(Forum, HOLD_FORUM, CANCEL_FORUM)

B = BriefingStatus
PUBLISH_BRIEFING = Move("publish", {B.DRAFT}, B.PUBLISHED, Perm.MANAGE_BRIEFING)
WITHDRAW_BRIEFING = Move("take back to draft", {B.PUBLISHED}, B.DRAFT, Perm.MANAGE_BRIEFING, note_required=True)

BRIEFING = life(Briefing, PUBLISH_BRIEFING, WITHDRAW_BRIEFING)

N = IssueStatus
APPROVE_ISSUE = Move("approve", {N.DRAFT}, N.APPROVED, Perm.SEND_ISSUE)
BACK_TO_DRAFT = Move("take back to draft", {N.APPROVED}, N.DRAFT, Perm.SEND_ISSUE)
START_SENDING = Move("start sending", {N.APPROVED}, N.SENDING, Perm.SEND_ISSUE)
FINISH_SENDING = Move("finish sending", {N.SENDING}, N.SENT, None)

ISSUE = life(NewsletterIssue, APPROVE_ISSUE, BACK_TO_DRAFT, START_SENDING, FINISH_SENDING)

R = SubscriberStatus
CONFIRM_ADDRESS = Move("confirm", {R.PENDING}, R.ACTIVE, None)
SUSPEND = Move("suspend", {R.ACTIVE}, R.SUSPENDED, Perm.MANAGE_SUBSCRIBERS, note_required=True)
RESUME = Move("resume", {R.SUSPENDED}, R.ACTIVE, Perm.MANAGE_SUBSCRIBERS)
UNSUBSCRIBE = Move("unsubscribe", {R.PENDING, R.ACTIVE, R.SUSPENDED}, R.UNSUBSCRIBED, Perm.MANAGE_SUBSCRIBERS)
ASK_AGAIN = Move("ask for it again", {R.UNSUBSCRIBED, R.SUSPENDED}, R.PENDING, None)

SUBSCRIBER = life(Subscriber, CONFIRM_ADDRESS, SUSPEND, RESUME, UNSUBSCRIBE, ASK_AGAIN)
