"""Commands as the operator types them, with a desk's folder and settings, each a process of its own."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Shell:
    """``folder`` is DATA_DIR and where the commands run; ``settings`` hold for all of them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self.environment = kept | {"DATA_DIR": str(folder)} | settings

    def runs(self, *words: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        out, err, keys = self.folder / ".out", self.folder / ".err", self.folder / ".keys"
        keys.write_text(typed)
        order = {
            "words": words,
            "folder": str(self.folder),
            "environment": self.environment | settings,
            "out": str(out),
            "err": str(err),
            "keys": str(keys),
        }
        launcher = _launcher()
        assert launcher.stdin is not None
        assert launcher.stdout is not None
        launcher.stdin.write(json.dumps(order) + "\n")
        launcher.stdin.flush()
        status = int(launcher.stdout.readline())
        return subprocess.CompletedProcess(words, status, out.read_text(), err.read_text())

    def succeeds(self, *words: str, typed: str = "", **settings: str) -> str:
        done = self.runs(*words, typed=typed, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def asks(self, *words: str, **settings: str) -> Any:
        return json.loads(self.succeeds(*words, "--json", **settings))


@cache
def _launcher() -> subprocess.Popen[str]:
    """Ends with this process, which closes its standard input."""
    command = [sys.executable, "-m", "tests.backup.warm"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
