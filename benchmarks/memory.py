"""What 200 000 updates leave behind in the desk's memory: everything it must remember is in the database."""

from collections.abc import Iterable

from benchmarks import desk, load
from benchmarks.bot_api import BotApi
from benchmarks.figures import BenchmarkError, Figure
from benchmarks.run import Run

CHATS = 200
CHUNK = 2_000
PATIENCE = 120.0


def measure(run: Run) -> Iterable[Figure]:
    """Resident memory of one process with all roles, as questions and articles take turns."""
    api = BotApi(run, "api")
    ours = desk.start(run, api, roles=(), customers=run.size(CHATS, 20))
    dice = run.dice()
    chunks = run.size(200_000, 4_000) // CHUNK
    marks = {max(1, chunks * share // 100) for share in (5, 25, 50, 75, 100)}
    for number in range(1, chunks + 1):
        text, replies_to = (load.HELP, {}) if number % 2 else ("", ours.pushes)
        messages = load.messages(ours.chats, CHUNK, dice, text=text, replies_to=replies_to)
        api.forget()
        before = api.position
        api.inject(messages)
        answers = api.wait_for_answers(CHUNK, after=before, seconds=PATIENCE)
        if len(answers) != CHUNK:
            raise BenchmarkError(f"{len(answers)} answers to {CHUNK} messages")
        if number in marks:
            run.say(f"{number * CHUNK} updates, {ours.process.memory_mb():.0f} MB")
            yield Figure(f"memory after {number * CHUNK} updates", "MB", [ours.process.memory_mb()])
    yield Figure("memory at its highest", "MB", [ours.process.memory_mb("VmHWM")])
