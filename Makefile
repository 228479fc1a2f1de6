# Every target sets itself up: it needs python3 (3.10 or later) with venv and pip, and a package index once.
PYTHON ?= python3

LOCK := ops/package/lock.txt
REQUIREMENTS := requirements.txt tests/requirements.txt $(wildcard ops/requirements.txt)
# A stamp is named after what it stands for, so changed pins or another interpreter make a new environment.
FINGERPRINT := $(shell { $(PYTHON) -V; cat $(REQUIREMENTS) $(LOCK); } 2>&1 | cksum | tr ' ' '-')
READY := .venv/ready-$(FINGERPRINT)
READY_TARGET := .venv-3.10/ready-$(FINGERPRINT)
RUN := .venv/bin/python

# What exercises functions/ and needs functions/ and aliyun_fakes/ only: run once more on the version they are deployed on.
FUNCTION_TESTS := tests/unit/retention tests/contract/cloud tests/end_to_end/test_purge.py

.PHONY: test lint demo bench package coverage-table test-target clean

test: $(READY)
	$(RUN) -m pytest -n 2 --dist loadgroup
	@if $(RUN) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))'; then \
	  echo "That was Python 3.10, the version the functions are deployed on."; \
	elif target=$$($(RUN) -m ops.package.interpreters); then \
	  $(MAKE) --no-print-directory test-target TARGET_PYTHON="$$target"; \
	else \
	  echo "NOT TESTED on Python 3.10, the version the functions are deployed on: none found (PATH, pyenv, uv)."; \
	fi

test-target: $(READY_TARGET)
	@echo "The tests of functions/ again, on $$(.venv-3.10/bin/python -V), the version they are deployed on:"
	.venv-3.10/bin/python -m pytest -n 2 --dist loadgroup -p no:cacheprovider $(FUNCTION_TESTS)

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# The unit tests but those files that play deployed functions or search thousands of examples, as measured with
# --durations. A list of paths and no marker: a new test counts as fast until somebody measures it, and no test file has
# to know. A test holds that each of them exists.
SLOW := tests/unit/aliyun_fakes/fc/test_asynchronous.py tests/unit/aliyun_fakes/fc/test_real_time.py \
  tests/unit/aliyun_fakes/fc/test_stream.py tests/unit/aliyun_fakes/nas/test_size.py \
  tests/unit/aliyun_fakes/nas/test_stateful.py tests/unit/ops/commands tests/unit/ops/doctor tests/unit/ops/package \
  tests/unit/ops/test_ram.py tests/unit/ops/test_session.py tests/unit/retention/jobs/test_purge_loop.py \
  tests/unit/retention/policy/test_globs.py tests/unit/retention/policy/test_judge_properties.py \
  tests/unit/retention/policy/test_load.py tests/unit/retention/policy/test_narrowing.py \
  tests/unit/retention/runs/test_chain.py tests/unit/retention/runs/test_event.py \
  tests/unit/retention/runs/test_message.py
test-fast: $(READY)
	$(RUN) -m pytest -n 2 --dist loadgroup tests/unit $(SLOW:%=--ignore=%)

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
	$(RUN) -m docs.generate

demo: $(READY)
	$(RUN) -m demo

bench: $(READY)
	$(RUN) -m tests.bench

package: $(READY)
	$(RUN) -m ops.package

# After a change to aliyun_fakes/*/coverage.py.
coverage-table: $(READY)
	$(RUN) -m aliyun_fakes.coverage

clean:
	rm -rf .venv .venv-3.10 build

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or later is needed: make PYTHON=...")'
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check $(REQUIREMENTS:%=-r %)
	@touch $@

$(READY_TARGET):
	@echo "Setting up .venv-3.10 (once) ..."
	@$(TARGET_PYTHON) -m venv --clear .venv-3.10
	@.venv-3.10/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt -c $(LOCK)
	@touch $@
