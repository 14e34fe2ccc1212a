"""A meeting in a browser: agenda built, paper uploaded, pack made by a worker, attendance by phone, minutes agreed."""

from datetime import timedelta

import pikepdf
import pytest
from django.utils import timezone

from partnership.choices import DocumentStatus, MeetingStatus
from partnership.engine.workflow import TooLate
from partnership.models import Document, Meeting, OutgoingMessage, StandingItem
from partnership.services import meetings as services
from tests.partnership.meetings import make_item, make_meeting, pdf_bytes
from tests.services import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meeting(audit_group, maya, chloe):
    """Planned for a fortnight's time, after one whose minutes carry something forward."""
    last = make_meeting(audit_group, days=-60, status=MeetingStatus.CIRCULATED)
    make_item(last, "Neglect audit", minute="We began.", carry_forward=True)
    StandingItem.objects.create(group=audit_group, title="Welcome and apologies")
    StandingItem.objects.create(group=audit_group, title="Any other business", closes=True)
    return make_meeting(audit_group, place="Farnham House")


def test_a_meeting_from_its_agenda_to_agreed_minutes(
    visitor, plain_visitor, meeting, maya, chloe, celery_worker, smtp_server, tmp_path
):
    # Given the chair, who builds the agenda and adds an item with a paper
    visitor.signs_in(chloe)
    visitor.sees("Agenda to prepare")
    visitor.goes_to(f"/meetings/{meeting.pk}/agenda/")
    visitor.follows("Build the agenda")
    visitor.presses("Build the agenda")
    visitor.sees("3 items put on the agenda")
    visitor.follows("Add an item")
    visitor.page.get_by_label("Title").fill("First contacts")
    visitor.page.get_by_label("Decision").check()
    visitor.presses("Save")
    visitor.sees("Item added")
    visitor.presses("Up First contacts")
    visitor.looks()
    visitor.follows("Add a paper to First contacts")
    visitor.page.get_by_label("Title of the paper").fill("Audit of first contacts")
    report = tmp_path / "report.pdf"
    report.write_bytes(pdf_bytes(3))
    visitor.page.get_by_label("File").set_input_files(report)
    visitor.presses("Upload")
    visitor.sees("Paper added")
    # when the worker has made the pack
    visitor.follows("Make the pack")
    visitor.presses("Make the pack")
    wait_until(lambda: Document.objects.filter(kind="meeting_pack", status=DocumentStatus.READY).exists(), "the pack")
    with pikepdf.open(Document.objects.get(kind="meeting_pack").file.open()) as pdf, pdf.open_outline() as outline:
        assert [one.title for one in outline.root] == ["Cover", "Contents", "Agenda", "Minutes of the last meeting"]
        assert [one.title for one in outline.root[2].children][1:3] == ["2. First contacts", "3. Neglect audit"]
        assert len(pdf.pages) == 4 + 1 + 3  # cover, contents, agenda, minutes, the title of the paper
    # then the meeting can be called, and its members are sent the link
    visitor.goes_to(f"/meetings/{meeting.pk}/call/")
    visitor.looks()
    visitor.presses("Call the meeting and tell its members")
    visitor.sees("The meeting is called")
    letters = smtp_server.wait_for(2)
    assert all(f"/meetings/{meeting.pk}/pack/" in letter.get_content() for letter in letters)
    # and on its day attendance is recorded on a phone that runs no scripts
    today = timezone.localtime().replace(hour=0, minute=1)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=today, ends_at=today + timedelta(hours=2))
    plain_visitor.signs_in(chloe)
    plain_visitor.goes_to(f"/meetings/{meeting.pk}/")
    plain_visitor.follows("Record attendance")
    for person, answer in ((maya, "deputy"), (chloe, "present")):
        plain_visitor.page.locator(f"input[name=presence_{person.pk}][value={answer}]").check()
    plain_visitor.page.get_by_label("Who came in the place of Maya Member?").fill("Sam Example")
    assert plain_visitor.page.evaluate("document.documentElement.scrollWidth") <= 375
    plain_visitor.presses("Save attendance")
    plain_visitor.sees("Attendance recorded")
    # the minutes are written and circulated
    visitor.goes_to(f"/meetings/{meeting.pk}/minutes/")
    visitor.follows("Write the minute of First contacts")
    visitor.page.get_by_label("What was said").fill("Feedback comes late.")
    visitor.presses("Save")
    visitor.follows("Record a decision about First contacts")
    visitor.page.get_by_label("What was decided?").fill("Feedback within five days.")
    visitor.page.get_by_label("Why?").fill("Who hears nothing stops telling us.")
    visitor.presses("Save")
    visitor.sees(f"Decision PAG/{timezone.localdate().year}/01")
    visitor.looks()
    visitor.follows("The draft is finished")
    visitor.presses("The draft is finished")
    visitor.follows("Circulate the minutes")
    visitor.presses("Circulate the minutes")
    visitor.sees("Members are being told")
    assert OutgoingMessage.objects.filter(name="minutes_circulated").count() == 2
    # and, at the next meeting, agreed: from then on nothing of them changes
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=today - timedelta(days=9), ends_at=today - timedelta(days=8))
    make_meeting(meeting.group, days=0, status=MeetingStatus.HELD)
    visitor.goes_to(f"/meetings/{meeting.pk}/minutes/agree/")
    visitor.page.get_by_role("radio").first.check()
    visitor.presses("The minutes are agreed")
    visitor.sees("They never change again")
    visitor.goes_to(f"/meetings/{meeting.pk}/agenda/")
    visitor.sees("never change")
    with pytest.raises(TooLate):
        services.add_item(meeting, title="Too late", by=chloe)
