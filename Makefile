# Everything that a person or CI does here; `make` lists it.
PYTHON ?= python3.11
# What pip installs for torch. On Linux on x86-64 the package index' torch brings CUDA, several GB that nothing here
# uses. To take the CPU build give pip the words that lead to it, once, before the first set-up:
#   make setup TORCH_INSTALL="torch==2.13.0 --find-links /folder/with/the/cpu/wheel"
# or name an index of CPU builds in pip's own configuration. More in docs/decisions/0001-environments.md.
TORCH_INSTALL ?= torch==2.13.0
export TORCH_INSTALL

IMPORTS := $(CURDIR):$(CURDIR)/layers/fmops:$(CURDIR)/cli
RUN = PYTHONPATH="$(IMPORTS)" .venv/bin/python
# Words for pytest: make test TESTS="tests/unit -k clock"
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup demo local test check bench soak format lock clean clean-all

help: ## list what can be made
	@echo "make TARGET, where TARGET is one of"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

setup: ## make the environments; does something only when a lock has changed
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or name it, as in make PYTHON=/path/to/python3.11 setup." >&2; exit 1; }
	@$(PYTHON) tools/environments.py
	@.venv-jobs/bin/python -m tools.prepare_assets
	@tools/install_system.sh

demo: setup ## run the whole life cycle on this machine: a dataset in, an approved and watched model out
	@$(RUN) -m local.demo

local: setup ## run the system on this machine, with its console, until Ctrl-C (FRESH=1: forget what earlier runs kept)
	@.venv/bin/fmops local up --foreground $(if $(FRESH),--fresh)

test: setup ## run the tests (TESTS="tests/unit -k clock": only these)
	@.venv/bin/python -m pytest -n 2 --dist loadfile $(TESTS)

check: setup ## format, lint, types, imports, state machines, template, security, layers, locks, SAM
	@tools/check.sh

bench: setup ## measure side by side with what one would use instead (BENCH="bootstrap": only this)
	@$(RUN) -m benchmarks $(BENCH)

soak: setup ## many steps, events, executions and kills, for an hour or more (SEED=1: as then; SCALE=0.1: a tenth; PART=kills)
	@$(RUN) -m tests.soak $(if $(SEED),--seed $(SEED)) $(if $(SCALE),--scale $(SCALE)) $(if $(PART),--part $(PART))

format: setup ## format the code
	@.venv/bin/ruff format --quiet .
	@.venv/bin/ruff check --quiet --fix .
	@.venv/bin/python -m tools.embed_dashboards

lock: setup ## rewrite the locks from requirements/*.in (UPGRADE=1: take the newest versions)
	@tools/lock.sh

clean: ## remove what runs and builds left; the environments stay
	@rm -rf .local build .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

clean-all: clean ## remove the environments too
	@rm -rf .venv .venv-jobs .venv-sam .venv-checkov .venv-sdk .venv-tools
