"""Commands as the operator types them, with a desk's folder and settings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Shell:
    """``folder`` is DATA_DIR and where the commands run; ``settings`` hold for all of them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self._environment = kept | {"DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)} | settings

    def runs(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "core", *words],
            cwd=self.folder,
            env=self._environment | settings,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def succeeds(self, *words: str, **settings: str) -> str:
        done = self.runs(*words, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def asks(self, *words: str, **settings: str) -> Any:
        return json.loads(self.succeeds(*words, "--json", **settings))
