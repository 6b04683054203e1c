"""`fmops`, or `python -m fmops_cli`."""

import os
import sys

import typer

from fmops_cli import (
    alerts,
    audit,
    datasets,
    feedback,
    images,
    lineage,
    local_run,
    money,
    monitoring,
    profiles,
    redrive,
    results,
    rolling_back,
    runs,
    use_cases,
    watching,
)
from fmops_cli.doctor.command import doctor
from fmops_cli.failures import explain

app = typer.Typer(
    name="fmops",
    help="Runs, reads and feeds fmops: on this machine, or in an account (--stack NAME).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(local_run.app, name="local")
app.add_typer(use_cases.app, name="use-case")
app.add_typer(datasets.app, name="dataset")
app.add_typer(audit.app, name="audit")
app.add_typer(alerts.app, name="alerts")
app.add_typer(monitoring.app, name="monitoring")
app.command("run")(runs.run)
app.command("runs")(runs.runs)
app.command("watch")(watching.watch)
app.command("report")(runs.report)
app.command("lineage")(lineage.lineage)
app.command("rollback")(rolling_back.rollback)
app.command("results")(results.results)
app.command("redrive")(redrive.redrive)
app.command("doctor")(doctor)
app.command("images")(images.images)
app.command("feedback")(feedback.feedback)
app.command("profile")(profiles.profile)
app.command("spend")(money.spend)
app.command("estimate")(money.estimate_run)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; its exit code. An unexpected error is raised."""
    try:
        app(arguments, prog_name="fmops")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BrokenPipeError:
        # Whoever read the output has seen enough; what is still buffered must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        sys.stderr.write(f"fmops: {sentence.text}\n")
        return sentence.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
