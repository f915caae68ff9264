"""Works off the inbox: one transaction per batch of chats, a savepoint for each update and its effect."""

import asyncio
import json
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from telegram import Update

from bot import buttons, incoming
from bot.context import Context, Prepared, Tapped
from bot.dispatch import dispatch
from bot.handlers import edits
from core import passwords
from core.actions import conversations, login, people, returns
from core.clock import now
from core.db import Database, ReadSession, WriteSession, is_passing
from core.failpoints import failpoint_async
from core.messaging import inbox, outbox
from core.messaging.inbox import Waiting
from core.messaging.vault import Vault
from core.models import Conversation, Person
from core.render import telegram
from core.render.office import Office
from core.rules.identity import normalise_password
from core.rules.intake import SECRET_STEPS, Step
from core.rules.retries import backoff
from core.wake import Topic

log = structlog.get_logger(__name__)

BATCH = 32
LONGEST_NAP = 1.0


class Worker:
    """Turns updates into effects, strictly in order per chat."""

    def __init__(self, database: Database, vault: Vault, office: Office) -> None:
        self._database, self._vault, self._office = database, vault, office
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
                await self._nap(backoff(failures).total_seconds())
            if not worked:
                await self._database.wake.wait(Topic.INBOX, seconds=LONGEST_NAP)

    def stop(self) -> None:
        self._stopping.set()
        self._database.wake.ring([Topic.INBOX])

    async def work_off(self) -> int:
        """Work off the head of every chat that has something due; how many updates that were."""
        async with self._database.read() as session:
            waiting = await inbox.heads(session, now=now(), limit=BATCH)
            prepared = {item.update_id: await self._prepare_safely(session, item) for item in waiting}
        if not waiting:
            return 0
        await failpoint_async("lane.before_begin")
        async with self._database.write() as session:
            locked = await inbox.heads(session, now=now(), limit=BATCH, lock=True)
            ready = [item for item in locked if item.update_id in prepared]
            await self._handle_all(session, ready, prepared)
            await failpoint_async("lane.before_commit")
        await failpoint_async("lane.after_commit")
        return len(ready)

    async def _handle_all(
        self, session: WriteSession, items: Sequence[Waiting], prepared: Mapping[int, Prepared | Exception]
    ) -> None:
        for item in items:
            try:
                async with session.begin_nested():
                    await self._handle(session, item, prepared[item.update_id])
                    await failpoint_async("lane.after_effect")
                    await inbox.finish(session, item)
            except Exception as error:
                if is_passing(error):
                    raise  # the database is away or locked: nothing of this batch has happened
                await self._fail(session, item, error)

    async def _fail(self, session: WriteSession, item: Waiting, error: Exception) -> None:
        """Another try later, or none. The log says where it broke, never with which words: they are a customer's."""
        where = "".join(traceback.format_tb(error.__traceback__)[-6:])
        name, attempt = type(error).__name__, item.attempts + 1
        log.error(
            "an update could not be worked off", update_id=item.update_id, attempt=attempt, error=name, where=where
        )
        if await inbox.fail(session, item, name, now=now()):
            await self._apologise(session, item)

    async def _handle(self, session: WriteSession, item: Waiting, prepared: Prepared | Exception) -> None:
        if isinstance(prepared, Exception):
            raise prepared
        raw = json.loads(self._vault.unlock(item.raw))
        if incoming.is_service(raw):
            return
        update = incoming.parse(raw)
        if update.my_chat_member is not None:
            await self._membership(session, update)
        elif update.effective_chat is not None and update.effective_chat.type != "private":
            await self._decline_group(session, update.effective_chat.id)
        elif (source := update.callback_query or update.message or update.edited_message) is not None:
            user = incoming.user_of(source)
            if user is not None and not _is_bot(source):
                await self._converse(session, update, user, prepared)

    async def _converse(
        self, session: WriteSession, update: Update, user: people.TelegramUser, prepared: Prepared
    ) -> None:
        person = await people.greet(session, user)
        await returns.catch_up(session, person, office=self._office)
        context = Context(
            session=session,
            office=self._office,
            person=person,
            conversation=await conversations.of_chat(session, person.telegram_id),
            binding=await people.active_binding(session, person),
            message=update.message or update.edited_message,
            tapped=_tapped(update),
            prepared=prepared,
        )
        if update.edited_message is not None and not await edits.is_first_seen(context):
            await edits.edited(context)
        elif update.callback_query is not None and context.tapped is None:
            await self._old_button(context, update.callback_query.id)
        else:
            await dispatch(context)

    async def _old_button(self, context: Context, query_id: str) -> None:
        text = context.t("This button is from another time and does nothing any more.")
        payload = {"callback_query_id": query_id, "text": text, "show_alert": True}
        await outbox.put(context.session, context.chat_id, "answerCallbackQuery", payload)

    async def _membership(self, session: WriteSession, update: Update) -> None:
        """Blocked or unblocked by a person; what a group does with the bot needs no answer."""
        change = update.my_chat_member
        if change is None or change.chat.type != "private":
            return
        if change.new_chat_member.status in {"kicked", "left"}:
            await people.block(session, change.from_user.id)
        elif (user := incoming.user_of(change)) is not None:
            await returns.catch_up(session, await people.greet(session, user), office=self._office)

    async def _prepare_safely(self, session: ReadSession, item: Waiting) -> Prepared | Exception:
        """What goes wrong here is one update's own trouble, to be met when its turn comes."""
        try:
            return await self._prepare(session, item)
        except Exception as error:
            if is_passing(error):
                raise
            await session.rollback()
            return error

    async def _prepare(self, session: ReadSession, item: Waiting) -> Prepared:
        """Work out password hashes before the transaction: they take a tenth of a second each."""
        if not item.lane.isdigit():
            return Prepared()
        conversation = await session.get(Conversation, int(item.lane))
        if conversation is None or conversation.step not in SECRET_STEPS:
            return Prepared()
        message = json.loads(self._vault.unlock(item.raw)).get("message", {})
        text = message.get("text", "")
        if not text:
            return Prepared()
        if conversation.step is Step.PASSWORD:
            number = str(conversation.data.get("ruc", ""))
            if await login.wait_before_login(session, int(item.lane), number):
                return Prepared()
            return Prepared(check=await login.check_password(session, number, text))
        return await self._prepare_change(session, conversation, text)

    async def _prepare_change(self, session: ReadSession, conversation: Conversation, text: str) -> Prepared:
        person = await session.scalar(people.by_telegram_id(conversation.chat_id))
        binding = await people.active_binding(session, person) if person else None
        if binding is None:
            return Prepared()
        if conversation.step is Step.OLD_PASSWORD:
            if await login.wait_before_login(session, conversation.chat_id, binding.company.ruc):
                return Prepared()
            is_right = await passwords.matches(normalise_password(text), binding.company.password_hash)
            return Prepared(old_is_right=is_right)
        if login.flaws_of(binding.company, text):
            return Prepared()
        return Prepared(new_hash=await passwords.hash_password(normalise_password(text)))

    async def _decline_group(self, session: WriteSession, chat_id: int) -> None:
        """One polite line per group, ever; then the bot leaves it alone."""
        text = self._office.t("We attend to each customer in a private chat. Please write to me there.")
        payload = telegram.message(telegram.plain(text))
        await outbox.put(session, chat_id, "sendMessage", payload, dedupe_key=f"group-{chat_id}")

    async def _apologise(self, session: WriteSession, item: Waiting) -> None:
        """Told once, when the update is given up."""
        if not item.lane.isdigit():
            return
        person = await session.scalar(people.by_telegram_id(int(item.lane)))
        t = self._office.translators[person.language if isinstance(person, Person) else None]
        text = t("We could not take in your last message. The technicians know; please write it again.")
        payload = telegram.message(telegram.plain(text))
        await outbox.put(session, item.lane, "sendMessage", payload, dedupe_key=f"dead-{item.update_id}")

    async def _nap(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _tapped(update: Update) -> Tapped | None:
    query = update.callback_query
    known = buttons.read(query.data or "") if query else None
    if query is None or known is None:
        return None
    tap, arguments = known
    return Tapped(query.id, tap, arguments, query.message.message_id if query.message else None)


def _is_bot(source: object) -> bool:
    sender = getattr(source, "from_user", None)
    return bool(sender and sender.is_bot)
