"""The parts of a process, by role; each starts, runs and stops on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp
from telegram import Bot

from admin.api.app import create_api
from admin.app import create_app
from admin.live import Live
from admin.watch import Watch
from bot.albums import AlbumCloser
from bot.channel import TelegramChannel
from bot.client import make_bot
from bot.files import FileFetcher
from bot.introduction import keep_introduced
from bot.overseer import Overseer
from bot.poller import Poller
from bot.pulse import LastTime, Pulse
from bot.serving import Serving
from bot.ticking import Nudge
from bot.webhook import Registration, Webhook
from bot.worker import Worker
from core import jobs
from core.actions.alarms import Staff
from core.actions.subscriptions import vault_of
from core.clock import now
from core.db import Database
from core.keys import secret_key, webhook_address, webhook_path
from core.messaging import reports
from core.messaging.bells import bells_for
from core.messaging.channel import DeliveryChannel
from core.messaging.email import EmailChannel
from core.messaging.leader import Duty, Leader, Loop
from core.messaging.limiter import Limiter
from core.messaging.reports import ReportDrawer
from core.messaging.sender import Sender
from core.messaging.statements import StatementDrawer
from core.messaging.store import FileStore
from core.messaging.vault import Vault
from core.messaging.webhooks import WebhookChannel
from core.models import Beat, Channel
from core.queries import statement
from core.queries.health import Watched
from core.render.office import Office
from core.settings import Settings

log = structlog.get_logger(__name__)


class Role(StrEnum):
    POLL = "poll"
    WORK = "work"
    SEND = "send"
    TICK = "tick"
    PANEL = "panel"
    SIMULATOR = "simulator"


@dataclass
class Parts:
    """Everything a process needs, made once, and what it has running."""

    settings: Settings
    database: Database
    office: Office
    store: FileStore
    telegram_url: str
    smtp_url: str
    loops: list[asyncio.Task[None]] = field(default_factory=list)
    stops: list[Callable[[], object]] = field(default_factory=list)
    ends: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    pulse: Pulse | None = None
    webhook: Webhook | None = None

    @cached_property
    def watched(self) -> Watched:
        """What there is to watch, from the start of this process on."""
        settings = self.settings
        return Watched(
            settings.data_dir,
            is_polling=not settings.telegram_webhook_url,
            has_backups=bool(settings.backup_dir),
        )

    def run(self, loop: Loop) -> None:
        self.loops.append(asyncio.create_task(loop.run(), name=type(loop).__name__))
        self.stops.append(loop.stop)

    def lead(self, duty: Duty, make_loops: Callable[[], Sequence[Loop]]) -> None:
        """Run the loops whenever no other process of the desk does."""
        self.run(Leader(self.database, duty, make_loops))

    def watch(self, signs: Mapping[Beat, LastTime]) -> None:
        """Let the database know of these signs of life; one pulse serves all roles of the process."""
        if self.pulse is None:
            self.pulse = Pulse(self.database)
            self.run(self.pulse)
        self.pulse.watch(signs)

    async def bot(self) -> Bot:
        bot = make_bot(self.settings, api_url=self.telegram_url)
        for request in bot._request:  # Bot.initialize() would ask getMe, and a start must not wait for the network
            await request.initialize()
            self.ends.append(request.shutdown)
        return bot


def start_bells(parts: Parts, roles: frozenset[Role]) -> None:
    """Hear what the desk's other processes commit, where it may have others."""
    bells = bells_for(parts.database, is_split=not roles >= set(Role) - {Role.SIMULATOR})
    if bells is not None:
        parts.run(bells)


async def start_poll(parts: Parts) -> None:
    """Take updates in: asked for, or brought to the webhook. Raises OSError where the webhook's port is taken."""
    bot = await parts.bot()
    if parts.settings.telegram_webhook_url:
        if parts.webhook is None:
            _serve(parts, Starlette(routes=[_open_webhook(parts).route]))
        parts.lead(Duty.POLL, lambda: [_registration(parts, bot)])
    else:
        parts.lead(Duty.POLL, lambda: [_poller(parts, bot)])
    parts.run(Overseer(bot, parts.database))
    introduction = asyncio.create_task(keep_introduced(bot, parts.database, parts.office))
    parts.stops.append(introduction.cancel)


def _poller(parts: Parts, bot: Bot) -> Poller:
    poller = Poller(bot, parts.database, Vault(secret_key(parts.settings)))
    parts.watch(
        {
            Beat.POLLED: lambda: poller.polled_at,
            Beat.POLL_CONFLICT: lambda: poller.conflict_at,
            Beat.TOKEN_REFUSED: lambda: poller.refused_at,
        }
    )
    return poller


