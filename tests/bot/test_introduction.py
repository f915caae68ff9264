"""What Telegram's own screens say of the bot, in both languages, and nothing twice."""

import pytest

from bot import dispatch
from bot.introduction import COMMANDS, introduce, look_again
from core.i18n import Translator
from core.models import Desk
from tests.desk import LiveDesk

SETTERS = "setMyCommands,setMyDescription,setMyShortDescription,setChatMenuButton"


async def commands(live: LiveDesk, language: str) -> dict[str, str]:
    person = await live.sim("/sim/people", {"first_name": "Zoe", "language_code": language})
    shown = (await live.sim(f"/sim/chats/{person['id']}"))["commands"]
    return {one["command"]: one["description"] for one in shown}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_each_language_reads_its_own_menu_and_a_second_start_changes_nothing(live: LiveDesk):
    bot = await live.parts.bot()
    await introduce(bot, live.database, live.office)
    for language, shown in (("es", "es"), ("en", "en"), ("pt", "es")):
        t = Translator(shown)
        assert await commands(live, language) == {command: t(words) for command, words in COMMANDS.items()}
    english = (await bot.do_api_request("getMyDescription", api_kwargs={"language_code": "en"}))["description"]
    assert "support desk" in english
    said = len(await live.sim(f"/sim/journal?method={SETTERS}"))
    await introduce(bot, live.database, live.office)
    assert len(await live.sim(f"/sim/journal?method={SETTERS}")) == said


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_desk_that_is_given_another_name_is_introduced_under_it(live: LiveDesk):
    bot = await live.parts.bot()
    said = await introduce(bot, live.database, live.office)
    async with live.database.write() as session:
        (await session.get_one(Desk, 1)).name = "Mesa Andina"
    said = await look_again(bot, live.database, live.office, said=said)
    assert "Mesa Andina" in (await bot.do_api_request("getMyDescription"))["description"]
    asked = len(await live.sim("/sim/journal?method=getMyDescription"))
    assert await look_again(bot, live.database, live.office, said=said) == "Mesa Andina"
    assert len(await live.sim("/sim/journal?method=getMyDescription")) == asked, "nothing is asked while it stays"


def test_every_command_of_the_menu_is_one_the_desk_knows():
    assert {f"/{command}" for command in COMMANDS} <= set(dispatch.COMMANDS)
