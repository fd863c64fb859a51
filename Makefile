PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup demo up down status doctor check test bench

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## Install everything into .venv (quick when nothing changed)
	@bash deploy/setup.sh

demo: setup ## One idea to finished files on four formats, without Docker
	@$(PYTHON) -m multicanvas demo

up: setup ## Start the system on http://127.0.0.1:8080 (MULTICANVAS_PORT changes it)
	@$(PYTHON) -m multicanvas up

down: setup ## Stop it; the data is kept in .multicanvas/
	@$(PYTHON) -m multicanvas down

status: setup ## Say whether it runs, and where
	@$(PYTHON) -m multicanvas status

doctor: setup ## Say what is there, what is missing and how to fix it
	@$(PYTHON) -m multicanvas doctor

check: setup ## Format, lint, types, layers
	ruff format --check .
	ruff check .
	pyright
	lint-imports

test: check ## The static checks, then every test
	$(PYTHON) -m pytest

bench: setup ## Measure against peers
	$(PYTHON) -m bench
