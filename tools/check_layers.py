"""Finds functions that would miss a package on Lambda: here every package is installed, there only its layers are."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.check_imports import chain_to, imports_of, inside, package_of
from tools.templates import TEMPLATE, UnreadableError, read, resources

# Packages that a layer of the template carries. FmopsLayer carries the library.
LAYERS = {
    "DepsLayer": frozenset({"aws_lambda_powertools", "boto3", "botocore", "pydantic"}),
    "NumpyLayer": frozenset({"numpy"}),
    # It carries the files that `fmops.text.weights` reads, too.
    "ProfileLayer": frozenset({"isal", "msgspec"}),
    "FmopsLayer": frozenset({"fmops"}),
}


def main(path: Path = TEMPLATE) -> int:
    try:
        template = read(path)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    functions = resources(template, "AWS::Serverless::Function")
    if not functions:
        print("the template has no functions", file=sys.stderr)
        return 1
    shared = layers_of(template.get("Globals", {}).get("Function", {}))
    problems = [
        problem
        for name, properties in functions.items()
        for problem in missing_layers(name, properties, shared | layers_of(properties), path.parent)
    ]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(functions)} functions, no findings")
    return 1 if problems else 0


def layers_of(properties: dict[str, Any]) -> frozenset[str]:
    return frozenset(
        layer["Ref"] for layer in properties.get("Layers", []) if isinstance(layer, dict) and "Ref" in layer
    )


def missing_layers(name: str, properties: dict[str, Any], layers: frozenset[str], root: Path) -> Iterator[str]:
    if not isinstance(code := properties.get("CodeUri"), str):
        return
    for layer, packages in LAYERS.items():
        if layer not in layers and (chain := first_chain(root / code, packages, root)):
            yield f"{name}: needs {layer}: {' -> '.join(chain)}"


def first_chain(folder: Path, packages: frozenset[str], root: Path) -> list[str]:
    """How the code in a folder comes to import one of the packages; empty if it does not."""
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(root)
        for found in imports_of(ast.parse(file.read_text()), package_of(path)):
            if found.module.partition(".")[0] in packages:
                return [str(path), found.module]
            if inside(found.module) is not None and (chain := chain_to(packages, found.module, root)):
                return [str(path), *chain]
    return []


if __name__ == "__main__":
    sys.exit(main())
