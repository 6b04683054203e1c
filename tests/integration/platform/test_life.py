"""Starting and stopping: nothing is left behind, and what is wrong is said in a sentence."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from local import ports
from local.clock import Clock
from local.embedded import EmbeddedAws
from local.protocol import JobSettings, LocalError

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, '
    '"Action": "sts:AssumeRole"}]}'
)


def _children() -> set[int]:
    path = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
    direct = {int(pid) for pid in path.read_text(encoding="ascii").split()}
    for thread in Path("/proc/self/task").iterdir():
        # Threads of earlier tests may end meanwhile.
        with contextlib.suppress(FileNotFoundError):
            direct |= {int(pid) for pid in (thread / "children").read_text(encoding="ascii").split()}
    return direct


def test_stop_leaves_no_thread_and_no_process(tmp_path: Path, code: Callable[[str], Path]) -> None:
    threads, children = set(threading.enumerate()), _children()

    with EmbeddedAws(tmp_path / "aws") as aws:
        role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        function = {"FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler", "Role": role}
        aws.lambdas.deploy(function, code("def handler(event, context): return 1"))
        assert aws.lambdas.invoke("f", b"{}").payload == b"1"
        assert _children() > children

    assert _children() == children
    left = {thread for thread in set(threading.enumerate()) - threads if not thread.name.startswith("http-api")}
    for thread in left:
        thread.join(timeout=5)
    assert [thread.name for thread in left if thread.is_alive()] == []


def test_each_start_begins_with_nothing(tmp_path: Path) -> None:
    with EmbeddedAws(tmp_path / "one") as aws:
        aws.client("s3").create_bucket(Bucket="left-over")

    with EmbeddedAws(tmp_path / "two") as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []


def test_second_one_in_the_same_process_is_refused(tmp_path: Path) -> None:
    with EmbeddedAws(tmp_path / "one"), pytest.raises(LocalError, match="another embedded AWS runs"):
        EmbeddedAws(tmp_path / "two").start()


@pytest.mark.parametrize("which", ["port", "api_port"])
def test_port_in_use_is_one_clear_sentence_and_nothing_stays_started(tmp_path: Path, which: str) -> None:
    with ports.listen(0, "the test") as taken:
        number = taken.getsockname()[1]

        with pytest.raises(LocalError, match=f"port {number} for .* is in use"):
            EmbeddedAws(tmp_path / "one", **{which: number}).start()

    with EmbeddedAws(tmp_path / "two") as aws:
        assert aws.url


def test_missing_tool_is_named(tmp_path: Path) -> None:
    jobs = JobSettings(python=tmp_path / "no-python", assets=tmp_path)

    with pytest.raises(LocalError, match=r"no-python is missing; `make setup` installs it"):
        EmbeddedAws(tmp_path / "aws", jobs=jobs).start()


def test_disk_that_is_full_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.embedded._LEAST_FREE_BYTES", 1 << 62)

    with pytest.raises(LocalError, match="MB are free on the disk"):
        EmbeddedAws(tmp_path / "aws").start()


def test_clock_that_is_given_is_shared_with_processes(tmp_path: Path) -> None:
    clock = Clock()

    with EmbeddedAws(tmp_path / "aws", clock=clock):
        clock.advance(90)

        assert float((tmp_path / "aws" / "clock").read_text(encoding="ascii")) == 90
