"""Works off the inbox: one transaction for the head of every chat, so that one commit is paid by all."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime

import structlog

from bot import buttons
from bot.acquaintance import Acquaintance, answered, meet
from bot.context import Context, Prepared, Tapped
from bot.dispatch import dispatch
from bot.handlers import edits
from bot.preparing import Opened, open_all
from bot.update import Press, Update
from core.actions import alerts, conversations, happenings, people, returns, sources
from core.clock import now
from core.db import Database, WriteSession, is_passing
from core.failpoints import failpoint_async
from core.messaging import inbox, letterhead, outbox
from core.messaging.inbox import Waiting
from core.messaging.vault import Vault
from core.models import Person
from core.render import telegram
from core.render.office import Office
from core.rules.retries import backoff
from core.wake import Topic, comes

log = structlog.get_logger(__name__)

BATCH = 64
LONGEST_NAP = 1.0


Way = Callable[[WriteSession, Mapping[int, Opened | Exception]], Awaitable[int]]


class Worker:
    """Turns updates into effects, strictly in order per chat."""

    def __init__(self, database: Database, vault: Vault, office: Office) -> None:
        self._database, self._vault, self._settled = database, vault, office
        self._office = office
        self.turned_at: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                worked = await self.work_off()
                self.turned_at = now()
                failures = 0
            except Exception as error:
                failures += 1
                log.error("the worker waits for the database", error=repr(error), failures=failures)
                worked = 0
                await comes(self._stopping, seconds=backoff(failures).total_seconds())
            if not worked:
                await self._database.wake.wait(Topic.INBOX, seconds=LONGEST_NAP)

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.INBOX])

    async def work_off(self) -> int:
        """Work off the head of every chat that has something due; how many updates that were."""
        async with self._database.read() as session:
            waiting = await inbox.heads(session, now=now(), limit=BATCH)
            if not waiting:
                return 0
            opened = await open_all(self._database, session, self._vault, waiting)
        await failpoint_async("lane.before_begin")
        if not any(isinstance(one, Exception) for one in opened.values()):
            try:
                return await self._commit(self._together, opened)
            except Exception as error:
                if is_passing(error):
                    raise  # the database is away or locked: nothing of this batch has happened
        return await self._commit(self._apart, opened)

    async def _commit(self, way: Way, opened: Mapping[int, Opened | Exception]) -> int:
        async with self._database.write() as session:
            self._office = await letterhead.read(session, self._settled)  # one turn is under way at a time
            worked = await way(session, opened)
            await failpoint_async("lane.before_commit")
        await failpoint_async("lane.after_commit")
        return worked

    async def _together(self, session: WriteSession, opened: Mapping[int, Opened | Exception]) -> int:
        """The usual case: nothing fails, so nobody needs a savepoint. Raises what any of the handlers raises."""
        ready = await self._lock(session, opened)
        ours = [one for item in ready if isinstance(one := opened[item.update_id], Opened)]
        known = await meet(session, [one.update for one in ours])
        for one in ours:
            await self._handle(session, one, known)
        _mark_seen(ours, known)
        await inbox.finish(session, ready)
        return len(ready)

    async def _apart(self, session: WriteSession, opened: Mapping[int, Opened | Exception]) -> int:
        """Somebody's update fails: a savepoint for each, so that it harms nobody else."""
        ready = await self._lock(session, opened)
        for item in ready:
            try:
                async with session.begin_nested():
                    one = opened[item.update_id]
                    if isinstance(one, Exception):
                        raise one
                    known = await meet(session, [one.update])
                    await self._handle(session, one, known)
                    _mark_seen([one], known)
                    await inbox.finish(session, [item])
                    await sources.write_new(session)
                    await happenings.write(session)
                    await alerts.write(session)
                    await outbox.write_posted(session)
            except Exception as error:
                if is_passing(error):
                    raise
                outbox.forget_posted(session)
                happenings.forget(session)
                alerts.forget(session)
                await self._fail(session, item, error)
                await outbox.write_posted(session)
        return len(ready)

    async def _lock(self, session: WriteSession, opened: Collection[int]) -> list[Waiting]:
        locked = await inbox.heads(session, now=now(), limit=BATCH, lock=True)
        return [item for item in locked if item.update_id in opened]

    async def _fail(self, session: WriteSession, item: Waiting, error: Exception) -> None:
        """Another try later, or none. The log says where it broke, never with which words: they are a customer's."""
        where = "".join(traceback.format_tb(error.__traceback__)[-6:])
        name, attempt = type(error).__name__, item.attempts + 1
        log.error(
            "an update could not be worked off", update_id=item.update_id, attempt=attempt, error=name, where=where
        )
        if await inbox.fail(session, item, name, now=now()):
            await self._apologise(session, item)

    async def _handle(self, session: WriteSession, one: Opened, known: Acquaintance) -> None:
        await self._take(session, one, known)
        await failpoint_async("lane.after_effect")

    async def _take(self, session: WriteSession, one: Opened, known: Acquaintance) -> None:
        update = one.update
        if update is None:
            return
        if update.has_left is not None:
            await self._membership(session, update, known)
        elif update.chat is not None and not update.chat.is_private:
            self._decline_group(session, update.chat.id)
        elif update.author is not None:
            person = known.people[update.author.id]
            await returns.catch_up(session, person, office=self._office)
            await self._converse(session, update, person, one.prepared, known)

    async def _converse(
        self, session: WriteSession, update: Update, person: Person, prepared: Prepared, known: Acquaintance
    ) -> None:
        bindings = known.bindings.get(person.id, ())
        binding = people.the_active(person, bindings)
        if binding is not None:
            people.note_seen(binding)
        context = Context(
            session=session,
            office=self._office,
            person=person,
            conversation=known.conversations[person.telegram_id],
            binding=binding,
            bindings=bindings,
            message=update.message,
            replies_to=known.answered.get(pair) if (pair := answered(update.message)) else None,
            drafts=known.drafts,
            tickets=known.tickets,
            newest=known.newest.get(person.telegram_id),
            tapped=_tapped(update.press),
            prepared=prepared,
        )
        if update.is_edit and not await edits.is_first_seen(context):
            await edits.edited(context)
        elif update.press is not None and context.tapped is None:
            self._old_button(context, update.press.query_id)
        else:
            await dispatch(context)

    def _old_button(self, context: Context, query_id: str) -> None:
        text = context.t("This button is from another time and does nothing any more.")
        payload = {"callback_query_id": query_id, "text": text, "show_alert": True}
        outbox.post(context.session, context.chat_id, "answerCallbackQuery", payload)

    async def _membership(self, session: WriteSession, update: Update, known: Acquaintance) -> None:
        if update.user is None:
            return
        if update.has_left:
            await people.block(session, update.user.id)
        else:
            await returns.catch_up(session, known.people[update.user.id], office=self._office)

    def _decline_group(self, session: WriteSession, chat_id: int) -> None:
        """One polite line per group, ever; then the bot leaves it alone."""
        text = self._office.t("We attend to each customer in a private chat. Please write to me there.")
        payload = telegram.message(telegram.plain(text))
        outbox.post(session, chat_id, "sendMessage", payload, dedupe_key=f"group-{chat_id}")

    async def _apologise(self, session: WriteSession, item: Waiting) -> None:
        """Told once, when the update is given up."""
        if not item.lane.isdigit():
            return
        person = await session.scalar(people.by_telegram_id(int(item.lane)))
        t = self._office.translators[person.reads if isinstance(person, Person) else None]
        text = t("We could not take in your last message. The technicians know; please write it again.")
        payload = telegram.message(telegram.plain(text))
        outbox.post(session, item.lane, "sendMessage", payload, dedupe_key=f"dead-{item.update_id}")


def _mark_seen(worked: Iterable[Opened], known: Acquaintance) -> None:
    """Last of all, so that all conversations are written together."""
    for one in worked:
        message = one.update.message if one.update else None
        if message is not None and (conversation := known.conversations.get(message.chat_id)) is not None:
            conversations.seen(conversation, message.message_id)


def _tapped(press: Press | None) -> Tapped | None:
    known = buttons.read(press.data) if press else None
    if press is None or known is None:
        return None
    tap, arguments = known
    return Tapped(press.query_id, tap, arguments, press.message_id)
