"""``python -m core COMMAND``: what the operator does from a shell."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from core import checkup, company_list, failpoints, migrations, passwords
from core.actions import companies, invitations, second_factor, staff
from core.backup import keeping, making, reports, restoring
from core.backup.workroom import Course
from core.db import Database, WriteSession
from core.errors import DeskError, InvalidError, NotFoundError
from core.messaging import letterhead
from core.models import Company
from core.office import office_of
from core.queries import staff as queries
from core.render.office import Office
from core.rules.identity import normalise_password, read_ruc, ruc_warning
from core.rules.permissions import Role
from core.rules.readiness import Finding
from core.settings import Settings, SettingsError, load

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def migrate(
    without_backup: Annotated[
        bool, typer.Option("--without-backup", help="Do not keep the database as it was.")
    ] = False,
) -> None:
    """Bring the database to the newest schema; as it was it is kept in DATA_DIR/backups first."""

    async def upgrade(settings: Settings, database: Database) -> None:
        before = await migrations.revision_of(database)
        if before == migrations.head():
            return
        kept = None if without_backup else await keeping.before_migrating(database, settings, _course())
        await migrations.upgrade(database)
        if before is not None:
            aside = f"; as it was it is in {kept.path}" if kept else ""
            typer.echo(f"The database went from schema {before} to {migrations.head()}{aside}.")

    _run(upgrade)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Written whole or not at all; an older backup there is replaced.")],
    encrypt: Annotated[bool, typer.Option("--encrypt", help="Refuse to write one that anybody can read.")] = False,
    as_json: Json = False,
) -> None:
    """Put the whole desk, database and files, into FILE while it runs.

    With BACKUP_PASSPHRASE the file is sealed, and only then it holds the secret key: without it, keep a copy of
    DATA_DIR/secret.key (or SECRET_KEY) elsewhere. Exit 1 too when files of the desk are missing from the store;
    the backup holds everything else then, and names them.
    """

    async def put(settings: Settings, database: Database) -> making.Made:
        if encrypt and not settings.backup_passphrase:
            raise SettingsError("BACKUP_PASSPHRASE: --encrypt needs it, expected at least 12 characters.")
        return await making.make(database, settings, file, course=_course())

    made = _run(put)
    _print(reports.of_backup(made), reports.backup_as_json(made), as_json=as_json)
    if made.missing:
        typer.echo(reports.of_missing(made.missing), err=True)
        raise typer.Exit(1)


@app.command()
def restore(
    file: Path,
    force: Annotated[
        bool, typer.Option("--force", "--yes", help="Also where there is a desk already; it is kept aside.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put the desk of FILE here, at the newest schema. The desk must be stopped.

    Everything is verified before anything is touched; killed at any point there is the old desk or the new one.
    Pushes that were waiting are held until somebody releases or discards them in the panel; everybody logs in anew.
    """

    async def put(settings: Settings, database: Database) -> restoring.Restored:
        return await restoring.restore(database, settings, file, course=_course(), force=force)

    restored = _run(put)
    _print(reports.of_restore(restored), reports.restore_as_json(restored), as_json=as_json)


@app.command()
def add_company(
    ruc: str,
    name: Annotated[str, typer.Option(help="As it is on the invoice.")],
    email: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    purchased_minutes: Annotated[int | None, typer.Option(help="Purchased hours left, in minutes.")] = None,
    as_json: Json = False,
) -> None:
    """Register a company; its first password is its RUC."""

    async def register(session: WriteSession, office: Office) -> Company:
        return await companies.register(
            session,
            None,
            ruc=ruc,
            name=name,
            emails=email or (),
            phones=phone or (),
            purchased_minutes=purchased_minutes,
        )

    company = _write(register)
    if ruc_warning(company.ruc):
        typer.echo(f"Note: the check digit of {company.ruc} does not match; newer RUCs do that too.", err=True)
    _print(f"{company.ruc} {company.name}", {"ruc": company.ruc, "name": company.name}, as_json=as_json)


@app.command()
def import_companies(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: ruc, nombre, correos, telefonos, …")
    ],
    skip_wrong: Annotated[bool, typer.Option("--skip-wrong", help="Leave lines with errors out.")] = False,
    as_json: Json = False,
) -> None:
    """Register the companies of a CSV file; those that are there already stay as they are."""

    async def bring(_settings: Settings, database: Database) -> tuple[int, int]:
        lines = company_list.lines_of(file)
        for line in company_list.remarks(lines):
            typer.echo(line, err=True)
        return len(lines), await company_list.register(database, lines, skip_wrong=skip_wrong, course=_course())

    lines, registered = _run(bring)
    text = f"{registered} companies registered, {lines} lines read."
    _print(text, {"lines": lines, "registered": registered}, as_json=as_json)


