# Everything starts here: `make help` says what each target does.
# Needs Python 3.11 or 3.12, make, and Java 17 or 21; set-up brings the rest into .venv.

.DEFAULT_GOAL := help
.PHONY: help setup up down status password logs demo backfill evaluate crossfit bench drill test test-fast lint hooks \
	typecheck lock sbom audit docs clean-state backup restore ledger \
	keep-house rotate forget python arguments

# What a person gives a target, on make's command line only (`VERSION` in the environment may be
# anybody's). The recipes read it from the environment, so that no shell ever parses a value; what is not
# given is not there, and what is given empty is refused like any other value that means nothing.
override given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
override GIVEN := SOURCE DUMP VERSION GOLDEN HELD POSTS MODEL FOLDS NAME FOLLOW CONFIRM ARGS DAG VERSIONS CONF SHORT \
	WORKLOAD FROM SINCE SOAK
TAKES_demo := SOURCE DUMP VERSION GOLDEN POSTS WORKLOAD
TAKES_backfill := DAG VERSIONS CONF
TAKES_evaluate := GOLDEN MODEL
TAKES_crossfit := VERSION FOLDS HELD
TAKES_logs := NAME FOLLOW
TAKES_restore := FROM
TAKES_drill := WORKLOAD SHORT SOAK
TAKES_clean-state := CONFIRM
TAKES_bench := ARGS
TAKES_test := ARGS
TAKES_ledger := SINCE
TAKES_keep-house := ARGS
TAKES_rotate := ARGS
TAKES_forget := ARGS
TAKES_test-fast := ARGS
ifneq ($(and $(filter-out 0,$(value MAKELEVEL)),$(filter-out command,$(firstword $(origin MAKELEVEL)))),)
# A make within make: what was given stands in its flags, and was checked by the first.
else
override goals := $(or $(value MAKECMDGOALS),help)
override taken := $(foreach goal,$(goals),$(value TAKES_$(goal)))
override unknown := $(filter-out $(taken) PYTHON JAVA_HOME TWEETSIEVE_% -*,$(given))
ifneq ($(unknown),)
$(error error: make $(goals) takes $(or $(taken),no variable), not $(unknown): see 'make help')
endif
endif

ifndef PYTHON
PYTHON := $(shell for name in python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& { command -v $$name; break; }; done)
endif
override PYTHON := $(value PYTHON)
export PYTHON
override VENV := .venv/bin/python
override STACK := $(VENV) -m include.local_stack

# Without this, make would expand a value such as $(shell ...) when it puts it into the environment.
$(foreach name,$(filter JAVA_HOME TWEETSIEVE_%,$(given)),$(eval override $(name) := $$(value $(name)))\
	$(eval export $(name)))
$(foreach name,$(GIVEN),$(if $(filter command,$(firstword $(origin $(name)))),\
	$(eval override $(name) := $$(value $(name)))$(eval export $(name)),\
	$(eval override $(name) :=)$(eval unexport $(name))))

# What a person runs reads and writes with the rights of a task; setting up has the administrator's anyway.
demo evaluate crossfit ledger: export TWEETSIEVE_DATABASE_ROLE := tasks

# Checks a command's arguments, before anything is installed; sets up; runs it. Only the command writes to
# standard output.
define run
@"$$PYTHON" -m include.console.check $(1) $(2)
@$(MAKE) --no-print-directory --silent setup >&2
@$(VENV) -m $(1) $(2)
endef

# Runs a module with the words of ARGS, which Python splits as a shell would: only words come of it.
override WITH_ARGS := -m include.console.args

# Airflow's programs start in seconds with compiled modules, in a minute without.
unexport PYTHONDONTWRITEBYTECODE

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" \
		read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

python:
	@test -n "$$PYTHON" || { echo "error: Python 3.11 or 3.12 is needed and not on the PATH: install it" \
		"(Debian, Ubuntu: apt-get install python3.11 python3.11-venv; macOS: brew install python@3.12)" \
		"or name it with PYTHON=/path/to/python" >&2; exit 2; }

arguments: python
	@"$$PYTHON" $(WITH_ARGS) --check pytest

setup: python  ## Install .venv from requirements.lock and resolve the jars; does nothing twice
	@"$$PYTHON" -m include.local_stack.install
	@$(STACK) setup

up: setup  ## Start Postgres, Kafka, the model server, Airflow and the pages; wait until they are ready
	@$(STACK) up

down:  ## Stop all of it; data are kept
	@if test -x $(VENV); then $(STACK) down; else echo "nothing is set up here"; fi

status: setup  ## Show every program of the local stack, and how to log in
	@$(STACK) status

password: setup  ## Print the password of Airflow's user admin
	@$(STACK) password

logs: python  ## Show what is new in the logs, problems first: NAME=scheduler for one, FOLLOW=yes to follow it
	$(call run,include.local_stack,logs $${NAME+"--name=$$NAME"} $${FOLLOW+"--follow=$$FOLLOW"})

