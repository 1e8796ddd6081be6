# Needs GNU make 3.81 or newer and Python 3.11 or newer, with venv; everything else goes into .venv.
VENV := .venv
# make uses the newest Python in PATH for .venv. PYTHON=python3.12 selects another.
PYTHON ?= python3 $(notdir $(wildcard $(addsuffix /python3.[1-9][0-9],$(subst :, ,$(PATH)))))
NEWEST_TESTED := 3.15
PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
# Editable, so that changes take effect. Its dependencies are in the locked requirements.
SAMETRACE := --no-deps --no-build-isolation --editable sametrace
RUFF := $(VENV)/bin/ruff
PAGE := tests/browser/page

# Some cloud workspaces set PIP_USER, which pip refuses inside a venv.
export PIP_USER := 0
# Some containers set this. Then each test process would compile all tests again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install environments run doctor load test test-aws test-install test-senders test-previous test-pythons test-browser test-contract test-faults test-load bench bench-quick bench-check profile scaling scaling-measure reliability screenshots documents mcp docs first-request secrets lint format lock upgrade clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

install: $(VENV)/dev.stamp ## Make .venv with the packages for running, testing and linting

environments: $(VENV)/aws.stamp .venv-previous/stamp .venv-docs/stamp .venv-senders/stamp .venv-bench/api.stamp .venv-bench/opentelemetry.stamp tests/senders/node_modules/stamp $(PAGE)/node_modules/stamp ## Install what all tests need; -j2 installs two environments at once

run: $(VENV)/run.stamp ## Serve the API on http://localhost:4567 and the telemetry console on http://localhost:4318
	@$(WITH_ENV) exec $(VENV)/bin/python console/run.py

doctor: $(VENV)/run.stamp ## Send a test record to each vendor, or to the console, and say what to fix; ARGS=--json
	@$(WITH_ENV) exec $(VENV)/bin/python console/doctor.py $(ARGS)

# With the settings of .env if there is one. As with docker compose, a variable already in the environment wins over it.
WITH_ENV = if [ -f .env ]; then given=$$(export -p); set -a; . ./.env; set +a; eval "$$given"; fi;

load: $(VENV)/run.stamp ## Send a minute of traffic to the API of `make run`; ARGS='--rate 5 --seconds 600'
	@$(VENV)/bin/python benchmarks/load.py $(ARGS)

test: $(VENV)/dev.stamp ## Run the whole suite but for browser, faults and aws; ARGS='-k home -x' goes to pytest
	@$(VENV)/bin/pytest $(WAITING) --ignore=tests/browser --ignore=tests/faults --ignore=tests/aws --ignore=tests/install --ignore=tests/senders $(ARGS)

test-aws: $(VENV)/aws.stamp ## Test the templates and aws/bin against a stand-in for AWS; no account is needed
	@$(VENV)/bin/pytest $(PARALLEL) tests/aws $(ARGS)

test-install: $(VENV)/dev.stamp ## Build sametrace's wheel, and install it with one extra at a time into empty environments
	@$(VENV)/bin/pytest tests/install $(ARGS)

# In its own network namespace if the system has them: OTLP's ports are free there, and nothing can be sent out.
test-senders: $(VENV)/dev.stamp .venv-senders/stamp tests/senders/node_modules/stamp ## Send to the console with SDKs and programs from PyPI and npm; needs Node 20
	@if unshare --map-root-user --net ip link set lo up 2>/dev/null; \
	then exec unshare --map-root-user --net sh -c 'ip link set lo up && exec "$$@"' sh $(VENV)/bin/pytest tests/senders $(ARGS); \
	else exec $(VENV)/bin/pytest tests/senders $(ARGS); fi

test-previous: .venv-previous/stamp ## Run the wire tests with the SDKs' previous minor versions
	@.venv-previous/bin/pytest $(WAITING) tests/wire $(ARGS)

# Each in its own environment. pyenv keeps its Pythons out of PATH.
test-pythons: ## Run the suite on each Python from 3.11 on in PATH or pyenv
	@for python in $(PYTHON) $(wildcard $(HOME)/.pyenv/versions/3.*/bin/python3); do \
	  $$python -c '$(VERSION)' $$python 2>/dev/null; \
	done | sort -t . -k 2,2n -u | { \
	  while read -r version python; do \
	    echo "Python $$version, $$python"; \
	    $(MAKE) --no-print-directory test VENV=.venv-pythons/$$version PYTHON=$$python < /dev/null || failed="$$failed $$version"; \
	  done; \
	  if [ -n "$$failed" ]; then echo "make: the suite fails on$$failed" >&2; exit 1; fi; \
	}

