"""The stateful test of the promises, with other steps each time."""

from tests.journeys.promises.test_promises import Life, live
from tests.soak.table import Result

STEPS = 10_000


def run(seed: int, scale: float) -> list[Result]:
    Life.steps = 0
    live(int(STEPS * scale), seed=seed)
    return [
        Result(
            "steps of duplicates, reorderings, losses, crashes, time-outs, approvals, replacements and clock jumps",
            Life.steps,
            "every promise was kept after each step, and nothing was left or lost at the end of each life",
        )
    ]
