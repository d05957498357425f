# The commands of Olist DW. Each makes its virtual environment by itself.
#
#   make pipeline ARGS="--source path/to/archive.zip"
#   make test ARGS="tests/unit -k settings"

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= 3

# A stamp for running, for scheduling and for developing: anyone who only runs the pipeline installs
# less.
RUN_STAMP := $(VENV)/.installed-run
DAGSTER_STAMP := $(VENV)/.installed-dagster
POSTGRES_STAMP := $(VENV)/.installed-postgres
STORE_STAMP := $(VENV)/.installed-store
DEV_STAMP := $(VENV)/.installed-dev
PINS := pyproject.toml constraints.txt
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt
# Of what pip says, enough to see that it goes on; errors go to stderr and are shown whole.
SHOW := n=0; while read -r word next _; do case "$$word $$next" in \
	"Collecting "*) n=$$((n + 1)); (( n % 20 )) || echo "  $$n packages found";; \
	"Installing collected") (( n == 0 )) || echo "  unpacking the $$n packages that are new";; \
	esac; done

# Python is started again and again, by the tests above all: it compiles what it imports once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help pipeline versions backup restore export rollback postgres store test test-slow coverage attack lint format dashboards dagster docs ask metric bench install clean

help: ## Show the commands
	@printf 'Olist DW\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done
	@printf '\nARGS passes on: make pipeline ARGS="--source archive.zip"\n'

pipeline: $(RUN_STAMP) ## Load, build, test and publish the warehouse (the main job)
	@$(BIN)/python run_pipeline.py $(ARGS)

versions: $(RUN_STAMP) ## List the versions and backups that are kept
	@$(BIN)/olist versions $(ARGS)

backup: $(RUN_STAMP) ## Write the published version as Parquet files with checksums
	@$(BIN)/olist backup $(ARGS)

restore: $(RUN_STAMP) ## Publish a version made from a backup (ARGS="--from ...")
	@$(BIN)/olist restore $(ARGS)

export: $(RUN_STAMP) ## Write core and marts as Parquet files into exports/latest
	@$(BIN)/olist export $(ARGS)

rollback: $(RUN_STAMP) ## Switch readers to an earlier version (ARGS="--to ...")
	@$(BIN)/olist rollback $(ARGS)

postgres: $(POSTGRES_STAMP) ## Start a private PostgreSQL server on this machine
	@$(BIN)/olist postgres start $(ARGS)

store: $(STORE_STAMP) ## Start a private PostgreSQL for the shop, to play a dataset into
	@$(BIN)/olist store start $(ARGS)

dashboards: $(RUN_STAMP) ## Open the dashboards on the published warehouse
	@$(BIN)/olist serve $(ARGS)

dagster: $(DAGSTER_STAMP) ## Start the scheduler: nightly run, sensor, history, lineage
	@$(BIN)/olist dagster $(ARGS)

# A file stays on one worker: what its tests share is made once. More workers than processors:
# browsers and servers are waited for.
test: $(DEV_STAMP) ## Run the tests, benchmarks and slow attacks left out
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not benchmark and not attack" $(ARGS)

test-slow: $(DEV_STAMP) ## Run the tests of nights that take an hour: many random ones, replays
	@OLIST_SLOW_TESTS=1 OLIST_RANDOM_SEQUENCES=40 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
		tests/integration/test_incremental_equals_full.py tests/integration/test_replayed_equals_one_shot.py \
		tests/integration/test_replay_real.py tests/e2e/test_dagster_daemon.py \
		tests/integration/postgres tests/integration/store $(ARGS)

coverage: $(DEV_STAMP) ## Measure how much of the shop's domain its unit tests cover (95 %)
	@$(BIN)/python -m coverage run -m pytest -q -p no:cacheprovider tests/unit/store $(ARGS)
	@$(BIN)/python -m coverage report

attack: $(DEV_STAMP) ## Attack the parts that read what others send: all of tests/attack
	@$(BIN)/python -m pytest tests/attack $(ARGS)

bench: $(DEV_STAMP) ## Run the benchmarks, which measure time, one by one
	@$(BIN)/python -m pytest -m benchmark -s $(ARGS)

lint: $(DEV_STAMP) ## Check format, style, types, import rules and notebooks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/marimo check --strict dashboards/[!_]*.py dashboards/ask/page.py dashboards/explore/page.py

format: $(DEV_STAMP) ## Put Python into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(RUN_STAMP) ## Write the data catalogue of the published warehouse as one page
	@$(BIN)/olist docs $(ARGS)

ask: $(RUN_STAMP) ## Ask one of the hundred questions (ARGS="36"), or list them
	@$(BIN)/olist ask $(ARGS)

metric: $(RUN_STAMP) ## Ask for metrics (ARGS='"revenue_amount by region" --csv'), or list them
	@$(BIN)/olist metric $(ARGS)

install: $(DEV_STAMP) ## Make the virtual environment with all that developing needs

clean: ## Remove the environment and all caches; the warehouse stays
	@rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf olist_dw_dbt/target olist_dw_dbt/logs data/warehouse/cache data/warehouse/.olist-build data/warehouse/.olist-tmp
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON). Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$(PYTHON) is $$("$(PYTHON)" --version 2>&1), but Olist DW needs Python 3.11, 3.12 or 3.13. Name one: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@echo "Making the virtual environment $(VENV) ..."
	@"$(PYTHON)" -m venv "$(VENV)" || { rm -rf "$(VENV)"; echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

$(RUN_STAMP): $(PINS) | $(BIN)/python
	@echo "Installing what runs need into $(VENV): one to three minutes the first time ..."
	@$(PIP) -e . | { $(SHOW); }
	@touch $@

$(DAGSTER_STAMP): $(PINS) | $(BIN)/python
	@echo "Installing the scheduler as well into $(VENV): one to four minutes the first time ..."
	@$(PIP) -e '.[dagster]' | { $(SHOW); }
	@touch $(RUN_STAMP) $@

$(POSTGRES_STAMP): $(PINS) | $(BIN)/python
	@echo "Installing the driver of PostgreSQL as well into $(VENV) ..."
	@$(PIP) -e '.[postgres]' | { $(SHOW); }
	@touch $(RUN_STAMP) $@

$(STORE_STAMP): $(PINS) | $(BIN)/python
	@echo "Installing what the shop needs as well into $(VENV) ..."
	@$(PIP) -e '.[postgres,store]' | { $(SHOW); }
	@touch $(RUN_STAMP) $(POSTGRES_STAMP) $@

$(DEV_STAMP): $(PINS) | $(BIN)/python
	@echo "Installing what developing needs into $(VENV): one to five minutes the first time ..."
	@$(PIP) -e '.[dev]' | { $(SHOW); }
	@touch $(RUN_STAMP) $(DAGSTER_STAMP) $(POSTGRES_STAMP) $(STORE_STAMP) $@
