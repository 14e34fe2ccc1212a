"""Two people over one form: whoever saves second is shown what is saved now, and loses nothing that they typed.

A form carries, as ``loaded``, the fingerprint or the version of what it was filled from. The service compares it with
the locked row before it writes.
"""

from __future__ import annotations

from typing import Any


class ChangedMeanwhile(Exception):
    """Somebody else saved since the form was loaded; nothing was written. ``current`` is what is saved now, ``loaded``
    what a form filled from it carries."""

    def __init__(self, current: Any, loaded: Any) -> None:
        self.current, self.loaded = current, loaded
        super().__init__("Somebody else changed this while you were working on it.")