test-browser: $(VENV)/dev.stamp $(PAGE)/node_modules/stamp ## Test the console's pages, and the API's callers, in Chromium, which must be installed
	@$(VENV)/bin/pytest $(PARALLEL) tests/browser $(ARGS)

# The npm packages of the browser tests' page.
$(PAGE)/node_modules/stamp: $(PAGE)/package-lock.json
	@echo 'Installing the npm packages of the browser tests'
	@npm ci --prefix $(PAGE) --silent --no-audit --no-fund
	@touch $@

# A file's tests run in one process, so that they share their servers; the files start in the order of
# tests/conftest.py. ARGS='-n 0' runs all in sequence.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder
# More processes than cores, because these tests often wait.
WAITING := --numprocesses 7 --dist loadscope --no-loadscope-reorder
# More than there are cores, since such a test waits for most of its time; in the order of tests/faults/conftest.py.
BESIDE := --numprocesses 4 --dist loadscope --no-loadscope-reorder

test-load: $(VENV)/dev.stamp ## Send the console 500 requests a second for a minute, and time each page of a full one; docs/console-load.txt has the result
	@PYTHONPATH=tests:console $(VENV)/bin/python tests/console/load.py > docs/console-load.txt && \
	PYTHONPATH=tests:console $(VENV)/bin/python tests/console/load_pages.py >> docs/console-load.txt; \
	status=$$?; cat docs/console-load.txt; exit $$status

screenshots: $(VENV)/dev.stamp ## Take the documentation's pictures of the console again
	@SCREENSHOTS=docs $(VENV)/bin/pytest -k screenshots tests/browser

test-contract: $(VENV)/dev.stamp ## Let schemathesis send thousands of requests made from openapi.yml, different each time
	@CONTRACT_EXAMPLES=400 $(VENV)/bin/pytest -s tests/contract/test_schemathesis.py $(ARGS)

test-faults: $(VENV)/dev.stamp ## Break the vendors under load, and check that requests and telemetry survive
	@$(VENV)/bin/pytest $(BESIDE) -o faulthandler_timeout=600 tests/faults $(ARGS)

reliability: $(VENV)/dev.stamp ## Measure that for the SDKs' plain wiring, too, and write docs/reliability.md; ARGS='-k killed' writes only those rows
	@REPORT=docs/reliability.md FAULTS_REQUESTS=300000 $(VENV)/bin/pytest $(BESIDE) -o faulthandler_timeout=1800 tests/faults $(ARGS)

scaling: $(VENV)/dev.stamp ## Write docs/scaling.md's tables from benchmarks/scaling.json
	@PYTHONPATH=backend-flask $(VENV)/bin/python benchmarks/scaling.py

scaling-measure: $(VENV)/dev.stamp ## Measure the cost of a request, and write benchmarks/scaling.json; two minutes on a quiet machine
	@PYTHONPATH=tests:console $(VENV)/bin/python benchmarks/scaling_measure.py

PEERS := opentelemetry logfire ddtrace sentry
# What most measurements need: the API as it's deployed, and the product that it's compared with.
MEASURED := .venv-bench/api.stamp .venv-bench/opentelemetry.stamp
MEASURE := PYTHONPATH=benchmarks:tests:tests/faults:console $(VENV)/bin/python

bench: $(VENV)/dev.stamp $(MEASURED) $(PEERS:%=.venv-bench/%.stamp) ## Measure what telemetry adds to a request, here and in other products, and write docs/performance.md; twenty-five minutes
	@$(MEASURE) benchmarks/bench.py $(ARGS)

bench-quick: $(VENV)/dev.stamp $(MEASURED) ## Measure a part of that, and write nothing; ARGS='--only bare,ours'
	@$(MEASURE) benchmarks/bench.py --quick $(ARGS)

bench-check: $(VENV)/dev.stamp $(MEASURED) ## Fail if the API's telemetry adds far more than zero-code instrumentation adds
	@$(MEASURE) benchmarks/bench.py --check $(ARGS)

profile: $(VENV)/dev.stamp .venv-bench/api.stamp .venv-bench/py-spy.stamp ## Show where a request's microseconds go; ARGS='--functions 20'
	@$(MEASURE) benchmarks/profile_request.py $(ARGS)

docs: .venv-docs/stamp ## Build the documentation as a website, in site/; a warning is an error
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict
	@echo 'Open site/index.html'

