"""``make run``: the whole portal on this machine as one group of processes, with demo data in an empty database.

The web process is Django's own ``runserver``, not gunicorn: it reloads changed code and templates, serves the front-end
files uncollected and shows a traceback in the page. Production's shape is ``docker-compose.yml``.
"""

import contextlib
import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import django
from honcho.environ import parse_procfile
from honcho.manager import KILL_WAIT, Manager
from honcho.process import Popen, Process

from hscp import embedded

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PROCFILE = embedded.PROJECT / "Procfile"


def main() -> int:
    """Run the portal until it is told to end. Returns the exit code."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    if "MAKELEVEL" in os.environ:
        _follow_parent(signal.SIGTERM)
    port = _free_port(os.environ.get("PORT") or "8000")
    _set_environment(port)
    try:
        embedded.provide()
        sign_ins = _prepare()
        return _run(port, sign_ins)
    except embedded.ServiceNotStarted as error:
        sys.exit(str(error))
    finally:
        embedded.release()


def _end(signum: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + signum)


def _free_port(text: str) -> int:
    """The port that ``text`` names. Stops with one sentence if it is none, or taken."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another, for example: PORT=8123 make run")
    return port


def _set_environment(port: int) -> None:
    """What web, worker and beat inherit."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "hscp.settings.local",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_RUNSERVER_HIDE_WARNING": "true",
    }
    os.environ.setdefault("PORTAL_ADDRESS", f"http://localhost:{port}")


def _prepare() -> str:
    """Migrate, and load the demo partnership into an empty database. Returns the text about who can sign in."""
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from partnership.models import User

    print("Preparing the database ...", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    if not User.objects.exists():
        print("The database is empty: loading the demo partnership ...", flush=True)
        call_command("load_demo", stdout=io.StringIO())  # it ends with the sign-ins, which we show at the end
    sign_ins = io.StringIO()
    call_command("load_demo", show_sign_ins=True, stdout=sign_ins)
    connections.close_all()
    return sign_ins.getvalue()


# The group


class FollowingProcess(Process):  # type: ignore[misc]  # honcho has no types
    """A process of the group that ends with us even if we are killed outright: nothing keeps the port or the queue.

    Honcho starts each program from a process of its own that passes the program's output on. When we die, the kernel
    sends that one SIGHUP, and it ends the program. Should it be killed with us, the kernel sends the program SIGTERM.
    """

    def run(self, *args: Any, **kwargs: Any) -> None:
        signal.signal(signal.SIGHUP, self._end)
        _follow_parent(signal.SIGHUP)
        self._child_ctor = partial(Popen, preexec_fn=partial(_follow_parent, signal.SIGTERM))
        super().run(*args, **kwargs)

    def _end(self, _signum: int, _frame: object) -> NoReturn:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(KILL_WAIT)
            os.killpg(self._child.pid, signal.SIGKILL)
        os._exit(1)


class Group(Manager):  # type: ignore[misc]  # honcho has no types
    """Web, worker and beat: when one ends, so do the others."""

    ended_by_itself = ""

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = FollowingProcess
        for name, command in parse_procfile(PROCFILE.read_text()).processes.items():
            self.add_process(name, command, cwd=embedded.PROJECT)

    def terminate(self) -> None:
        stopped = [name for name, state in self._processes.items() if "returncode" in state]
        if not self._terminating:
            self.ended_by_itself = self.ended_by_itself or ", ".join(stopped)
        super().terminate()


def _follow_parent(signum: int) -> None:
    """Have the kernel send this process a signal when its parent ends, however that comes about. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)


def _run(port: int, sign_ins: str) -> int:
    """Run the group to its end, and say why it ended. Returns the exit code: 0 where someone asked for the end."""
    group = Group()
    ended = threading.Event()
    watchers = [
        threading.Thread(target=_welcome, args=(port, sign_ins, ended)),
        threading.Thread(target=_watch_services, args=(group, ended)),
    ]
    for watcher in watchers:  # they wait before they act, so that the group has forked by then
        watcher.start()
    try:
        group.loop()
    finally:
        ended.set()
        for watcher in watchers:
            watcher.join()
    if group.ended_by_itself:
        print(f"The portal ended because this ended: {group.ended_by_itself}.", file=sys.stderr)
        return 1
    return 0


def _welcome(port: int, sign_ins: str, ended: threading.Event) -> None:
    """Once the web process answers, say where the portal is and who can sign in."""
    while not ended.wait(0.2):
        if _answers(port):
            print(f"\nThe portal runs at http://localhost:{port}  (Ctrl-C ends it)\n\n{sign_ins}", flush=True)
            return


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5).close()
    except urllib.error.HTTPError:  # 503: beat or the worker is still starting
        return True
    except OSError:
        return False
    return True


def _watch_services(group: Group, ended: threading.Event) -> None:
    """End the group if PostgreSQL or Redis ends."""
    while not ended.wait(1):
        if not embedded.still_run():
            group.ended_by_itself = "PostgreSQL or Redis"
            os.kill(os.getpid(), signal.SIGTERM)
            return


if __name__ == "__main__":
    sys.exit(main())
