"""The people of the desk: added, changed, kept out – and never the last administrator."""

import asyncio

import pytest

from core.actions import staff
from core.errors import ConflictError
from core.models import AuditEntry, SetupLink, Technician
from core.queries import staff as found
from core.rules.permissions import Role
from tests.admin.browser import PASSWORD


async def actions_of(desk) -> list[str]:
    return [entry.action for entry in await desk.all_of(AuditEntry) if entry.technician_id is not None]


async def test_a_technician_is_added_and_enters_by_the_link(desk, log_in, stranger):
    ada = await log_in("admin", Role.ADMINISTRATOR)
    await ada.opens("/technicians")
    await ada.sends("/technicians", username="lea", name="Lea Mora", role="supervisor", is_development="on")
    assert ada.status == 200
    link = next(word for word in ada.text.split() if "/setup/" in word)
    assert link.rpartition("/")[2] not in [row.token_sha256 for row in await desk.all_of(SetupLink)]

    await stranger.opens(link.removeprefix("http://panel.test"))
    await stranger.sends("", password="otra frase larga", again="otra frase larga")
    await stranger.log_in("lea", "otra frase larga")
    assert stranger.answer.url.path == "/"
    lea = (await desk.all_of(Technician))[-1]
    assert (lea.role, lea.is_development) == (Role.SUPERVISOR, True)
    assert await actions_of(desk) == ["technician.added", "account.password_chosen"]


@pytest.mark.parametrize("form", ["", "/disable", "/sessions/revoke"])
async def test_a_changed_role_a_disabled_user_and_an_ended_session_are_out_at_once(desk, log_in, form):
    admin, tom = await log_in("admin", Role.ADMINISTRATOR), await log_in("tom")
    address = f"/technicians/{(await desk.employ('tom')).id}"
    await admin.opens(address)
    await admin.sends(address + form, **({} if form else {"role": "auditor"}))
    assert admin.status == 200
    await tom.opens("/")
    assert tom.answer.url.path == "/login"
    assert len(await actions_of(desk)) == 1

    if form == "/disable":
        await admin.sends(f"{address}/enable")
    await tom.log_in("tom", PASSWORD)
    assert tom.answer.url.path == "/"


async def test_the_last_administrator_stays(desk, log_in):
    admin = await log_in("admin", Role.ADMINISTRATOR)
    await admin.opens("/technicians/1")
    await admin.sends("/technicians/1/disable")
    assert admin.status == 409
    await admin.opens("/technicians/1")
    await admin.sends("/technicians/1", role="technician")
    assert admin.status == 409
    assert await actions_of(desk) == []


async def test_two_administrators_cannot_disable_each_other_at_once(desk, database):
    first, second = [await desk.employ(name, Role.ADMINISTRATOR) for name in ("ana", "eva")]

    async def disables(actor: Technician, other: Technician) -> bool:
        try:
            async with database.write() as session:
                who = await found.by_id(session, other.id, lock=True)
                await staff.disable(session, actor, who)
        except ConflictError:
            return False
        return True

    assert sorted(await asyncio.gather(disables(first, second), disables(second, first))) == [False, True]
