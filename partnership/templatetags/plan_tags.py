"""Template filters of the plan, its priorities and reviews."""

from django import template
from django.utils.safestring import SafeString

from hscp.lib.plain_text import as_html

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    """Plain text as paragraphs and simple lists."""
    return as_html(text)
