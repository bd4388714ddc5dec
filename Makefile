PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
# the type checker reads Django's settings, which want a data folder: not your own
CHECK := NEEDLEWISE_HOME=$(CURDIR)/.venv/home

.PHONY: run setup test bench bench-measure tables soak messages clean

run: $(READY)  ## the app, with a made-up person to look around; Ctrl-C stops it
	$(BIN)/needlewise serve --demo

setup: $(READY)

$(READY): pyproject.toml requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

test: $(READY)  ## lint, types, tests
	$(BIN)/ruff check .
	$(CHECK) $(BIN)/mypy
	$(BIN)/pytest -q

bench: $(READY)  ## start-up, planning and the app against their targets
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/web.py

bench-measure: $(READY)  ## speed and memory of measuring against their targets, on a drawn face
	$(BIN)/python benchmarks/measure_speed.py

tables: $(READY)  ## the measuring tables, on ../shared/photos
	missed=0; for table in relit wrinkles redness fading region spectra absolute warps spots card raking; do echo "== $$table"; \
	$(BIN)/python benchmarks/measure_$$table.py || missed=1; done; exit $$missed

messages: $(READY)  ## bring the catalogues of translations up to date with what is said
	$(BIN)/python scripts/make_messages.py

soak: $(READY)  ## the same tests with many more generated examples, and two hundred kills of the server
	NEEDLEWISE_EXAMPLES=$${NEEDLEWISE_EXAMPLES:-5000} NEEDLEWISE_KILLS=$${NEEDLEWISE_KILLS:-200} $(BIN)/pytest -q

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
