# Needs make and Python 3.11 or newer; everything else is installed into .venv.
# DATABASE_URL and REDIS_URL, when set, name servers of your own for every target.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
APPS := ledger notifications verification tickets
# More words for the command: make test ARGS="tests/ledger -x", make demo ARGS="--port 9000"
ARGS ?=
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
# Compiled modules are kept, whatever the shell says: the demo and the tests start some fifty programs.
unexport PYTHONDONTWRITEBYTECODE

.NOTPARALLEL:
.PHONY: demo dev test check bench docs format venv format-check lint types layers lengths migrations deploy docs-check
.DEFAULT_GOAL := demo

demo: $(VENV)/runtime.stamp
	@$(RUN) manage.py dev $(ARGS)

# What `make demo` needs is a part of what the tests need, so a new clone installs it once.
dev: $(VENV)/dev.stamp
	@$(RUN) manage.py dev $(ARGS)

test: $(VENV)/dev.stamp
ifneq ($(CHROMIUM),)
	@$(RUN) -m pytest -n auto --dist worksteal $(ARGS)
else ifneq ($(REQUIRE_BROWSER),)
	@echo "REQUIRE_BROWSER is set, but Chromium is not installed (Debian: apt-get install chromium)." >&2; exit 1
else
	@echo "Chromium is not installed, so the BROWSER TESTS DO NOT RUN (Debian: apt-get install chromium)."
	@$(RUN) -m pytest -n auto --dist worksteal -m "not browser" $(ARGS)
	@echo "The browser tests did not run: Chromium is not installed."
endif

check: format-check lint types layers lengths migrations deploy test docs-check

format-check: $(VENV)/dev.stamp
	@$(RUN) -m ruff format --check .

lint: $(VENV)/dev.stamp
	@$(RUN) -m ruff check .

types: $(VENV)/dev.stamp
	@$(RUN) -m mypy $(APPS)

layers: $(VENV)/dev.stamp
	@$(RUN) -c "from importlinter.cli import lint_imports_command as run; run()"

lengths: $(VENV)/dev.stamp
	@$(RUN) -m pytest -p no:randomly tests/architecture/test_lengths.py

migrations: $(VENV)/dev.stamp
	@$(RUN) manage.py makemigrations --check --dry-run

# As a server would be set up: keys of its own, https, and not one warning.
RANDOM_KEY = $$($(RUN) -c "import secrets; print(secrets.token_urlsafe(50))")
deploy: $(VENV)/dev.stamp
	@BILLING_DESK_PUBLIC_URL=https://desk.example BILLING_DESK_ALLOWED_HOSTS=desk.example \
	 BILLING_DESK_SECRET_KEY=$(RANDOM_KEY) BILLING_DESK_INBOUND_SECRET=$(RANDOM_KEY) \
	 $(RUN) manage.py check --deploy --fail-level WARNING

bench: $(VENV)/dev.stamp
	@$(RUN) -m tests.benchmarks $(ARGS)

docs: $(VENV)/dev.stamp
	@$(RUN) manage.py write_docs

docs-check: $(VENV)/dev.stamp
	@$(RUN) manage.py write_docs --check

format: $(VENV)/dev.stamp
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

venv: $(VENV)/dev.stamp

$(VENV)/runtime.stamp: requirements.txt
	@$(PYTHON) billing_desk/demo/install.py $(VENV) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt
	@$(PYTHON) billing_desk/demo/install.py $(VENV) requirements-dev.txt
	@touch $(VENV)/runtime.stamp $@
