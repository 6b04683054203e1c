"""A chain shows which of its rows was changed, removed, moved or made up."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from fmops.audit import heads
from fmops.audit.chain import Row, Step, faults, hash_of, next_row
from fmops.audit.keys import of_spki
from fmops.audit.proof import prove
from fmops.core.errors import BadInput
from fmops.signin.rs256 import PublicKey
from tests.fakes.oidc import Key

RUN, KEY_ARN = "run-1", "arn:aws:kms:us-east-1:123456789012:key/k"
STEPS = [Step.DATA, Step.JOB, Step.ANSWERS, Step.REPORT, Step.DECISION, Step.RELEASE]


def chain(facts: dict[str, Any] | None = None, steps: list[Step] = STEPS) -> list[Row]:
    rows: list[Row] = []
    for number, step in enumerate(steps):
        more = (facts or {}) if number == 2 else {}
        row = next_row(RUN, rows[-1] if rows else None, step, "s", {"n": number, **more}, f"2026-11-24T0{number}:00Z")
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def pair() -> Key:
    return Key("audit")


@pytest.fixture(scope="module")
def public(pair: Key) -> PublicKey:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return of_spki(pair.private.public_key().public_bytes(encoding, form))


def signed(pair: Key, rows: list[Row]) -> heads.Head:
    head = heads.head_of(rows, KEY_ARN)
    return head.model_copy(update={"signature": base64.b64encode(pair.sign(head.message())).decode()})


def told(rows: list[Row], found: list[heads.Head], key: PublicKey) -> dict[int, str]:
    """The faults by row, the last of each."""
    return {fault.number: fault.what for fault in prove(RUN, rows, found, key).faults}


def test_a_chain_as_it_was_written_holds(pair: Key, public: PublicKey) -> None:
    rows = chain()

    found = prove(RUN, rows, [signed(pair, rows[:4]), signed(pair, rows)], public)

    assert (found.holds, found.rows, found.signed) == (True, 6, 6)


def test_the_order_rests_on_no_clock() -> None:
    rows: list[Row] = []
    for at in ("2026-11-24T09:00Z", "1999-01-01T00:00Z", "2026-11-24T09:00Z"):
        rows.append(next_row(RUN, rows[-1] if rows else None, Step.JOB, at, {}, at))

    assert faults(RUN, rows) == []


def test_a_changed_row_is_named(pair: Key, public: PublicKey) -> None:
    rows = chain()
    rows[3] = rows[3].model_copy(update={"facts": '{"n":9}'})

    what = "row 4 (report of s) was changed: its content does not give its hash"
    assert [(fault.number, fault.what) for fault in faults(RUN, rows)] == [(4, what)]
    assert set(told(rows, [signed(pair, chain())], public)) == {4}


def test_a_removed_row_is_named(pair: Key, public: PublicKey) -> None:
    rows = chain()
    del rows[2]

    found = told(rows, [signed(pair, chain())], public)

    assert set(found) == {3}
    assert "removed" in found[3] or "missing" in found[3]


def test_rows_cut_off_at_the_end_are_named(pair: Key, public: PublicKey) -> None:
    rows = chain()

    assert faults(RUN, rows[:4]) == []
    assert set(told(rows[:4], [signed(pair, rows)], public)) == {5, 6}


def test_rows_in_another_order_are_named(pair: Key, public: PublicKey) -> None:
    rows = chain()
    rows[1], rows[2] = rows[2], rows[1]

    assert {2, 3} & {fault.number for fault in faults(RUN, rows)}


def test_rows_that_exchanged_their_numbers_are_named(pair: Key, public: PublicKey) -> None:
    rows = chain()
    rows[1], rows[2] = rows[2].model_copy(update={"number": 2}), rows[1].model_copy(update={"number": 3})

    assert {2, 3} <= {fault.number for fault in faults(RUN, rows)}


def test_a_chain_written_anew_as_a_whole_is_not_what_was_signed(pair: Key, public: PublicKey) -> None:
    honest, forged = chain(), chain({"score": 1.0})

    assert faults(RUN, forged) == []
    found = told(forged, [signed(pair, honest)], public)

    # The forger had to write every row behind the changed one anew.
    assert set(found) == {3, 4, 5, 6}
    assert "not the row that was signed" in found[3]


def test_a_forged_head_is_named_and_proves_nothing(pair: Key, public: PublicKey) -> None:
    forged = signed(Key("other"), chain({"score": 1.0}))

    found = prove(RUN, chain({"score": 1.0}), [forged], public)

    assert found.signed == 0
    assert any("forged" in fault.what for fault in found.faults)


@pytest.mark.parametrize("change", [{"number": 5}, {"rows": []}, {"run_id": "run-2"}, {"signature": "!"}, {"key": "k"}])
def test_a_changed_head_proves_nothing(pair: Key, public: PublicKey, change: dict[str, Any]) -> None:
    head = signed(pair, chain()).model_copy(update=change)

    found = prove(RUN, chain(), [head], public)

    assert found.signed == 0
    assert not found.holds


def test_a_forged_head_beside_a_genuine_one_hides_nothing(pair: Key, public: PublicKey) -> None:
    forged_rows = chain({"score": 1.0})
    both = [signed(pair, chain()), signed(Key("other"), forged_rows)]

    assert "not the row that was signed" in told(forged_rows, both, public)[3]


def test_rows_of_another_run_are_named(pair: Key, public: PublicKey) -> None:
    rows = [row.model_copy(update={"run_id": "run-2"}) for row in chain()]

    assert len({fault.number for fault in faults(RUN, rows)}) == len(rows)


def test_without_a_head_nothing_is_proven(public: PublicKey) -> None:
    assert not prove(RUN, chain(), [], public).holds


@given(st.integers(0, 5), st.sampled_from(["step", "subject", "facts", "at", "previous", "hash", "number", "run_id"]))
@settings(deadline=None)
def test_whatever_is_changed_in_a_row_is_found_in_that_row(place: int, member: str) -> None:
    rows = chain()
    values = {"step": Step.PACKAGE, "number": 77}
    rows[place] = rows[place].model_copy(update={member: values.get(member, "x")})

    found = faults(RUN, rows)

    assert {place + 1, 77} & {fault.number for fault in found}


def test_a_hash_covers_every_member() -> None:
    row = chain()[0]

    for member in set(Row.model_fields) - {"hash"}:
        value = Step.RELEASE if member == "step" else 7 if member == "number" else "x"
        assert hash_of(row.model_copy(update={member: value})) != row.hash


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x82\x01\x22", b"\x30\x03\x02\x01\x01", b"rubbish"])
def test_what_is_no_public_key_is_refused(der: bytes) -> None:
    with pytest.raises(BadInput, match="public key"):
        of_spki(der)
