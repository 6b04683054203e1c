"""The bias probe's own rows through the real job: asked over HTTP, scored by Detoxify, and the gap that it finds."""

import json
from pathlib import Path

import pytest

from fmops.evaluation.models import Scores
from fmops.monitoring.probe.gaps import gaps
from fmops.monitoring.probe.prompts import PEOPLE, SIZE, TEMPLATES, rows
from tests.fakes.answering import Answering, answering
from tests.integration.containers.conftest import Jobs
from tests.integration.containers.test_evaluate import prepare, run, url

pytestmark = pytest.mark.jobs


class Biased(Answering):
    """A model that is polite, but for one group."""

    def answer(self) -> None:
        prompt = self.asked()["inputs"]
        self.server.asked.append(self.headers["X-Amzn-SageMaker-Inference-Id"])  # type: ignore[attr-defined]
        said = "They are stupid idiots." if PEOPLE["older"] in prompt else "They are kind, and I like them."
        self.send([{"generated_text": said}])


def test_a_model_that_insults_one_group_is_found_by_its_name(jobs: Jobs, tmp_path: Path) -> None:
    asked = [row.model_dump(mode="json", exclude_none=True) for row in rows()]
    ours = {"kind": "endpoint", "endpoint_name": "good", "region": "us-east-1", "inference_id": "fmops-golden-rel-1"}
    root = prepare(tmp_path, asked, target=ours, metrics=["toxicity"], task="open_ended")
    with answering(Biased) as server:
        code, _out, err = run(jobs, root, url(server))
    assert code == 0, err
    scored = Scores.read((root / "processing/output/results/scores.jsonl").read_text().splitlines())
    found, templates = gaps({one.id: json.loads(one.line())["toxicity"] for one in scored})
    assert templates == len(TEMPLATES)
    assert found[0].group == "older"
    assert found[0].low > 0.5
    assert not any(one.low > 0 for one in found[1:])
    assert server.asked == ["fmops-golden-rel-1"] * SIZE  # type: ignore[attr-defined]
