"""Writes docs/faults.md: every fault, and what its tests said, read from a junit report of tests/faults.

python -m pytest tests --junitxml build/tests.xml
python -m tools.faults_table build/tests.xml
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "faults.md"
_NAME = re.compile(r"test_fault_((?:\d{2}_)+)(.+?)(?:\[.*\])?$")

FAULTS: dict[int, tuple[str, str]] = {
    1: ("duplicate S3 event, fifty at once", "one job"),
    2: ("duplicate with a new event id", "one job"),
    3: ("duplicate after 100 days", "no new job"),
    4: ("events out of order", "the newest manifest wins"),
    5: ("crash after a launch, before the ledger's write", "the existing job is adopted"),
    6: ("Lambda times out in mid-launch", "one job"),
    7: ("`ResourceInUse`, same specification", "taken as success"),
    8: ("`ResourceInUse`, other specification", "fails, alert"),
    9: ("`ResourceLimitExceeded`", "next instance type first; waits with jitter, then a deadline"),
    10: ("capacity error after acceptance", "bounded, recorded new attempt on the next instance type"),
    11: ("burst of throttling", "jittered; other candidates go on"),
    12: ("validation error", "no retry"),
    13: ("job `Stopped` at its time limit, no reason given", "a failure; never hangs, never a pass"),
    14: ("spot interruption", "resumes from the checkpoint"),
    15: ("spot without a checkpoint", "refused before launch"),
    16: ("terminal event lost", "reconciled within five minutes"),
    17: ("late `InProgress` after `Completed`", "ignored"),
    18: ("forged event, other account or source", "rejected"),
    19: ("manifest names a missing part", "no launch, `DatasetRejected` says which"),
    20: ("part with the wrong hash", "no launch"),
    21: ("part overwritten after validation", "the pinned version is used"),
    22: ("hostile object key", "decoded once, valid job name"),
    23: ("output written below a watched prefix", "no run"),
    24: ("budget race, 20 launches at once", "the cap holds"),
    25: ("price unknown", "refused, never taken as 0"),
    26: ("endpoint stuck in `Creating`", "alert, removed at its deadline"),
    27: ("delete fails once", "tried again, reported"),
    28: ("execution aborted", "resources released"),
    29: ("GET and HEAD on both links", "nothing changes"),
    30: ("scanner that runs scripts", "nothing changes"),
    31: ("POST without a valid signature", "403, no oracle"),
    32: ("double click", "one decision, the second sees it"),
    33: ("approve and reject at once", "first wins, the other 409"),
    34: ("tampered decision or signature", "403"),
    35: ("expired link", "410"),
    36: ("approval never given", "rejected, said so"),
    37: ("`SendTaskSuccess` fails after the decision is stored", "tried again, one effect"),
    38: ("artifact replaced after approval", "release refused"),
    39: ("console flips a package to Approved", "refused without a decision in the ledger, alert"),
    40: ("submitter approves their own run", "refused where the rule is on"),
    41: ("HTML or line breaks in a model name", "escaped on page, in mail, in logs"),
    42: ("task token anywhere it should not be", "no hit"),
    43: ("NaN, empty or missing score", "gate fails"),
    44: ("a model against itself, 1,000 simulated runs", "wrongly blocked or promoted at most α"),
    45: ("eight items", "`INCONCLUSIVE`, blocks"),
    46: ("evaluation row planted in training data", "blocked before GPU spend"),
    47: ("template, tokenizer or decoding differs between two results", "comparison refused"),
    48: ("million records, negligible shift", "silent"),
    49: ("material drift", "alarm within 2 windows"),
    50: ("empty or tiny window", "`INSUFFICIENT_DATA`, never OK"),
    51: ("monitoring stops", "heartbeat alarm"),
    52: ("canary PII in traffic", "in no log, metric, dead-letter queue or mail"),
    53: ("pickle artifact", "refused, never loaded"),
    54: ("result over 256 KB", "passed as an S3 pointer"),
    55: ("dead-letter queue replayed twice", "same end state"),
    56: ("malformed, truncated, gzipped or base64 capture record", "counted as unreadable, the rest is used"),
}
_TOP = """# Faults and abuse that the system withstands

Each row is a fault that practitioners reported of systems like this one; each test in `tests/faults/` injects it.
This table is made from the tests' results by `python -m tools.faults_table`, and says where there is no test yet.

| # | fault | expected | tests | outcome |
| --- | --- | --- | --- | --- |
"""


class Result(NamedTuple):
    """One test of a fault."""

    fault: int
    says: str
    outcome: str


def results(*reports: str) -> Iterator[Result]:
    """Every fault's tests in junit reports; where two have a test, the later counts. ParseError for what is none."""
    read = (case for report in reports for case in ET.fromstring(report).iter("testcase"))  # noqa: S314 - pytest's own
    for case in {(case.get("classname"), case.get("name")): case for case in read}.values():
        if fault := _fault(case):
            numbers, says = fault
            for number in numbers.strip("_").split("_"):
                yield Result(int(number), says.replace("_", " "), _outcome(case))


def _fault(case: ET.Element) -> tuple[str, str] | None:
    """Numbers and words of the fault that a test is about: by its own name, else by that of its file."""
    name = case.get("name", "")
    if found := _NAME.match(name):
        return found[1], found[2]
    file = _NAME.match(case.get("classname", "").rpartition("tests.faults.")[2])
    return (file[1], name.partition("[")[0].removeprefix("test_")) if file else None


def table(found: list[Result]) -> str:
    """The page. Cases of one test count as one sentence."""
    lines = [_row(number, [result for result in found if result.fault == number]) for number in FAULTS]
    covered = sum(any(result.fault == number for result in found) for number in FAULTS)
    failed = sum(result.outcome == "failed" for result in found)
    end = f"\n{covered} of {len(FAULTS)} faults have tests: {len(found)} cases, {failed} failed.\n"
    return _TOP + "\n".join(lines) + "\n" + end


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def _row(number: int, own: list[Result]) -> str:
    fault, expected = FAULTS[number]
    if not own:
        return f"| {number} | {fault} | {expected} | none | no test |"
    says = "; ".join(dict.fromkeys(result.says for result in own))
    counts = [
        f"{sum(result.outcome == outcome for result in own)} {outcome}"
        for outcome in ("passed", "skipped", "failed")
        if any(result.outcome == outcome for result in own)
    ]
    return f"| {number} | {fault} | {expected} | {says} | {', '.join(counts)} |"


def main(arguments: list[str]) -> int:
    reports = [Path(argument) for argument in arguments]
    if not reports or not all(report.is_file() for report in reports):
        print("usage: python -m tools.faults_table JUNIT_REPORT...", file=sys.stderr)
        return 2
    found = list(results(*(report.read_text(encoding="utf-8") for report in reports)))
    TABLE.write_text(table(found), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)}: {len(found)} cases")
    return 1 if any(result.outcome == "failed" for result in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
