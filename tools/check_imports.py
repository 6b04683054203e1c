"""Keeps the rooms of the design apart: who may import whom, which packages, and who may read the environment."""

import ast
import functools
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What each room may import. A name of a room allows all of it, room.module only that module.
_MODELS = "evaluation.models"
_REQUEST = "evaluation.job_request"
_JUDGE = "evaluation.judge"
_REVIEWS = "evaluation.reviews.models"
ROOMS: dict[str, tuple[str, ...]] = {
    "core": (),
    "text": ("core",),
    "statistics": (),
    "links": ("core",),
    # Beside the design's rows: who somebody is, beyond whose mailbox they read.
    "signin": ("core",),
    # And what was done, so that it can be proven.
    "audit": ("core", "signin.rs256"),
    "usecases": ("core",),
    "catalog": ("core", "usecases"),
    "datasets": ("core", "text", "usecases"),
    "launches": ("core", "usecases", "catalog"),
    "serving": ("core", "catalog", "launches"),
    "evaluation": (
        *("core", "text", "statistics", "links", "usecases", "catalog", "datasets", "launches", "serving", "audit"),
    ),
    "selection": ("core", "text", "statistics", "usecases", "catalog", _MODELS, _JUDGE, _REVIEWS),
    "approval": ("core", "links", "signin", "audit", "selection.models"),
    # Beside the design's row: what a use case says of its rollout, and the trial endpoint and jobs that a release
    # launches, with what they cost.
    "release": (
        *("core", "statistics", "usecases", "catalog", "launches", "serving", "audit"),
        *(_MODELS, _REQUEST, "evaluation.targets", "evaluation.remote", "approval.models"),
    ),
    # Beside the design's row: the rules of a use case, what the toxicity job costs, and who accepted which traffic.
    "monitoring": (
        *("core", "text", "statistics", "usecases", "catalog", "launches", "datasets", "audit"),
        *(_MODELS, _REQUEST, "evaluation.targets"),
    ),
    # Beside the design's rows: what a deployment itself sets in motion, and leaves behind.
    "deployment": ("core", "launches"),
    # Beside the design's rows: the dashboard's widgets, which read the ledger of all rooms.
    "widgets": ("core", "approval.wording"),
    # Beside the design's row: how a use case wants to be told.
    "alerts": ("core", "usecases"),
}
# Rooms and modules that a container may import; none of them may lead to a module that talks to AWS.
CONTAINERS = (
    "core",
    "text",
    "statistics",
    _MODELS,
    "evaluation.performance",
    "evaluation.targets",
    "evaluation.algorithms",
    _JUDGE,
)
# What the layers carry. numpy is a layer of its own, which few functions have.
PACKAGES = frozenset(
    {"aws_lambda_powertools", "boto3", "botocore", "isal", "msgspec", "numpy", "pydantic", "pydantic_core"}
)
STATISTICS_PACKAGES = frozenset({"numpy"})
AWS_PACKAGES = frozenset({"aws_lambda_powertools", "boto3", "botocore"})

LIBRARY = Path("layers/fmops/fmops")
# Folders whose code nothing outside them may import, and who is excepted.
PRIVATE: dict[str, frozenset[str]] = {
    "local": frozenset({"local", "tools"}),
    "functions": frozenset(),
    "containers": frozenset(),
    "tools": frozenset({"tools"}),
    # The demonstration of a local run reads back what happened as the command line does.
    "fmops_cli": frozenset({"cli", "local"}),
}
ENVIRONMENT_READER = LIBRARY / "core" / "settings.py"


@dataclass(frozen=True)
class Import:
    module: str
    line: int


def main(root: Path = ROOT) -> int:
    files = [
        file for folder in ("layers", "functions", "containers", "local", "cli") for file in sources(root / folder)
    ]
    if not files:
        print("there is no code to check", file=sys.stderr)
        return 1
    problems = [f"{file.relative_to(root)}:{problem}" for file in files for problem in check(file, root)]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(files)} files, no findings")
    return 1 if problems else 0


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def check(file: Path, root: Path) -> Iterator[str]:
    """`line: what is wrong` for each forbidden import or read of the environment in the file."""
    path = file.relative_to(root)
    tree = ast.parse(file.read_text(), filename=str(path))
    imports = list(imports_of(tree, package_of(path)))
    for found in imports:
        top = found.module.partition(".")[0]
        if top in PRIVATE and path.parts[0] != top and path.parts[0] not in PRIVATE[top]:
            yield f"{found.line}: {path.parts[0]} may not import {found.module}"
    if path.is_relative_to(LIBRARY):
        yield from library_problems(path, imports)
    if path.is_relative_to("functions"):
        yield from package_problems(imports, PACKAGES)
    if path.is_relative_to("containers"):
        yield from container_problems(imports, root)
    if path.is_relative_to(LIBRARY) or path.is_relative_to("functions"):
        yield from environment_problems(path, tree)