def _registration(parts: Parts, bot: Bot) -> Registration:
    registration = Registration(bot, webhook_address(parts.settings), parts.settings.telegram_webhook_secret)
    parts.watch(
        {
            Beat.POLL_CONFLICT: lambda: registration.conflict_at,
            Beat.TOKEN_REFUSED: lambda: registration.refused_at,
        }
    )
    return registration


def _open_webhook(parts: Parts) -> Webhook:
    """Any process may store what Telegram brings: the database knows what came before."""
    settings = parts.settings
    webhook = Webhook(
        parts.database,
        Vault(secret_key(settings)),
        bot_id=settings.bot_id,
        path=webhook_path(settings),
        secret=settings.telegram_webhook_secret,
    )
    parts.webhook = webhook
    parts.watch({Beat.WEBHOOK: lambda: webhook.stored_at})
    return webhook


def _serve(parts: Parts, app: ASGIApp) -> str:
    """The address it is served at. Raises OSError where the port is taken."""
    serving = Serving(app, parts.settings.panel_host, parts.settings.panel_port)
    serving.open()
    parts.stops.append(serving.stop)
    parts.ends.append(serving.close)
    return serving.url


async def start_work(parts: Parts) -> None:
    worker = Worker(parts.database, Vault(secret_key(parts.settings)), parts.office)
    parts.run(worker)
    parts.watch({Beat.WORKER: lambda: worker.turned_at})
    parts.run(AlbumCloser(parts.database, parts.office))


async def start_send(parts: Parts) -> None:
    """Pushes, mail, files and reports: everything that touches the network or takes its time."""

    async def report_sha256(report_id: int) -> str:
        return await reports.pdf_sha256(parts.database, report_id)

    settings, bot = parts.settings, await parts.bot()
    channels: dict[Channel, DeliveryChannel] = {Channel.TELEGRAM: TelegramChannel(bot, parts.store, report_sha256)}
    if parts.smtp_url:
        sender_address = settings.mail_from or settings.desk_email or "soporte@ventanilla.example"
        channels[Channel.EMAIL] = EmailChannel(
            parts.smtp_url, sender_address, parts.store, settings.desk_email, report_sha256=report_sha256
        )
    channels[Channel.WEBHOOK] = WebhookChannel(
        parts.database, vault_of(secret_key(settings)), loopback=settings.is_demonstration
    )
    limiter = Limiter(
        per_second=settings.send_per_second,
        per_chat=settings.send_per_chat.per_second,
        burst=settings.send_per_chat.burst,
    )

    def make_loops() -> list[Loop]:
        sender = Sender(parts.database, channels, limiter, parts.office)
        parts.watch({Beat.SENDER: lambda: sender.turned_at})
        return [
            sender,
            FileFetcher(bot, parts.database, parts.store, parts.office),
            ReportDrawer(parts.database, parts.store, parts.office.t),
            StatementDrawer(parts.database, parts.store, parts.office, read=statement.read),
        ]

    parts.lead(Duty.SEND, make_loops)


async def start_tick(parts: Parts) -> None:
    settings = parts.settings
    scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    of_office = (jobs.returns_of, jobs.reminders_of, jobs.alerts_of, jobs.calls_of, jobs.hours_of)
    for job in (*jobs.JOBS, *(make(parts.office) for make in of_office)):
        asked = (parts.database, settings, job)
        scheduler.add_job(jobs.run, "interval", asked, seconds=job.every.total_seconds(), id=job.name)
    address = (settings.alarm_email or settings.desk_email) if parts.smtp_url else ""
    watch = jobs.watch(parts.watched, Staff(parts.office, address))
    scheduler.add_job(
        jobs.run,
        "interval",
        (parts.database, settings, watch),
        seconds=watch.every.total_seconds(),
        id=watch.name,
        next_run_time=now(),
    )
    scheduler.start()
    parts.stops.append(lambda: scheduler.shutdown(wait=False))
    parts.run(Nudge(scheduler))


async def start_panel(parts: Parts) -> str:
    """The panel's address. Raises OSError where the port is taken."""
    secret = secret_key(parts.settings)
    api = create_api(database=parts.database, office=parts.office, store=parts.store, secret=secret)
    webhook = [_open_webhook(parts).route] if parts.settings.telegram_webhook_url else []
    live = Live(parts.database)
    parts.stops.append(live.stop)  # before the server, which waits for its streams
    parts.ends.append(live.close)
    app = create_app(
        database=parts.database,
        office=parts.office,
        store=parts.store,
        secret=secret,
        https=parts.settings.panel_url.startswith("https://"),
        second_factor=parts.settings.needs_second_factor,
        hosts=(parts.settings.panel_url, parts.settings.panel_host, parts.settings.telegram_webhook_url),
        watch=Watch(parts.database, parts.watched, metrics_token=parts.settings.metrics_token),
        live=live,
        mounts=[*webhook, Mount("/api/v1", api)],
    )
    return _serve(parts, app)
