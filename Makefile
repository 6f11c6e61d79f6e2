# Short targets over scripts/. `make run` and `make test` need Python 3.11, Node 20 and make, nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: setup ## set up what is missing and start the studio
	@exec $(BIN)/python -m backend.config.supervisor

worker: setup ## one more worker for the studio that REDIS_URL and DATABASE_URL name
	@exec $(BIN)/python -m backend.config.supervisor --worker

setup:
	@$(PYTHON) scripts/setup.py studio

setup-dev:
	@$(PYTHON) scripts/setup.py dev

local-models: setup ## torch, vLLM and peft apart from the studio, MiniLM and E5: WHAT=embeddings for the last two only
	@$(BIN)/python scripts/local_models.py $(WHAT)

test: setup-dev ## everything: runtime, backend on both databases, pages, a real browser
	@sh scripts/test-servers
	@$(BIN)/python scripts/test.py all

test-models: setup-dev ## vLLM and peft for real, in the environment that `make local-models` makes
	@$(BIN)/python scripts/test.py models

test-fast: setup-dev ## the inner loop, under a minute
	@$(BIN)/python scripts/test.py fast

check: setup-dev ## what a machine can say about the code
	@$(BIN)/python scripts/check.py

gen: setup-dev ## write the generated files again
	@$(BIN)/python scripts/gen.py

conformance: setup-dev ## run flow cases: CASES=FILE names another file of the same grammar
	@$(BIN)/python scripts/conformance.py $(CASES)

bench: setup-dev ## measure
	@$(BIN)/python -m benchmarks

lock: ## write the lock files of requirements/ again
	@sh scripts/lock

.PHONY: help run worker setup setup-dev local-models test test-models test-fast check gen conformance bench lock
