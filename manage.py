#!/usr/bin/env python
"""Django's command line, with PostgreSQL and Redis provided where the environment names none."""

import os
import sys

from django.core.management import CommandParser, execute_from_command_line

LOCAL_SETTINGS = "hscp.settings.local"


def settings_module(arguments: list[str]) -> str:
    """The settings that Django will use: ``--settings``, else ``DJANGO_SETTINGS_MODULE``, else the local ones."""
    parser = CommandParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    chosen = parser.parse_known_args(arguments)[0].settings
    return chosen or os.environ.get("DJANGO_SETTINGS_MODULE") or LOCAL_SETTINGS


def provide_services() -> None:
    """Provide PostgreSQL and Redis, or stop with the sentence that says why not."""
    from hscp import embedded  # only now: importing ``hscp`` settles DJANGO_SETTINGS_MODULE

    try:
        embedded.provide()
    except embedded.ServiceNotStarted as error:
        sys.exit(str(error))


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module(sys.argv[2:])
    if os.environ["DJANGO_SETTINGS_MODULE"] == LOCAL_SETTINGS:
        provide_services()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
