"""How the portal starts and ends: ``make run``'s group of real processes, ``manage.py``, and production's refusal."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
import yaml
from django.db import connection

import manage
from hscp import embedded
from tests.hscp.catalogue import catalogue
from tests.hscp.machine import data_folder, first, free_port, processes, run_here, until

GROUP = ("runserver", "celery -A hscp worker", "celery -A hscp beat", "bin/postgres -D", "redis-server 127.0.0.1")
PREPARE = """
import json, os, pathlib, sys
from django.core.management import call_command
from django.db import connection
assert "weasyprint" not in sys.modules, "slow to load, and no start needs it"
call_command("migrate", verbosity=0)
from partnership.models import User
from tests.hscp.catalogue import catalogue
User.objects.create(email="amira@example.org")
pathlib.Path(os.environ["HSCP_DATA"], "catalogue.json").write_text(json.dumps(catalogue(connection)))
"""
# A group of small programs in place of web, worker and beat, for tests of the group itself: each real start takes the
# processor ten seconds.
STAND_INS = """
web: exec python -m http.server --bind 127.0.0.1 $PORT
worker: exec sleep 1001
beat: exec sleep 1002
"""
WITH_STAND_INS = (
    "-c",
    """
import os, pathlib, sys
from hscp import dev
dev.PROCFILE = pathlib.Path(os.environ["HSCP_DATA"], "Procfile")
dev._prepare = lambda: "No sign-ins."
sys.exit(dev.main())
""",
)
MISSING = "Set SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS, PORTAL_ADDRESS, EMAIL_URL in the environment"


@pytest.fixture(scope="module")
def data():
    """A data folder whose database has its tables and a person, so that no demo data is loaded."""
    with data_folder() as folder:
        shell = ("manage.py", "shell", "--verbosity", "0", "-c", PREPARE)
        run_here(subprocess.run, *shell, data=folder, check=True)
        (folder / "Procfile").write_text(STAND_INS)
        yield folder


@contextmanager
def portal(data, port, *, command=("-m", "hscp.dev")):
    """What ``make run`` starts, once it answers. Whatever becomes of it, none of its processes may be left."""
    process = run_here(
        subprocess.Popen,
        *command,
        data=data,
        environment={"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output = ""
        while f"The portal runs at http://localhost:{port}" not in output:
            line = process.stdout.readline()
            assert line, output
            output += line
        yield process
    finally:
        process.kill()
        process.communicate()
    until(lambda: not processes(data))


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        return json.load(error)


def ends(process, signum):
    """Tell the portal to end. Gives back whether it calls that a success."""
    process.send_signal(signum)
    process.communicate(timeout=60)
    return process.returncode == 0


def test_the_portal_comes_up_whole_leaves_nothing_when_killed_starts_again_and_ctrl_c_ends_it(data):
    port = free_port()
    with portal(data, port) as process:
        until(lambda: set(health(port).values()) == {"ok"})
        assert all(processes(data, program) for program in GROUP)
        process.kill()
    assert not processes(data)
    with portal(data, port) as process:
        until(lambda: all(processes(data, program) for program in GROUP))
        assert ends(process, signal.SIGINT)
        assert not processes(data)


def test_the_migrations_make_what_the_models_say(data, db):
    """The other tests have tables made from the models: see ``--nomigrations`` in pyproject.toml."""
    migrated = json.loads((data / "catalogue.json").read_text())
    assert migrated == catalogue(connection)


def test_who_ends_it_as_a_service_is_ended_is_told_of_success(data):
    with portal(data, free_port(), command=WITH_STAND_INS) as process:
        assert ends(process, signal.SIGTERM)
        assert not processes(data)


@pytest.mark.parametrize(
    ("program", "name"),
    [("sleep 1001", "worker"), ("http.server", "web"), ("bin/postgres -D", "PostgreSQL or Redis")],
)
def test_when_one_part_ends_all_end_and_the_last_line_names_it(data, program, name):
    with portal(data, free_port(), command=WITH_STAND_INS) as process:
        os.kill(first(data, program), signal.SIGKILL)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output.strip().splitlines()[-1] == f"The portal ended because this ended: {name}."


def test_a_port_that_is_taken_is_said_in_one_sentence(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run_here(
            subprocess.run,
            "-m",
            "hscp.dev",
            data=data,
            environment={"PORT": str(port)},
            capture_output=True,
            check=False,
        )
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith(f"Port {port} cannot be used (Address already in use).")


@pytest.mark.parametrize("port", ["eight", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said_in_one_sentence(data, port):
    refused = run_here(
        subprocess.run, "-m", "hscp.dev", data=data, environment={"PORT": port}, capture_output=True, check=False
    )
    assert refused.stderr == f"PORT must be a number from 1 to 65535, not '{port}'.\n"


# manage.py


@pytest.mark.parametrize(
    ("arguments", "variable", "module"),
    [
        ([], None, "hscp.settings.local"),
        ([], "hscp.settings.production", "hscp.settings.production"),
        (["--settings", "hscp.settings.production"], None, "hscp.settings.production"),
        (["partnership", "--settings=hscp.settings.test"], "hscp.settings.local", "hscp.settings.test"),
    ],
)
def test_manage_uses_the_settings_that_django_will(monkeypatch, arguments, variable, module):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    if variable:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", variable)
    assert manage.settings_module(arguments) == module


def test_manage_says_in_one_sentence_why_a_service_cannot_be_provided(data):
    (data / "file").write_text("no folder")
    refused = run_here(
        subprocess.run,
        *("manage.py", "check"),
        data=data / "file",
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith("The data folder cannot be used")


# Production


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "migrate"],
        ["-c", "import hscp.wsgi"],
        ["-m", "celery", "-A", "hscp", "worker"],
        ["-m", "celery", "-A", "hscp", "beat"],
        ["-m", "gunicorn", "--config", "python:hscp.gunicorn", "--bind", "127.0.0.1:0"],
    ],
)
def test_production_stops_with_one_sentence_where_its_settings_are_missing(tmp_path, command):
    refused = start_production(*command, HSCP_DATA=str(tmp_path / "data"))
    assert refused.returncode != 0
    (sentence,) = [line for line in refused.stderr.splitlines() if not line.startswith("[")]  # gunicorn's own log
    assert sentence == f"{MISSING} before starting the portal."
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_production_names_the_one_setting_that_is_missing(name):
    refused = start_production("-c", "import hscp.wsgi", **composed() | {name: ""})
    assert refused.stderr == f"Set {name} in the environment before starting the portal.\n"


def test_production_passes_djangos_own_check_with_what_docker_compose_sets():
    checked = start_production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **composed())
    assert checked.returncode == 0, checked.stderr


def test_gunicorn_accepts_its_configuration():
    checked = start_production("-m", "gunicorn", "--config", "python:hscp.gunicorn", "--check-config", **composed())
    assert checked.returncode == 0, checked.stderr


def start_production(*command, **environment):
    """Run a command with production's settings and no variables but those given."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=embedded.PROJECT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "hscp.settings.production"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def composed():
    """The environment that docker-compose.yml gives the web container, filled from .env.example and made-up secrets."""
    given = {
        "SECRET_KEY": "".join(map(chr, range(48, 110))),
        "EMAIL_URL": "smtp+tls://portal:word@mail.example.org:587",
    }
    given |= dict.fromkeys(("POSTGRES_PASSWORD", "REDIS_PASSWORD"), "word")
    for line in (embedded.PROJECT / ".env.example").read_text().splitlines():
        name, _, value = line.partition("=")
        if value and not line.startswith("#"):
            given[name] = value.strip('"')
    web = yaml.safe_load((embedded.PROJECT / "docker-compose.yml").read_text())["services"]["web"]
    return {name: filled(value, given) for name, value in web["environment"].items()}


def filled(value, given):
    """The value with each ``${NAME:-default}`` and ``${NAME:?message}`` replaced as docker compose does."""
    return re.sub(
        r"\$\{(\w+):([-?])([^}]*)\}",
        lambda match: given[match[1]] if match[2] == "?" else given.get(match[1], match[3]),
        value,
    )
