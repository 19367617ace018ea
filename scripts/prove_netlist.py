"""Measure a sized op-amp by plain `ngspice -b`: a deck with the full sky130 library and ngspice's own `.meas`.

    python scripts/prove_netlist.py netlists/opamp/two_stage_miller/two_stage_miller.toml demo/sized.sp

Nothing of eda's decks, backends or measurements takes part in that run; its figures are then compared with those of
`eda simulate`. Exit code 0 when they agree to 0.1 %.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import eda
from eda.simulation import BatchSimulator

TOLERANCE = 1e-3

DECK = """* plain deck with the full library
{library}
.include "{netlist}"
Vdd vdd 0 dc {vdd}
Vin inp 0 dc {vcm} ac 0.5
Lfb out inn 1e12
Cfb inn held 1e3
Vheld held 0 dc 0 ac -0.5
Cload out 0 {load}
Xdut {call}
.control
op
print i(vdd)
ac dec 100 0.1 10g
meas ac dc_gain find vdb(out) at=0.1
let level = dc_gain - 3.0103
meas ac bandwidth when vdb(out)=$&level
meas ac unity_gain_frequency when vdb(out)=0 fall=last
meas ac phase find vp(out) when vdb(out)=0 fall=last
.endc
.end
"""


def plain_metrics(bench: eda.OpAmpTestbench, netlist: Path) -> dict[str, float]:
    """Metrics of a written netlist by one `ngspice -b` run with the full library, tt, 27 degrees."""
    circuit = eda.read_netlist(netlist)
    technology = eda.load_technology("sky130")
    library = technology.library.full("tt")
    vdd = technology.supply if bench.vdd is None else bench.vdd
    call = " ".join(["0" if port == "vss" else port for port in circuit.ports] + [circuit.top.name])
    with tempfile.TemporaryDirectory() as folder:
        vcm = vdd / 2 if bench.vcm is None else bench.vcm
        values = {"vdd": vdd, "vcm": vcm, "load": bench.load}
        text = DECK.format(library=library, netlist=netlist.resolve(), call=call, **values)
        Path(folder, "deck.sp").write_text(text)
        Path(folder, ".spiceinit").write_text("set ngbehavior=hsa\n")
        environment = {**os.environ, "HOME": folder}
        log = subprocess.run(
            ["ngspice", "-b", "deck.sp"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        ).stdout
    found = {name: float(value) for name, value in re.findall(r"^(\w+)\s*=\s+([-+.\deE]+)", log, re.M)}
    current = re.search(r"i\(vdd\) = (\S+)", log)
    if current is None or len(found) < 4:
        raise SystemExit(f"ngspice did not measure the netlist:\n{log[-2000:]}")
    return {
        "dc_gain": found["dc_gain"],
        "gbw": 10 ** (found["dc_gain"] / 20) * found["bandwidth"],
        "unity_gain_frequency": found["unity_gain_frequency"],
        "phase_margin": 180 + math.degrees(found["phase"]) % -360,
        "power": -vdd * float(current[1]),
    }


def eda_metrics(problem: eda.SizingProblem) -> dict[str, float]:
    """The metrics of the same netlist in eda."""
    (evaluation,) = problem.evaluate([{}])
    problem.simulator.close()
    return dict(evaluation.metrics)


def main() -> int:
    """Compare both; 0 when they agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", type=Path)
    parser.add_argument("netlist", type=Path)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    problem = eda.load_task(arguments.task, netlist=arguments.netlist).problem
    plain, ours = plain_metrics(problem.testbench, arguments.netlist), eda_metrics(problem)
    errors = {name: abs(ours[name] / value - 1) for name, value in plain.items()}
    for name, value in plain.items():
        print(f"{name:22} plain ngspice {value:.6g}   eda {ours[name]:.6g}   difference {100 * errors[name]:.4f} %")
    if arguments.output:
        command = " ".join(["python", "scripts/prove_netlist.py", *sys.argv[1:]])
        rows = {name: {"plain ngspice": value, "eda": ours[name]} for name, value in plain.items()}
        versions = {"simulator": BatchSimulator().version, "models": problem.technology.source, "eda": eda.__version__}
        report = {"command": command, "versions": versions, "metrics": rows}
        arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if max(errors.values()) <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
