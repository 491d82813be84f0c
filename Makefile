# Two commands are enough: `make run` opens the workstation, `make test` proves that it works.
# Both set up what is missing first: system libraries, a virtual environment, the validator of the 3-D exports.
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
TESTED := $(VENV)/ready-for-tests
SECONDS := 600

run: $(READY)
	@if $(BIN)/python -m workstation doctor >/dev/null 2>&1; \
	then $(BIN)/python -m workstation open --demonstration; \
	else $(BIN)/python -m workstation demo; fi

test: $(TESTED) lint
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore tests/widgets
	$(BIN)/python -m pytest tests/widgets  # alone: people wait for windows, and so do these tests

lint: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(TESTED)
	$(BIN)/python -m tests.benchmarks

fuzz: $(TESTED)           ## Linux only: throw changed TIFFs at the reader, five minutes each at headers and pixels
	$(BIN)/python -m pip install -q --target $(VENV)/fuzz atheris
	for part in headers pixels; do \
	    PYTHONPATH=$(VENV)/fuzz:. $(BIN)/python -m tests.fuzz.fuzz_tiff $$part $$(($(SECONDS) / 2)) || exit 1; \
	done

lock: $(TESTED)           ## after editing pyproject.toml: choose and pin versions anew
	$(BIN)/python -m pip install -q --upgrade --upgrade-strategy eager -e ".[dev]"
	$(BIN)/python -m pip freeze --exclude-editable | grep -vE '^(nvidia|cuda|triton|pip|uv)' | sed 's/+cpu$$//' > requirements.lock

$(READY): requirements.lock pyproject.toml installer/prepare.sh
	sh installer/prepare.sh $(VENV) run
	@touch $@

$(TESTED): $(READY) tests/khronos/package-lock.json tests/rubric/package-lock.json
	sh installer/prepare.sh $(VENV) test
	@touch $@

clean:
	rm -rf $(VENV) tests/khronos/node_modules tests/rubric/node_modules

.PHONY: run test lint bench fuzz lock clean
