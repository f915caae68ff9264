.PHONY: help run test check faults bench catalogs
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1	\2/' | expand -t 16

.venv/run: requirements.lock
	@echo "Installing what the desk needs (about half a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

run: .venv/run ## Start everything in one process; without a token with a simulated phone
	@$(BIN)/python -m core migrate && exec $(BIN)/python -m bot

test: .venv/dev ## Run all tests
	@sh tests/browser/install.sh
	@# the processes that tests start, too, keep what they compiled
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3

check: .venv/dev ## Format, lint, types, import contracts, dependencies, dead code, catalogs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	@# fields of rows, models and answers are read by templates and databases; code that nobody calls is dead
	! $(BIN)/vulture | grep -E 'unused (function|method|class|property|import)|unreachable'
	@# and so is what nobody but a test calls
	! $(BIN)/vulture bot core admin | grep -E 'unused (function|method|class|property)'
	$(BIN)/python -m tests.catalogs --check

catalogs: .venv/dev ## Bring the catalogs up to date with the code
	$(BIN)/python -m tests.catalogs

faults: .venv/dev ## Try everything that may go wrong, count what was lost (ROUNDS=10: a few minutes; RESUME=file goes on)
	$(BIN)/python -m tests.faults $(if $(ROUNDS),--quick --rounds $(ROUNDS)) $(if $(RESUME),--resume $(RESUME))

bench: .venv/dev ## Measure intake, push, idle, start and paper
	$(BIN)/python -m benchmarks
