"""``import-companies``: a list of companies from the shell, by the reader the panel has, in slices of one commit."""

from collections.abc import Sequence
from pathlib import Path

from core.actions import imports
from core.backup.workroom import Course
from core.db import Database
from core.errors import InvalidError
from core.i18n import N_, Translator
from core.render.roster import FLAW_WORDS, doubt, problem
from core.rules.roster import Line, UnreadableError, read


def lines_of(file: Path) -> list[Line]:
    """Raises InvalidError for a file that cannot be read as a list."""
    try:
        return read(file.read_bytes())
    except UnreadableError as unreadable:
        raise InvalidError(FLAW_WORDS[unreadable.flaw]) from None


def remarks(lines: Sequence[Line]) -> list[str]:
    """What there is to say of single lines, the wrong ones and the doubtful ones, in English as the shell speaks."""
    t = Translator("en")
    return [
        f"line {line.number}: "
        + "; ".join(
            [*(problem(code, said, t) for code, said in line.problems), *(doubt(one, t) for one in line.doubts)]
        )
        for line in lines
        if line.problems or line.doubts
    ]


async def register(database: Database, lines: Sequence[Line], *, skip_wrong: bool, course: Course) -> int:
    """How many are new. Those the desk has stay as they are, so a run that was killed is simply run again."""
    wrong = sum(bool(line.problems) for line in lines)
    if wrong and not skip_wrong:
        raise InvalidError(
            N_("%(n)s lines have errors; nothing was registered. --skip-wrong leaves them out."), n=wrong
        )
    new = imports.of_lines(lines)
    registered = 0
    for start in range(0, len(new), imports.SLICE):
        async with database.write() as session:
            registered += await imports.register_new(session, None, new[start : start + imports.SLICE])
        course.at(f"registering: {min(start + imports.SLICE, len(new))} of {len(new)} companies")
    return registered
