"""``python -m tests.bot.launcher``: forks desks from a process that has imported them, so a start costs no seconds.

Each order is a line of JSON: ``{"log": …, "roles": […], "environment": {…}}`` answers the new process's id,
``{"wait": id}`` answers how it ended.
"""

import gc
import json
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from bot.__main__ import main
from bot.roles import Role


def desk(order: Mapping[str, Any]) -> int:
    """What the child does: ``python -m bot ROLE …`` with its output in the log. Returns the exit status."""
    descriptor = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["environment"]["DATA_DIR"])
    try:
        main([Role(role) for role in order["roles"]])
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def carry_out(order: Mapping[str, Any]) -> int:
    if "wait" in order:
        return os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
    pid = os.fork()
    if not pid:
        status = desk(order)
        sys.stdout.flush()
        os._exit(status)
    return pid


if __name__ == "__main__":
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(f"{carry_out(json.loads(line))}\n")
        sys.stdout.flush()
