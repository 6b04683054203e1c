"""Weights that packages carry are read without running what a pickle names."""

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs


@pytest.mark.parametrize(("value", "told"), [("{'a': 1}", "read {'a': 1}"), ("os.system", "not read")])
def test_a_pickle_that_names_anything_else_is_refused(jobs: Jobs, value: str, told: str) -> None:
    program = (
        "import io, os, pickle\n"
        "from tools.assets_toxicity import InertUnpickler\n"
        f"file = io.BytesIO(pickle.dumps({value}))\n"
        "try:\n    print('read', InertUnpickler(file).load())\n"
        "except pickle.UnpicklingError as error:\n    print(error)\n"
    )

    with jobs.start("-c", program) as process:
        out, err = process.communicate(timeout=600)

    assert told in out, err
