"""Embedded PostgreSQL and Redis: real servers, started by real processes, ended gently and not so gently."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
import redis

from hscp import embedded
from tests.hscp.machine import data_folder, environment, processes, run_here, servers, until

USER = """
import json, os, sys
from hscp import embedded
embedded.provide(for_tests="tests" in sys.argv)
print(json.dumps({name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "HSCP_DATA")}), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the services until it is told to leave."""

    def __init__(self, data, *arguments, **environment):
        self.process = run_here(
            subprocess.Popen,
            "-c",
            USER,
            *arguments,
            data=data,
            environment=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ready(self):
        """Wait for the services. Gives the addresses back, by the variable's name."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def leave(self):
        self.process.communicate()

    def kill(self):
        self.process.kill()
        self.process.communicate()


@contextmanager
def user(data, *arguments, **environment):
    someone = User(data, *arguments, **environment)
    try:
        yield someone.ready()
    finally:
        someone.leave()


@pytest.fixture(scope="module")
def data():
    with data_folder() as folder:
        yield folder


@pytest.fixture(autouse=True)
def _nobody_left(data):
    """Each test starts, and ends, with no server in the folder."""
    yield
    until(lambda: not processes(data))


def query(url, sql):
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def ping(url):
    with redis.Redis.from_url(url) as client:
        return client.ping()


def test_both_services_answer_where_no_variable_is_set(data):
    with user(data) as urls:
        assert query(urls["DATABASE_URL"], "SHOW server_version_num")[0][0].startswith("18")
        assert query(urls["DATABASE_URL"], "SELECT datcollate FROM pg_database WHERE datname = 'hscp'") == [("C",)]
        assert ping(urls["REDIS_URL"])


def test_a_variable_that_is_set_is_left_alone_and_its_service_not_started(data):
    with user(data, REDIS_URL="redis://elsewhere:1/0") as urls:
        assert urls["REDIS_URL"] == "redis://elsewhere:1/0"
        assert processes(data, "postgres")
        assert not processes(data, "redis-server")


def test_a_child_process_finds_the_variables_set_and_starts_nothing(data):
    with user(data) as urls:
        before = servers(data)
        with user(data, **urls) as inherited:
            assert inherited == urls
            assert servers(data) == before


def test_two_users_share_a_server_that_outlives_the_first_and_stops_with_the_last(data):
    first, second = User(data), User(data)
    urls = first.ready()
    assert second.ready() == urls
    first.leave()
    assert query(urls["DATABASE_URL"], "SELECT 1")
    assert ping(urls["REDIS_URL"])
    second.leave()
    until(lambda: not processes(data))


def test_data_survive_a_restart(data):
    with user(data) as urls:
        query(urls["DATABASE_URL"], "CREATE TABLE IF NOT EXISTS kept (word text); INSERT INTO kept VALUES ('hub')")
        redis.Redis.from_url(urls["REDIS_URL"]).set("kept", "hub")
    until(lambda: not processes(data))
    with user(data) as urls:
        assert query(urls["DATABASE_URL"], "SELECT word FROM kept") == [("hub",)]
        assert redis.Redis.from_url(urls["REDIS_URL"]).get("kept") == b"hub"


def test_the_services_of_a_killed_user_stop_and_start_again(data):
    killed = User(data)
    killed.ready()
    killed.kill()
    until(lambda: not processes(data))
    with user(data) as urls:
        assert query(urls["DATABASE_URL"], "SELECT 1")


def test_servers_that_a_killed_keeper_left_behind_are_stopped_by_the_next_start(data):
    someone = User(data)
    someone.ready()
    for keeper in processes(data, "embedded.py"):
        os.kill(keeper, signal.SIGKILL)
    someone.leave()
    left_behind = servers(data)
    assert left_behind
    with user(data) as urls:
        assert not {*left_behind} & {*servers(data)}
        assert query(urls["DATABASE_URL"], "SELECT 1")
        assert ping(urls["REDIS_URL"])


def test_a_stale_process_number_that_another_process_has_by_now_is_no_obstacle(data):
    with user(data):
        pass
    until(lambda: not processes(data))
    with user(data, DATABASE_URL="postgresql://elsewhere/hscp"):
        (another,) = processes(data, "redis-server 127.0.0.1")
        stale = data / "postgres" / "cluster" / "postmaster.pid"
        stale.write_text(f"{another}\n{stale.parent}\n1700000000\n5432\n\n127.0.0.1\n0 0\nready\n")
        shutil.chown(stale, stale.parent.owner())
        with user(data, REDIS_URL="redis://elsewhere") as urls:
            assert query(urls["DATABASE_URL"], "SELECT 1")


