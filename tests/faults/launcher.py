"""``python -m tests.faults.launcher LOG ROLE …``: forks desks from a process that has imported them.

Reads orders from its input: ``start NAME=VALUE …`` forks one with this in its environment and answers its process
id, ``wait`` answers how it ended.
"""

import gc
import os
import sys
import traceback
from importlib import import_module

from sqlalchemy.orm import configure_mappers

from admin.templating import environment
from bot.__main__ import main
from bot.roles import Role
from tests.faults import tampering

IMPORTED_LATE = (
    "aiosqlite",
    "anyio._backends._asyncio",
    "apscheduler.executors.asyncio",
    "apscheduler.triggers.interval",
    "asyncpg",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.auto",
)
PAGES = ("_bar.html", "login/page.html", "queue/page.html", "queue/_line.html", "ticket/page.html")


def desk(log: str, roles: list[Role]) -> int:
    """What the child does: the command, with its output in the log. Returns the exit status."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    try:
        tampering.tamper(os.environ)
        main(roles)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def warm_up() -> None:
    """What every start would do again: map the tables, import what is imported late, read words and pages."""
    configure_mappers()
    for name in PAGES:
        environment("es").get_template(name)
    for name in IMPORTED_LATE:
        import_module(name)


def answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def serve(log: str, roles: list[Role]) -> None:
    pid = 0
    for line in sys.stdin:
        order, *more = line.split()
        if order == "wait":
            answer(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            continue
        pid = os.fork()
        if not pid:
            os.environ.update(item.split("=", 1) for item in more)
            status = desk(log, roles)
            sys.stdout.flush()
            os._exit(status)
        answer(pid)


if __name__ == "__main__":
    warm_up()
    gc.freeze()
    answer(0)
    serve(sys.argv[1], [Role(name) for name in sys.argv[2:]])
