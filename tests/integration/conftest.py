"""An account in moto for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from fmops.core import wiring
from tests.integration.account import ARTIFACTS, BUS, CAPTURE, DATASETS, REGION, TABLE, Account


@pytest.fixture
def account(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """A fresh account; the functions' settings name its parts."""
    settings = {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "POWERTOOLS_TRACE_DISABLED": "1",
        "FMOPS_STACK": "fmops",
        "FMOPS_PREFIX": "ab12cd34",
        "FMOPS_TABLE": TABLE,
        "FMOPS_BUS": BUS,
        "FMOPS_DATASETS_BUCKET": DATASETS,
        "FMOPS_ARTIFACTS_BUCKET": ARTIFACTS,
        "FMOPS_CAPTURE_BUCKET": CAPTURE,
        "FMOPS_HUB": "SageMakerPublicHub",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        _forget()
        found = Account(repo)
        monkeypatch.setenv("FMOPS_ALERTS_TOPIC", found.alerts_topic)
        monkeypatch.setenv("FMOPS_APPROVALS_TOPIC", found.approvals_topic)
        monkeypatch.setenv("FMOPS_DASHBOARD_URL", "https://console.example.com/dashboard")
        yield found
    _forget()


def _forget() -> None:
    """Clients and settings are kept for a process; a test is a process of its own.

    The session stays: with it botocore would read its models of the services anew for each test.
    """
    for made in (wiring.settings, wiring.client, wiring.ledger, wiring.store, wiring.emitter):
        made.cache_clear()
