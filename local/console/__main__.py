"""`python -m local.console`: the whole system with its console, until SIGINT or SIGTERM."""

import argparse
import errno
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

import yaml
from botocore.exceptions import BotoCoreError, ClientError

from fmops_cli.target import Target, local_target
from local.console.site import Console
from local.keeping.room import Room
from local.ports import listen
from local.protocol import LocalError
from local.stack import CACHE, REPO, Ports, up, write_stack_file

ROOT = CACHE / "aws"
STATE = CACHE / "state"
LOG = CACHE / "local.log"
FIRST_USE_CASE = REPO / "examples" / "use-cases" / "demo.yaml"
PARAMETERS = {"OperationsEmail": "operations@example.com"}

Say = Callable[[str], None]


class _Stop(BaseException):
    """Somebody asked this process to end."""


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    _keep_log(options.log)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        with ExitStack() as running:
            _run(options, running, say)
            running.callback(say, "stopping")
            # Nothing more to do here: a signal ends it.
            threading.Event().wait()
    except _Stop:
        say("stopped")
        return 0
    except LocalError as error:
        print(f"fmops: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"fmops: the disk is full: nothing more can be written to {error.filename or CACHE}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.console", description=__doc__)
    parser.add_argument("--aws-port", type=int, default=4566, help="where all AWS APIs answer")
    parser.add_argument("--api-port", type=int, default=4701, help="where the HTTP API answers: the links in mails")
    parser.add_argument("--console-port", type=int, default=4700, help="where the console answers")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs kept")
    parser.add_argument("--log", type=Path, default=LOG, help="the file for what the parts have to say")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, running: ExitStack, say: Say) -> None:
    """Bring everything up; `running` takes it down."""
    _check_ports(options)
    room = running.enter_context(Room(STATE, REPO, say, fresh=options.fresh))
    ports = Ports(options.aws_port, options.api_port, options.console_port)
    stack = running.enter_context(up(ROOT, ports, PARAMETERS, say, room))
    target = local_target(stack.file)
    if not stack.restored:
        save_first_use_case(target, FIRST_USE_CASE, say)
    console = Console(stack.aws, target, options.console_port)
    running.callback(console.stop)
    console.start()
    write_stack_file(stack.file, stack.aws.url, stack.outputs, pid=os.getpid(), console=console.url)
    say(f"console answers at {console.url}")
    say("ready; Ctrl-C or `fmops local down` stops it")


def _check_ports(options: argparse.Namespace) -> None:
    """Before anything is made: say which port is taken, and how to choose another."""
    for name, purpose in (("console", "the console"), ("aws", "the AWS APIs"), ("api", "the HTTP API")):
        try:
            listen(getattr(options, f"{name}_port"), purpose).close()
        except LocalError as error:
            how = f"--{name}-port or FMOPS_{name.upper()}_PORT"
            raise LocalError(f"{error} ({how})") from error


def save_first_use_case(target: Target, file: Path, say: Say) -> None:
    """Store the example's use case, so that a dataset can be dropped at once. LocalError where it is refused."""
    if not file.is_file():
        return
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    try:
        answer = target.client("lambda").invoke(
            FunctionName=target.output("SaveUseCaseFunctionName"), Payload=json.dumps({"document": document}).encode()
        )
    except (ClientError, BotoCoreError) as error:
        raise LocalError(f"the use case of {file.name} could not be saved: {error}") from error
    if "FunctionError" in answer:
        refused = json.loads(answer["Payload"].read())
        raise LocalError(f"the use case of {file.name} was refused: {refused.get('errorMessage', refused)}")
    say(f"use case {document['name']} saved; its people get mails to confirm their addresses")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    # A second signal must not cut the cleaning up short.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise _Stop


def _keep_log(file: Path) -> None:
    """Warnings of the parts go to a file: the terminal is for people."""
    file.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=file, filemode="w", format="%(asctime)s %(levelname)s %(name)s: %(message)s")


if __name__ == "__main__":
    sys.exit(main())
