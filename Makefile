# Everything a fresh machine with Python 3.11, make and git needs: `make demo`, `make test`.
# Some tests also need Node and npm; without them those are skipped.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# The tests mostly wait for servers, so four at a time suit two cores.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 4); [ $$n -gt 4 ] && echo $$n || echo 4)
NODE := tests/node/node_modules/.ready
FHIR := tests/fhir_server/node_modules/.ready

.PHONY: demo test node lint bench clean

$(READY): requirements.txt pyproject.toml
	@command -v uv >/dev/null 2>&1 && uv venv -q --allow-existing --python 3.11 .venv || $(PYTHON) -m venv .venv
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install -q --python $(BIN)/python -r requirements.txt && uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else \
		$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .; \
	fi
	@touch $@

demo: $(READY)
	$(BIN)/afternote demo $(ARGS)

test: $(READY) node
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

# Microsoft's local Teams client, card renderer and manifest schemas, and a FHIR server: the tests are run against them.
node:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo "Without npm the tests that need Microsoft's Node packages are skipped."; test -z "$$AFTERNOTE_REQUIRE_NODE"; \
	else \
		$(MAKE) -s --no-print-directory $(NODE) $(FHIR); \
	fi

tests/%/node_modules/.ready: tests/%/package.json tests/%/package-lock.json tests/%/.npmrc
	@if npm ci --silent --prefix tests/$*; then \
		touch $@; \
	else \
		echo "npm could not install tests/$*: the tests that need it are skipped."; test -z "$$AFTERNOTE_REQUIRE_NODE"; \
	fi

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

.PHONY: gallery
gallery: $(READY) $(NODE)
	$(BIN)/afternote gallery $(ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

clean:
	rm -rf .venv build *.egg-info tests/node/node_modules tests/fhir_server/node_modules
