"""`make demo`: one life cycle on this machine, unattended, with its summary at the end."""

import json
import sys
import time

from rich.console import Console

from fmops_cli.reading import Reader
from fmops_cli.target import local_target
from local.demo.life_cycle import DemoFailed, LifeCycle
from local.demo.progress import Progress
from local.demo.summary import read, show
from local.protocol import LocalError
from local.stack import CACHE, Ports, up

ROOT = CACHE / "demo"
# Ten minutes: soon after a window's end and the five minutes of lateness in the demonstration's use case.
PARAMETERS = {
    "DiscoverySchedule": "rate(10 minutes)",
    "MonitoringSchedule": "rate(10 minutes)",
    "OperationsEmail": "operations@example.com",
}


def main() -> int:
    console, began = Console(soft_wrap=True), time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/dim]  {text}", highlight=False)

    try:
        with up(ROOT / "aws", Ports(), PARAMETERS, say) as stack:
            target = local_target(stack.file)
            reader = Reader(target)
            with Progress(stack.aws, reader, say):
                run_id = tell(LifeCycle(stack, target, say))
            summary = read(reader, run_id)
    except (LocalError, DemoFailed, TimeoutError) as error:
        console.print(f"[red]The demonstration failed:[/red] {error}")
        return 1
    file = ROOT / "summary.json"
    file.write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    show(summary, console)
    console.print(f"\nDone in {time.monotonic() - began:.0f} s. The summary is in {file.relative_to(CACHE.parent)}.")
    return 0


def tell(story: LifeCycle) -> str:
    """The whole story; the run that the dataset started."""
    story.save_use_case()
    story.drop_dataset()
    run_id = story.wait_for_approval()
    story.approve(run_id)
    release = story.wait_for_release(run_id)
    story.begin_an_hour()
    story.send_traffic(release["endpoint"], "normal")
    story.end_the_hour()
    story.wait_for_window(1)
    story.publish_model()
    story.send_traffic(release["endpoint"], "drifted")
    story.end_the_hour()
    story.wait_for_window(2)
    story.wait_for_discovery()
    story.wait_for_alerts(["ModelReleased", "DriftDetected", "ToxicityDetected"])
    return run_id


if __name__ == "__main__":
    sys.exit(main())
