"""What the approver's functions load before their first answer: somebody waits for it."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("aws_lambda_powertools.event_handler", "numpy", "fmops.selection", "fmops.usecases", "fmops.evaluation")


@pytest.mark.parametrize("function", ["show_approval", "decide_approval", "show_report"])
def test_approvers_do_not_wait_for_what_their_functions_do_not_need(repo: Path, function: str) -> None:
    script = f"""
import runpy, sys
sys.path.insert(0, {str(repo / "layers" / "fmops")!r})
runpy.run_path({str(repo / "functions" / "approval" / function / "app.py")!r})
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()

    assert loaded == ""
