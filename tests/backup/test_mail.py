"""A restored desk hands the numbers of its rows out again; whoever gets its mails must not take them for old ones."""

from pathlib import Path

import time_machine

from core.clock import now
from core.db import Database
from core.messaging import outbox
from core.messaging.email import EmailChannel
from core.models import Channel, OutboxRow
from tests.backup.conftest import Life, Place
from tests.messaging.wire import Wire

PAGOS = "pagos@ada.example"


async def test_a_mail_of_a_restored_desk_is_not_taken_for_one_it_sent_before(
    life: Life, place: Place, elsewhere: Place, tmp_path: Path
):
    backup = tmp_path / "desk.tar"
    await place.backs_up(backup)
    lost, before = await mails(life.database, place.folder, "De antes")
    await elsewhere.restores(backup)
    restored = Database(elsewhere.url)
    new, after = await mails(restored, elsewhere.folder, "De después")
    assert new.id == lost.id, "the number is handed out again"
    assert before != after
    await restored.close()


async def mails(database: Database, folder: Path, subject: str) -> tuple[OutboxRow, str]:
    """A mail goes out of the desk: its row, and the Message-ID it arrived with."""
    with time_machine.travel(now(), tick=True) as clock:
        wire = Wire(database, folder, clock)
        await wire.open()
        wire.channels[Channel.EMAIL] = EmailChannel(
            wire.simulator.smtp_url, "soporte@saci.example", wire.store, report_sha256=_not_drawn
        )
        async with database.write() as session:
            said = {"to": [PAGOS], "subject": subject, "text": "Hola", "html": ""}
            row = await outbox.put(session, "mail-1", "mail", said, channel=Channel.EMAIL)
        wire.start()
        sent = await wire.until(row.id, "sent")
        (arrived,) = [mail for mail in await wire.sim("/sim/mails") if mail["subject"] == subject]
        await wire.close()
    assert arrived["message_id"] == sent.provider_id
    return sent, arrived["message_id"]


async def _not_drawn(report_id: int) -> str:
    raise LookupError(f"report {report_id} is not drawn")
