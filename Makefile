# Everything a fresh machine with Python 3.11, make and git needs: `make demo`, `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lint bench clean

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

test: $(READY)
	$(BIN)/python -m pytest -n auto $(ARGS)

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

clean:
	rm -rf .venv build *.egg-info