demo: python  ## The main job, end to end: SOURCE=synthetic|dump DUMP=file VERSION=0 GOLDEN=jsonl POSTS=n; WORKLOAD=name for another
	$(call run,include.local_stack.demo,$${WORKLOAD+"--workload=$$WORKLOAD"} $${SOURCE+"--source=$$SOURCE"} \
		$${DUMP+"--dump=$$DUMP"} $${VERSION+"--version=$$VERSION"} $${GOLDEN+"--golden=$$GOLDEN"} \
		$${POSTS+"--posts=$$POSTS"})

backfill: python  ## Run a DAG for a range of versions: DAG=collect_tweets VERSIONS=0-2 CONF='{"posts": 1000}'
	$(call run,include.local_stack.backfill,$${DAG+"--dag=$$DAG"} $${VERSIONS+"--versions=$$VERSIONS"} \
		$${CONF+"--conf=$$CONF"})

evaluate: python  ## Evaluate a model on your labels: GOLDEN=jsonl of id_str,text,label, MODEL=n; prints JSON
	$(call run,include.model.evaluate,$${GOLDEN+"--golden=$$GOLDEN"} $${MODEL+"--model=$$MODEL"})

crossfit: python  ## How good models are on golden labels they were not trained on: VERSION=n FOLDS=5 HELD=jsonl; prints JSON
	$(call run,include.model.crossfit,$${VERSION+"--version=$$VERSION"} $${FOLDS+"--folds=$$FOLDS"} \
		$${HELD+"--held-out=$$HELD"})

bench: python  ## How fast the stream and the datasets are here: ARGS='--short', ARGS='--help' for more
	@"$$PYTHON" $(WITH_ARGS) include.console.check tools.bench
	@$(MAKE) --no-print-directory --silent setup >&2
	@$(VENV) $(WITH_ARGS) tools.bench

drill: python  ## Break a stream's servers one after the other under load: WORKLOAD=ai_tweets, SHORT=1 for a short form; SOAK=1: an hour at full rate
	$(call run,tools.drill,$${WORKLOAD+"--workload=$$WORKLOAD"} $${SHORT+"--short=$$SHORT"} \
		$${SOAK+"--soak=$$SOAK"})

test: arguments setup  ## Run every test on separate stacks, on free ports, in two processes: ARGS='-k text' for some
	@$(VENV) $(WITH_ARGS) pytest -n 2 --dist loadfile --durations 10

test-fast: arguments setup  ## Run the tests that start no server and train nothing: ARGS= as above
	@$(VENV) $(WITH_ARGS) pytest --fast

lint: setup  ## Check style, Airflow's rules and that every import is a requirement
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m deptry . plugins

typecheck: setup  ## Check types
	@$(VENV) -m mypy

hooks: setup  ## Check style, format and types before each commit from now on
	@$(VENV) -m pre_commit install

lock: setup  ## Pin what is installed: requirements.txt to requirements.lock, uv, and the jars, by hashes
	@$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 requirements.txt --generate-hashes \
		--overrides requirements.overrides.txt --output-file requirements.lock --no-header
	@echo uv | $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 - --generate-hashes \
		--output-file requirements.uv.lock --no-header
	@$(VENV) -m include.infra.spark.lock_jars

sbom: setup  ## Write sbom.json, the bill of materials of all locked packages and jars (CycloneDX)
	@$(VENV) -m tools.supply_chain.sbom

audit: setup  ## Ask the package index for known weaknesses of the locked Python packages
	@$(VENV) -m tools.supply_chain.audit

docs: setup  ## Write docs/dags.md from the DAG files' docstrings
	@$(VENV) docs/generate_dags.py

backup: setup  ## Back up labels, models, the ledger and Airflow's metadata of the running stack
	@$(VENV) -m include.backup create

ledger: setup  ## Check that the promotion ledger is as it was written: SINCE=hash of an earlier check
	@$(VENV) -m include.promotion.ledger $${SINCE+"--since=$$SINCE"}

restore: setup  ## Restore a backup into an empty state folder, with the stack down: FROM=name or folder
	@test -n "$$FROM" || { $(VENV) -m include.backup list; \
		echo "error: FROM=<backup> is needed: a folder, or a name of the list above" >&2; exit 2; }
	@$(VENV) -m include.backup restore -- "$$FROM"

keep-house: arguments setup  ## Delete what is older than its limit: ARGS=--dry-run only counts it, ARGS=--sizes shows all
	@$(VENV) $(WITH_ARGS) include.housekeeping

rotate: arguments setup  ## Change every password and key, of a running stack too: ARGS=--now although tasks are running
	@$(VENV) $(WITH_ARGS) include.local_stack.rotation

forget: arguments setup  ## Forget posts everywhere, for good: ARGS='--ids 1240291123456789123 --dry-run', ARGS=--help for more
	@$(VENV) $(WITH_ARGS) include.forgetting

clean-state: python  ## Stop the stack and delete its posts, labels, models and logs: CONFIRM=yes
	@"$$PYTHON" -m include.console.check include.local_stack clean $${CONFIRM+"--yes=$$CONFIRM"}
	@if test -x $(VENV); then $(STACK) clean $${CONFIRM+"--yes=$$CONFIRM"}; else echo "nothing is set up here"; fi
