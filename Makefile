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
	$(RUN) -m mypy

demo: $(READY)
	$(RUN) -m demo

bench: $(READY)
	$(RUN) -m tests.bench

package: $(READY)
	$(RUN) -m ops.package

# After a change to aliyun_fakes/*/table.yaml or aliyun_fakes/core/gateway.yaml.
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