mcp: $(VENV)/mcp.stamp ## Install the console's MCP server, and say how an agent starts it
	@echo '{"mcpServers": {"cruddur-console": {"command": "$(CURDIR)/console/bin/cruddur-console", "args": ["mcp"]}}}'

documents: $(VENV)/dev.stamp ## Update the documents in the vendors' pages from what the API sends now
	@PYTHONPATH=tests:tests/docs:console $(VENV)/bin/python tests/docs/vendor_documents.py

first-request: $(VENV)/run.stamp ## Measure how long a newcomer waits for the first request; docs/first-request.txt has the result
	@$(VENV)/bin/python benchmarks/first_request.py > docs/first-request.txt; \
	status=$$?; cat docs/first-request.txt; exit $$status

lint: $(VENV)/dev.stamp ## Check code, format, types, imports and spelling, and that no key is committed
	@$(RUFF) check .
	@$(RUFF) format --check .
	@$(VENV)/bin/mypy sametrace/src
	@$(VENV)/bin/mypy backend-flask
	@$(VENV)/bin/mypy console
	@$(VENV)/bin/mypy aws/commands
	@MYPYPATH=backend-flask:console:tests:tests/faults:benchmarks $(VENV)/bin/mypy benchmarks
	@$(VENV)/bin/python tests/prose.py
	@$(VENV)/bin/python tests/docstrings.py
	@$(FILES) | grep -v 'requirements[.]txt$$' | xargs $(VENV)/bin/codespell
	@$(MAKE) --no-print-directory secrets

# No found key is checked at its vendor, because that would send it there. The plugins that report each trace id as a
# secret are off. Excluded are AWS's example key, and the keys that the tests and the console make up.
secrets: $(VENV)/dev.stamp ## Look for keys in all files that are, or would be, committed
	@files=$$($(FILES)) && $(VENV)/bin/detect-secrets-hook --no-verify --plugin tests/vendor_keys.py \
	--disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString \
	--exclude-secrets 'EXAMPLE|0123456789|^(console|dummy|other|MARK|s3cret|secret|se)$$' $$files
FILES := git ls-files --cached --others --exclude-standard

format: $(VENV)/dev.stamp ## Format the code, and fix what ruff can fix
	@$(RUFF) check --fix-only .
	@$(RUFF) format .

# One version of a package for all four, since they share .venv.
lock: | $(VENV)/bin/pip ## Write every requirements.txt from its requirements.in, and keep valid pins
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(if $(UPGRADE),$(UV_COMPILE) $(API_NEEDS) $(foreach of,console console/client tests tests/aws,$(of)/requirements.in) -o $(VENV)/newest.txt)
	@$(UV_COMPILE) $(NEWEST) $(API_NEEDS) -o backend-flask/requirements.txt
	@$(UV_COMPILE) $(NEWEST) -c backend-flask/requirements.txt console/requirements.in -o console/requirements.txt
	@$(UV_COMPILE) $(NEWEST) -c backend-flask/requirements.txt -c console/requirements.txt console/client/requirements.in -o console/client/requirements.txt
	@$(UV_COMPILE) $(NEWEST) -c backend-flask/requirements.txt -c console/requirements.txt -c console/client/requirements.txt tests/requirements.in -o tests/requirements.txt
	@$(UV_COMPILE) $(foreach of,backend-flask console console/client tests,-c $(of)/requirements.txt) tests/aws/requirements.in -o tests/aws/requirements.txt
	@$(UV_COMPILE) docs/requirements.in -o docs/requirements.txt
	@$(UV_COMPILE) $(API_NEEDS) console/requirements.in \
	tests/requirements.in -c tests/previous/sdks.in -o tests/previous/requirements.txt
	@$(UV_COMPILE) tests/senders/requirements.in -o tests/senders/requirements.txt
	@$(foreach peer,$(PEERS) py-spy,$(UV_COMPILE) -c backend-flask/requirements.txt benchmarks/peers/$(peer).in -o benchmarks/peers/$(peer).txt &&) true
API_NEEDS := backend-flask/requirements.in sametrace/pyproject.toml --extra all --extra xray-otlp
# The newest versions that are compatible: the API's newest may not fit the tests' packages.
NEWEST = $(if $(UPGRADE),-c $(VENV)/newest.txt)
UV_COMPILE = $(VENV)/bin/uv pip compile --quiet --no-config --no-emit-index-url --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock' $(UPGRADE)

