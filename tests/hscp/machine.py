"""Looking at this machine's processes and ports, for tests that start real ones."""

import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from hscp import embedded


@contextmanager
def data_folder():
    """A data folder that a service user can reach, as pytest's own, where it is root, are not."""
    folder = Path(tempfile.mkdtemp(prefix="hscp-test-"))
    folder.chmod(0o711)
    try:
        yield folder
        until(lambda: not processes(folder))
    finally:
        shutil.rmtree(folder)


def environment(data, **values):
    """The environment of a process that finds no services, and keeps its data in that folder."""
    ours = ("PYTEST", "MAKE", "DJANGO_SETTINGS_MODULE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {"DATABASE_URL": "", "REDIS_URL": "", "HSCP_DATA": str(data)} | values


def processes(data, program=""):
    """Commands of all processes of a data folder, or of those of one program, by number; no zombies."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            place = f"{command} {(entry / 'cwd').readlink()} {variable(entry, 'HSCP_DATA')}"
        except OSError:
            continue
        if command and str(data) in place and program in command:
            found[int(entry.name)] = command
    return found


def first(data, program):
    """The number of the one process of that program that is not the child of another."""
    found = processes(data, program)
    (number,) = [number for number in found if parent(number) not in found]
    return number


def parent(number):
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def variable(entry, name):
    """A variable of the environment that the process in this folder of /proc started with."""
    values = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
    return next((value for value in values if value.startswith(f"{name}=")), "")


def servers(data):
    """The numbers of the servers in a data folder."""
    return [*processes(data, "bin/postgres -D"), *processes(data, "redis-server 127.0.0.1")]


def until(condition, seconds=60):
    """Wait for the condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def free_port():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_here(popen, *command, data, **options):
    """Start a command in the project, by ``subprocess.run`` or ``Popen``."""
    return popen(
        [sys.executable, *command],
        cwd=embedded.PROJECT,
        env=environment(data, **options.pop("environment", {})),
        text=True,
        **options,
    )
