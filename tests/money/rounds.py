"""Rounds of closings, reopenings, purchases and more at once, and an oracle that counts by itself."""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from core.actions import billing, closing, ledger, purchases
from core.actions import tickets as work
from core.clock import now
from core.db import Database, WriteSession
from core.errors import ConflictError
from core.i18n import Translators
from core.models import (
    Company,
    Invoicing,
    LedgerLine,
    TechnicalHour,
    TechnicalHourPart,
    Technician,
    Ticket,
    TicketClosure,
    TimeCorrection,
    TimeEntry,
)
from core.queries.ledger import is_invoiced, is_withdrawn
from core.queries.tickets import by_number
from core.render.office import Office
from core.rules.closures import Closure, ClosureRequest, Shortfall
from core.rules.ledger import Account, InvoicingKind, LineKind, may_post
from core.rules.permissions import Role
from core.rules.states import CLOSED, State
from tests import databases
from tests.admin.desk import Desk
from tests.money.accounts import Accounts

HANDS = 4  # technicians at work at the same time
CHECKS = 20  # of a long run: each reads everything there is


@dataclass
class Rounds:
    """One company, ``HANDS`` technicians, and what they do in each round, by a seed."""

    accounts: Accounts
    boss: Technician
    dice: random.Random
    done: Counter = field(default_factory=Counter)

    @classmethod
    async def prepared(cls, database: Database, *, seed: int) -> "Rounds":
        office = Office(name="SACI", translators=Translators(default="es", timezone="America/Guayaquil"))
        desk = Desk(database, office)
        accounts = await Accounts.opened(desk, purchased=100)
        boss = await desk.employ("boss", role=Role.ADMINISTRATOR)
        return cls(accounts, boss, random.Random(seed))

    async def round(self) -> None:
        """``HANDS`` changes at once; a refusal is a legal end, anything else is a failure."""
        chosen = [self.dice.choice(MOVES) for _ in range(HANDS)]
        seeds = [self.dice.randrange(2**32) for _ in chosen]
        await asyncio.gather(*(self._one(move, seed) for move, seed in zip(chosen, seeds, strict=True)))

    async def _one(self, move: "Move", seed: int) -> None:
        dice = random.Random(seed)
        try:
            async with self.accounts.desk.database.write() as session:
                await move(self, session, dice)
        except ConflictError:
            self.done["refused"] += 1
        else:
            self.done[move.__name__] += 1

    async def ticket(self, session: WriteSession, dice: random.Random, *, closed: bool) -> Ticket | None:
        found = await session.scalars(
            select(Ticket.number)
            .where(Ticket.state.in_(CLOSED) if closed else Ticket.state.not_in(CLOSED))
            .order_by(Ticket.number)
        )
        numbers = found.all()
        return await by_number(session, dice.choice(numbers), lock=True) if numbers else None


Move = Callable[[Rounds, WriteSession, random.Random], Awaitable[None]]


def _request(dice: random.Random, minutes: int) -> ClosureRequest:
    kind = dice.choice([Closure.INVOICED, Closure.INVOICED, Closure.IMPLEMENTATION, Closure.WARRANTY])
    return ClosureRequest(kind, "Causa", "Hecho", minutes, dice.choice([None, *Shortfall]))


async def close(rounds: Rounds, session: WriteSession, dice: random.Random) -> None:
    """Half of the time a reopened ticket, else a new one."""
    boss = await session.get_one(Technician, rounds.boss.id)
    ticket = await rounds.ticket(session, dice, closed=False) if dice.random() < 0.5 else None
    if ticket is None:
        opened = await work.open_for_customer(
            session,
            boss,
            company=await session.get_one(Company, rounds.accounts.company.id),
            service="support",
            product="SaciJava",
            subject="Consulta",
            text="Hola",
            office=rounds.accounts.desk.office,
        )
        ticket = await by_number(session, opened.number, lock=True)
    request = _request(dice, dice.randrange(0, 140))
    await closing.close(session, boss, ticket, request, office=rounds.accounts.desk.office)


async def reopen(rounds: Rounds, session: WriteSession, dice: random.Random) -> None:
    ticket = await rounds.ticket(session, dice, closed=True)
    if ticket is None or ticket.state not in CLOSED:
        return
    closure = await closing.latest(session, ticket)
    await ledger.reverse_closure(session, closure, actor=None, at=now())
    ticket.state, ticket.reopened_at = State.OPEN, now()


