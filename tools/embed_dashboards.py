"""Keeps the dashboards' bodies in template.yaml equal to dashboards/*.json: CloudFormation reads no other file."""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_INDENT = " " * 8


def embedded(template: str, name: str, body: str) -> str:
    """The template with the body between the markers of this dashboard. ValueError where there are no markers."""
    begin, end = f"{_INDENT}# begin dashboards/{name}\n", f"{_INDENT}# end dashboards/{name}\n"
    pattern = re.compile(f"({re.escape(begin)}).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(template):
        raise ValueError(f"template.yaml has no markers for dashboards/{name}")
    lines = "".join(f"{_INDENT}  {line}\n" for line in body.strip().splitlines())
    block = f"{_INDENT}Fn::Sub: |\n{lines}"
    return pattern.sub(lambda match: match[1] + block + match[2], template)


def main(root: Path = ROOT) -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="only say whether they are equal")
    check = arguments.parse_args().check
    template = root / "template.yaml"
    before = after = template.read_text(encoding="utf-8")
    for file in sorted((root / "dashboards").glob("*.json")):
        body = file.read_text(encoding="utf-8")
        json.loads(re.sub(r"\$\{[^}]+\}", "x", body))
        after = embedded(after, file.name, body)
    if check and after != before:
        print("template.yaml and dashboards/ differ: run `make format`", file=sys.stderr)
        return 1
    if not check:
        template.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
