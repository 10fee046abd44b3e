# The two commands that matter are `make run` and `make test`; `make help` lists the others.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
NO_PYTHON := Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or: make run PYTHON=/path/to/python3.12
PY := .venv/bin/python
JS := scripts/js

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint test-postgis bench docs pictures doctor reset lock packages packages-dev

help: ## what can be typed
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: packages ## install what is needed, build the database and the tiles, and serve
	@$(PY) cli.py serve

test: packages-dev ## every test, the browser ones too
	@$(PY) scripts/prepare.py font
	@CHROMIUM_PATH=$$($(PY) scripts/prepare.py browser) || exit 1; export CHROMIUM_PATH; failed=0; \
	$(PY) -m pytest -n 2 tests/unit tests/integration || failed=1; \
	$(PY) -m pytest -n 2 --dist loadfile tests/e2e || failed=1; \
	exit $$failed

lint: packages-dev ## style and types of Python and JavaScript, the direction of imports, and no foreign host in what a browser loads
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) scripts/prepare.py linters
	@$(JS)/node_modules/.bin/tsc -p $(JS)
	@$(JS)/node_modules/.bin/eslint --config $(JS)/eslint.config.mjs assets
	@if grep -rnE '(https?|wss?)://|["'\''(]//[a-z0-9]' assets views layers callbacks api app.py web.py \
		--include='*.py' --include='*.js' --include='*.css' --include='*.svg' --include='*.html' \
		| grep -vE '://(127\.0\.0\.1|localhost|www\.w3\.org/|\{host\}|\{request\.)'; \
	then echo 'The lines above name another host: everything a page loads comes from this server.'; exit 1; fi

test-long: packages-dev ## the tests that take long: more sizes and cases of what `make test` shows
	@CHROMIUM_PATH=$$($(PY) scripts/prepare.py browser) $(PY) -m pytest -n 2 -m long tests

test-postgis: packages-dev ## storage and query tests on PostgreSQL + PostGIS (a throw-away cluster)
	@$(PY) scripts/with_postgis.py $(PY) -m pytest -m postgis tests/unit tests/integration

bench: packages-dev ## the table of speeds and sizes
	@CHROMIUM_PATH=$$($(PY) scripts/prepare.py browser) $(PY) -m benchmarks

docs: packages-dev ## write the table of JSON addresses into both READMEs, and that of columns into the glossary
	@$(PY) -m scripts.api_table
	@$(PY) -m scripts.column_table

pictures: packages-dev ## take the pictures of /design anew, that the browser tests compare with; look at them before you commit
	@CHROMIUM_PATH=$$($(PY) scripts/prepare.py browser) ATLAS_NEW_PICTURES=1 $(PY) -m pytest tests/e2e/test_pictures.py

doctor: packages ## is the database there, are the tiles, which versions
	@$(PY) cli.py doctor

reset: ## throw away the embedded database and the tiles; the next start builds them again
	rm -rf var

lock: packages-dev ## pin the requirements again (UPGRADE=1 takes newer versions)
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	@for name in requirements requirements-dev; do \
		$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --no-header $(if $(UPGRADE),--upgrade) \
			$$name.in --output-file $$name.txt || exit 1; done

define install
	@command -v '$(PYTHON)' >/dev/null || { echo '$(NO_PYTHON)' >&2; exit 1; }
	@$(PYTHON) scripts/prepare.py packages
endef

packages:
	$(install) requirements.txt

packages-dev:
	$(install) requirements-dev.txt
