"""Suggestions from their authors' side: sent, confirmed, replied about, withdrawn; and authors who are forgotten.

Who sends one without an account proves their address by a link; until then nobody else sees what they wrote. Every text
is screened; one that its writer insists on is held until the business unit has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from hscp.lib.screening import Hit
from learninghubs.choices import MEETINGS_TO_ANSWER, SuggestionStatus
from learninghubs.models import Author, Forum, LearningHub, Question, ReferenceYear, Suggestion, Theme
from learninghubs.models.suggestions import TEXTS
from learninghubs.moves import CONFIRM, REPLY, WITHDRAW
from learninghubs.services.answers import leads_of
from learninghubs.services.authors import private_link, renew_link, spoil_link, write_to_authors
from partnership.choices import HeldTextStatus, MessageStatus, Role
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import HeldText, Organisation, OutgoingMessage, User
from partnership.services import screening
from partnership.texts import find, refuse, refuse_identifying

LONGEST_TEXT = 5_000  # characters
CONFIRM_DAYS = 7  # how long a link that confirms an address works
FORGET_AFTER = timedelta(days=14)  # what nobody confirmed, counted from the last link
FORGOTTEN_ADDRESS = ""
LINKS = "suggestion_links"  # the message with all links of an address

S = SuggestionStatus


class LinkExpired(TooLate):
    """The link that confirms a suggestion is too old. The text is ready to show."""


# --- Sent -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    *,
    hub: LearningHub,
    now: str,
    change: str,
    good: str,
    form_token: UUID,
    person: User | None = None,
    email: str = "",
    name: str = "",
    agency: Organisation | None = None,
    theme: Theme | None = None,
    forum: Forum | None = None,
    may_be_shared: bool = True,
    insists: Collection[str] = (),
) -> Suggestion:
    """A suggestion of ``person``, who is signed in, which the hub has at once; or of whoever reads ``email``, which the
    hub has once they have confirmed it by the link that is sent to them.

    The same words under the same ``form_token`` give the suggestion that is there already. ``insists`` are the names of
    texts (``TEXTS``) of which their writer says that they identify nobody: where something was found in them, they are
    held. Raises ``ValidationError`` by field: an empty or too long text, something found in it, a hub that has closed,
    neither a person nor an address.
    """
    texts = {field: text.strip() for field, text in zip(TEXTS, (now, change, good), strict=True)}
    _check_sender(person, email)
    _check_hub(hub)
    _check_lengths(texts)
    refuse_identifying(name=name)
    held = _found(texts, insists)
    years = _locked_year(timezone.localdate().year)
    earlier: Suggestion | None = Suggestion.objects.filter(form_token=form_token).first()
    if earlier is not None and words_of(earlier) == texts:
        return earlier
    suggestion: Suggestion = Suggestion.objects.create(
        reference=_next_reference(years),
        hub=hub,
        theme=theme,
        forum=forum,
        agency=agency,
        may_be_shared=may_be_shared,
        form_token=uuid4() if earlier else form_token,  # sent before, and changed since: another suggestion
        **{field: text for field, text in texts.items() if field not in held},
    )
    for field, hits in held.items():
        screening.hold(suggestion, field, texts[field], hits=hits, by=person)
    author = _add_author(suggestion, person, email=email, name=name)
    if person is not None:
        return confirm(author)
    _ask_to_confirm(author)
    return suggestion


def _check_sender(person: User | None, email: str) -> None:
    if person is None and not email.strip():
        raise ValidationError({"email": "Enter your work email address"})


def _check_hub(hub: LearningHub) -> None:
    group = hub.group
    if group.ends is not None and group.ends <= timezone.localdate():
        raise ValidationError({"hub": f"{hub} has closed. Select another hub."})


def _check_lengths(texts: Mapping[str, str]) -> None:
    errors = {}
    for field, text in texts.items():
        if not text:
            errors[field] = f"Say {Suggestion.label_of(field)}"
        elif len(text) > LONGEST_TEXT:
            errors[field] = f"Use {LONGEST_TEXT:,} characters or fewer: this has {len(text):,}"
    if errors:
        raise ValidationError(errors)


def _found(texts: Mapping[str, str], insists: Collection[str]) -> dict[str, tuple[Hit, ...]]:
    """What was found in the texts, by field. Raises ``ValidationError`` for those whose writer does not insist."""
    found = {field: hits for field, text in texts.items() if (hits := find(text))}
    refuse({field: hits for field, hits in found.items() if field not in insists})
    return found


def _locked_year(year: int) -> ReferenceYear:
    """The count of a year's references, locked until the transaction ends: one after the other, each gets its own."""
    ReferenceYear.objects.get_or_create(year=year)
    return ReferenceYear.objects.select_for_update().get(year=year)