async def reclassify(rounds: Rounds, session: WriteSession, dice: random.Random) -> None:
    ticket = await rounds.ticket(session, dice, closed=True)
    if ticket is None or ticket.state not in CLOSED:
        return
    boss = await session.get_one(Technician, rounds.boss.id)
    last = await closing.latest(session, ticket)
    minutes = last.real_minutes if dice.random() < 0.5 else dice.randrange(0, 140)
    request = replace(_request(dice, minutes), reason="Mal escrito")
    await closing.reclassify(session, boss, ticket, request, office=rounds.accounts.desk.office)


async def buy(rounds: Rounds, session: WriteSession, dice: random.Random) -> None:
    expires_at = now() + timedelta(days=dice.choice([1, 3])) if dice.random() < 0.5 else None
    company = await session.get_one(Company, rounds.accounts.company.id)
    boss = await session.get_one(Technician, rounds.boss.id)
    minutes = dice.randrange(1, 200)
    await purchases.buy(session, boss, company, minutes=minutes, reference="001", expires_at=expires_at)


async def expire(rounds: Rounds, session: WriteSession, _dice: random.Random) -> None:
    """As if the day after tomorrow had come."""
    company_id = rounds.accounts.company.id
    await ledger.lock(session, company_id)
    await purchases.expire(session, company_id, at=now() + timedelta(days=2))


async def invoice(rounds: Rounds, session: WriteSession, dice: random.Random) -> None:
    """Sometimes off the invoice again, so that not everything ends frozen."""
    boss = await session.get_one(Technician, rounds.boss.id)
    off = dice.random() < 0.5
    query = select(TechnicalHour.id).where(is_invoiced() if off else ~is_invoiced() & ~is_withdrawn())
    ids = (await session.scalars(query.order_by(TechnicalHour.id))).all()
    if not ids:
        return
    if off:
        await billing.revert(session, boss, [dice.choice(ids)], reason="Anulada")
    else:
        await billing.invoice(session, boss, [dice.choice(ids)], reference="001")


MOVES: tuple[Move, ...] = (close, close, close, reopen, reclassify, buy, expire, invoice)


async def check(database: Database) -> None:
    """Count everything again from the lines alone, by another way than the desk does. Raises AssertionError."""
    async with database.read() as session:
        lines = (await session.scalars(select(LedgerLine).order_by(LedgerLine.id))).all()
        closures = (await session.scalars(select(TicketClosure))).all()
        tickets = {ticket.id: ticket for ticket in await session.scalars(select(Ticket))}
        parts = (await session.scalars(select(TechnicalHourPart))).all()
        entries = (await session.scalars(select(TimeEntry))).all()
        corrections = (await session.scalars(select(TimeCorrection).order_by(TimeCorrection.id))).all()
        invoicings = (await session.scalars(select(Invoicing).order_by(Invoicing.id))).all()
    bag = [line for line in lines if line.account is Account.BAG]
    assert all(may_post(line.account, line.kind, minutes=line.minutes) for line in lines)
    issued = {line.technical_hour_id for line in bag if line.kind is LineKind.HOUR_ISSUED}
    gone = {line.technical_hour_id for line in bag if line.kind is LineKind.HOUR_WITHDRAWN}
    charged: Counter[int] = Counter()
    for line in bag:
        if line.closure_id:
            charged[line.closure_id] += line.minutes
    running = 0
    for line in bag:
        running += line.minutes
        assert running >= 0, "a statement prints the balance behind each line"
    assert 0 <= running < 60
    assert running == sum(charged.values()) - 60 * len(issued - gone)
    _check_hours(parts, issued, gone, charged)
    _check_closings(closures, tickets, lines)
    _check_charges(closures, lines)
    _check_times(closures, entries, corrections)
    last = {entry.technical_hour_id: entry.kind for entry in invoicings}
    assert not {hour for hour, kind in last.items() if kind is InvoicingKind.INVOICED} & gone


def _check_hours(parts, issued, gone, charged) -> None:
    """Each hour is exactly sixty minutes, and no closing fills more than it was charged."""
    full: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    for part in parts:
        full[part.technical_hour_id] += part.minutes
        if part.technical_hour_id not in gone:
            filled[part.closure_id] += part.minutes
    assert full == Counter(dict.fromkeys(issued, 60))
    assert all(minutes <= charged[closure_id] for closure_id, minutes in filled.items())


