# The environment is .venv; it is made anew only where pyproject.toml or constraints.txt changed.
# Every recipe works without a terminal and with an empty HOME.

BIN := .venv/bin
SOURCES := pyproject.toml constraints.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: chat test test-faults test-cluster bench bench-client guard check format clean

## Open a Hall on this machine and go in; without a terminal, show a conversation.
chat: .venv/installed
	@$(BIN)/python -m pychat chat

## All tests but the long ones.
test: .venv/installed-dev
	$(BIN)/python -m pytest -m "not faults" -n 5 --dist worksteal

## The long ones: kills, cuts, full disks, floods; a quarter of an hour.
test-faults: .venv/installed-dev
	$(BIN)/python -m pytest -m faults

## What people do in a Hall, once more in one of three nodes; five minutes.
test-cluster: .venv/installed-dev
	$(BIN)/python -m pytest -m "not faults and not one_node" --cluster -n 5 tests/integration

## The server against its peers; a quarter of an hour. docs/benchmarks.md tells how to read it.
bench: .venv/installed-bench
	$(BIN)/python -m benchmarks

## The terminal program against its targets; three minutes. docs/benchmarks-client.md tells more.
bench-client: .venv/installed-dev
	$(BIN)/python -m benchmarks.client

## What a message costs the server, beside a fixed loop: fails where it has grown a third dearer.
guard: .venv/installed-dev
	$(BIN)/python -m benchmarks.hot_path --guard

## Formatting, lint, types, import directions.
check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

format: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv

.venv/installed: $(SOURCES) | .venv/bin/python
	@echo "Installing pychat into .venv ..."
	@$(INSTALL) -e .
	@touch $@

.venv/installed-dev: .venv/installed $(SOURCES)
	@echo "Installing what tests and checks need into .venv ..."
	@$(INSTALL) -e '.[dev]'
	@touch $@

.venv/installed-bench: .venv/installed $(SOURCES)
	@echo "Installing what the benchmarks need into .venv ..."
	@$(INSTALL) -e '.[bench]'
	@touch $@

# A Python that is new enough and can make environments; some systems leave ensurepip out.
.venv/bin/python:
	@for python in python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; then \
	    $$python -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    exit 1; \
	  fi; \
	done; \
	echo "pychat needs Python 3.11 or newer, with its venv module (on Debian and Ubuntu:" >&2; \
	echo "apt install python3-venv); none was found as python3, python3.13, python3.12 or" >&2; \
	echo "python3.11." >&2; \
	exit 1
