"""How a closing is told in the chats: closure, minutes, effect, and the report with it."""

from dataclasses import replace
from typing import Any

from core.actions import answered
from core.actions.notify import News, download, put
from core.actions.readers import readers
from core.db import WriteSession
from core.i18n import Translator
from core.models import Report, Ticket, TicketClosure
from core.queries import texts
from core.render import buttons, telegram
from core.render.office import Office
from core.render.words import STATE_WORDS
from core.rules.notices import Notice
from core.rules.states import State
from core.rules.texts import Text


async def tell(
    session: WriteSession, ticket: Ticket, closure: TicketClosure, report: Report, *, office: Office
) -> None:
    """The closing with closure, minutes and effect; the report is the same message where the words fit a caption."""
    key = f"closed-{closure.number}"
    news = News(ticket, Notice.CLOSED, key)
    await answered.retire(session, ticket)
    for reader in await readers(session, ticket, news.notice, author=None, office=office):
        values: dict[str, Any] = {
            "ticket": ticket,
            "closure": closure,
            "company": reader.company,
            "state": STATE_WORDS[State(closure.closure.value)],
            "farewell": await texts.said(session, Text.CLOSING, reader.t),
            "rating": await texts.said(session, Text.RATING, reader.t),
            "is_guest": reader.is_guest,
        }
        rows = [buttons.stars(ticket.number, closure.number), [download(reader, ticket, closure)]]
        document: dict[str, Any] = {"document": {"report_id": report.id, "name": report.file_name}}
        words = _words(reader.t, closure)
        caption = telegram.caption("closed", reader.t, text=words, **values)
        if caption is not None and not reader.is_guest:
            payload = telegram.captioned(caption, rows) | document
            await put(session, reader, replace(news, report=report), [payload])
            continue
        pages = telegram.long_message("closed", reader.t, text=words, rows=rows, **values)
        await put(session, reader, news, pages)
        if not reader.sees_number_only and not reader.is_guest:
            attached = replace(news, report=report, key=f"{key}-report")
            await put(session, replace(reader, rings=False), attached, [document])


def _words(t: Translator, closure: TicketClosure) -> str:
    """As one text, which is split where it does not fit a message, however long the one or the other is."""
    words = [t("Cause: %(cause)s", cause=closure.cause)]
    if closure.solution:
        words.append(t("Solution: %(solution)s", solution=closure.solution))
    return "\n".join(words)
