"""What needs people beyond any one app, and where they can go."""

from datetime import date

from django.urls import reverse

from partnership.choices import HeldTextStatus
from partnership.engine import home
from partnership.models import HeldText, User
from partnership.permissions import Perm

home.nav("Home", "home", perm=Perm.USE_PORTAL, order=0)


@home.needs
def texts_to_look_at(user: User, on: date) -> list[home.Need]:
    """Texts held back that wait for the business unit."""
    if not user.has_perm(Perm.DECIDE_HELD_TEXT):
        return []
    waiting = HeldText.objects.allowed(user, Perm.DECIDE_HELD_TEXT).filter(status=HeldTextStatus.WAITING).count()
    if not waiting:
        return []
    title = "1 text to look at" if waiting == 1 else f"{waiting} texts to look at"
    detail = "Held back because they may identify a child"
    return [
        home.Need(title, reverse("held_texts"), detail if waiting > 1 else "Held back because it may identify a child")
    ]


@home.links
def your_account(user: User) -> list[home.Link]:
    """One's own name, password and second step; for the business unit also what has been held back."""
    links = [home.Link("Your account", reverse("your_account"), "Your name, password and second step", order=90)]
    if user.has_perm(Perm.VIEW_HELD_TEXT):
        links.append(home.Link("Texts held back", reverse("held_texts"), "What may identify a child", order=80))
    return links
