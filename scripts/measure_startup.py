"""Measure how long `import eda` and `eda --help` take, beside an empty Python.

python scripts/measure_startup.py --output benchmarks/results/startup.json
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "python, empty": [sys.executable, "-c", "pass"],
    "import eda": [sys.executable, "-c", "import eda"],
    "eda --help": [str(Path(sys.executable).with_name("eda")), "--help"],
}


def main() -> None:
    """Print and record the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(arguments.repeats):
        for name, words in COMMANDS.items():  # interleaved: the machine's load meets all alike
            start = time.perf_counter()
            subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - start)
    medians = {name: round(statistics.median(values), 4) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:16} {value:.3f} s")
    if arguments.output:
        command = " ".join(["python", "scripts/measure_startup.py", *sys.argv[1:]])
        arguments.output.write_text(json.dumps({"command": command, "median seconds": medians}, indent=2) + "\n")


if __name__ == "__main__":
    main()
