"""The launcher and what belongs to it, from a function's settings and clients."""

from fmops.core import wiring
from fmops.launches.callbacks import Callbacks
from fmops.launches.launcher import Launcher
from fmops.launches.network import Network, network
from fmops.launches.purse import Purse
from fmops.launches.sagemaker import SageMaker


def sagemaker() -> SageMaker:
    return SageMaker(wiring.client("sagemaker"), stack_network())


def stack_network() -> Network | None:
    """Where the stack's jobs and models run; None where it has no network of its own."""
    return network(wiring.settings().subnets, wiring.settings().security_groups)


def purse() -> Purse:
    return Purse(wiring.ledger())


def callbacks() -> Callbacks:
    return Callbacks(wiring.ledger(), sagemaker(), purse(), wiring.client("stepfunctions"))


def launcher() -> Launcher:
    return Launcher(wiring.ledger(), sagemaker(), callbacks(), purse(), wiring.settings().stack)
