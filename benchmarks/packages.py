"""How large functions are with their layers, unzipped: those that compute with numpy apart from the others.

The layers are built as `sam build` builds them, by their makefiles, and so are what Lambda would unpack: wheels for its
own Python and processor.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.record import ROOT, Figure
from tools.check_layers import layers_of
from tools.templates import TEMPLATE, read, resources

_MB = 1 << 20
_NUMPY = "NumpyLayer"
# The environment itself has no pip; what it was made from has.
_PIP = f"{sys.base_prefix}/bin/python3 -m pip"


def main() -> None:
    template = read(TEMPLATE)
    layers = resources(template, "AWS::Serverless::LayerVersion")
    with tempfile.TemporaryDirectory() as built:
        sizes = {name: _built(name, ROOT / layers[name]["ContentUri"], Path(built) / name) for name in layers}
    shared = layers_of(template["Globals"]["Function"])
    whole: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for name, properties in resources(template, "AWS::Serverless::Function").items():
        if isinstance(code := properties.get("CodeUri"), str):
            own = shared | layers_of(properties)
            whole[_NUMPY in own].append((_size(ROOT / code) + sum(sizes[layer] for layer in own), name))
    parts = ", ".join(f"{name} {size / _MB:.1f}" for name, size in sorted(sizes.items()))
    print(
        json.dumps(
            {
                "package_mb": _figure(max(whole[False]), "without numpy, at most 60"),
                "package_numpy_mb": _figure(max(whole[True]), f"with numpy, at most 110; layers in MB: {parts}"),
            }
        )
    )


def _built(name: str, folder: Path, out: Path) -> int:
    """The layer's size in bytes."""
    out.mkdir()
    command = ["make", "--silent", f"build-{name}", f"ARTIFACTS_DIR={out}", f"PIP={_PIP}"]
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    return _size(out)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _figure(largest: tuple[int, str], which: str) -> Figure:
    size, name = largest
    return Figure(
        value=round(size / _MB, 1),
        unit="MB",
        note=f"the largest function ({name}) with its layers, unzipped; {which}",
    )


if __name__ == "__main__":
    main()
