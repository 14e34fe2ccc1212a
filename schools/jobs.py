"""Work that the clock starts, and work that needs a service: both call services and hold no rules."""

from celery import shared_task
from django.utils import timezone

from schools.services import collections, contact_import, register, reminders


@shared_task
def compare_register_import(import_id: int) -> None:
    """Compare a received register file, if it still waits."""
    register.compare(import_id)


@shared_task
def apply_register_import(import_id: int) -> None:
    """Write what a register file says, if it still waits."""
    register.apply(import_id)


@shared_task
def resume_register_imports() -> None:
    """Compare and apply the imports whose task was lost."""
    register.work_on_waiting()


@shared_task
def apply_contact_import(import_id: int) -> None:
    """Name the people on a list of contacts, as far as that is still to do."""
    contact_import.apply(import_id)


@shared_task
def resume_contact_imports() -> None:
    """Apply the lists of contacts whose task was lost."""
    contact_import.work_on_waiting()


@shared_task
def open_and_close_collections() -> None:
    """Open the collections whose day has come, close those whose last day is over, add schools that opened since."""
    collections.open_and_close_by_the_clock()


@shared_task
def send_reminders() -> None:
    """Remind the schools that have not returned, on the days that their collection names."""
    reminders.send_reminders(on=timezone.localdate())
