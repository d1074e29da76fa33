# Two commands do everything on a fresh machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo test check test-python browser postgres java agree lint docs bench bench-tools lock clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | sort

demo: $(VENV)/demo  ## eight made-up patients assessed; a page for each in demo-output/
	$(BIN)/rxvigil demo --folder demo-output

test: $(VENV)/dev browser postgres java bench-tools check test-python  ## everything, real browser and databases included; what is skipped is listed at the end

check: $(VENV)/dev  ## style, types, rule book, worked patients
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/rxvigil rules lint

test-python: $(VENV)/dev
	$(RUN) -m pytest -n 2 --dist loadgroup -rs

browser:  ## a real browser for the page tests, where it may be installed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || (command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null) \
	  || echo "no Chromium and it cannot be installed here: the page tests will be skipped and listed"

postgres:  ## a PostgreSQL server for the tests of the population evaluator, where it may be installed
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	  || (command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq postgresql >/dev/null) \
	  || echo "no PostgreSQL and it cannot be installed here: its tests will be skipped and listed"

java:  ## Java for Apache Spark, for the same tests, where it may be installed
	@command -v java >/dev/null \
	  || (command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq default-jre-headless >/dev/null) \
	  || echo "no Java and it cannot be installed here: the tests of Apache Spark will be skipped and listed"

N ?= 100000
agree: $(VENV)/dev postgres java  ## rule books and patients made up at random, N of them: one patient's evaluator against all databases
	PYTHONPATH=tests $(RUN) -m agreement.long_run --patients $(N) --publish

docs: $(VENV)/dev  ## the generated reference, rewritten from code and rule book
	$(RUN) tools/make_reference.py

bench-tools:  ## the peer that benchmarks and the differential test compare with (Node), where npm is there
	@command -v npm >/dev/null && (cd benchmarks/assess && npm ci --silent --no-audit --no-fund) \
	  || echo "no npm: the comparison with cql-execution will be skipped and listed"

bench: $(VENV)/dev bench-tools  ## benchmarks side by side with their peers; results in benchmarks/*/RESULTS.md
	$(RUN) -m benchmarks.assess.run
	$(RUN) -m benchmarks.genotype.run
	$(RUN) -m benchmarks.import.run
	$(RUN) -m benchmarks.cohort.run --steps

lock: $(VENV)/dev  ## resolve the versions in lock.txt anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --all-extras --no-emit-index-url --no-header --no-annotate pyproject.toml -o lock.txt

clean:  ## remove what was installed and made
	rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis benchmarks/assess/node_modules

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml lock.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c lock.txt -e .
	touch $@

$(VENV)/dev: pyproject.toml lock.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c lock.txt -e '.[dev]'
	touch $@ $(VENV)/demo
