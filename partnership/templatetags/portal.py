"""Template tags that every page may use (a builtin library: no ``{% load %}`` needed)."""

from typing import Any

from django import template
from django.db import models

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], perm: str, record: models.Model | None = None) -> bool:
    """Whether the person of this page holds ``perm`` on ``record``: the question that the page behind the link asks."""
    user = context["request"].user
    return bool(user.is_authenticated and user.has_perm(perm, record))
