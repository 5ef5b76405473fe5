# All that a clone needs. `make` alone says what there is; `PYTHON=` names another Python, `ARGS=` is passed on.

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
TOOLS := tests/tools
PIP_INSTALL := $(BIN)/python -m pip install --quiet --constraint $(LOCK)
# TensorFlow is no longer made for Macs with Intel processors.
SUITS := import ensurepip, platform, sys, venv; \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) or \
	(sys.platform, platform.machine()) == ("darwin", "x86_64"))
REMEDY := Install one (Debian, Ubuntu: python3-venv too; Mac: Apple silicon), or name one with PYTHON=.

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USER := 0
# Packages of another place must not be taken for ours.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report train serve test test-applications lighthouse lint format bench translations lock clean distclean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-18s%s\n", $$1, $$2 }' Makefile

report: $(VENV)/.run ## Build the site into site/ (ARGS="my.keras" for another network)
	@$(BIN)/reportgen build --out site $(ARGS)

train: $(VENV)/.run ## Train the default network anew, with its record (minutes)
	@$(BIN)/reportgen train $(ARGS)

serve: $(VENV)/.run ## Show the built site in a browser, from this machine only
	@$(BIN)/reportgen serve $(ARGS)

test: $(VENV)/.dev $(TOOLS)/node_modules/.installed ## Run all tests, in a real browser too (ARGS="-k name" for some)
	@sh tests/install_browser.sh $(BIN)/python
	@$(BIN)/python -m pytest $(ARGS)

test-applications: $(VENV)/.dev ## Build sites of seven large networks of Keras' own, and check them (half an hour)
	@$(BIN)/python -m pytest -m applications --durations=0 tests/test_applications.py $(ARGS)

lighthouse: $(VENV)/.dev $(TOOLS)/lighthouse/node_modules/.installed ## Score the built site as a phone shows it
	@sh tests/install_browser.sh $(BIN)/python
	@$(BIN)/python -m tests.lighthouse $(ARGS)

lint: $(VENV)/.dev ## Check style, types, workflows and that every message stands in the catalogue
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/python -m tests.translations --check

format: $(VENV)/.dev ## Mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(VENV)/.dev ## Time a cold, a warm and a cached build beside the bare import of Keras
	@$(BIN)/python -m tests.bench $(ARGS)

translations: $(VENV)/.dev ## Gather the messages and bring the catalogues up to date
	@$(BIN)/python -m tests.translations

lock: $(BIN)/python ## Renew the locked versions in requirements.lock
	@$(BIN)/python -m venv --clear $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install --quiet uv
	@printf 'editables\nhatchling\n' | $(VENV)/uv/bin/uv pip compile --quiet --no-config --universal --upgrade \
		--python-version 3.11 --extra dev --no-annotate --custom-compile-command "make lock" \
		--output-file $(LOCK) pyproject.toml -

clean: ## Remove the built site and every cache
	@if [ -x $(BIN)/reportgen ]; then $(BIN)/reportgen clean --out site; fi
	@rm -rf build dist .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find reportgen tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the virtual environment too
	@rm -rf $(VENV) $(TOOLS)/node_modules $(TOOLS)/lighthouse/node_modules

# Python itself, then one stamp for what running needs and one for what working on it needs. Hatchling comes from
# the lock too, which is why the build is not isolated.

$(BIN)/python:
	@for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		"$$python" -c '$(SUITS)' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$("$$python" --version) ..."; \
		exec "$$python" -m venv --clear $(VENV); \
	done; \
	echo "$(or $(PYTHON),python3): not a Python 3.11 to 3.13 with venv. $(REMEDY)" >&2; exit 1

$(VENV)/.run: $(BIN)/python $(LOCK) pyproject.toml
	@echo "Installing the locked packages into $(VENV) (some minutes the first time) ..."
	@$(PIP_INSTALL) editables hatchling
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP_INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@

# Checks of pages which others made, from npm. Where they cannot be installed no stamp is left, and the tests say so.

$(TOOLS)/node_modules/.installed: $(TOOLS)/package-lock.json
	@sh tests/install_tools.sh $(TOOLS) java

$(TOOLS)/lighthouse/node_modules/.installed: $(TOOLS)/lighthouse/package-lock.json
	@sh tests/install_tools.sh $(TOOLS)/lighthouse