def library_problems(path: Path, imports: Sequence[Import]) -> Iterator[str]:
    room = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    if room not in ROOMS:
        yield f"1: {room} is no room of the table in tools/check_imports.py"
        return
    for found in imports:
        target = inside(found.module)
        if target is not None and not allowed(target, (room, *ROOMS[room])):
            yield f"{found.line}: {room} may not import {found.module}"
    yield from package_problems(imports, STATISTICS_PACKAGES if room == "statistics" else PACKAGES)


def package_problems(imports: Sequence[Import], packages: frozenset[str]) -> Iterator[str]:
    for found in imports:
        top = found.module.partition(".")[0]
        if top not in sys.stdlib_module_names | packages | {"fmops"} and top not in PRIVATE:
            yield f"{found.line}: {found.module} is not among the packages that may be used here"


def container_problems(imports: Sequence[Import], root: Path) -> Iterator[str]:
    for found in imports:
        target = inside(found.module)
        if target is None:
            continue
        if not allowed(target, CONTAINERS):
            yield f"{found.line}: a container may not import {found.module}"
        elif leads := chain_to(AWS_PACKAGES, found.module, root):
            yield f"{found.line}: {found.module} leads to AWS: {' -> '.join(leads)}"


def chain_to(packages: frozenset[str], module: str, root: Path) -> list[str]:
    """The shortest way of imports from a module of the library to one of the packages; empty if there is none."""
    start = file_of(module, root)
    if start is None:
        return []
    # Each file once, breadth first: the ways through a library are many more than its files.
    ways, waiting = {start: [module]}, deque([start])
    while waiting:
        file = waiting.popleft()
        for found in _imports_in(file, package_of(file.relative_to(root)), file.stat().st_mtime_ns):
            if found.module.partition(".")[0] in packages:
                return [*ways[file], found.module]
            target = file_of(found.module, root) if inside(found.module) is not None else None
            if target is not None and target not in ways:
                ways[target] = [*ways[file], found.module]
                waiting.append(target)
    return []


@functools.cache
def _imports_in(file: Path, package: str, _changed: int) -> tuple[Import, ...]:
    return tuple(imports_of(ast.parse(file.read_text()), package))


def environment_problems(path: Path, tree: ast.Module) -> Iterator[str]:
    if path == ENVIRONMENT_READER:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "getenv" | "environb"):
                yield f"{node.lineno}: only core/settings.py reads the environment"
            case ast.ImportFrom(module="os", names=names) if {"environ", "getenv"} & {alias.name for alias in names}:
                yield f"{node.lineno}: only core/settings.py reads the environment"


def imports_of(tree: ast.Module, package: str) -> Iterator[Import]:
    """Every import, wherever it stands. `from a import b` counts as a.b, for b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in node.names)


def package_of(path: Path) -> str:
    """The dotted package of a file, as its own relative imports see it."""
    parents = path.relative_to("layers/fmops").parent if path.is_relative_to("layers/fmops") else path.parent
    return ".".join(parents.parts)


def inside(module: str) -> str | None:
    """`room.module.name` of an import of the library, None for any other import."""
    top, _, rest = module.partition(".")
    return rest if top == "fmops" and rest else None


def allowed(target: str, names: Sequence[str]) -> bool:
    return any(target == name or target.startswith(f"{name}.") for name in names)


def file_of(module: str, root: Path) -> Path | None:
    """The file of a module of the library, or of the module that a name is imported from."""
    path = root / "layers" / "fmops" / Path(*module.split("."))
    for candidate in (
        path.with_suffix(".py"),
        path / "__init__.py",
        path.parent.with_suffix(".py"),
        path.parent / "__init__.py",
    ):
        if candidate.is_file():
            return candidate
    return None


if __name__ == "__main__":
    sys.exit(main())
