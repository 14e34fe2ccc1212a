# The two commands that matter: make run, make test. Everything is put into .venv, node_modules and static/vendor.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
INSTALLED := .venv/.installed
IN_VENV := .venv/bin/

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock frontend clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(INSTALLED) frontend ## Start the portal with demo data at http://localhost:8000 (PORT=8123 make run: another port)
	@$(IN_VENV)python hscp/system_packages.py pango || echo "Without it the portal runs, but makes no PDFs." >&2
	@$(IN_VENV)python -m hscp.dev

# Compiled once, not by every process that the tests start.
test: export PYTHONDONTWRITEBYTECODE =
test: check frontend ## Run everything: make check, then the whole suite on real services and in Chromium
	$(IN_VENV)python hscp/system_packages.py pango chromium
	$(IN_VENV)pytest -n 2

check: $(INSTALLED) ## Lint, types, templates, import directions, missing migrations (seconds)
	$(IN_VENV)ruff check .
	$(IN_VENV)ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(IN_VENV)djade --target-version 5.2 --check
	$(IN_VENV)lint-imports
	$(IN_VENV)mypy .
	$(IN_VENV)python manage.py makemigrations --check --dry-run

bench: $(INSTALLED) frontend ## Print the performance table
	$(IN_VENV)python -m bench

lock: $(INSTALLED) ## Lock what pyproject.toml asks for, with hashes (UPGRADE=--upgrade make lock: the newest versions)
	$(IN_VENV)pip-compile $(LOCK_OPTIONS) $(UPGRADE) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(IN_VENV)pip-compile $(LOCK_OPTIONS) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

LOCK_OPTIONS := --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host

frontend: $(INSTALLED) ## Fetch the front-end files (GOV.UK Frontend, fonts, htmx) into static/vendor
	@$(IN_VENV)python -P hscp/frontend.py

clean: ## Remove all that was installed or built; the data in .data stays
	rm -rf .venv node_modules static/vendor staticfiles .mypy_cache .ruff_cache .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The portal needs Python 3.11 or later.")'
	@$(PYTHON) hscp/system_packages.py venv
	$(PYTHON) -m venv .venv
	$(IN_VENV)pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
