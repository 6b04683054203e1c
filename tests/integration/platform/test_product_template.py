"""The product's own template, whole."""

from pathlib import Path

from local.embedded import EmbeddedAws
from local.protocol import JobSettings


def test_whole_template_is_deployed_and_its_functions_load(tmp_path: Path, repo: Path) -> None:
    jobs = JobSettings(python=repo / ".venv" / "bin" / "python", assets=tmp_path)

    with EmbeddedAws(tmp_path / "own", jobs=jobs) as aws:
        stack = aws.deploy(repo / "template.yaml", "fmops")
        reconciled = aws.lambdas.invoke(stack.resources["ReconcileFunction"], b"{}")

    assert len(stack.resources) > 100
    assert stack.types["Ledger"] == "AWS::DynamoDB::Table"
    assert reconciled.function_error is None, reconciled.payload