def test_a_cluster_that_was_never_finished_is_made_anew(data):
    with user(data, REDIS_URL="redis://elsewhere"):
        pass
    until(lambda: not processes(data))
    (data / "postgres" / "cluster").rename(data / "postgres" / "cluster.unfinished")
    (data / "postgres" / "cluster.unfinished" / "pg_hba.conf").unlink()
    with user(data, REDIS_URL="redis://elsewhere") as urls:
        assert query(urls["DATABASE_URL"], "SELECT 1")


def test_two_test_runs_at_once_have_services_of_their_own(data):
    with user(data, "tests", REDIS_URL="redis://elsewhere") as one:
        with user(data, "tests", REDIS_URL="redis://elsewhere") as two:
            assert one["HSCP_DATA"] != two["HSCP_DATA"]
            assert query(one["DATABASE_URL"], "SHOW data_directory") != query(
                two["DATABASE_URL"], "SHOW data_directory"
            )
        assert query(one["DATABASE_URL"], "SHOW fsync") == [("off",)]


def test_a_folder_may_be_deeper_than_a_socket_path_may_be_long(data):
    deep = data.joinpath(*["a-folder-in-a-folder"] * 8)
    with user(deep) as urls:
        assert ping(urls["REDIS_URL"])
        assert query(urls["DATABASE_URL"], "SELECT 1")


def test_a_server_that_cannot_start_says_why(data):
    version = data / "postgres" / "cluster" / "PG_VERSION"
    with user(data):
        pass
    until(lambda: not processes(data))
    version.write_text("12\n")
    try:
        failed = User(data).process.communicate()[1]
    finally:
        version.write_text("18\n")
    assert "PostgreSQL did not start" in failed
    assert "initialized by PostgreSQL version 12" in failed


def test_a_data_folder_that_cannot_be_used_is_named(data):
    (data / "file").write_text("no folder")
    failed = User(data / "file" / "folder").process.communicate()[1]
    assert f"{data / 'file'}" in failed.splitlines()[-1]
    assert "HSCP_DATA" in failed.splitlines()[-1]


def test_release_returns_when_the_servers_have_stopped(data):
    script = "from hscp import embedded; embedded.provide(); embedded.release()"
    run_here(subprocess.run, "-c", script, data=data, check=True)
    assert not servers(data)


# Root


def test_no_server_runs_as_root(data):
    with user(data):
        owners = {pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name for pid in servers(data)}
    assert len(owners) == 1
    assert "root" not in owners


def test_root_keeps_the_data_of_a_project_in_a_closed_folder_elsewhere_and_opens_nothing(tmp_path, monkeypatch):
    home = tmp_path / "home"
    project = home / "portal"
    project.mkdir(parents=True)
    home.chmod(0o700)
    monkeypatch.delenv("HSCP_DATA")
    monkeypatch.setattr(embedded, "_is_root", lambda: True)
    monkeypatch.setattr(embedded, "PROJECT", project)
    monkeypatch.setattr(embedded, "ROOT_FOLDER", tmp_path / "var")
    chosen = embedded.data_folder()
    assert chosen.parent == tmp_path / "var"
    assert chosen.name.startswith("portal-")
    assert chosen.stat().st_mode & 0o777 == 0o711
    assert home.stat().st_mode & 0o777 == 0o700


def test_root_is_told_when_the_folder_it_chose_is_out_of_the_service_users_reach(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("HSCP_DATA", str(closed))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(embedded, "_is_root", lambda: True)
    with pytest.raises(embedded.ServiceNotStarted, match="does not run as root"):
        embedded.provide()
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("closed", [False, True])
def test_a_project_in_a_closed_folder_starts_whoever_runs_it(data, closed):
    """The whole of it once more from a copy of the project, in a folder that nobody else may enter."""
    project = data / f"project-{closed}"
    shutil.copytree(embedded.PROJECT / "hscp", project / "hscp", ignore=shutil.ignore_patterns("__pycache__"))
    project.chmod(0o700 if closed else 0o755)
    script = "from hscp import embedded; embedded.provide(); print(embedded.data_folder()); embedded.release()"
    used = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env={name: value for name, value in environment(data).items() if name != "HSCP_DATA"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    moved = closed and os.geteuid() == 0
    assert (Path(used) == project / ".data") is not moved
    assert project.stat().st_mode & 0o777 == (0o700 if closed else 0o755)
    if moved:
        shutil.rmtree(used)
