#!/usr/bin/env bash
# Installs what no Python package carries: Chromium, for the tests of pages. Does nothing where it is there already.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if ! command -v apt-get >/dev/null; then
    echo "Chromium is missing and apt-get is not here: the tests in tests/browser are skipped until you install it."
    exit 0
fi
if ((EUID != 0)); then
    echo "Chromium is missing: the tests in tests/browser are skipped. Install it with: sudo apt-get install chromium"
    exit 0
fi
log=build/setup/chromium.log
mkdir -p build/setup
echo "chromium: installing Debian's package"
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install --yes --no-install-recommends chromium; } >"$log" 2>&1; then
    if grep --quiet 'No space left on device' "$log"; then
        echo "set-up failed: the disk is full." >&2
    else
        echo "set-up failed: Chromium could not be installed by apt-get; the whole output is in $log." >&2
    fi
    exit 1
fi
