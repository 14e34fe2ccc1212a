"""A mail server that takes everything: ``python -m bench.mail_sink PORT FOLDER``.

It writes one line for each message to the file "messages", its address and its Message-ID, and the first message as it
came to "first". A program of its own, so that it and the sender do not wait for each other's turn.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from aiosmtpd.controller import Controller

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self, folder: Path, file: TextIO) -> None:
        self.first, self.file = folder / "first", file

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = MESSAGE_ID.search(envelope.content)
        self.file.write(f"{envelope.rcpt_tos[0]} {found.group(1).decode() if found else ''}\n")
        self.file.flush()
        if not self.first.exists():
            self.first.write_bytes(envelope.content)
        return "250 OK"


def main(port: int, folder: Path) -> None:
    """Serve until the program is ended."""
    logging.disable(logging.WARNING)  # eight lines for each message
    with (folder / "messages").open("a") as file:
        Controller(Sink(folder, file), hostname="127.0.0.1", port=port).start()
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
