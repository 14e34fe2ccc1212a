"""A pause for a service that does not answer, so that one after another does not wait for it in vain."""

import time


class Pause:
    """Remembers, in this process, that something did not answer, for ``seconds``."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0

    def begin(self) -> None:
        """It has just failed to answer."""
        self._until = time.monotonic() + self.seconds

    def end(self) -> None:
        """It may be asked again at once."""
        self._until = 0.0

    def is_on(self) -> bool:
        """Whether it is too early to ask again."""
        return time.monotonic() < self._until
