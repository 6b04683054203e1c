"""Runs all benchmarks, or those that are named, each in a process of its own, and keeps their figures."""

import json
import os
import subprocess
import sys

from benchmarks import watching
from benchmarks.record import ROOT, merge

# Which environment has what a benchmark and its rival need.
MODULES = {
    "bootstrap": ".venv",
    "intake": ".venv",
    "generation": ".venv",
    "scoring": ".venv-jobs",
    "approval": ".venv",
    "profile": ".venv",
    "alarms": ".venv",
    "tokens": ".venv-jobs",
    "toxicity": ".venv",
    "packages": ".venv",
    "cold_start": ".venv",
    "journey": ".venv",
}


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        print(f"no benchmark is called {unknown[0]}; there are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    failed = [name for name in names or MODULES if not measure(name)]
    watching.write()
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def measure(name: str) -> bool:
    """Whether it could be measured; what it says goes to `results.json`."""
    print(f"-- {name}", flush=True)
    # As in a Lambda of one core; and with the processor's own kernels, whatever the machine prescribes for old builds.
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    kept = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    python = ROOT / MODULES[name] / "bin" / "python"
    done = subprocess.run(
        [python, "-m", f"benchmarks.{name}"],
        cwd=ROOT,
        env=kept | threads,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        return False
    figures = json.loads(done.stdout.splitlines()[-1])
    merge(figures)
    for key, figure in figures.items():
        against = f"; {figure['rival']}: {figure['rival_value']} {figure['unit']}" if "rival_value" in figure else ""
        print(f"{key}: {figure['value']} {figure['unit']}{against}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
