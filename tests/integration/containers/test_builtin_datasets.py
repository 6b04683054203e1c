"""What we know of FMEval's built-in datasets is what the installed FMEval says."""

import json

import pytest

from fmops_cli.builtin import BUILTIN, REGION
from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs

PROGRAM = """
import dataclasses, json
from fmeval.constants import BUILT_IN_DATASET_DEFAULT_REGION
from fmeval.eval_algorithms import DATASET_CONFIGS
found = {name: dataclasses.asdict(config) for name, config in DATASET_CONFIGS.items()}
print(json.dumps([BUILT_IN_DATASET_DEFAULT_REGION, found]))
"""


def test_places_and_columns_are_fmevals(jobs: Jobs) -> None:
    with jobs.start("-c", PROGRAM) as process:
        out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    region, theirs = json.loads(out.splitlines()[-1])

    assert region == REGION
    assert set(theirs) == set(BUILTIN)
    for name, their in theirs.items():
        # A name with blanks stands in quotes in a JMESPath.
        locations = {
            role: str(path).strip('"')
            for role, path in their.items()
            if role.endswith("_location") and path is not None
        }
        ours = BUILTIN[name]
        assert (ours.uri, their["dataset_mime_type"]) == (their["dataset_uri"], "application/jsonlines")
        assert ours.input == (locations.pop("model_input_location", None) or locations.pop("sent_more_input_location"))
        target = locations.pop("target_output_location", None) or locations.pop("sent_less_input_location", None)
        assert (ours.target, ours.category) == (target, locations.pop("category_location", None))
        assert locations == {}
