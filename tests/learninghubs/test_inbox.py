"""What the hub does with suggestions: read, ask back, merge, set aside, put to the Board; and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from learninghubs import inbox as reads
from learninghubs import inbox_needs
from learninghubs.choices import SuggestionStatus as S
from learninghubs.models import Author, Suggestion
from learninghubs.services import inbox
from learninghubs.services import suggestions as authors_side
from partnership.choices import Role
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import HeldText, OutgoingMessage, StatusChange
from partnership.services import screening
from tests.factories import HubFactory, OrganisationFactory, SuggestionFactory, UserFactory, grant, put_in_the_chair
from tests.partnership.meetings import make_item, make_meeting

NHS_NUMBER = "943 476 5919"


def at_hub(hub, **fields):
    return SuggestionFactory(hub=hub, status=S.AT_HUB, **{"title": "Referrals"} | fields)


def told(name):
    """To whom the e-mail ``name`` went, in order."""
    return sorted(OutgoingMessage.objects.filter(name=name).values_list("to_email", flat=True))


def body(name):
    return OutgoingMessage.objects.get(name=name).body


def address(suggestion):
    return suggestion.author.email


# Read, named


def test_a_lead_takes_a_new_one_on_under_a_title(hub, ben):
    taken = inbox.take_on(SuggestionFactory(hub=hub), by=ben, title="  Answers to referrals ")
    assert (taken.status, taken.title) == (S.AT_HUB, "Answers to referrals")
    assert StatusChange.objects.about(taken).get().by == ben


@pytest.mark.parametrize("title", ["  ", f"About {NHS_NUMBER}"])
def test_a_title_that_is_empty_or_identifies_a_child_takes_nothing_on(title, hub, ben):
    suggestion = SuggestionFactory(hub=hub)
    with pytest.raises(ValidationError) as refused:
        inbox.take_on(suggestion, by=ben, title=title)
    assert list(refused.value.message_dict) == ["title"]
    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.title) == (S.SUBMITTED, "")


def test_the_title_can_be_changed_while_it_is_at_the_hub_and_not_later(hub, ben):
    assert inbox.retitle(at_hub(hub), by=ben, title="Better").title == "Better"
    with pytest.raises(TooLate, match="With the Board"):
        inbox.retitle(SuggestionFactory(hub=hub, status=S.WITH_BOARD), by=ben, title="Better")


def test_the_lead_of_another_hub_can_do_nothing_with_it(hub, bella):
    suggestion = at_hub(hub)
    for refused in (
        lambda: inbox.retitle(suggestion, by=bella, title="x"),
        lambda: inbox.ask_back(suggestion, by=bella, text="Why?"),
        lambda: inbox.hold_text(suggestion, field="now", by=bella),
        lambda: inbox.send_up(suggestion, by=bella),
        lambda: inbox.merge([SuggestionFactory(hub=hub)], into=suggestion, by=bella),
        lambda: inbox.hand_over(suggestion, to=HubFactory(), by=bella, note="x"),
    ):
        with pytest.raises(PermissionDenied):
            refused()


# Held back


def test_a_text_in_which_the_lead_sees_a_child_waits_for_the_business_unit_and_comes_back_cleaned(hub, ben, ursula):
    suggestion = SuggestionFactory(hub=hub, now="Little Tom of number 5 waits", author__person=ursula)
    held = inbox.hold_text(suggestion, field="now", by=ben)
    suggestion.refresh_from_db()
    assert (suggestion.now, held.text) == ("", "Little Tom of number 5 waits")
    assert held.written_by == ursula, "who wrote it, and not who noticed it"
    assert held.kinds == inbox.NOTICED
    assert reads.held_fields([suggestion]) == {suggestion.pk: {"now"}}
    screening.redact_text(held, by=ursula, cleaned="Somebody waits")
    suggestion.refresh_from_db()
    assert suggestion.now == "Somebody waits"


@pytest.mark.parametrize("field", ["now", "title", "status", "nonsense"])
def test_only_one_of_the_three_texts_can_be_held_and_only_while_there_is_something_in_it(field, hub, ben):
    suggestion = SuggestionFactory(hub=hub, now="", title="Something")
    with pytest.raises(ValidationError):
        inbox.hold_text(suggestion, field=field, by=ben)
    assert not HeldText.objects.exists()


@pytest.mark.parametrize("part", ["itself", "what was merged into it"])
def test_it_does_not_go_to_the_board_while_the_board_would_read_half_of_it(part, hub, ben):
    main = at_hub(hub)
    like = SuggestionFactory(hub=hub, status=S.MERGED, merged_into=main)
    inbox.hold_text(main if part == "itself" else like, field="change", by=ben)
    with pytest.raises(ValidationError, match="waits for the business unit"):
        inbox.send_up(main, by=ben)
    main.refresh_from_db()
    assert main.status == S.AT_HUB


# Asked back


def test_a_question_goes_to_the_author_with_a_link_and_the_reply_brings_it_back(hub, ben):
    suggestion = SuggestionFactory(hub=hub)
    question = inbox.ask_back(suggestion, by=ben, text=" Which team? ")
    suggestion.refresh_from_db()
    assert (suggestion.status, question.text, question.asked_by) == (S.ASKED, "Which team?", ben)
    message = OutgoingMessage.objects.get(name="suggestion_question")
    assert message.to_email == address(suggestion)
    assert message.secret, "the link opens the suggestion without an account"
    assert "Which team?" in message.body
    assert "/suggestions/track/" in message.body
    authors_side.reply(question, "The front door")
    assert list(reads.replied_to(Suggestion.objects.all())) == [suggestion]


@pytest.mark.parametrize("text", [" ", f"Is it {NHS_NUMBER}?"])
def test_a_question_without_words_or_about_a_child_is_not_asked(text, hub, ben):
    with pytest.raises(ValidationError):
        inbox.ask_back(SuggestionFactory(hub=hub), by=ben, text=text)
    assert not OutgoingMessage.objects.exists()


def test_who_asked_to_be_forgotten_is_not_asked_anything(hub, ben):
    suggestion = at_hub(hub)
    authors_side.forget(suggestion.author)
    OutgoingMessage.objects.all().delete()
    with pytest.raises(ValidationError, match="forgotten"):
        inbox.ask_back(suggestion, by=ben, text="Which team?")
    inbox.set_aside(suggestion, by=ben, note="Done already")
    assert not OutgoingMessage.objects.exists()


def test_the_hub_goes_on_without_a_reply_and_can_ask_something_else_later(hub, ben):
    suggestion = SuggestionFactory(hub=hub)
    first = inbox.ask_back(suggestion, by=ben, text="Which team?")
    inbox.go_on(suggestion, by=ben)
    first.refresh_from_db()
    assert (first.reply, first.replied_at is None) == ("", False)
    with pytest.raises(TooLate):
        authors_side.reply(first, "The front door")
    inbox.ask_back(suggestion, by=ben, text="Since when?")
    assert suggestion.questions.count() == 2


@pytest.mark.parametrize("end", ["merged", "set aside"])
def test_a_question_that_is_open_when_it_leaves_the_hub_does_not_stand_in_the_way_later(end, hub, ben):
    suggestion, other = SuggestionFactory(hub=hub), at_hub(hub)
    inbox.ask_back(suggestion, by=ben, text="Which team?")
    if end == "merged":
        inbox.merge([suggestion], into=other, by=ben)
        suggestion.refresh_from_db()
        inbox.separate(suggestion, by=ben)
    else:
        inbox.set_aside(suggestion, by=ben, note="Done already")
        inbox.take_up_again(suggestion, by=ben)
    inbox.ask_back(suggestion, by=ben, text="Since when?")
    assert suggestion.questions.filter(replied_at=None).count() == 1


# Merged


def test_like_ones_are_put_into_one_their_authors_stay_on_it_and_are_told_once(hub, ben):
    main, new, asked = at_hub(hub), SuggestionFactory(hub=hub), SuggestionFactory(hub=hub, status=S.ASKED)
    assert inbox.merge([new, asked, main], into=main, by=ben) == main
    assert set(main.merged.all()) == {new, asked}
    assert set(Author.objects.of(main)) == {main.author, new.author, asked.author}
    assert told("suggestion_merged") == sorted([address(new), address(asked)])
    message = OutgoingMessage.objects.get(name="suggestion_merged", to_email=address(new))
    assert new.reference in message.subject
    assert main.reference in message.body


def test_what_was_merged_into_a_merged_one_moves_along_and_its_author_is_not_told_again(hub, ben):
    main, second, third = at_hub(hub), at_hub(hub), at_hub(hub)
    inbox.merge([third], into=second, by=ben)
    inbox.merge([second], into=main, by=ben)
    assert set(main.merged.all()) == {second, third}
    assert told("suggestion_merged") == sorted([address(second), address(third)])


def test_the_unit_merges_across_hubs_and_a_lead_only_within_theirs(hub, other_hub, ursula, ben):
    main, elsewhere = at_hub(hub), at_hub(other_hub)
    with pytest.raises(PermissionDenied):
        inbox.merge([elsewhere], into=main, by=ben)
    inbox.merge([elsewhere], into=main, by=ursula)
    elsewhere.refresh_from_db()
    assert (elsewhere.merged_into, elsewhere.hub) == (main, other_hub)


def test_all_are_merged_or_none(hub, ben):
    main, fits, with_board = at_hub(hub), at_hub(hub), SuggestionFactory(hub=hub, status=S.WITH_BOARD)
    with pytest.raises(MoveNotAllowed):
        inbox.merge([fits, with_board], into=main, by=ben)
    assert not main.merged.exists()
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("status", [S.WITH_BOARD, S.ANSWERED, S.SET_ASIDE, S.WITHDRAWN])
def test_nothing_is_put_into_one_that_has_left_the_hub(status, hub, ben):
    with pytest.raises(TooLate):
        inbox.merge([at_hub(hub)], into=SuggestionFactory(hub=hub, status=status), by=ben)


def test_one_is_not_merged_into_itself_nor_into_one_that_is_merged(hub, ben):
    main, like = at_hub(hub), at_hub(hub)
    with pytest.raises(ValidationError, match="Tick"):
        inbox.merge([main], into=main, by=ben)
    inbox.merge([like], into=main, by=ben)
    with pytest.raises(TooLate):
        inbox.merge([main], into=like, by=ben)


def test_a_merged_one_is_separated_again_but_not_once_the_one_it_is_part_of_is_with_the_board(hub, ben):
    main, one, other = at_hub(hub), at_hub(hub), at_hub(hub)
    inbox.merge([one, other], into=main, by=ben)
    one.refresh_from_db()
    other.refresh_from_db()
    assert inbox.separate(one, by=ben).status == S.AT_HUB
    assert told("suggestion_separated") == [address(one)]
    inbox.send_up(main, by=ben)
    with pytest.raises(TooLate, match="put to the Board as part of"):
        inbox.separate(other, by=ben)
    other.refresh_from_db()
    assert (other.status, other.merged_into) == (S.MERGED, main)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_two_into_each_other_at_once_one_wins(hub, ben, ursula):
    one, other = at_hub(hub), at_hub(hub)
    start = Barrier(2)

    def press(suggestion, into, by):
        start.wait()
        try:
            inbox.merge([suggestion], into=into, by=by)
            return "merged"
        except TooLate:
            return "too late"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(press, [one, other], [other, one], [ben, ursula])
    assert sorted(outcomes) == ["merged", "too late"]
    assert Suggestion.objects.filter(status=S.MERGED).count() == 1
    assert len(told("suggestion_merged")) == 1


# Alike


def test_like_ones_are_those_that_share_words_the_likest_first(hub):
    def say(change):
        return SuggestionFactory(hub=hub, now="", change=change, good="")

    suggestion = say("Answer referrals from schools within one day")
    far, near = say("Give schools a telephone number"), say("Referrals of schools must be answered within a day")
    say("Train foster carers")
    among = Suggestion.objects.all()
    assert list(reads.like(suggestion, among)) == [near, far]
    assert list(reads.like(near, among.exclude(pk=far.pk))) == [suggestion], "“answered” is like “answer”"


@pytest.mark.parametrize("words", ["", "a & !( :* ' | b", "42 %% 17"])
def test_what_has_no_words_to_go_by_is_like_nothing(words, hub):
    suggestion = SuggestionFactory(hub=hub, now=words, change="", good="")
    SuggestionFactory(hub=hub, now="a b 42")
    assert not reads.like(suggestion, Suggestion.objects.all())


# Not taken further


def test_all_its_authors_are_told_why_it_is_taken_no_further_and_that_it_is_taken_up_again(hub, ben):
    main, like = at_hub(hub), at_hub(hub)
    inbox.merge([like], into=main, by=ben)
    aside = inbox.set_aside(main, by=ben, note=" The county did this in May ")
    assert aside.status == S.SET_ASIDE
    assert told("suggestion_set_aside") == sorted([address(main), address(like)])
    message = OutgoingMessage.objects.get(name="suggestion_set_aside", to_email=address(like))
    assert "The county did this in May" in message.body
    assert inbox.take_up_again(main, by=ben).status == S.AT_HUB
    assert told("suggestion_taken_up") == sorted([address(main), address(like)])


@pytest.mark.parametrize(("note", "error"), [("  ", NoteRequired), (f"See {NHS_NUMBER}", ValidationError)])
def test_nobody_is_told_of_a_reason_that_is_missing_or_identifies_a_child(note, error, hub, ben):
    suggestion = at_hub(hub)
    with pytest.raises(error):
        inbox.set_aside(suggestion, by=ben, note=note)
    suggestion.refresh_from_db()
    assert suggestion.status == S.AT_HUB
    assert not OutgoingMessage.objects.exists()


# To the Board and back


def test_it_is_put_to_the_board_under_its_title_or_a_new_one(hub, ben):
    before = timezone.now()
    sent = inbox.send_up(at_hub(hub, title="Referrals"), by=ben)
    assert (sent.status, sent.title) == (S.WITH_BOARD, "Referrals")
    assert before <= sent.sent_up_at <= timezone.now()
    assert inbox.send_up(at_hub(hub, title=""), by=ben, title=" Better ").title == "Better"
    with pytest.raises(ValidationError, match="Enter a short title"):
        inbox.send_up(at_hub(hub, title=""), by=ben)


def test_several_go_to_the_board_together_or_none_of_them(hub, ben):
    one, other = at_hub(hub), at_hub(hub)
    with pytest.raises(ValidationError) as refused:
        inbox.send_up_all({one: "Fine", other: " "}, by=ben)
    assert list(refused.value.message_dict) == [f"title_{other.pk}"]
    assert Suggestion.objects.filter(status=S.WITH_BOARD).count() == 0
    assert len(inbox.send_up_all({one: "Fine", other: "Too"}, by=ben)) == 2


def test_two_leads_who_press_at_once_put_it_to_the_board_once(hub, ben, ursula):
    suggestion = at_hub(hub)
    inbox.send_up(suggestion, by=ben)
    with pytest.raises(MoveNotAllowed, match="Ben Hub changed the status"):
        inbox.send_up(suggestion, by=ursula)
    assert StatusChange.objects.about(suggestion).count() == 1


def test_the_chair_is_told_of_one_that_is_taken_back_while_it_is_on_an_agenda_to_come(hub, ben, chloe, board):
    put_in_the_chair(chloe, board, organisation=OrganisationFactory())
    suggestion = inbox.send_up(at_hub(hub), by=ben)
    make_item(make_meeting(board), source=suggestion)
    assert inbox.take_back(suggestion, by=ben, note="Two more said it").status == S.AT_HUB
    assert told("suggestion_taken_back") == [chloe.email]
    assert "Two more said it" in body("suggestion_taken_back")
    assert suggestion.get_absolute_url() not in body("suggestion_taken_back"), "the chair sees it no more"


def test_nobody_is_told_of_one_that_is_taken_back_before_it_is_on_an_agenda(hub, ben, chloe, board):
    put_in_the_chair(chloe, board, organisation=OrganisationFactory())
    inbox.take_back(inbox.send_up(at_hub(hub), by=ben), by=ben, note="Two more said it")
    assert not OutgoingMessage.objects.exists()


# To another hub


def test_one_is_handed_to_another_hub_with_what_was_merged_into_it_and_its_leads_are_told(hub, other_hub, ben, bella):
    main, like = at_hub(hub), at_hub(hub)
    inbox.merge([like], into=main, by=ben)
    handed = inbox.hand_over(main, to=other_hub, by=ben, note="It is about Watford")
    like.refresh_from_db()
    assert (handed.hub, like.hub, handed.status) == (other_hub, other_hub, S.AT_HUB)
    assert told("suggestion_handed_over") == [bella.email]
    change = StatusChange.objects.about(main).get(verb=inbox.HAND_OVER)
    assert (change.by, change.note) == (ben, "It is about Watford")
    assert not reads.in_inbox(ben).filter(pk=main.pk).exists()
    assert reads.in_inbox(bella).filter(pk=main.pk).exists()


def test_it_is_not_handed_to_the_hub_that_has_it_nor_to_one_that_has_closed_nor_without_a_reason(hub, other_hub, ben):
    suggestion = at_hub(hub)
    with pytest.raises(NoteRequired):
        inbox.hand_over(suggestion, to=other_hub, by=ben, note=" ")
    with pytest.raises(ValidationError, match="already"):
        inbox.hand_over(suggestion, to=hub, by=ben, note="x")
    other_hub.group.ends = timezone.localdate()
    other_hub.group.save()
    with pytest.raises(ValidationError, match="has closed"):
        inbox.hand_over(suggestion, to=other_hub, by=ben, note="x")


def test_the_unit_hands_on_what_is_left_at_a_hub_that_has_closed(hub, other_hub, ursula):
    suggestion = at_hub(hub)
    hub.group.ends = timezone.localdate()
    hub.group.save()
    assert inbox.hand_over(suggestion, to=other_hub, by=ursula, note="The hub has closed").hub == other_hub


# How long, and what it needs of people


def received(day):
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def test_days_waiting_are_working_days_and_end_with_the_answer(hub):
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    waits = SuggestionFactory.build(hub=hub, status=S.WITH_BOARD, received_at=received(friday))
    assert reads.days_waiting(waits, on=monday) == 1
    waits.status = S.ANSWERED
    assert reads.days_waiting(waits, on=monday) is None


def test_a_lead_is_told_what_is_new_and_how_long_the_oldest_waits_and_the_unit_only_of_what_is_late(
    hub, other_hub, ben, bella, ursula, stella
):
    monday = date(2026, 11, 23)
    SuggestionFactory(hub=hub, received_at=received(monday - timedelta(days=10)))  # a Friday, six working days ago
    SuggestionFactory(hub=hub, received_at=received(monday - timedelta(days=3)))
    SuggestionFactory(hub=other_hub, status=S.UNCONFIRMED, received_at=received(monday - timedelta(days=99)))
    need = inbox_needs.to_read(ben, monday)[0]
    assert (need.title, need.detail) == ("2 suggestions to read", "The oldest has waited 6 working days")
    assert need.due == date(2026, 11, 20)
    assert need.urgent
    assert [need.title for need in inbox_needs.to_read(ursula, monday)] == ["1 suggestion to read"]
    assert inbox_needs.to_read(bella, monday) == inbox_needs.to_read(stella, monday) == []


def test_a_lead_is_told_of_a_reply_until_something_is_done_with_it(hub, ben, ursula):
    suggestion = SuggestionFactory(hub=hub, title="Referrals")
    authors_side.reply(inbox.ask_back(suggestion, by=ben, text="Which team?"), "The front door")
    needs = inbox_needs.replies(ben, timezone.localdate())
    assert [(need.title, need.url) for need in needs] == [
        (f"Reply received: {suggestion}", suggestion.get_absolute_url())
    ]
    assert inbox_needs.replies(ursula, timezone.localdate()) == []
    inbox.send_up(suggestion, by=ben)
    assert inbox_needs.replies(ben, timezone.localdate()) == []


def test_who_leads_two_hubs_has_one_inbox(hub, other_hub, ben):
    grant(ben, Role.HUB_LEAD, group=other_hub.group)
    ben.forget_reach()
    made = [SuggestionFactory(hub=hub), SuggestionFactory(hub=other_hub)]
    assert set(reads.in_inbox(ben)) == set(made)
    assert not reads.in_inbox(UserFactory()).exists()
