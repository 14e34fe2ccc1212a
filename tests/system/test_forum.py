"""A forum in a browser: booked on a phone without JavaScript, attendance at the door, a briefing published."""

from datetime import timedelta

import pikepdf
import pytest
from django.utils import timezone

from learninghubs.models import Forum
from partnership.choices import DocumentStatus
from partnership.models import Document
from tests.factories import ThemeFactory
from tests.learninghubs.forum_helpers import guest, link_in, make_forum
from tests.services import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def fits(visitor) -> bool:
    """Whether nothing is wider than the phone."""
    return visitor.page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_forum_from_a_booking_by_phone_to_its_briefing(visitor, plain_visitor, hub, ben, celery_worker, smtp_server):
    # Given a forum to which somebody else comes
    forum = make_forum(hub, theme=ThemeFactory(title="Gangs and knife crime"), places=20)
    guest(forum)
    for page in ("", f"{forum.pk}/", f"{forum.pk}/book/email/"):
        visitor.goes_to(f"/learning/forums/{page}")
        visitor.looks()
    # when a practitioner without an account books on a phone that runs no scripts
    plain_visitor.goes_to("/learning/forums/")
    plain_visitor.follows("Gangs and knife crime")
    plain_visitor.sees("Book a place")
    assert fits(plain_visitor)
    plain_visitor.follows("Book a place")
    plain_visitor.page.get_by_label("Your name").fill("Noor New")
    plain_visitor.page.get_by_label("Your work email address").fill("noor@agency.example")
    assert fits(plain_visitor)
    plain_visitor.presses("Send me the link")
    plain_visitor.sees("Look into your mailbox")
    letters = smtp_server.wait_for(3)
    letter = next(one for one in letters if "noor@agency.example" in one["To"])
    plain_visitor.goes_to(link_in(letter.get_content()))
    plain_visitor.presses("Confirm my booking")
    # then the place is theirs
    plain_visitor.sees("You have a place at this forum")
    assert fits(plain_visitor)
    # and on the day the hub lead takes attendance on a phone
    start = timezone.now() - timedelta(minutes=1)
    Forum.objects.filter(pk=forum.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    visitor.page.set_viewport_size({"width": 375, "height": 800})
    visitor.signs_in(ben)
    visitor.goes_to(f"/learning/forums/{forum.pk}/")
    visitor.looks()
    visitor.follows("Take attendance")
    visitor.page.get_by_label("Noor New").check()
    visitor.page.get_by_label("How many others came?").fill("3")
    visitor.page.get_by_label("Name (optional)").fill("Wanda Walkin")
    visitor.looks()
    assert fits(visitor)
    visitor.presses("Save and add to the list")
    visitor.sees("Attendance saved")
    assert visitor.page.get_by_label("Wanda Walkin").is_checked()
    # records what happened, and publishes the briefing
    visitor.goes_to(f"/learning/forums/{forum.pk}/")
    visitor.follows("Record what happened")
    visitor.page.get_by_label("What was discussed?").fill("How first contacts are answered.")
    visitor.page.get_by_label("What was learned?").fill("Ask early\nTell those who asked")
    visitor.sends("Save")
    visitor.follows("Draft the learning briefing")
    visitor.sends("Draft the briefing")
    visitor.page.get_by_label("What should people do differently?").fill("Ring back within five days")
    visitor.looks()
    visitor.sends("Save")
    visitor.follows("Publish")
    visitor.presses("Publish")
    visitor.sees("Briefing published")
    visitor.looks()
    # so that everybody can read it, on one page of paper too
    wait_until(lambda: Document.objects.filter(status=DocumentStatus.READY).exists(), "the briefing's PDF")
    with pikepdf.open(Document.objects.get().file.open()) as pdf:
        assert len(pdf.pages) == 1
    plain_visitor.goes_to(f"/learning/forums/{forum.pk}/briefing/")
    plain_visitor.sees("Ring back within five days")
    plain_visitor.sees("5 people came")
    plain_visitor.sees("Download the briefing as a PDF of one page")
