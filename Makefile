# Everything a fresh machine needs is made by these targets; python3 (3.11 or later) is assumed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Where it is set, each server that a test starts would compile the whole package again.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: serve test test-tools check format lock bench bench-full clean

serve: $(VENV)/.runtime ## Install, then run the server on the embedded store
	$(BIN)/contactory serve $(ARGS)

test: ## Install what tests need, both kinds at once, then run the whole suite
	$(MAKE) --jobs=2 $(VENV)/.dev test-tools
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

test-tools: ## Install what tests need beside Python packages
	tests/tools

check: $(VENV)/.dev ## Format, lint, types, imports and unit tests: before every commit
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/unit

format: $(VENV)/.dev ## Put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Choose the newest versions of all dependencies
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements.lock --group dev pyproject.toml --output-file requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--constraint requirements-dev.lock --group benchmark pyproject.toml \
		--output-file requirements-benchmark.lock

bench: $(VENV)/.benchmark ## Measure against limits and rivals, in minutes
	$(BIN)/python -m benchmarks.suite $(ARGS)

bench-full: $(VENV)/.benchmark ## The same with more contacts, in up to an hour; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.suite --full --docs docs $(ARGS)

clean:
	rm -rf $(VENV) .benchmarks node_modules tests/e2e/sdk/node_modules

$(VENV)/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	touch $@

$(VENV)/.benchmark: requirements-benchmark.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-benchmark.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@
