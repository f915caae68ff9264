"""Two at the same moment: whoever comes second acts on what the first one has left."""

import asyncio

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from core.actions import accounts, bindings, closing, companies, invitations, ledger, login, sessions, staff
from core.actions.sessions import WrongLoginError
from core.clock import now
from core.errors import ConflictError
from core.messaging import parting
from core.models import (
    ApiToken,
    Binding,
    Company,
    Desk,
    Invitation,
    Person,
    RecoveryCode,
    StaffSession,
    Technician,
    TicketClosure,
)
from core.queries.tickets import by_number
from core.rules.closures import Closure, ClosureRequest
from core.rules.identity import Proof
from core.rules.permissions import Role
from tests import databases
from tests.admin.browser import PASSWORD

WORDS = {"cause": "Instalación", "solution": "Quedó instalado"}


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param  # SQLite has one writer at a time


@pytest.fixture
async def andina(desk):
    company = await desk.registers(purchased_minutes=20)
    return company, await desk.greets(company)


@pytest.fixture
def closes(desk):
    """Vera closes a ticket in a transaction of the test's."""

    async def close(session, ticket):
        actor = await session.get_one(Technician, (await desk.employ("vera")).id)
        found = await by_number(session, ticket.number, lock=True)
        wanted = ClosureRequest(Closure.INVOICED, "Error", "Hecho", 45)
        await closing.close(session, actor, found, wanted, office=desk.office)

    return close


@pytest.mark.parametrize(("form", "before"), [("/closure", "invoiced"), ("/reclassify", "warranty")])
async def test_a_closing_charges_what_was_confirmed_though_another_one_is_just_being_written(
    desk, database, log_in, andina, closes, form, before
):
    ticket, other = await desk.receives(*andina), await desk.receives(*andina)
    sofia = await log_in("sofia", Role.SUPERVISOR)
    await sofia.opens(f"/tickets/{ticket.number}")
    if form == "/reclassify":
        await sofia.sends("/closure", closure=before, minutes="15", **WORDS)
    typed = {"closure": "invoiced", "minutes": "15", **WORDS}
    await sofia.sends(form, to=f"/tickets/{ticket.number}/closure/preview", **typed)
    assert "Bolsa: 0 + 15 = 15 min" in sofia.text
    closings = len(await desk.all_of(TicketClosure))
    async with database.write() as session:
        await closes(session, other)
        sending = asyncio.create_task(sofia.sends(form, closure="invoiced", minutes="15", **WORDS))
        await databases.waits_for_lock(database, 1)
    await sending
    assert (sofia.status, len(await desk.all_of(TicketClosure))) == (409, closings + 1)
    assert "Bolsa de la empresa: 0 → 45 min." in sofia.text
    await sofia.sends(form)
    assert (sofia.status, len(await desk.all_of(TicketClosure))) == (200, closings + 2)


@pytest.fixture
async def judged(desk, database):
    """Tom's right password was judged; his log-in is the next thing to happen."""
    await desk.employ("tom")
    async with database.write() as session:
        attempt = await sessions.begin(session, username="tom", address="192.0.2.7")
    return attempt, await sessions.judge(attempt, PASSWORD)


@pytest.mark.parametrize("backend", databases.BACKENDS, indirect=True)
@pytest.mark.parametrize("meanwhile", ["another password", "disabled"])
async def test_a_password_that_opens_nothing_any_more_opens_nothing(desk, database, judged, meanwhile):
    attempt, tom_id = judged
    async with database.write() as session:
        tom = await session.get_one(Technician, tom_id)
        if meanwhile == "disabled":
            tom.disabled_at = now()
        else:
            await accounts.change_password(session, tom, hashed="another", kept=0)
    with pytest.raises(WrongLoginError):
        async with database.write() as session:
            await sessions.start(session, attempt, tom_id)
    assert await desk.all_of(StaffSession) == []


@pytest.mark.parametrize("backend", databases.BACKENDS, indirect=True)
async def test_a_second_factor_turned_on_while_the_password_was_judged_is_asked_for(database, judged):
    attempt, tom_id = judged
    async with database.write() as session:
        (await session.get_one(Technician, tom_id)).totp_secret = b"locked"
    async with database.write() as session:
        log_in = await sessions.start(session, attempt, tom_id)
    assert (log_in.has_factor, log_in.is_complete) == (True, False)


