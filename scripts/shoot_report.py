"""Screenshots of a report, as a desktop and a phone show it: for the README.

python scripts/shoot_report.py report.html --output benchmarks/results/report
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_WINDOWS = {
    "desktop": {"viewport": {"width": 1100, "height": 2100}},
    "phone": {"viewport": {"width": 390, "height": 1500}, "color_scheme": "dark"},
}


def main() -> int:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--output", type=Path, default=Path("report"), help="the beginning of the files' names")
    arguments = parser.parse_args()
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None or not arguments.report.is_file():
        sys.stderr.write("a report and Chromium are needed: scripts/install_system.sh browser\n")
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for name, window in _WINDOWS.items():
            page = browser.new_context(offline=True, **window).new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, found=errors: found.append(str(error)))
            page.goto(arguments.report.resolve().as_uri())
            figure = page.locator("figure[data-plot]").first
            box = figure.bounding_box()
            page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
            path = arguments.output.with_name(f"{arguments.output.name}_{name}.png")
            page.screenshot(path=path)
            sys.stdout.write(f"{path}: {len(errors)} errors\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
