"""`fmops audit show` and `verify`, as people and programs call them."""

import base64
import json
from pathlib import Path

import pytest

from fmops.core import wiring
from fmops_cli import audit
from fmops_cli.__main__ import main
from tests.integration.audit.test_seal_audit import RUN, Trail, trail

__all__ = ["trail"]


@pytest.fixture(autouse=True)
def here(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find this account."""
    monkeypatch.setattr(audit, "find", lambda _: trail.target)


def test_verify_says_what_holds_and_ends_well(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    trail.seal()

    assert main(["audit", "verify", RUN]) == 0

    assert "5 rows, 5 of them signed" in capsys.readouterr().out


def test_verify_names_the_row_and_ends_badly(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    trail.seal()
    trail.rewrite(3, facts='{"share":0.95}')

    assert main(["audit", "verify", RUN]) == 1

    said = capsys.readouterr()
    assert "NO   row 3 (answers of tuned)" in said.out
    assert "does not hold: row 3" in said.err


@pytest.mark.parametrize("form", ["pem", "der"])
def test_verify_takes_a_public_key_that_was_kept(trail: Trail, tmp_path: Path, form: str) -> None:
    trail.seal()
    der = wiring.client("kms").get_public_key(KeyId=trail.key)["PublicKey"]
    text = base64.encodebytes(der).decode()
    file = tmp_path / "key"
    pem = f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n".encode()
    file.write_bytes(der if form == "der" else pem)

    assert main(["audit", "verify", RUN, "--public-key", str(file)]) == 0
    file.write_bytes(b"rubbish")
    assert main(["audit", "verify", RUN, "--public-key", str(file)]) != 0


def test_show_lists_the_rows(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "show", RUN, "--json"]) == 0

    assert [row["step"] for row in json.loads(capsys.readouterr().out)] == [
        "data",
        "job",
        "answers",
        "report",
        "package",
    ]
    assert main(["audit", "show", RUN]) == 0
    assert "sums 1" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["show", "verify"])
def test_a_run_that_nobody_knows_is_said_to_be_none(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", command, "run-nobody"]) != 0

    assert "has no rows" in capsys.readouterr().err
