"""A backup carries the desk's name and logo, and those its reports were frozen under."""

from core.actions import letterhead
from core.db import Database
from core.messaging.letterhead import FIELDS, picture, read
from core.models import Technician
from core.rules.permissions import Role
from tests.admin.desk import Desk
from tests.render.test_logos import picture as a_picture


async def test_name_and_logos_come_back_in_another_place(database, place, elsewhere, office, tmp_path):
    desk = Desk(database, office)
    root = await desk.employ("root", Role.ADMINISTRATOR)
    place.settings.files_dir.mkdir()
    contents = [a_picture(), a_picture(size=(200, 200))]
    seen = ""
    async with database.write() as session:
        actor = await session.get_one(Technician, root.id)
        await letterhead.write(session, actor, {"name": "Mesa Ñandú"}, seen=dict.fromkeys(FIELDS, ""))
        for content in contents:
            stored = await place.store.put(content)
            logo = letterhead.new_logo(stored.sha256, file_name="logo.png", width=90, height=30)
            await letterhead.set_logo(session, actor, logo, seen=seen)
            seen = stored.sha256
    made = await place.backs_up(tmp_path / "desk.backup")
    assert made.missing == {}
    assert (await elsewhere.restores(tmp_path / "desk.backup")).files == 2

    restored = Database(elsewhere.url)
    async with restored.read() as session:
        found = await read(session, office)
    await restored.close()
    assert (found.name, found.logo.sha256) == ("Mesa Ñandú", seen)
    assert await picture(elsewhere.store, found.logo.sha256) == contents[1]
