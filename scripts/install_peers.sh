#!/usr/bin/env bash
# Installs other Python netlist readers into .venv-peers, for the comparison of `eda bench netlist`.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -m venv .venv-peers
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
  klayout==0.30.12 PySpice==1.5 InSpice==1.6.3.3 spicelib==1.6.4 spatk==1.6.0 eda-netlist-parser==0.1.2
