#!/usr/bin/env bash
# Runs every check, whatever the ones before it said, and ends non-zero if any failed. Names given: only these.
set -uo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
sam=.venv-sam/bin/sam
checkov=.venv-checkov/bin/checkov
folders=(layers/fmops/fmops local functions containers cli tools benchmarks tests)
present=()
for folder in "${folders[@]}"; do if [[ -d $folder ]]; then present+=("$folder"); fi; done

format() { .venv/bin/ruff format --check --quiet --diff .; }
lint() { .venv/bin/ruff check --quiet .; }
types() { .venv/bin/mypy "${present[@]}"; }
imports() { "$python" -m tools.check_imports; }
states() { "$python" -m tools.check_states; }
template() { "$python" -m tools.embed_dashboards --check && "$python" -m tools.check_template; }
# After SAM's transform, where the roles and rules are that SAM makes. No network: the rules come with the package.
security() {
    "$python" -m tools.check_template >/dev/null &&
        "$checkov" --file build/template.translated.json --framework cloudformation --compact --quiet --skip-download
}
layers() { "$python" -m tools.check_layers; }
locks() { "$python" -m tools.check_locks; }
sam-validate() { SAM_CLI_TELEMETRY=0 "$sam" validate --lint; }
sam-build() {
    # The layers' makefiles take any pip; this one is there whatever the machine has.
    PIP="$PWD/.venv-tools/bin/pip" SAM_CLI_TELEMETRY=0 "$sam" build >build/sam-build.log 2>&1 || { cat build/sam-build.log; return 1; }
    du -sh .aws-sam/build
}

all=(format lint types imports states template security layers locks sam-validate sam-build)
if (($# == 0)); then set -- "${all[@]}"; fi
mkdir -p build
failed=()
for check in "$@"; do
    if [[ " ${all[*]} " != *" $check "* ]]; then
        echo "no check is called $check; there are: ${all[*]}" >&2
        exit 2
    fi
    echo "== $check"
    "$check" || failed+=("$check")
done
if ((${#failed[@]})); then
    echo "== failed: ${failed[*]}"
    exit 1
fi
echo "== all checks passed: $*"