def _next_reference(locked: ReferenceYear) -> str:
    locked.last += 1
    locked.save(update_fields=["last"])
    return f"S-{locked.year}-{locked.last:04d}"


def words_of(suggestion: Suggestion) -> dict[str, str]:
    """The three texts as they were sent, also those that wait to be looked at: for their writer's eyes only."""
    waiting = waiting_texts(suggestion)
    return {field: waiting.get(field) or getattr(suggestion, field) for field in TEXTS}


def waiting_texts(record: Suggestion | Question) -> dict[str, str]:
    """The texts of ``record`` that wait for the business unit, by field: for their writer's eyes only. One query."""
    rows = HeldText.objects.about(record).filter(status=HeldTextStatus.WAITING)
    return dict(rows.values_list("field", "text"))


def _add_author(suggestion: Suggestion, person: User | None, *, email: str, name: str) -> Author:
    address, called = (person.email, person.name) if person else (email.strip(), " ".join(name.split()))
    author = Author(suggestion=suggestion, person=person, email=address, name=called)
    spoil_link(author)  # until it has a number, from which its link is made
    author.save()
    return author


# --- Confirmed --------------------------------------------------------------------------------------------------------


def _ask_to_confirm(author: Author) -> None:
    """Send the link that confirms. Nothing that was typed is in it: nobody is to write to others through the portal."""
    write_to_authors([author], "suggestion_confirm", days=CONFIRM_DAYS)


@transaction.atomic
def confirm(author: Author) -> Suggestion:
    """The address is its author's: the hub has the suggestion now, and its author a receipt with the private link.

    An address that is that of an account makes it that person's. Raises ``MoveNotAllowed`` for what is confirmed
    already, ``LinkExpired``.
    """
    suggestion = take(CONFIRM, author.suggestion, by=None)
    if has_expired(author, at=timezone.now()):
        raise LinkExpired(f"This link worked for {CONFIRM_DAYS} days, which are over. Ask for a new one.")
    author.person = author.person or User.objects.filter(email__iexact=author.email, is_active=True).first()
    author.confirmed_at = timezone.now()
    author.save(update_fields=["person", "confirmed_at"])
    author.suggestion, is_held = suggestion, bool(waiting_texts(suggestion))
    write_to_authors([author], "suggestion_received", is_held=is_held, meetings=MEETINGS_TO_ANSWER)
    _tell_hub(suggestion, "suggestion_arrived")
    return suggestion


def has_expired(author: Author, *, at: datetime) -> bool:
    """Whether the link that confirms is too old at ``at``."""
    return author.link_sent_at <= at - timedelta(days=CONFIRM_DAYS)


@transaction.atomic
def send_new_confirmation(author: Author) -> None:
    """Send another link that confirms; the one before stops working. Does nothing for what is confirmed already."""
    suggestion = lock(author.suggestion)
    if suggestion.status == S.UNCONFIRMED:
        renew_link(author)
        _ask_to_confirm(author)


@transaction.atomic
def send_links(email: str) -> None:
    """Send whoever reads ``email`` the links to all suggestions made with it, in one message; none if there are none.

    A suggestion that is not confirmed yet gets a new link of the kind that ends.
    """
    found = Author.objects.filter(email__iexact=email.strip()).exclude(email=FORGOTTEN_ADDRESS)
    authors = list(found.select_related("suggestion").order_by("-suggestion__received_at"))
    for author in authors:
        if author.suggestion.status == S.UNCONFIRMED:
            renew_link(author)
    if authors:
        entries = [(author.suggestion, private_link(author)) for author in authors]
        mail.queue(LINKS, to=[authors[0].email], secret=True, entries=entries, days=CONFIRM_DAYS)


# --- Later ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def reply(question: Question, text: str, *, insists: bool = False) -> Question:
    """Answer what the hub asked; who asked is told, and the suggestion is the hub's again.

    Where something is found in the text and its writer insists, the reply stays empty until the business unit has
    looked. Raises ``ValidationError``, and ``TooLate`` if the question is answered or the hub went on without.
    """
    words = text.strip()
    _check_reply(words)
    hits = _found({"reply": words}, ["reply"] if insists else []).get("reply", ())
    suggestion = take(REPLY, question.suggestion, by=None)
    locked = lock(question)
    if locked.replied_at is not None:
        raise TooLate("This question has been answered already.")
    locked.reply, locked.replied_at = "" if hits else words, timezone.now()
    locked.save(update_fields=["reply", "replied_at"])
    if hits:
        author = Author.objects.filter(suggestion=suggestion).select_related("person").first()
        screening.hold(locked, "reply", words, hits=hits, by=author.person if author else None)
    mail.queue("suggestion_replied", to=[locked.asked_by], about=suggestion, suggestion=suggestion, is_held=bool(hits))
    return locked


