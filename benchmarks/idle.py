"""What one process with all roles holds and burns while nobody writes."""

import time
from collections.abc import Iterable

from benchmarks import desk, load
from benchmarks.bot_api import BotApi
from benchmarks.figures import Figure
from benchmarks.run import Run


def measure(run: Run) -> Iterable[Figure]:
    api = BotApi(run, "api")
    ours = desk.start(run, api, roles=(), customers=20)
    process = ours.process
    yield Figure("memory after the start", "MB", [process.memory_mb()])
    count = run.size(1000, 200)
    before = api.position
    api.inject(load.messages(ours.chats, count, run.dice(), replies_to=ours.pushes))
    api.wait_for_answers(count, after=before, seconds=120)
    yield Figure(f"memory after {count} articles", "MB", [process.memory_mb()])
    yield Figure("memory at its highest", "MB", [process.memory_mb("VmHWM")])
    seconds = run.size(60, 10)
    run.say(f"watching for {seconds} s while nothing happens")
    cpu = process.cpu_seconds()
    time.sleep(seconds)
    yield Figure("processor while idle", "s/min", [(process.cpu_seconds() - cpu) * 60 / seconds])
    yield Figure(f"memory after {seconds} s idle", "MB", [process.memory_mb()])