async def test_a_log_in_waits_for_the_password_that_is_just_being_changed(desk, database, stranger):
    tom_id = (await desk.employ("tom")).id
    async with database.write() as session:
        tom = await session.get_one(Technician, tom_id)
        await accounts.change_password(session, tom, hashed="another", kept=0)
        entering = asyncio.create_task(stranger.log_in("tom"))
        await databases.waits_for_lock(database, 1)
    await entering
    assert (stranger.status, "Usuario o contraseña" in stranger.text) == (422, True), stranger.text
    assert await desk.all_of(StaffSession) == []


ACCOUNT = {
    "/account/password": {"old": PASSWORD, "password": "otra frase larga", "again": "otra frase larga"},
    "/account/tokens": {"token_name": "Facturador", "token_password": PASSWORD},
    "/second-factor/codes": {"factor_password": PASSWORD},
}


@pytest.mark.parametrize("ending", ACCOUNT)
async def test_what_the_old_password_proved_is_not_done_after_a_reset(desk, database, tom, ending):
    (row,) = await desk.all_of(Technician)
    async with database.write() as session:
        (await session.get_one(Technician, row.id)).totp_secret = b"locked"
        token = await staff.setup_link(session, row)
    await tom.opens("/account")
    async with database.write() as session:
        await sessions.choose_password(session, token, password_hash="chosen by the link", address="192.0.2.7")
        sending = asyncio.create_task(tom.sends(ending, **ACCOUNT[ending]))
        await databases.waits_for_lock(database, 1)
    await sending
    assert (tom.status, "Inicie sesión de nuevo" in tom.text) == (409, True), tom.text
    (row,) = await desk.all_of(Technician)
    assert row.password_hash == "chosen by the link"
    assert [await desk.all_of(kind) for kind in (ApiToken, RecoveryCode)] == [[], []]


@pytest.mark.parametrize("meanwhile", ["password_hash", "disabled_at", "log-in"])
@pytest.mark.parametrize("backend", databases.BACKENDS, indirect=True)
async def test_a_proof_holds_while_password_and_log_in_are_what_they_were(desk, database, tom, judged, meanwhile):
    proof, tom_id = judged
    (log_in,) = await desk.all_of(StaffSession)
    async with database.write() as session:
        await accounts.require_still(session, await session.get_one(Technician, tom_id), proof, kept=log_in.id)
    async with database.write() as session:
        if meanwhile == "log-in":
            await sessions.end(session, log_in.id)
        else:
            changed = {"password_hash": "another", "disabled_at": now()}[meanwhile]
            setattr(await session.get_one(Technician, tom_id), meanwhile, changed)
    with pytest.raises(ConflictError):
        async with database.write() as session:
            await accounts.require_still(session, await session.get_one(Technician, tom_id), proof, kept=log_in.id)


async def test_of_two_who_use_a_set_up_link_at_once_one_has_chosen_the_password(desk, database, coming_from):
    lea_id = (await desk.employ("lea")).id
    async with database.write() as session:
        token = await staff.setup_link(session, await session.get_one(Technician, lea_id))
    both = [await coming_from("203.0.113.9"), await coming_from("203.0.113.10")]
    for one in both:
        await one.opens(f"/setup/{token}")
    async with database.write() as session:
        await session.get_one(Technician, lea_id, with_for_update=True)
        asked = []
        for one, password in zip(both, ("una frase de Lea", "otra frase de Eva"), strict=True):
            asked.append(asyncio.create_task(one.sends("", password=password, again=password)))
            await databases.waits_for_lock(database, len(asked))
    await asyncio.gather(*asked)
    (late,) = [one for one in both if one.status == 404]
    (first,) = [one for one in both if one is not late]
    assert "Este enlace ya se usó" in late.text
    await first.log_in("lea", ("una frase de Lea", "otra frase de Eva")[both.index(first)])
    assert first.is_at("/")


async def test_a_link_that_somebody_is_just_using_is_not_revoked_after_all(desk, database, tom, andina):
    company, ada = andina
    async with database.write() as session:
        (await session.get_one(Desk, 1)).bot_username = "ventanilla_bot"
        token = (await invitations.invite(session, None, company)).address.partition("?start=")[2]
    await tom.opens(f"/companies/{company.ruc}")
    (link,) = await desk.all_of(Invitation)
    async with database.write() as session:
        person = await session.get_one(Person, ada.id)
        assert await invitations.accept(session, person, token, office=desk.office) is not None
        revoking = asyncio.create_task(tom.sends(f"/invitations/{link.id}/revoke"))
        await databases.waits_for_lock(database, 1)
    await revoking
    assert (tom.status, "Alguien ya usó este enlace" in tom.text) == (409, True), tom.text
    (link,) = await desk.all_of(Invitation)
    assert (link.used_by_id, link.revoked_at) == (ada.id, None)


