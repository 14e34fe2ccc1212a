"""The environment, read once and typed. Every setting that may differ between machines is named here."""

import sys

import environ

env = environ.Env()


def required(*names: str) -> None:
    """End the process with one sentence, and no traceback, naming each of ``names`` that is missing or empty."""
    missing = [name for name in names if not env.str(name, default="")]
    if missing:
        sys.exit(f"Set {', '.join(missing)} in the environment before starting the portal.")
