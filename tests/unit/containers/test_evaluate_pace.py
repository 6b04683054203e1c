"""How many prompts are under way at once, against simulated targets in simulated time."""

import random
from collections.abc import Callable

import pytest

from containers.evaluate.dispatch import PATIENCE_SECONDS
from tests.unit.containers.simulation import Run, Server, simulate

COUNT = 4000


def utilisation(run: Run, server: Server) -> float:
    """What was reached of what the target can give."""
    return run.answered * server.latency / server.capacity / run.seconds


def uneven(seed: int) -> Callable[[], float]:
    """Answers of very different lengths."""
    draw = random.Random(seed)  # noqa: S311 - lengths, no secrets
    return lambda: draw.uniform(0.3, 1.7)


@pytest.mark.parametrize("jitter", [lambda: 1.0, uneven(1), uneven(2)])
@pytest.mark.parametrize("capacity", [1, 4, 24, 32, 100])
def test_target_that_refuses_beyond_its_capacity_is_kept_busy(capacity: int, jitter: Callable[[], float]) -> None:
    server = Server(capacity=capacity, jitter=jitter)

    run = simulate(server, 150 * capacity)

    assert run.answered == 150 * capacity
    assert utilisation(run, server) >= 0.95


@pytest.mark.parametrize("jitter", [lambda: 1.0, uneven(1), uneven(2)])
@pytest.mark.parametrize("capacity", [4, 32])
def test_target_that_queues_is_kept_busy_and_its_queue_short(capacity: int, jitter: Callable[[], float]) -> None:
    server = Server(capacity=capacity, queues=True, jitter=jitter)

    run = simulate(server, 150 * capacity)

    assert utilisation(run, server) >= 0.95
    assert run.limits[-1][1] <= 3 * capacity + 8


def test_target_without_a_limit_gets_as_much_as_is_allowed() -> None:
    run = simulate(Server(capacity=10_000), COUNT, most=64)

    assert max(limit for _, limit in run.limits) == 64


def test_few_requests_are_refused_on_the_way() -> None:
    run = simulate(Server(capacity=32), COUNT)

    assert run.calls < 1.05 * COUNT


def test_lower_capacity_is_found_again_when_the_target_has_less_to_give() -> None:
    server = Server(capacity_at=lambda now: 64 if now < 5 else 16)

    run = simulate(server, COUNT)

    assert run.answered == COUNT
    assert run.limits[-1][1] <= 24


def test_higher_capacity_is_found_when_the_target_grows() -> None:
    server = Server(capacity_at=lambda now: 8 if now < 5 else 64)

    run = simulate(server, 10_000)

    assert max(limit for _, limit in run.limits) >= 56


def test_nothing_is_asked_while_the_target_is_down_but_a_try_now_and_then() -> None:
    server = Server(broken=lambda now: 5 <= now < 35)

    run = simulate(server, COUNT)

    assert run.answered == COUNT
    # The burst that was under way, and tries after ever longer pauses.
    assert sum(5.3 <= moment < 35 for moment in run.begun) < 100
    assert run.seconds < COUNT * 0.2 / 32 + 30 + 35


def test_target_that_never_comes_back_is_given_up_and_every_prompt_is_accounted_for() -> None:
    run = simulate(Server(broken=lambda now: now >= 5), COUNT)

    assert run.answered + len(run.given_up) == COUNT
    assert len(set(run.given_up)) == len(run.given_up)
    assert run.seconds < PATIENCE_SECONDS + 60


def test_target_that_refuses_everything_is_given_up_too() -> None:
    run = simulate(Server(capacity=0), 200)

    assert (run.answered, len(run.given_up)) == (0, 200)


def test_shares_of_the_targets_time_add_up_to_the_time_itself() -> None:
    run = simulate(Server(capacity=10_000), COUNT, most=32)

    assert run.machine_seconds == pytest.approx(run.seconds, rel=1e-6)
