"""What Lighthouse says of the queue and a ticket: ``python -m tests.lighthouse PATH_OF_LIGHTHOUSE [RUNS]``.

Lighthouse is no part of the project: ``npm install lighthouse`` in any folder, and name its
``node_modules/.bin/lighthouse``. ``REPORTS=FOLDER`` keeps what it wrote, page by page."""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

from playwright.async_api import async_playwright

from tests.admin.scenes import enter, homes
from tests.browser.conftest import FLAGS, chromium

CATEGORIES = ("performance", "accessibility", "best-practices")
METRICS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
    "speed-index",
)
SCREENS: Mapping[str, tuple[str, ...]] = {"phone": (), "desktop": ("--preset=desktop",)}
THEMES: Mapping[str, tuple[str, ...]] = {"light": (), "dark": ("--force-dark-mode",)}


async def cookies(home: str, paths: Sequence[str]) -> str:
    """The log-in, as a header."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page()
        await enter(page, home)
        for path in paths:
            await page.goto(home + path)  # the first answer of a desk is not like the others
        kept = await page.context.cookies()
        await browser.close()
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in kept)


async def report(tool: str, address: str, cookie: str, screen: str, theme: str) -> Mapping[str, object]:
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "report.json"
        flags = " ".join(["--headless=new", *FLAGS, *THEMES[theme]])
        process = await asyncio.create_subprocess_exec(
            tool,
            address,
            *SCREENS[screen],
            f"--only-categories={','.join(CATEGORIES)}",
            f"--extra-headers={json.dumps({'Cookie': cookie})}",
            f"--chrome-flags={flags}",
            "--output=json",
            f"--output-path={file}",
            "--quiet",
            env=dict(os.environ, CHROME_PATH=chromium() or "", LANGUAGE="es"),
        )
        if await process.wait() != 0:
            raise SystemExit(f"Lighthouse did not come to an end with {address}")
        return _read(file)


def _read(file: Path) -> Mapping[str, object]:
    if folder := os.environ.get("REPORTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        target = Path(folder) / f"{len(list(Path(folder).iterdir())):02}.json"
        target.write_bytes(file.read_bytes())
    found: Mapping[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return found


def lines(found: list[Mapping[str, object]]) -> Iterator[str]:
    """The median of the scores and metrics of a few runs."""
    for name in CATEGORIES:
        score = statistics.median(100 * one["categories"][name]["score"] for one in found)
        yield f"{name} {score:.0f}"
    for name in METRICS:
        value = statistics.median(one["audits"][name]["numericValue"] for one in found)
        yield f"{name} {value:.3g}"


async def main(tool: str, runs: int) -> None:
    with tempfile.TemporaryDirectory() as work:
        async with homes(Path(work)) as places:
            paths = ("/", f"/tickets/{places.known.open_number}")
            cookie = await cookies(places.filled, paths)
            for path, screen, theme in product(paths, SCREENS, THEMES):
                found = [await report(tool, places.filled + path, cookie, screen, theme) for _ in range(runs)]
                load = os.getloadavg()[0]
                sys.stdout.write(f"{path} {screen} {theme}: {', '.join(lines(found))} (load {load:.1f})\n")
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int((sys.argv[2:] or ["1"])[0])))
