# Every target sets itself up: it needs Python 3.10 to 3.13 with venv and pip, and a package index once.
PYTHON ?= python3

# Environments hold exactly what the lock names, checked by hash. uv makes them: the one on PATH if it knows all options, else one from pip.
LOCK := tests/lock.txt
TOOLS := ops/package/tools-lock.txt
# A stamp is named after what it stands for, so another lock or another interpreter makes a new environment.
FINGERPRINT := $(shell { $(PYTHON) -V; cat $(LOCK) $(TOOLS); } 2>&1 | cksum | tr ' ' '-')
READY := .venv/ready-$(FINGERPRINT)
RUN := .venv/bin/python
# Tests start many processes; compiling every module in each of them doubles the suite's processor time.
unexport PYTHONDONTWRITEBYTECODE
SYNC := pip sync --quiet --compile-bytecode --require-hashes --build-constraints $(TOOLS) --require-build-hashes $(LOCK)

# Twice the processors of a small machine, as some tests wait for servers in real time; who is done takes from the others.
WORKERS ?= 4

# What exercises functions/ and needs functions/ and aliyun_fakes/ only: run once more on each version Function Compute offers.
FUNCTION_TESTS := tests/unit/retention tests/contract/cloud tests/end_to_end/test_purge.py
RUNTIMES := 3.10 3.12

.PHONY: test test-fast lint demo bench package coverage-table lock clean

test: $(READY)
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal
	@$(MAKE) --no-print-directory $(RUNTIMES:%=test-%)

# One version of Function Compute's: nothing to do where `test` already ran on it.
test-%: $(READY)
	@if $(RUN) -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$*")'; then \
	  echo "The tests above ran on Python $*."; \
	elif python=$$($(RUN) -m ops.package.interpreters $*); then \
	  $(MAKE) --no-print-directory .venv-$*/ready-$(FINGERPRINT) FUNCTION_PYTHON="$$python" && \
	  echo "The tests of functions/ again, on Python $*:" && \
	  .venv-$*/bin/python -m pytest -n $(WORKERS) --dist worksteal -p no:cacheprovider $(FUNCTION_TESTS); \
	else \
	  echo "NOT TESTED on Python $*, which Function Compute offers: none found (PATH, pyenv, uv)."; \
	fi

# For every change while one works: the rules and the fakes, without servers, processes and long simulations.
# The tests of a file stay on one worker, so what they share is made once.
test-fast: $(READY)
	$(RUN) -m pytest -n $(WORKERS) --dist loadfile --hypothesis-profile fast -m "not slow" tests/unit

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# A test holds that every target is listed.
.DEFAULT_GOAL := help
.PHONY: help test-fast docs reference
help:
	@echo "make demo            play a dry run and an enforcing run on the fake cloud"
	@echo "make test-fast       run the tests that need no server and no long simulation, in under 20 s"
	@echo "make test            run all tests, and those of the functions again on their deployed Python"
	@echo "make lint            check style, format and types"
	@echo "make docs            build the documentation into build/site; fails on broken links"
	@echo "make reference       write all pages and schemas that are made from code"
	@echo "make coverage-table  write aliyun_fakes/COVERAGE.md only"
	@echo "make package         build what is deployed, build/nas-retention.zip"
	@echo "make bench           measure jobs, time and cost, tests/bench/results.md; takes half an hour"
	@echo "make clean           remove environments and everything that was built"
	@echo "Set PYTHON=python3.12 or the like to use another interpreter than python3."

# The site needs nothing of the project, so its tools have an environment of their own. No --quiet: it keeps warnings
# from --strict (observed: mkdocs 1.6.1).
DOCS := build/docs-venv
DOCS_READY := $(DOCS)/ready-$(shell { $(PYTHON) -V; cat docs/requirements.txt; } 2>&1 | cksum | tr ' ' '-')
docs: $(DOCS_READY)
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict

$(DOCS_READY):
	@echo "Setting up $(DOCS) (once) ..."
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	@touch $@

# After a change to policy keys, commands, run ends, audit records or the coverage of the fakes.
reference: $(READY) coverage-table
	mkdir -p build
	$(RUN) -m ops.policy_schema > build/policies.schema.json && mv build/policies.schema.json functions/policies.schema.json
	$(RUN) -m ops.request_schema > build/requests.schema.json && mv build/requests.schema.json functions/requests.schema.json
	$(RUN) -m docs.generate

demo: $(READY)
	$(RUN) -m demo

bench: $(READY)
	$(RUN) -m tests.bench

package: $(READY)
	$(RUN) -m ops.package

# After a change to aliyun_fakes/*/table.yaml or aliyun_fakes/core/gateway.yaml.
coverage-table: $(READY)
	$(RUN) -m aliyun_fakes.coverage

# After a change to requirements: the lock of tests and all else first, so the others hold the same versions.
# Takes what the locks already hold where it can; `make lock UPGRADE=--upgrade` takes the newest.
COMPILE := pip compile --quiet --universal --python-version 3.10 --generate-hashes --custom-compile-command 'make lock' \
  --excludes ops/package/excludes.txt $(UPGRADE)
lock: $(READY)
	.venv/bin/uv $(COMPILE) ops/package/tools.txt -o $(TOOLS)
	.venv/bin/uv $(COMPILE) tests/requirements.txt -o $(LOCK)
	.venv/bin/uv $(COMPILE) ops/requirements.txt -c $(LOCK) -o ops/lock.txt
	.venv/bin/uv $(COMPILE) requirements.txt -c $(LOCK) -o ops/package/lock.txt

clean:
	rm -rf .venv $(RUNTIMES:%=.venv-%) build

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13) and \
	  "Python 3.10 to 3.13 is needed: make PYTHON=...")'
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv --clear .venv
	@if uv pip sync --help 2>&1 | grep -q -e --require-build-hashes; then uv=uv; else uv=.venv/bin/uv && \
	  $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(TOOLS); fi && \
	  "$$uv" $(SYNC) --python $(RUN)
	@touch $@

.venv-%/ready-$(FINGERPRINT):
	@echo "Setting up .venv-$* (once) ..."
	@"$(FUNCTION_PYTHON)" -m venv --clear .venv-$*
	@.venv/bin/uv $(SYNC) --python .venv-$*/bin/python
	@touch $@
