"""Makes the picture of the README: the timeline in the report of a script that was lucky.

python docs/picture.py
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from grader.cli import run
from grader.exit_status import ExitStatus

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "tests" / "submissions" / "join" / "wrong" / "sleep_for_join.py"
PICTURE = ROOT / "docs" / "timeline.png"


def main() -> None:
    """Grade the script and take a picture of both of its runs."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        status = run(["join", str(SCRIPT), "-q", "-o", str(report), "--lang", "en"])
        if status != ExitStatus.NOT_PASSED:
            raise SystemExit(f"the script was not graded as it should be: status {status}")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
            page = browser.new_page(
                viewport={"width": 1100, "height": 900}, device_scale_factor=2, color_scheme="light"
            )
            page.goto(report.as_uri())
            top = page.locator("#timeline .run").first.bounding_box()
            bottom = page.locator("#timeline .run").last.bounding_box()
            assert top is not None
            assert bottom is not None
            height = bottom["y"] + bottom["height"] - top["y"]
            clip = {"x": top["x"], "y": top["y"], "width": top["width"], "height": height}
            page.screenshot(path=PICTURE, clip=clip, full_page=True)  # type: ignore[arg-type]
            browser.close()


if __name__ == "__main__":
    main()
