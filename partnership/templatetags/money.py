"""Amounts of money in templates."""

from decimal import Decimal

from django import template

from hscp.lib import money

register = template.Library()


@register.filter
def pounds(amount: Decimal | None) -> str:
    """The amount as people read it, "£1,234.50"; a dash for none."""
    return "–" if amount is None else money.pounds(amount)


@register.filter
def signed_pounds(amount: Decimal | None) -> str:
    """A change with its sign: "+£1,000.00", "−£20.00", "£0.00"; a dash for none."""
    return f"+{money.pounds(amount)}" if amount is not None and amount > 0 else pounds(amount)