def _check_charges(closures, lines) -> None:
    """Every minute is charged once: a closing charges its own and those a reopening gave back to its ticket.

    One that charges nothing and was not corrected settles what was given back before it.
    """
    given_back = {line.closure_id for line in lines if line.kind is LineKind.REVERSAL}
    corrected = {closure.replaces_id for closure in closures}
    given_back -= corrected
    carried: Counter[int] = Counter()
    for closure in sorted(closures, key=lambda one: (one.ticket_id, one.number)):
        worked = carried[closure.ticket_id] + closure.real_minutes
        charges = {
            Closure.INVOICED: max(15, worked),
            Closure.IMPLEMENTATION: max(15, worked) if closure.bagged_minutes else worked,
        }
        assert closure.charged_minutes == charges.get(closure.closure, 0), closure.id
        if closure.id in given_back:
            carried[closure.ticket_id] += closure.real_minutes
        if closure.closure not in charges and closure.id not in corrected:
            carried[closure.ticket_id] = 0


def _check_times(closures, entries, corrections) -> None:
    """A ticket's recorded minutes are what its closings count but those corrected; a trail ends at its entry."""
    corrected = {closure.replaces_id for closure in closures}
    counted: Counter[int] = Counter()
    for closure in closures:
        counted[closure.ticket_id] += 0 if closure.id in corrected else closure.real_minutes
    recorded: Counter[int] = Counter()
    for entry in entries:
        recorded[entry.ticket_id] += entry.minutes
    assert counted == recorded
    now_in = {entry.id: entry.minutes for entry in entries}
    trail: dict[int, int] = {}
    for correction in corrections:
        assert trail.get(correction.entry_id, correction.minutes_before) == correction.minutes_before
        trail[correction.entry_id] = correction.minutes_after
    assert trail.items() <= now_in.items()


def _check_closings(closures, tickets, lines) -> None:
    """What stands charged is what the closings that hold say; a closing that does not hold charges nothing."""
    stands: defaultdict[int, Counter[Account]] = defaultdict(Counter)
    for line in lines:
        if line.closure_id:
            stands[line.closure_id][line.account] += line.minutes
    for closure in closures:
        ticket = tickets[closure.ticket_id]
        holds = ticket.state in CLOSED and ticket.closures_count == closure.number
        found = (stands[closure.id][Account.BAG], stands[closure.id][Account.PURCHASED])
        assert found == ((closure.bagged_minutes, -closure.debited_minutes) if holds else (0, 0)), closure.id
        if holds and closure.closure is Closure.INVOICED:
            assert closure.charged_minutes >= 15
    bought = {line.id: line.minutes for line in lines if line.kind is LineKind.PURCHASE}
    for line in lines:
        if line.kind is LineKind.EXPIRY:
            bought[line.purchase_id] += line.minutes
    assert all(minutes >= 0 for minutes in bought.values())


Say = Callable[[int, Counter], None]


async def run(database: Database, *, rounds: int, seed: int, say: Say = lambda _number, _done: None) -> Counter:
    """Play, checking every twentieth round of a short run and ``CHECKS`` times in a long one; what was done, by kind.

    ``say`` hears of every check that held.
    """
    played = await Rounds.prepared(database, seed=seed)
    every = max(20, -(-rounds // CHECKS))
    for number in range(1, rounds + 1):
        await played.round()
        if number % every == 0 or number == rounds:
            await check(database)
            say(number, played.done)
    return played.done


async def _measured(backend: str, rounds: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = await databases.fresh_url(backend, Path(folder))
        database = Database(url)
        begun, busy = time.perf_counter(), time.process_time()

        def say(number: int, _done: Counter) -> None:
            taken = f"{time.perf_counter() - begun:.0f} s, {time.process_time() - busy:.0f} s of them at work"
            print(f"{backend}: {number} of {rounds} rounds of {HANDS} exact after {taken}", flush=True)

        done = await run(database, rounds=rounds, seed=seed, say=say)
        print(f"{backend}: seed {seed}, {dict(done)}", flush=True)
        await database.close()
        await databases.drop(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=databases.BACKENDS, action="append")
    asked = parser.parse_args()
    for backend in asked.database or databases.BACKENDS:
        asyncio.run(_measured(backend, asked.rounds, asked.seed))


if __name__ == "__main__":
    main()
