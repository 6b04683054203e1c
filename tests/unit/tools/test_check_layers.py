"""A function that would miss a package on Lambda is found here."""

from pathlib import Path

import pytest

from tools import check_layers

TEMPLATE = """
Globals:
  Function:
    Layers: [!Ref DepsLayer, !Ref FmopsLayer]
Resources:
  CompareFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/evaluation/compare
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    files = {
        "functions/evaluation/compare/app.py": "from fmops.selection.gate import decide\n",
        "layers/fmops/fmops/selection/gate.py": "from fmops.statistics import means\n",
        "layers/fmops/fmops/statistics/means.py": "import numpy as np\n",
        "template.yaml": TEMPLATE,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "template.yaml"


def test_a_package_behind_an_import_of_the_library_is_found(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_layers.main(template) == 1
    assert capsys.readouterr().out == (
        "CompareFunction: needs NumpyLayer: functions/evaluation/compare/app.py -> fmops.selection.gate.decide"
        " -> fmops.statistics.means -> numpy\n"
    )


def test_a_layer_of_its_own_satisfies_a_function(template: Path) -> None:
    template.write_text(TEMPLATE + "      Layers: [!Ref NumpyLayer]\n")

    assert check_layers.main(template) == 0


def test_a_function_without_the_shared_layers_is_found(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template.write_text(TEMPLATE.replace("!Ref FmopsLayer", "!Ref NumpyLayer"))

    assert check_layers.main(template) == 1
    assert "CompareFunction: needs FmopsLayer" in capsys.readouterr().out


def test_a_template_without_functions_fails(template: Path) -> None:
    template.write_text("Resources: {Queue: {Type: AWS::SQS::Queue}}\n")

    assert check_layers.main(template) == 1
