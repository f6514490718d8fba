"""Pages in a real browser: Debian's Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright


def launched(playwright: Playwright) -> Browser:
    """The system's own Chromium, however long it takes to begin; as root without its sandbox."""
    executable = shutil.which("chromium")
    unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=executable, args=unboxed, timeout=0)


class Opener:
    """Opens files and notes what the browser complains of and asks for."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self.folder = folder
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, name: str, text: str, address: str = "", **options: object) -> Page:
        """The page of that text in a context of its own, which ``options`` are for."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        context = self._browser.new_context(**options)  # type: ignore[arg-type]  # any of them
        # A busy machine may take longer for anything than the 30 s that Playwright waits.
        context.set_default_timeout(0)
        context.set_default_navigation_timeout(0)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(file.as_uri() + address)
        return page
