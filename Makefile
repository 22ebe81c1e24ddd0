# The two commands of a newcomer: `make demo` and `make test`. Everything else is for people who work here.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
INSTANCE ?= instance/demo

.PHONY: demo serve test check bench lock clean

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Rollcall needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make demo PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

demo: $(VENV)/run.stamp ## A fictitious department with three years of history, at http://127.0.0.1:8000
	$(BIN)/lms demo --instance $(INSTANCE) --port $(PORT)

serve: $(VENV)/run.stamp ## Like in production: two web processes and a worker of its own, on LMS_INSTANCE
	$(BIN)/lms serve --port $(PORT) --with-worker

test: $(VENV)/dev.stamp ## Everything: lint, types, contracts, all tests on SQLite and PostgreSQL, browser, crash
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/mypy --strict verifier/verify.py
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/lms content check quizzes/sop-110
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not crash"
	$(BIN)/python -m pytest -m "browser or crash"

check: $(VENV)/dev.stamp ## Lint, types, import contracts and the fast tests, in under a minute
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/mypy --strict verifier/verify.py
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 2 -m "not database and not browser and not crash and not postgres and not slow"

bench: $(VENV)/dev.stamp ## The flows of docs/performance.md beside a bare program, in one run
	$(BIN)/python -m bench

lock: ## Writes the hash-locked requirement files again (needs uv)
	$(PYTHON) requirements/lock.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