@app.command()
def invite(ruc: str, as_json: Json = False) -> None:
    """Print a one-time link: whoever opens it first within 72 hours sees everything of the company on Telegram."""

    async def make(session: WriteSession, office: Office) -> invitations.Link:
        return await invitations.invite(session, None, await _company(session, ruc))

    link = _write(make)
    _print(link.address, {"link": link.address, "expires_at": link.expires_at.isoformat()}, as_json=as_json)


@app.command()
def reset_password(ruc: str, reason: Annotated[str, typer.Option()]) -> None:
    """Give a company its RUC as password again; its verified persons are told."""

    async def reset(session: WriteSession, office: Office) -> None:
        company = await _company(session, ruc)
        await companies.reset_password(session, None, company, reason=reason, office=office)

    _write(reset)


async def _company(session: WriteSession, ruc: str) -> Company:
    company = await session.scalar(select(Company).where(Company.ruc == (read_ruc(ruc) or ruc)))
    if company is None:
        raise NotFoundError("There is no company with the RUC %(ruc)s.", ruc=ruc)
    return company


@app.command()
def add_technician(
    username: str,
    name: Annotated[str, typer.Option()],
    role: Annotated[Role, typer.Option()] = Role.TECHNICIAN,
    development: Annotated[bool, typer.Option("--development", help="Responsible for pending tickets.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a user of the panel and, without a password, print a one-time set-up link."""
    password = sys.stdin.read().rstrip("\r\n") if password_stdin else ""

    async def add(session: WriteSession, office: Office) -> str:
        if password_stdin and len(normalise_password(password)) < staff.PASSWORD_SHORTEST:
            raise InvalidError("The password needs at least %(n)s characters.", n=staff.PASSWORD_SHORTEST)
        hashed = await passwords.hash_password(normalise_password(password)) if password_stdin else None
        technician = await staff.add_technician(
            session, username=username, name=name, role=role, password_hash=hashed, is_development=development
        )
        return "" if password_stdin else f"{office.panel_url}/setup/{await staff.setup_link(session, technician)}"

    link = _write(add)
    _print(link or username, {"username": username, "setup_link": link or None}, as_json=as_json)


@app.command()
def api_token(username: str, as_json: Json = False) -> None:
    """Print a new token of the REST API; it is shown this once."""

    async def make(session: WriteSession, office: Office) -> str:
        return await staff.api_token(session, username)

    token = _write(make)
    _print(token, {"username": username, "token": token}, as_json=as_json)


@app.command()
def reset_second_factor(username: str) -> None:
    """Let somebody in without the second factor, whose phone is lost; the panel asks for a new one where required."""

    async def reset(session: WriteSession, office: Office) -> None:
        technician = await queries.by_username(session, username.strip())
        if technician is None:
            raise NotFoundError("There is no user %(username)s.", username=username)
        await second_factor.reset(session, None, technician)

    _write(reset)


@app.command()
def check(as_json: Json = False) -> None:
    """Look at configuration, database, token, mail and disk; exit 1 if something would not work."""

    async def look(settings: Settings, database: Database) -> list[Finding]:
        return await checkup.look(settings, database)

    findings = _run(look)
    text = "\n".join(
        f"{'ok  ' if finding.is_well else 'FAIL'} {finding.what}: {finding.says}" for finding in findings
    )
    _print(text, [finding.as_json() for finding in findings], as_json=as_json)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


def _course() -> Course:
    """Long work says on standard error how far it is."""
    return Course(lambda line: typer.echo(f"{line} …", err=True))


def _write(action: Callable[[WriteSession, Office], Awaitable[T]]) -> T:
    """Run an action in one transaction."""

    async def act(settings: Settings, database: Database) -> T:
        if not await migrations.is_current(database):
            raise DeskError("The database's tables are not up to date; run: python -m core migrate")
        async with database.write() as session:
            return await action(session, await letterhead.read(session, office_of(settings)))

    return _run(act)


def _run(work: Callable[[Settings, Database], Awaitable[T]]) -> T:
    """Exit 1 with one sentence where the desk refuses, 2 where a setting is wrong."""

    async def connected(settings: Settings) -> T:
        database = Database(settings.database)
        try:
            return await work(settings, database)
        finally:
            await database.close()

    try:
        failpoints.arm(os.environ.get("FAILPOINT", ""))
        return asyncio.run(connected(load()))
    except (SettingsError, failpoints.UnknownFailpointError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except DeskError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except (SQLAlchemyError, OSError) as error:
        if isinstance(error, OSError) and error.filename:
            typer.echo(f"{error.filename}: {error.strerror}.", err=True)
            raise typer.Exit(1) from None
        cause = getattr(error, "orig", None) or error
        reason = (str(cause) or type(cause).__name__).splitlines()[0]
        typer.echo(f"DATABASE_URL: the database cannot be used; {reason}", err=True)
        raise typer.Exit(1) from None


def _print(text: str, values: object, *, as_json: bool) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False) if as_json else text)


if __name__ == "__main__":
    app()
