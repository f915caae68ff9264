"""``python -m bot [ROLE …]``: puts the parts together, runs them, and stops cleanly."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
import uvloop
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import demonstration
from bot.roles import Parts, Role, start_bells, start_panel, start_poll, start_send, start_tick, start_work
from bot.simulator import Simulator
from core import failpoints, logs, migrations
from core.actions import desk
from core.db import Database
from core.errors import ConflictError
from core.failpoints import failpoint_async
from core.keys import secret_key
from core.messaging.scanner import Scanner
from core.messaging.store import FileStore
from core.models import Company, Technician
from core.office import office_of
from core.settings import Settings, SettingsError, load

LAST_SECONDS = 8
FULL_COLLECTION = 100  # after so many of the next smaller kind; Python's own is 10
TURN = 0.0005  # seconds until a thread that has its row must be let in; Python's own is ten times as long


class RefusedError(Exception):
    """One sentence for the operator; the process ends with code 2."""


def main(
    roles: Annotated[list[Role] | None, typer.Argument(help="What this process does; none: all.")] = None,
) -> None:
    """Run the desk: poll, work, send, tick, panel, and the simulator where there is no token."""
    try:
        failpoints.arm(os.environ.get("FAILPOINT", ""))
        settings = load()
        chosen = tuple(roles or (role for role in Role if role is not Role.SIMULATOR or settings.is_demonstration))
        if Role.SIMULATOR in chosen and not settings.is_demonstration:
            raise RefusedError("TELEGRAM_BOT_TOKEN: the simulator runs only without a token.")
        logs.configure(log_format=settings.log_format, level=settings.log_level, secrets=settings.secrets)
        uvloop.run(run(settings, chosen))
    except (SettingsError, RefusedError, failpoints.UnknownFailpointError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


async def run(settings: Settings, roles: Sequence[Role]) -> None:
    """Start the roles, say what is served, and wait for a signal."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulator = await _start_simulator(settings) if Role.SIMULATOR in roles else None
    parts: Parts | None = None
    try:
        if set(roles) != {Role.SIMULATOR}:
            parts = await _prepare(settings, simulator)
            await _start(parts, roles, simulator)
        elif simulator is not None:
            _say(f"Teléfono   {simulator.url}/")
            _say(f"Correo     {simulator.url}/correo")
        _keep_everybody_moving()
        await stop.wait()
    finally:
        if parts is not None:
            await _end(parts)
        if simulator is not None:
            await simulator.stop()


def _keep_everybody_moving() -> None:
    """A full collection of garbage stops everybody: 20 ms, and one push in forty waited for it.

    What a start has made stays and is not looked through again. And a statement that is done on SQLite's thread does
    not wait until a page that is being made has used up its turn.
    """
    sys.setswitchinterval(TURN)
    gc.freeze()
    youngest, younger, _ = gc.get_threshold()
    gc.set_threshold(youngest, younger, FULL_COLLECTION)


async def _start_simulator(settings: Settings) -> Simulator:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(
        data_file=settings.data_dir / "simulator.db",
        port=settings.simulator_port,
        smtp_port=settings.simulator_smtp_port,
        token=settings.bot_token,
        bot_name=settings.desk_name,
        characters=demonstration.CHARACTERS,
    )
    try:
        await simulator.start()
    except OSError as error:
        raise RefusedError(
            f"SIMULATOR_PORT, SIMULATOR_SMTP_PORT ({settings.simulator_port}, {settings.simulator_smtp_port}): "
            f"{error.strerror or error}; expected free ports (0: any)."
        ) from None
    return simulator


async def _prepare(settings: Settings, simulator: Simulator | None) -> Parts:
    database = Database(settings.database)
    office = office_of(settings)
    secret_key(settings)
    try:
        if not await migrations.is_current(database):
            raise RefusedError("DATABASE_URL: the database's tables are not up to date; run: python -m core migrate")
        async with database.write() as session:
            await desk.claim(session, bot_id=settings.bot_id, is_demonstration=settings.is_demonstration)
            is_empty = (
                await session.scalar(select(Company.id).limit(1)) is None
                and await session.scalar(select(Technician.id).limit(1)) is None
            )
            if simulator is not None and is_empty:
                await demonstration.fill(session, office=office)
    except ConflictError as error:
        raise RefusedError(str(error)) from None
    except (SQLAlchemyError, OSError) as error:
        raise RefusedError(f"DATABASE_URL: the database cannot be opened; {_first_line(error)}") from None
    local = f"http://127.0.0.1:{settings.simulator_port}" if settings.is_demonstration else settings.telegram_api_url
    local_mail = f"smtp://127.0.0.1:{settings.simulator_smtp_port}" if settings.is_demonstration else ""
    return Parts(
        settings=settings,
        database=database,
        office=office,
        store=FileStore(settings.files_dir, Scanner(settings.clamav_socket) if settings.clamav_socket else None),
        telegram_url=simulator.url if simulator else local,
        smtp_url=settings.smtp_url or (simulator.smtp_url if simulator else local_mail),
    )


async def _start(parts: Parts, roles: Sequence[Role], simulator: Simulator | None) -> None:
    starters = {Role.POLL: start_poll, Role.WORK: start_work, Role.SEND: start_send, Role.TICK: start_tick}
    try:
        panel = await start_panel(parts) if Role.PANEL in roles else ""
        for role in roles:
            if role in starters:
                await starters[role](parts)
    except OSError as error:
        where = f"{parts.settings.panel_host}, {parts.settings.panel_port}"
        raise RefusedError(f"PANEL_HOST, PANEL_PORT ({where}): {error.strerror or error}.") from None
    start_bells(parts, frozenset(roles))
    _announce(parts, roles, panel, simulator)


def _announce(parts: Parts, roles: Sequence[Role], panel: str, simulator: Simulator | None) -> None:
    """One line each for what is served."""
    if simulator is not None:
        _say(f"Teléfono  {simulator.url}/  (Ada, Bruno y Eva; sus datos están en la página)")
    if panel:
        is_demonstration = parts.settings.is_demonstration
        who = f"  (usuario tom, dora o ana; contraseña {demonstration.PASSWORD})" if is_demonstration else ""
        _say(f"Panel     {panel}/{who}")
    if simulator is not None:
        _say(f"Correo    {simulator.url}/correo  (sin clave)")
    working = ", ".join(role for role in roles if role not in {Role.PANEL, Role.SIMULATOR})
    if working:
        _say(f"Bot       {parts.telegram_url}  ({working})")


async def _end(parts: Parts) -> None:
    """Stop taking in, finish what is under way, close; whatever is left is found at the next start."""
    await failpoint_async("shutdown.before_stop")
    for stop in parts.stops:
        stop()
    if parts.loops:
        _, late = await asyncio.wait(parts.loops, timeout=LAST_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    await failpoint_async("shutdown.after_loops")
    for end in reversed(parts.ends):
        await end()
    await failpoint_async("shutdown.before_close")
    await parts.database.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause) or type(cause).__name__).splitlines()[0]


if __name__ == "__main__":
    typer.run(main)