def _check_reply(words: str) -> None:
    if not words:
        raise ValidationError({"reply": "Enter your reply"})
    if len(words) > LONGEST_TEXT:
        raise ValidationError({"reply": f"Use {LONGEST_TEXT:,} characters or fewer: this has {len(words):,}"})


@transaction.atomic
def withdraw(suggestion: Suggestion) -> Suggestion:
    """Its author takes the suggestion back; what waits to be looked at is forgotten, and the hub is told.

    Raises ``MoveNotAllowed`` once it is with the Board, and ``TooLate`` where others asked for the same.
    """
    locked = take(WITHDRAW, suggestion, by=None)
    if locked.merged.exists():
        raise TooLate(
            "Others have asked for the same, and the hub has brought their suggestions together with this one, so it "
            "cannot be withdrawn. You can ask to be forgotten instead."
        )
    for field in TEXTS:
        screening.withdraw(locked, field)
    _tell_hub(locked, "suggestion_withdrawn")
    return locked


@transaction.atomic
def forget(author: Author) -> None:
    """Remove who made a suggestion: name, address, account, their private link, and the letters about it.

    What they said stays, without them, and they are told nothing more; the hub is told only that they asked for it. One
    that was never confirmed goes altogether. What they get by other lists (newsletters, forums) is not touched: each
    has a way out of its own. Nothing happens the second time.
    """
    suggestion = lock(author.suggestion)
    locked = lock(author)
    if locked.forgotten_at is not None:
        return
    if suggestion.status == S.UNCONFIRMED:
        _forget_wholly(suggestion)
        return
    address, letter = locked.email, locked.letter_id
    locked.name, locked.email, locked.person, locked.letter = "", FORGOTTEN_ADDRESS, None, None
    locked.forgotten_at = timezone.now()
    spoil_link(locked)
    locked.save(update_fields=["name", "email", "person", "letter", "forgotten_at", "secret_hash"])
    _clear_letters(suggestion, address, letter=letter)
    _held_about(suggestion).update(written_by=None)
    _tell_hub(suggestion, "suggestion_author_forgotten")


def _clear_letters(suggestion: Suggestion, address: str, *, letter: int | None = None) -> None:
    """What waits to be sent to ``address`` about it is not; of what was sent, only that it was is kept. ``letter`` (an
    id) is the one that carries the answer."""
    about = Q(about_type=ContentType.objects.get_for_model(Suggestion), about_id=suggestion.pk)
    letters = OutgoingMessage.objects.filter(to_email__iexact=address)
    letters.filter(about | Q(pk=letter), status=MessageStatus.QUEUED).delete()
    gone = letters.filter(about | Q(pk=letter) | Q(name=LINKS)).exclude(status=MessageStatus.QUEUED)
    gone.update(to_email=FORGOTTEN_ADDRESS, to_user=None, body="")


def _held_about(suggestion: Suggestion) -> models.QuerySet[HeldText]:
    """The held texts of a suggestion and of the replies about it."""
    suggestions, questions = (ContentType.objects.get_for_model(model) for model in (Suggestion, Question))
    asked = suggestion.questions.order_by().values("pk")
    return HeldText.objects.filter(
        Q(about_type=suggestions, about_id=suggestion.pk) | Q(about_type=questions, about_id__in=asked)
    )


def forget_unconfirmed(*, at: datetime) -> int:
    """Forget the suggestions that nobody has confirmed within ``FORGET_AFTER`` of the last link, and return how many.

    Nothing of them stays: neither words nor addresses.
    """
    old = Suggestion.objects.filter(status=S.UNCONFIRMED, author__link_sent_at__lte=at - FORGET_AFTER)
    return sum(_forget_if_unconfirmed(pk) for pk in old.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _forget_if_unconfirmed(pk: int) -> bool:
    """Forget one and return whether it was still there and unconfirmed. A transaction of its own."""
    rows = Suggestion.objects.select_for_update(skip_locked=True, of=("self",)).order_by()
    found = rows.filter(pk=pk, status=S.UNCONFIRMED).first()
    if found is not None:
        _forget_wholly(found)
    return found is not None


def _forget_wholly(suggestion: Suggestion) -> None:
    _clear_letters(suggestion, suggestion.author.email)
    _held_about(suggestion).delete()
    suggestion.delete()


# --- The hub ----------------------------------------------------------------------------------------------------------


def _tell_hub(suggestion: Suggestion, name: str) -> None:
    """Write to the hub's leads; to the business unit, where it has none."""
    today = timezone.localdate()
    to = leads_of(suggestion.hub, today) or User.objects.there(on=today).holding(Role.BUSINESS_UNIT, on=today)
    mail.queue(name, to=to, about=suggestion, suggestion=suggestion)