async def bind(session, desk):
    """Ada, who was identified only, becomes the company's first verified person."""
    ada, company = await session.scalar(select(Person)), await session.scalar(select(Company))
    await bindings.bind(session, ada, company, Proof.INVITATION, office=desk.office)


async def reset_password(session, desk):
    company = await session.scalar(select(Company))
    await companies.reset_password(session, None, company, reason="Lo pidió", office=desk.office)


async def change_password(session, desk):
    binding = await session.scalar(select(Binding).options(joinedload(Binding.company)))
    await login.change_password(session, binding, new_hash="another", office=desk.office)


async def close(session, desk):
    actor, ticket = await session.scalar(select(Technician)), await by_number(session, 1001, lock=True)
    await closing.close(
        session, actor, ticket, ClosureRequest(Closure.INVOICED, "Error", "Hecho", 45), office=desk.office
    )


@pytest.mark.parametrize("deed", [bind, reset_password, change_password, close])
async def test_whoever_waits_until_somebody_has_left_the_company_has_not_taken_its_row(desk, database, deed):
    """Who leaves may want it, and the two would wait for each other."""
    await desk.employ("vera")
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company, verified=False))
    assert ticket.number == 1001

    async def do():
        async with database.write() as session:
            await deed(session, desk)

    async with database.write() as session:
        await parting.part(session, company.id)
        doing = asyncio.create_task(do())
        await databases.waits_for_lock(database, 1)
        assert await session.scalar(select(Company.id).with_for_update(nowait=True)) == company.id
    await doing


async def test_whoever_takes_a_phone_off_waits_for_what_is_written_to_it_before_taking_its_row(
    desk, database, log_in, andina
):
    boss = await log_in("boss", Role.ADMINISTRATOR)
    await boss.opens(f"/companies/{andina[0].ruc}")
    (binding,) = await desk.all_of(Binding)
    async with database.write() as session:
        await parting.stay(session, binding.company_id)
        revoking = asyncio.create_task(boss.sends(f"/persons/{binding.id}/revoke", reason="Se fue"))
        await databases.waits_for_lock(database, 1)
        assert await session.scalar(select(Binding.id).with_for_update(nowait=True)) == binding.id
    await revoking
    (binding,) = await desk.all_of(Binding)
    assert (boss.status, binding.ended_at is None) == (200, False)


async def test_a_form_the_database_broke_off_for_another_ones_sake_is_done_anew(desk, database, tom, andina):
    ticket = await desk.receives(*andina)
    await tom.opens(f"/tickets/{ticket.number}")
    async with database.write() as session:
        await session.execute(text("SET LOCAL deadlock_timeout = '1min'"))  # the form is the one that is given up
        await ledger.lock(session, ticket.company_id)
        sending = asyncio.create_task(tom.sends("/closure", closure="warranty", minutes="5", **WORDS))
        await databases.waits_for_lock(database, 1)
        await by_number(session, ticket.number, lock=True)
    await sending
    assert (tom.status, (await desk.ticket(ticket.number)).state) == (200, "warranty")
    assert len(await desk.all_of(TicketClosure)) == 1


@pytest.fixture
def gives_up(database):
    """The database breaks off whatever writes into a table, as if it had met another one there."""

    async def break_off(table):
        async with database.write() as session:
            raising = "BEGIN RAISE EXCEPTION USING ERRCODE = ''deadlock_detected''; END"
            await session.execute(text(f"CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS '{raising}'"))
            await session.execute(text(f"CREATE TRIGGER meets BEFORE INSERT ON {table} EXECUTE FUNCTION meet()"))

    return break_off


async def test_a_form_that_is_broken_off_again_comes_back_as_it_was_typed(desk, tom, andina, gives_up):
    ticket = await desk.receives(*andina)
    await tom.opens(f"/tickets/{ticket.number}")
    await gives_up("closures")
    await tom.sends("/closure", closure="warranty", minutes="5", **WORDS)
    assert (tom.status, "no se cambió nada" in tom.text) == (503, True)
    assert tom.form("/closure").fields["solution"] == WORDS["solution"]
    assert (await desk.ticket(ticket.number)).state == "new"


async def test_a_page_without_a_form_of_its_own_says_so_too(desk, stranger, gives_up):
    await desk.employ("tom")
    await gives_up("staff_sessions")
    await stranger.log_in("tom")
    assert (stranger.status, "no se cambió nada" in stranger.text) == (503, True)
