"""A process that has imported ``python -m core`` once and forks for each command: a start costs no imports."""

import json
import os
import sys
from typing import Any

from core.__main__ import app


def main() -> None:
    """One command a line on standard input, its exit status a line on standard output."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(order: dict[str, Any]) -> None:
    """Be the command, to its end."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os.dup2(os.open(order["keys"], os.O_RDONLY), sys.stdin.fileno())
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "err")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    status = 1
    try:
        app(args=order["words"], prog_name="core")
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
