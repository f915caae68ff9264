"""Double clicks: a form of the panel sent twice, and the whole desk compared."""

import re
import sqlite3
from collections.abc import Mapping

from admin.routes import PAGES
from tests.admin.browser import Browser, PageReader
from tests.admin.desk import Desk

SHOWN_ONCE = re.compile(r"[?&]done=(shown|invited)\b")
VARIED = {"staff_login_failures"}  # a password is judged each time


def route_of(path: str) -> str:
    """The line of the table that a form's address belongs to."""
    for page in PAGES:
        pattern = re.sub(r"\\\{\w+(:\w+)?\\\}", "[^/]+", re.escape(page.path))
        if page.method == "POST" and re.fullmatch(pattern, path):
            return page.path
    raise AssertionError(path)


class Clicks:
    """Tom, who clicks everything twice. ``sent`` are the lines of the table he has sent so."""

    def __init__(self, desk: Desk, tom: Browser) -> None:
        self.desk, self.tom = desk, tom
        self.sent: set[str] = set()

    async def twice(
        self,
        page: str,
        ending: str,
        *,
        to: str = "",
        files: Mapping[str, tuple[str, bytes]] | None = None,
        **typed: str,
    ) -> None:
        await self.tom.opens(page)
        form = self.tom.form(ending)
        action = (to or form.action).partition("#")[0] or page
        answers, before = [], {}
        for _ in range(2):
            before = self.everything()
            headers = {"Origin": self.tom.origin}
            answers.append(await self.tom.client.post(action, data=form.fields | typed, files=files, headers=headers))
        first, second = answers
        assert first.status_code in {200, 303}, (action, PageReader(first.text).text[:600])
        if SHOWN_ONCE.search(second.headers.get("location", "")):
            assert first.status_code == 200, action
        else:
            where = [(answer.status_code, answer.headers.get("location")) for answer in answers]
            assert where[1] == where[0], (action, where)
        assert self.everything() == before, action
        self.sent.add(route_of(action.partition("?")[0]))

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of the desk."""
        with sqlite3.connect(self.desk.database.url.database) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                table: connection.execute(f'SELECT * FROM "{table}"').fetchall()
                for table in tables
                if table not in VARIED
            }

    async def latest(self, kind: type) -> int:
        return (await self.desk.all_of(kind))[-1].id
