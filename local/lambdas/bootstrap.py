"""Runs inside a function's process: puts the product's clock on the embedded one, then starts AWS' runtime client."""

import importlib.util
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


def shift_clock(offset_file: Path) -> None:
    """Make `fmops.core.clock` tell the embedded AWS' time, where the function has that library at all."""
    try:
        found = importlib.util.find_spec("fmops.core.clock")
    except ModuleNotFoundError:
        found = None
    if found is None:
        return
    clock = importlib.import_module("fmops.core.clock")

    def now() -> datetime:
        # Read on each call: the clock may be advanced while a function waits.
        return datetime.now(UTC) + timedelta(seconds=float(offset_file.read_text(encoding="ascii")))

    vars(clock)["_source"] = now


def main() -> None:
    """Serve invocations until the process is killed."""
    if offset_file := os.environ.pop("EMBEDDED_CLOCK_FILE", ""):
        shift_clock(Path(offset_file))
    from awslambdaric import __main__ as runtime

    runtime.main(["bootstrap", os.environ["_HANDLER"]])


if __name__ == "__main__":
    main()
