PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help demo explorer test check torture image-check format clean

help:  ## Show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/kgbuild: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -q -e .
	@touch $@

$(VENV)/.test: $(BIN)/kgbuild
	$(PIP) -q -e '.[test]'
	@touch $@

$(VENV)/.dev: $(BIN)/kgbuild
	$(PIP) -q -e '.[dev]'
	@touch $@

demo: $(BIN)/kgbuild  ## Install, ingest the sample documents, answer a question
	$(BIN)/python cli.py ingest examples/docs
	$(BIN)/python cli.py query "Кто супруга Дмитрия Менделеева?"

explorer:  ## Build the web explorer that `kgbuild serve` shows (needs Node and npm)
	cd kgbuild/serve/web && npm install --no-package-lock --no-audit --no-fund
	cd kgbuild/serve/web && npm run check && npm run build

test: $(VENV)/.test  ## Install what the tests need and run them
	$(PYTEST)

check: $(VENV)/.dev  ## Format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST)

torture: $(VENV)/.test  ## Kill 500 processes at work on a store, check what each leaves behind
	PYTHONPATH=.:tests $(BIN)/python -m crash.torture --kills 500

image-check: $(VENV)/.test  ## Run the Dockerfile's steps in a temporary folder, start the service
	PYTHONPATH=.:tests $(BIN)/python -m image.build $(IMAGE_CHECK)

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove the environment and the demo's graph
	rm -rf $(VENV) kg
