"""The table of faults says what the report says, and where there is nothing to say."""

from tools.faults_table import FAULTS, results, table

REPORT = """<testsuites><testsuite>
<testcase classname="tests.faults.a" name="test_fault_05_job_is_adopted"/>
<testcase classname="tests.faults.a" name="test_fault_22_key_is_valid[0]"/>
<testcase classname="tests.faults.a" name="test_fault_22_key_is_valid[a]b]"><failure message="no"/></testcase>
<testcase classname="tests.faults.a" name="test_fault_26_27_endpoint_goes"><skipped/></testcase>
<testcase classname="tests.faults.a" name="test_something_else"/>
</testsuite></testsuites>"""


def rows() -> dict[str, str]:
    lines = table(list(results(REPORT))).splitlines()
    return {line.split("|")[1].strip(): line for line in lines if line.startswith("| ") and line[2].isdigit()}


def test_every_fault_has_a_row() -> None:
    assert list(rows()) == [str(number) for number in range(1, 57)] == [str(number) for number in FAULTS]


def test_rows_say_what_was_tested_and_how_it_ended() -> None:
    found = rows()

    assert found["5"].endswith("| job is adopted | 1 passed |")
    assert found["22"].endswith("| key is valid | 1 passed, 1 failed |")
    assert found["26"].endswith("| endpoint goes | 1 skipped |")
    assert found["27"].endswith("| endpoint goes | 1 skipped |")


def test_fault_without_a_test_is_said_to_have_none() -> None:
    assert rows()["1"].endswith("| none | no test |")
