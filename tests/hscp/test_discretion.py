"""Logs: the secrets that addresses hold are in none of them."""

import secrets
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from gunicorn.config import Config

from hscp.gunicorn import DiscreetLogger
from hscp.lib.discretion import discreet


@pytest.fixture
def secret():
    return secrets.token_urlsafe(32)


def test_what_is_as_long_as_a_secret_is_hidden_and_the_rest_can_be_read(secret):
    assert discreet(f"/calendar/{secret}.ics?on=2026-11-23") == "/calendar/[hidden].ics?on=2026-11-23"
    assert discreet("/groups/performance-and-audit/") == "/groups/performance-and-audit/"
    key = "2s-cxy3k7-0123456789abcdef0123456789abcdef"  # as Django makes it for a new password
    assert key not in discreet(f"/account/password/reset/key/{key}/")


def test_the_access_log_of_the_web_server_hides_secrets(secret):
    address = f"/calendar/{secret}.ics"
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{address}?kept={secret}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "PATH_INFO": address,
        "QUERY_STRING": f"kept={secret}",
        "HTTP_REFERER": f"https://portal.example.org{address}",
    }
    response = SimpleNamespace(status="200 OK", sent=9, headers=[("Location", address)])
    request = SimpleNamespace(headers=[("REFERER", address)])
    atoms = DiscreetLogger(Config()).atoms(response, request, environ, timedelta(milliseconds=5))
    assert secret not in str(atoms)
    assert atoms["r"] == "GET /calendar/[hidden].ics?kept=[hidden] HTTP/1.1"


def test_what_django_logs_of_a_refused_address_hides_its_secret(client, db, secret, caplog):
    assert client.get(reverse("calendar", args=[secret])).status_code == 404
    refused = [record for record in caplog.records if record.name == "django.request"]
    assert [record.getMessage() for record in refused] == ["Not Found: /calendar/[hidden].ics"]
