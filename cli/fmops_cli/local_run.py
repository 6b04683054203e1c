"""`fmops local`: starts and stops the system on this machine. It runs as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from fmops_cli import target as targets
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, out, print_json

app = typer.Typer(help="Run the system on this machine.", no_args_is_help=True)

REPO = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 90.0
_LOOK = 0.1


def _port(name: str, purpose: str) -> Any:
    return typer.Option(f"--{name}-port", envvar=f"FMOPS_{name.upper()}_PORT", min=1, max=65535, help=purpose)


@app.command()
def up(
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay here until Ctrl-C.")] = False,
    console_port: Annotated[int, _port("console", "Where the console answers.")] = 4700,
    aws_port: Annotated[int, _port("aws", "Where all AWS APIs answer.")] = 4566,
    api_port: Annotated[int, _port("api", "Where the HTTP API answers: the links in mails.")] = 4701,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier local runs kept.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the local run where the last one ended, and wait until it is ready."""
    running = read()
    if running and is_alive(running):
        _report(running, as_json, "is up already")
        return
    targets.LOCAL_FILE.unlink(missing_ok=True)
    ports = [f"--console-port={console_port}", f"--aws-port={aws_port}", f"--api-port={api_port}"]
    arguments, environment = [*command(), *ports, *(["--fresh"] if fresh else [])], _environment()
    if foreground:
        os.chdir(REPO)
        os.execve(arguments[0], arguments, environment)  # noqa: S606 - Ctrl-C and signals then reach it directly
    _report(start(arguments, environment, quiet=as_json), as_json, "is ready")


@app.command()
def down(as_json: AsJson = False) -> None:
    """Stop the local run and all its processes."""
    running = read()
    was_up = running is not None and is_alive(running)
    if running is not None and was_up:
        stop(running["pid"])
    targets.LOCAL_FILE.unlink(missing_ok=True)
    if as_json:
        print_json({"stopped": was_up})
    else:
        out.print("the local run is stopped" if was_up else "no local run is up")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the local run is up, and where; the exit code is 1 where it is not."""
    running = read()
    if running and is_alive(running):
        _report(running, as_json, "is up")
        return
    if as_json:
        print_json({"up": False})
    else:
        out.print("no local run is up: `fmops local up` starts one")
    raise typer.Exit(1)


def command() -> list[str]:
    """What starts the system."""
    return [sys.executable, "-m", "local.console"]


def read() -> dict[str, Any] | None:
    """What the local run says of itself; None where there is none, or it is not ready yet."""
    try:
        found: dict[str, Any] = json.loads(targets.LOCAL_FILE.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if "pid" in found else None


def is_alive(running: dict[str, Any]) -> bool:
    """Whether the process is there and is the local run: its id may have been given to another since."""
    return "local.console" in _command_line(running["pid"])


def _command_line(pid: int) -> str:
    """What a process was started with; empty where there is none."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


def start(arguments: list[str], environment: dict[str, str], *, quiet: bool) -> dict[str, Any]:
    """Start the process and wait until it is ready, showing what it says. CommandFailed with its reason."""
    if not (REPO / "local" / "console").is_dir():
        raise CommandFailed(f"{REPO} holds no local run: call fmops from a clone of the repository")
    log = targets.LOCAL_FILE.with_name("local.out")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=REPO,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return _until_ready(process, lines, quiet=quiet)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def _until_ready(process: "subprocess.Popen[bytes]", lines: Any, *, quiet: bool) -> dict[str, Any]:
    last = ""
    while True:
        ended = process.poll() is not None
        for line in lines.read().splitlines():
            last = line.strip() or last
            if not quiet and not ended:
                out.print(line)
        if ended:
            raise CommandFailed(last.removeprefix("fmops: ") or f"the local run ended with code {process.returncode}")
        running = read()
        if running and running["pid"] == process.pid:
            # It outlives this command; without a code Python would warn of that.
            process.returncode = 0
            return running
        time.sleep(_LOOK)


def stop(pid: int) -> None:
    """Ask the process to end, and wait until it has. CommandFailed where it does not."""
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while is_alive({"pid": pid}):
        if time.monotonic() > end:
            raise CommandFailed(f"the local run (process {pid}) did not end in {_STOP_SECONDS:.0f} s")
        time.sleep(_LOOK)


def _environment() -> dict[str, str]:
    paths = [str(REPO), str(REPO / "layers" / "fmops"), str(REPO / "cli")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def _report(running: dict[str, Any], as_json: bool, what: str) -> None:
    if as_json:
        print_json({"up": True, **running})
        return
    out.print(f"the local run {what}: {running.get('console')}")
    out.print(f"AWS answers at {running['endpoint']} (AWS_ENDPOINT_URL), process {running['pid']}")
