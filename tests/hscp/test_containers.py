"""Production's containers, as far as they can be looked at without starting them."""

import re

import pytest
import yaml

from hscp import embedded

COMPOSE = (embedded.PROJECT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
VOLUMES = yaml.safe_load(COMPOSE)["volumes"]
LONG_RUNNING = ["web", "worker", "beat", "postgres", "redis"]


def test_the_services_are_these():
    assert set(SERVICES) == {*LONG_RUNNING, "migrate"}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_says_how_it_is_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_migrate_runs_once_and_before_the_others():
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_web_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_the_portals_processes_have_no_rights_to_spare():
    for name in ("web", "worker", "beat", "migrate"):
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert re.search(r"^USER portal$", (embedded.PROJECT / "Dockerfile").read_text(), re.MULTILINE)


def test_web_and_worker_share_the_documents_and_every_store_has_a_volume():
    mounted = {
        name: [volume.partition(":")[0] for volume in service.get("volumes", [])] for name, service in SERVICES.items()
    }
    assert mounted["web"] == mounted["worker"] == ["documents"]
    assert mounted["postgres"] == ["postgres"]
    assert mounted["redis"] == ["redis"]
    assert mounted["beat"] == ["beat"]
    assert set(VOLUMES) == {"documents", "postgres", "redis", "beat"}


def test_no_secret_is_written_down_and_each_that_is_missing_stops_the_start():
    example = (embedded.PROJECT / ".env.example").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "EMAIL_URL"):
        assert f"${{{name}:?" in COMPOSE
        assert f"\n{name}=\n" in example


def test_every_variable_of_the_containers_is_explained():
    example = (embedded.PROJECT / ".env.example").read_text()
    for name in re.findall(r"\$\{(\w+)", COMPOSE):
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name
