# Everything a person or CI does here. `make help` lists it.
PYTHON ?= python3.11
# On Linux on x86-64 PyPI's torch brings CUDA (several GB). Only its CPU build is needed here: to choose it, give pip the
# words that lead to it, e.g. TORCH_INSTALL="torch==2.13.0 --find-links <folder with the CPU wheel>". See
# docs/decisions/0001-environments.md.
TORCH_INSTALL ?= torch==2.13.0
export TORCH_INSTALL

.DEFAULT_GOAL := help
.PHONY: help setup lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## make the environments (.venv, .venv-jobs, .venv-sam); again only when a lock has changed
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or name it with PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) tools/environments.py

lock: ## rewrite the locks (UPGRADE=1 takes the newest versions)
	@tools/lock.sh
