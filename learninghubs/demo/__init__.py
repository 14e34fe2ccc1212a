"""The demo's learning loop: hubs, themes, forums, suggestions, newsletters. Everybody and everything is invented."""

from __future__ import annotations

from datetime import date

from learninghubs.demo import forums, hubs, newsletters, suggestions


def load(on: date) -> None:
    """The loop as it stands on ``on``."""
    hubs.load(on)
    forums.load(on)
    suggestions.load(on)
    newsletters.load(on)
