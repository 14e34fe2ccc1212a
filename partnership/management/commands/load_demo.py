"""``manage.py load_demo``: the demo partnership, of the real size and wholly invented."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from partnership.demo import PASSWORD, sign_ins
from partnership.models import User


class Command(BaseCommand):
    help = "Loads the demo partnership into an empty database: invented schools, people and answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--show-sign-ins", action="store_true", help="Only say how to sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["show_sign_ins"]:
            self.load()
        self.show_sign_ins()

    def load(self) -> None:
        """Load each app's demo in the order of the settings, which is the order of imports; all of it or nothing."""
        if User.objects.exists():
            raise CommandError("The database is not empty: the demo is loaded only into an empty one.")
        with transaction.atomic():
            for app in settings.INSTALLED_APPS:
                if find_spec(f"{app}.demo"):
                    self.stdout.write(f"Demo data: {app}")
                    import_module(f"{app}.demo").load(timezone.localdate())

    def show_sign_ins(self) -> None:
        """Who can sign in to the demo, as what."""
        people = sign_ins()
        if not people:
            return
        width = max(len(email) for email, _ in people)
        self.stdout.write(f"Sign in with one of these addresses and the password “{PASSWORD}”:")
        for email, what in people:
            self.stdout.write(f"  {email:<{width}}  {what}")
