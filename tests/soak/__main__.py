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

from tests.soak import kills, promises, volume
from tests.soak.table import Result, write

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    parts: dict[str, Callable[[int, float], list[Result]]] = {
        "datasets": volume.datasets,
        "executions": volume.executions,
        "registry": volume.registry,
        "kills": kills.run,
        "promises": promises.run,
    }
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts, for a small machine")
    parser.add_argument("--part", choices=parts, default=None, help="only this one")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}; to repeat: make soak SEED={seed}", flush=True)
    for name in [given.part] if given.part else parts:
        began = time.monotonic()
        print(f"-- {name}", flush=True)
        try:
            results = parts[name](seed, given.scale)
        except Exception:  # noqa: BLE001 - the seed is to be said
            traceback.print_exc()
            print(f"{name} failed with seed {seed}", file=sys.stderr, flush=True)
            return 1
        minutes = (time.monotonic() - began) / 60
        write(ROOT / "docs", name, results, seed=seed, scale=given.scale, minutes=minutes)
        print(f"   {minutes:.1f} minutes", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