upgrade: UPGRADE := --upgrade
upgrade: lock ## Lock the newest version of every package
	@$(MAKE) --no-print-directory lock # again, so that no file names newest.txt as a pin's source

clean: ## Remove .venv and all other files that the commands made
	@rm -rf $(VENV) .venv-bench .venv-docs .venv-previous .venv-pythons .venv-senders site $(PAGE)/node_modules tests/senders/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

# pip is installed last: if it is there, the venv is complete.
$(VENV)/bin/pip:
	@newest=$$(for python in $(PYTHON); do $$python -c '$(VERSION)' $$python 2>/dev/null; done | sort -t . -k 2,2n | tail -n 1); \
	if [ -z "$$newest" ]; then \
	  echo 'make: Python 3.11 or newer is needed, with venv (Debian: python3-venv); these are older or lack venv: $(PYTHON)' >&2; exit 1; fi; \
	version=$${newest%% *}; \
	if [ "$${version#3.}" -gt $(NEWEST_TESTED:3.%=%) ]; then \
	  echo "Python $$version is newer than the newest that was tested, $(NEWEST_TESTED)"; fi; \
	exec $${newest#* } -m venv --clear $(VENV)
VERSION := import ensurepip, sys, venv; assert sys.version_info >= (3, 11); print("%d.%d" % sys.version_info[:2], sys.argv[1])

$(VENV)/run.stamp: backend-flask/requirements.txt console/requirements.txt sametrace/pyproject.toml | $(VENV)/bin/pip
	@echo 'Installing the packages of the API and the console into $(VENV)'
	@$(PIP_INSTALL) --require-hashes -r backend-flask/requirements.txt -r console/requirements.txt
	@$(PIP_INSTALL) $(SAMETRACE)
	@touch $@

$(VENV)/dev.stamp: backend-flask/requirements.txt console/requirements.txt console/client/requirements.txt tests/requirements.txt sametrace/pyproject.toml | $(VENV)/bin/pip
	@echo 'Installing the packages of the API, the console, the tests and the linters into $(VENV)'
	@$(PIP_INSTALL) --require-hashes -r backend-flask/requirements.txt -r console/requirements.txt -r console/client/requirements.txt -r tests/requirements.txt
	@$(PIP_INSTALL) $(SAMETRACE)
	@touch $(VENV)/run.stamp $@

$(VENV)/mcp.stamp: console/client/requirements.txt $(VENV)/run.stamp
	@echo 'Installing the MCP server into $(VENV)'
	@$(PIP_INSTALL) --require-hashes -r $<
	@touch $@

.venv-previous/stamp: tests/previous/requirements.txt sametrace/pyproject.toml | $(VENV)/bin/pip
	@echo "Installing the SDKs' previous versions and the packages of the tests into .venv-previous"
	@$(VENV)/bin/python -m venv --clear .venv-previous
	@.venv-previous/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@.venv-previous/bin/python -m pip install --quiet --disable-pip-version-check $(SAMETRACE)
	@touch $@

.venv-docs/stamp: docs/requirements.txt | $(VENV)/bin/pip
	@echo 'Installing the packages of the documentation into .venv-docs'
	@$(VENV)/bin/python -m venv --clear .venv-docs
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv-senders/stamp: tests/senders/requirements.txt | $(VENV)/bin/pip
	@echo 'Installing the Python programs that send to the console into .venv-senders'
	@$(VENV)/bin/python -m venv --clear .venv-senders
	@.venv-senders/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

tests/senders/node_modules/stamp: tests/senders/package-lock.json
	@cd tests/senders && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.venv-bench/api.stamp: backend-flask/requirements.txt sametrace/pyproject.toml | $(VENV)/bin/pip
	@echo 'Installing the packages of the API into .venv-bench/api'
	@$(VENV)/bin/python -m venv --clear .venv-bench/api
	@.venv-bench/api/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@.venv-bench/api/bin/python -m pip install --quiet --disable-pip-version-check $(SAMETRACE)
	@touch $@

.venv-bench/%.stamp: benchmarks/peers/%.txt | $(VENV)/bin/pip
	@echo 'Installing $* into .venv-bench/$*'
	@$(VENV)/bin/python -m venv --clear .venv-bench/$*
	@.venv-bench/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/aws.stamp: tests/aws/requirements.txt $(VENV)/dev.stamp
	@echo 'Installing the packages of the AWS tests into $(VENV)'
	@$(PIP_INSTALL) --require-hashes -r tests/aws/requirements.txt
	@touch $@
