# The verbs. A fresh machine needs make and Python 3.11 or newer, nothing else.
# Put options for `cadenza up` into UP, for pytest into TESTS: make run UP="--port 9000"

.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
BROWSER := $(VENV)/.browser-found
UP ?= --demo
TESTS ?=
# Two processes: the suite runs two real databases beside each other on a small machine, and a third
# made it no faster.
PROCESSES ?= 2

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
# Else each of the hundred processes that tests start would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE
# pytest says 5 when a selection has no tests; that is fine for one of the two rounds.
NONE_IS_FINE := || [ $$? -eq 5 ]

.PHONY: help
help:
	@echo "make run      start Cadenza with demo data on this machine"
	@echo "make install  install what development and tests need"
	@echo "make test     run all tests (installs what they need)"
	@echo "make chaos    5,000 people travel while 26 things are killed (some minutes)"
	@echo "make chaos-mail 100,000 mails while everything is killed three times"
	@echo "make chaos-decisions 600 decisions while the worker is killed three times"
	@echo "make drill    back up, restore, erase, rotate keys: nothing goes out twice"
	@echo "make storm    1,000 posts of each of 50 idempotency keys; 100,000 random bodies; an oracle"
	@echo "make api-fuzz every operation of the API asked 50 ways"
	@echo "make node-clients  the clients of others for Node, unmodified, at a running server"
	@echo "make screenshots  take the pictures of the documentation anew"
	@echo "make check    lint, format, types, imports"
	@echo "make format   put the code in shape"
	@echo "make bench    list the benchmarks; one of them: make bench NAME=..."
	@echo "make lock     pin the dependencies anew"

.PHONY: install
install: $(DEVELOPMENT) $(BROWSER)

.PHONY: run
run: $(RUNTIME)
	@exec $(BIN)/cadenza up $(UP)

.PHONY: test
test: $(DEVELOPMENT) $(BROWSER)
	$(PYTEST) -n $(PROCESSES) --dist worksteal -m "not alone" $(TESTS) $(NONE_IS_FINE)
	$(PYTEST) -m alone $(TESTS) $(NONE_IS_FINE)

.PHONY: chaos
chaos: $(DEVELOPMENT)
	CHAOS_FEW=$(FEW) $(PYTEST) tests/chaos/everybody_arrives.py

.PHONY: chaos-mail
chaos-mail: $(DEVELOPMENT)
	CHAOS_MAILS=$(or $(MAILS),100000) $(PYTEST) -s tests/chaos/mass_mail.py

.PHONY: chaos-decisions
chaos-decisions: $(DEVELOPMENT)
	CHAOS_DECISIONS=$(or $(DECISIONS),300) $(PYTEST) -s tests/chaos/decisions.py

.PHONY: drill
drill: $(DEVELOPMENT)
	$(PYTEST) tests/backups tests/privacy

.PHONY: storm
storm: $(DEVELOPMENT)
	KEYS=50 POSTS=1000 $(PYTEST) -s tests/api/test_repeating_under_load.py
	RANDOM_BODIES=100000 $(PYTEST) -s tests/events/test_random_bodies.py
	ORACLE_EVENTS=100000 $(PYTEST) -s tests/events/test_oracle.py

.PHONY: api-fuzz
api-fuzz: $(DEVELOPMENT)
	REQUESTS_EACH=50 $(PYTEST) tests/api/test_schema_conformance.py

.PHONY: node-clients
node-clients: $(DEVELOPMENT)
	@folder=$$(mktemp -d) && npm install --prefix "$$folder" --silent @segment/analytics-node analytics-node \
		@rudderstack/rudder-sdk-node posthog-node && $(BIN)/python -m tests.events.sdk "$$folder"; \
	failed=$$?; rm -rf "$$folder"; exit $$failed

.PHONY: screenshots
screenshots: $(DEVELOPMENT) $(BROWSER)
	$(BIN)/python -m tests.browser.screenshots docs/images $(NAMES)

.PHONY: frames
frames: $(DEVELOPMENT) $(BROWSER)
	$(BIN)/python -m tests.browser.frames

.PHONY: check
check: $(DEVELOPMENT)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(DEVELOPMENT)
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

.PHONY: bench
bench: $(DEVELOPMENT)
	$(BIN)/cadenza bench $(NAME)

# Pins for every supported Python and system, with hashes and without the name of any registry.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --quiet --extra build pyproject.toml
.PHONY: lock
lock:
	@command -v uv >/dev/null || { echo "Pinning needs uv: python3 -m pip install uv"; exit 1; }
	$(COMPILE) --extra dev --output-file requirements-dev.txt
	$(COMPILE) --constraint requirements-dev.txt --output-file requirements.txt

$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing Cadenza into $(VENV) (once; a minute or two)"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing what development needs"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# The oldest of the tested versions first; any newer one after them.
$(BIN)/python:
	@for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
		path=$$(command -v $$name) || continue; \
		"$$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$$path; break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Cadenza needs Python 3.11 or newer, and this machine has none."; \
		echo "Debian 12, Ubuntu 24.04 and newer: apt-get install python3 python3-venv"; \
		echo "macOS: brew install python@3.12"; \
		exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip' 2>/dev/null; then \
		version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing python$$version-venv"; \
			apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python$$version-venv >/dev/null; \
		else \
			echo "$$found cannot make a virtual environment. On Debian and Ubuntu:"; \
			echo "    sudo apt-get install python$$version-venv"; \
			echo "and then the same make again."; \
			exit 1; \
		fi; \
	fi; \
	echo "Using $$found"; \
	"$$found" -m venv $(VENV)

# The tests of pages drive a Chromium: the system's, else Debian's package, else Playwright's own.
$(BROWSER): $(DEVELOPMENT)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		path=$$(command -v $$name) || continue; found=$$path; break; \
	done; \
	if [ -z "$$found" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium for the tests of pages"; \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && \
		found=$$(command -v chromium); \
	fi; \
	if [ -z "$$found" ]; then \
		echo "Installing Playwright's Chromium for the tests of pages"; \
		$(BIN)/python -m playwright install chromium && found=playwright; \
	fi; \
	[ -n "$$found" ] && echo "$$found" > $@
