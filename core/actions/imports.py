"""A list of companies: kept as it was read, confirmed, registered in slices, each line once."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import delete, insert, select

from core.actions import audit, companies
from core.actions.authorize import authorize
from core.actions.companies import NewCompany
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError
from core.i18n import N_
from core.models import Company, CompanyImport, CompanyImportLine, ImportState, Technician
from core.rules.permissions import Permission, allows
from core.rules.roster import Line, without_purchases

SLICE = 200  # lines in one transaction: the writer is free again within a moment
ASKED_AT_ONCE = 500  # RUCs in one question
UNCONFIRMED_LIVES = timedelta(days=2)
DONE_LIVES = timedelta(days=30)


async def keep(
    session: WriteSession, actor: Technician, *, file_name: str, lines: Sequence[Line], submission: str
) -> CompanyImport:
    """The list as it was read, for somebody to look at; no company is registered. The same submission is one list."""
    authorize(actor, Permission.EDIT_COMPANY)
    kept = await session.scalar(select(CompanyImport).where(CompanyImport.submission == submission))
    if kept is not None:
        return kept
    if not allows(actor.role, Permission.BUY_HOURS):
        lines = without_purchases(lines)
    in_desk = await known(session, [line.ruc for line in lines])
    right = [line for line in lines if not line.problems]
    made = CompanyImport(
        technician_id=actor.id,
        submission=submission,
        file_name=file_name[:255],
        state=ImportState.CHECKED,
        lines=len(lines),
        wrong=len(lines) - len(right),
        doubtful=sum(bool(line.doubts) and line.ruc not in in_desk for line in right),
        known=sum(line.ruc in in_desk for line in right),
        created_at=now(),
    )
    session.add(made)
    await session.flush()
    await session.execute(insert(CompanyImportLine), _rows(made, lines, in_desk))
    return made


def _rows(made: CompanyImport, lines: Sequence[Line], in_desk: set[str]) -> list[dict[str, object]]:
    return [
        {
            "import_id": made.id,
            "position": position,
            "number": line.number,
            "ruc": line.ruc,
            "name": line.name,
            "emails": list(line.emails),
            "phones": list(line.phones),
            "minutes": line.minutes,
            "problems": [[problem.value, said] for problem, said in line.problems],
            "doubts": [doubt.value for doubt in line.doubts],
            "is_known": line.ruc in in_desk,
            "needs_a_look": bool(line.problems or line.doubts) or line.ruc in in_desk,
        }
        for position, line in enumerate(lines, start=1)
    ]


async def known(session: ReadSession, rucs: Sequence[str]) -> set[str]:
    """Which of these RUCs the desk has a company of."""
    found: set[str] = set()
    for start in range(0, len(rucs), ASKED_AT_ONCE):
        some = rucs[start : start + ASKED_AT_ONCE]
        found |= set(await session.scalars(select(Company.ruc).where(Company.ruc.in_(some))))
    return found


async def confirm(session: WriteSession, actor: Technician, kept: CompanyImport) -> None:
    """From now on its lines are registered. Confirmed twice is confirmed once; the row is locked by whoever calls."""
    authorize(actor, Permission.EDIT_COMPANY)
    if kept.state is ImportState.DISCARDED:
        raise ConflictError(N_("This list was thrown away."))
    if kept.state is not ImportState.CHECKED:
        return
    if await _brings_hours(session, kept):
        companies.authorize_purchase(actor)  # somebody else may have read the list
    kept.state, kept.technician_id = ImportState.RUNNING, actor.id
    audit.record(session, actor, "companies.imported", on=f"import {kept.id}", file=kept.file_name, lines=kept.lines)


async def _brings_hours(session: ReadSession, kept: CompanyImport) -> bool:
    bought = CompanyImportLine.import_id == kept.id, CompanyImportLine.minutes > 0
    return await session.scalar(select(CompanyImportLine.position).where(*bought).limit(1)) is not None


async def discard(session: WriteSession, actor: Technician, kept: CompanyImport) -> None:
    """Nothing of it is registered."""
    authorize(actor, Permission.EDIT_COMPANY)
    if kept.state is not ImportState.CHECKED:
        raise ConflictError(N_("This list is being registered already."))
    kept.state, kept.finished_at = ImportState.DISCARDED, now()
    await session.execute(delete(CompanyImportLine).where(CompanyImportLine.import_id == kept.id))


async def is_due(session: ReadSession) -> bool:
    """Whether a confirmed list waits to be registered."""
    running = select(CompanyImport.id).where(CompanyImport.state == ImportState.RUNNING)
    return await session.scalar(running.limit(1)) is not None


async def register_some(session: WriteSession) -> bool:
    """The next lines of a confirmed list, and how far it is, in one transaction; False where there is none."""
    query = select(CompanyImport).where(CompanyImport.state == ImportState.RUNNING).order_by(CompanyImport.id)
    kept = await session.scalar(query.limit(1).with_for_update(skip_locked=True))
    if kept is None:
        return False
    lines = (
        await session.scalars(
            select(CompanyImportLine)
            .where(CompanyImportLine.import_id == kept.id, CompanyImportLine.position > kept.done_until)
            .order_by(CompanyImportLine.position)
            .limit(SLICE)
        )
    ).all()
    actor = await session.get_one(Technician, kept.technician_id)
    new = [_new(line) for line in lines if not line.problems]
    kept.registered += await register_new(session, actor, new)
    kept.done_until += len(lines)
    if kept.done_until >= kept.lines or not lines:
        kept.state, kept.finished_at = ImportState.DONE, now()
    return True


async def register_new(session: WriteSession, actor: Technician | None, new: Sequence[NewCompany]) -> int:
    """Register those the desk has not yet; how many. ``actor`` None is the command line."""
    in_desk = await known(session, [one.ruc for one in new])
    return len(await companies.add(session, actor, [one for one in new if one.ruc not in in_desk]))


def of_lines(lines: Iterable[Line]) -> list[NewCompany]:
    """Those of a list that are right."""
    return [_new(line) for line in lines if not line.problems]


def _new(line: Line | CompanyImportLine) -> NewCompany:
    return NewCompany(line.ruc, line.name, line.emails, line.phones, line.minutes)


async def forget_old(session: WriteSession) -> None:
    """Lists nobody confirmed, and the lines of those that are done: both hold what stands elsewhere."""
    moment = now()
    unconfirmed = (CompanyImport.state == ImportState.CHECKED) & (
        CompanyImport.created_at < moment - UNCONFIRMED_LIVES
    )
    done = CompanyImport.finished_at < moment - DONE_LIVES
    # taken first: one that is just being confirmed is waited for, and stays
    old = (await session.scalars(select(CompanyImport.id).where(unconfirmed | done).with_for_update())).all()
    await session.execute(delete(CompanyImportLine).where(CompanyImportLine.import_id.in_(old)))
    await session.execute(delete(CompanyImport).where(CompanyImport.id.in_(old)))
