"""Updates that were given up: shown without their words, taken in again, discarded, and wiped after a week."""

from datetime import timedelta

import time_machine
from sqlalchemy import text

from core import jobs
from core.clock import now
from core.messaging import inbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import (
    InboxRow,
    InboxState,
)
from core.queries import deliveries
from tests.admin.test_deliveries import SECRET, a_lost_update, ada, audited, company, vera

__all__ = ["ada", "company", "vera"]  # fixtures


async def test_a_lost_update_is_shown_without_its_words_and_taken_in_again(desk, database, ada, vera):
    await a_lost_update(database)
    await vera.opens("/deliveries")
    assert "Mensajes que no pudimos recibir" in vera.text
    assert "Ada El sistema no pudo procesar este mensaje. 5 intentos" in vera.text
    assert SECRET not in vera.answer.text
    await vera.sends("/reprocess")
    assert "Se está procesando de nuevo." in vera.text
    async with database.read() as session:
        row = await session.get_one(InboxRow, (1, 7))
        assert (row.state, row.attempts, row.error) == (InboxState.NEW, 0, None)
        assert [item.update_id for item in await inbox.heads(session, now=now(), limit=9)] == [7]
    assert [entry.action for entry in await audited(desk)] == ["update.reprocessed"]


async def test_a_discarded_update_is_wiped(desk, database, ada, vera):
    await a_lost_update(database)
    await vera.opens("/deliveries?state=lost")
    await vera.sends("/discard", reason="")
    assert vera.status == 422
    await vera.sends("/discard", reason="Ada lo escribió de nuevo")
    async with database.read() as session:
        row = await session.get_one(InboxRow, (1, 7))
    assert (row.state, row.raw) == (InboxState.DONE, None)
    assert [entry.data["reason"] for entry in await audited(desk)] == ["Ada lo escribió de nuevo"]


async def test_after_a_week_the_words_are_gone_and_it_can_only_be_discarded(database, ada, vera):
    await a_lost_update(database)
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        async with database.write() as session:
            await jobs.prune(session)
    await vera.opens("/deliveries")
    assert "Su contenido ya se eliminó." in vera.text
    assert not [form for form in vera.page.forms if form.action.endswith("/reprocess")]
    csrf = vera.form("/logout").fields["csrf"]
    answer = await vera.client.post(
        "/deliveries/updates/1/7/reprocess", data={"csrf": csrf}, headers={"Origin": vera.origin}
    )
    assert answer.status_code == 409


async def test_lost_updates_are_paged_by_the_moment_they_came(database, ada, tom):
    async with database.write() as session:
        for number in range(deliveries.PAGE + 2):
            at = now() + timedelta(seconds=number)
            item = Incoming(number, str(9000 + number), b"{}")
            await inbox.accept(session, [item], bot_id=1, vault=Vault(b"k" * 32), now=at)
        await session.execute(text("UPDATE inbox SET state = 'dead'"))
    await tom.opens("/deliveries")
    assert "Ver todos" in tom.text
    await tom.opens("/deliveries?state=lost")
    assert "Chat 9051" in tom.text
    assert "Chat 9001" not in tom.text
    (following,) = [link for link in tom.page.links if "before=" in link]
    await tom.opens(following)
    assert "Chat 9001" in tom.text
    assert "Chat 9002" not in tom.text


# --- who may, and the number in the header ----------------------------------------------------------
