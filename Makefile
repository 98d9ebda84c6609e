# make demo   sample tables, trained models, figures and a top-10 list, under demo/
# make test   lint, types, import contract and the whole suite
# make bench  Moodtune beside the original recipe; real tables with MOODTUNE_DATA=DIR
# make lock   the requirements files anew, from pyproject.toml
# make clean  remove everything that the other targets made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint types contract suite bench lock clean

demo: $(VENV)/.installed
	$(BIN)/moodtune sample --out demo/input --tracks 20000 --listeners 520 --seed 7
	$(BIN)/moodtune train --catalog demo/input/spotify-dataset --behavior demo/input/spotify-user-behavior-analysis/sample_listeners.csv --out demo/output
	$(BIN)/moodtune recommend --model demo/output/model --listener 0

test: lint types contract suite

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

contract: $(VENV)/.installed-dev
	$(BIN)/lint-imports

suite: $(VENV)/.installed-dev
	$(BIN)/pytest --numprocesses 2 --dist loadfile

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/bench.py

# uv writes the lock files: names, versions and hashes for every supported Python, nothing else.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
EXTRAS := $(foreach extra,postgres dask test lint build bench,--extra $(extra))
lock:
	$(LOCK) pyproject.toml $(EXTRAS) --output-file requirements-dev.txt
	$(LOCK) pyproject.toml --extra build --constraint requirements-dev.txt --output-file requirements.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Moodtune needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
