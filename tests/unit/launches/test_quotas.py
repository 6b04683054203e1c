"""Quotas are asked for rarely, of two lists, and no answer is no obstacle."""

from datetime import timedelta

import pytest

from fmops.core.errors import QuotaReached
from fmops.launches.models import JobKind
from fmops.launches.options import Option, in_order, quota_name, within_quota
from fmops.launches.quotas import ServiceQuotas
from tests.fakes.quotas import FakeQuotas
from tests.fakes.sagemaker import refusal
from tests.unit.launches.conftest import NOW, Bench

TRAINING = "ml.g5.xlarge for training job usage"
SPOT = "ml.g5.xlarge for spot training job usage"


def test_applied_quotas_go_before_defaults(bench: Bench) -> None:
    client = FakeQuotas()
    client.defaults = {TRAINING: 0, SPOT: 0, "Number of HyperPod clusters": 5}
    client.applied = {TRAINING: 2}

    found = ServiceQuotas(bench.ledger, client).of([TRAINING, SPOT, "ml.x1.large for endpoint usage"], NOW)

    assert found == {TRAINING: 2, SPOT: 0}


def test_quotas_are_kept_for_hours(bench: Bench) -> None:
    client = FakeQuotas()
    client.defaults = {TRAINING: 0}
    quotas = ServiceQuotas(bench.ledger, client)
    for hours in (0, 1, 5):
        quotas.of([TRAINING], NOW + timedelta(hours=hours))
    asked = client.asked

    quotas.of([TRAINING], NOW + timedelta(hours=7))

    assert (asked, client.asked) == (2, 4)


def test_account_that_does_not_tell_its_quotas_holds_nothing_back(bench: Bench) -> None:
    client = FakeQuotas()
    client.refusal = refusal("AccessDeniedException")

    assert ServiceQuotas(bench.ledger, client).of([TRAINING], NOW) == {}


def test_spot_comes_first_for_each_type() -> None:
    found = [option.words for option in in_order(("ml.g5.xlarge", "ml.g6.xlarge", "ml.g5.xlarge"), spot=True)]

    assert found == ["ml.g5.xlarge (spot)", "ml.g5.xlarge", "ml.g6.xlarge (spot)", "ml.g6.xlarge"]


def test_options_without_quota_are_left_out() -> None:
    options = in_order(("ml.g5.xlarge",), spot=True)

    assert within_quota(JobKind.TRAINING, options, [SPOT]) == (Option(instance_type="ml.g5.xlarge"),)
    with pytest.raises(QuotaReached, match="Service Quotas"):
        within_quota(JobKind.TRAINING, options, [SPOT, TRAINING])


def test_quota_names_are_aws_own() -> None:
    assert quota_name(JobKind.TRAINING, Option(instance_type="ml.g5.xlarge", spot=True)) == SPOT
    assert quota_name(JobKind.ENDPOINT, Option(instance_type="ml.g5.xlarge")) == "ml.g5.xlarge for endpoint usage"
