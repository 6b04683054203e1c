"""`make soak`: many steps at random, and many events at once. What it found becomes the table of `docs/soak.md`.

A failure says what, and with which seed it comes again: `make soak SEED=...`.
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.soak import promises, volume
from tests.soak.table import Result, write

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts, for a small machine")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}; to repeat: make soak SEED={seed}", flush=True)
    parts: list[Callable[[int, float], list[Result]]] = [promises.run, volume.run]
    results: list[Result] = []
    for part in parts:
        began = time.monotonic()
        name = part.__module__.rsplit(".", 1)[-1]
        print(f"-- {name}", flush=True)
        try:
            results += part(seed, given.scale)
        except Exception:  # noqa: BLE001 - every part is to be tried, and the seed said
            traceback.print_exc()
            print(f"{name} failed with seed {seed}", file=sys.stderr, flush=True)
            return 1
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    write(ROOT / "docs" / "soak.md", results, seed, given.scale)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
