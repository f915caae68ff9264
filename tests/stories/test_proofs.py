"""From identified to verified, each way; and how the company's own people keep strangers out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.actions import codes, invitations
from core.clock import now
from core.messaging import outbox
from core.models import AuditEntry, Binding, Company, Desk, Invitation, OutboxRow, ProofCode
from core.queries.tickets import by_number
from core.rules.identity import Level, Proof
from core.rules.permissions import Role
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD, TORNILLO


async def binding_of(live: LiveDesk, customer: Customer, ruc: str) -> Binding:
    async with live.database.read() as session:
        found = await session.scalars(
            select(Binding).join(Company, Company.id == Binding.company_id).where(Company.ruc == ruc)
        )
        (binding,) = [one for one in found if one.ended_at is None and await _is_of(session, one, customer)]
    return binding


async def _is_of(session, binding: Binding, customer: Customer) -> bool:
    await session.refresh(binding, ["person"])
    return bool(binding.person.telegram_id == customer.id)


async def token_for(live: LiveDesk, ruc: str) -> str:
    async with live.database.write() as session:
        (await session.get_one(Desk, 1)).bot_username = "ventanilla_bot"
        company = await session.scalar(select(Company).where(Company.ruc == ruc))
        assert company is not None
        link = await invitations.invite(session, None, company)
    return link.address.partition("?start=")[2]


async def buttons_of(customer: Customer) -> list[str]:
    return (await customer.last()).buttons


async def test_an_identified_chat_is_offered_every_proof(eve: Customer):
    await eve.says("/preferencias")
    await eve.taps("Verificar este teléfono")
    assert await eve.keyboard() == ["Compartir mi número"]
    assert await buttons_of(eve) == [
        "Código a p•••@empresa.example",
        "Pedir aprobación a un técnico",
        "Continuar sin verificar",
    ]


async def test_an_invitation_lets_one_person_in_whatever_the_chat_was_doing(live: LiveDesk):
    token = await token_for(live, TORNILLO)
    bruno, eve = await live.customer("Bruno", "+593960000001"), await live.customer("Eva", "+593960000000")
    await bruno.says("/start")
    await bruno.says(ANDINA)  # at the password of another company
    await bruno.says(f"/start {token}")
    assert "Ferretería El Tornillo" in (await bruno.last()).text
    assert (await binding_of(live, bruno, TORNILLO)).proof is Proof.INVITATION

    used = await _answer_to(eve, token)
    unknown = await _answer_to(eve, "A" * 43)
    async with live.database.write() as session:
        late = await token_for_other(session)
    assert used == unknown == await _answer_to(eve, late)
    assert "ya se usó o venció" in used[0]
    assert "Tornillo" not in " ".join(used)
    async with live.database.read() as session:
        assert all(token not in str(vars(one)) for one in await session.scalars(select(Invitation)))


async def token_for_other(session) -> str:
    company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
    token = (await invitations.invite(session, None, company)).address.partition("?start=")[2]
    newest = await session.scalar(select(Invitation).order_by(Invitation.id.desc()).limit(1))
    newest.expires_at = now() - timedelta(seconds=1)
    return token


async def _answer_to(customer: Customer, token: str) -> list[str]:
    before = len(await customer.reads())
    await customer.says(f"/start {token}")
    return [said.text for said in (await customer.reads())[before:]]


async def test_a_code_by_mail_verifies_and_is_nowhere_afterwards(live: LiveDesk, eve: Customer):
    await eve.says("/preferencias")
    await eve.taps("Verificar este teléfono")
    await eve.taps("Código a p•••@empresa.example")
    assert "p•••@empresa.example" in (await eve.last()).text
    (mail,) = await live.mails()
    assert "pagos@empresa.example" in str(mail)
    code = re.findall(r"\d{3} \d{3}", str(mail))[0]

    await eve.says("000 000" if code != "000 000" else "111 111")
    assert "no es el código" in (await eve.last()).text
    await eve.says(code)
    assert (await binding_of(live, eve, TORNILLO)).proof is Proof.EMAIL
    assert "Nuevo ticket" in await eve.keyboard()
    async with live.database.read() as session:
        sent = await session.scalars(select(OutboxRow.payload).where(OutboxRow.method == "mail"))
        assert code not in str(sent.all())


async def test_a_mailed_code_lives_five_tries_and_ten_minutes(live: LiveDesk, eve: Customer):
    await eve.says("/preferencias")
    await eve.taps("Verificar este teléfono")
    await eve.taps("Código a p•••@empresa.example")
    code = re.findall(r"\d{3} \d{3}", str(await live.mails()))[0]
    wrong = f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"
    for _ in range(5):
        await eve.says(wrong)
    await eve.says(code)
    assert (await binding_of(live, eve, TORNILLO)).level is Level.IDENTIFIED

    for _ in range(4):
        await eve.taps("Código a p•••@empresa.example")
    answer = await eve.taps("Código a p•••@empresa.example")
    assert "varias veces" in answer["text"]
    assert len(await live.mails()) == 5
    async with live.database.write() as session:
        last = await session.scalar(select(ProofCode).order_by(ProofCode.id.desc()).limit(1))
        assert last is not None
        last.expires_at = now() - timedelta(seconds=1)
    await eve.says(re.findall(r"\d{3} \d{3}", str((await live.mails())[-1]))[0])
    assert (await binding_of(live, eve, TORNILLO)).level is Level.IDENTIFIED
    async with live.database.write() as session:
        await codes.end_expired(session)
    async with live.database.read() as session:
        assert not list(await session.scalars(select(ProofCode).where(ProofCode.settled_at.is_(None))))


async def test_a_technician_approves_by_the_digits_the_customer_reads_aloud(
    live: LiveDesk, eve: Customer, tom: Staff
):
    await eve.says("/preferencias")
    await eve.taps("Verificar este teléfono")
    await eve.taps("Pedir aprobación a un técnico")
    code = re.findall(r"\d{3} \d{3}", (await eve.last()).text)[0]
    await tom.browser.opens("/")
    assert "Eve pide aprobación" in tom.browser.text
    assert code not in tom.browser.text
    await tom.browser.opens(f"/companies/{TORNILLO}")
    assert code not in tom.browser.text
    await tom.browser.sends("/approve", code="000001" if code != "000 001" else "000002")
    assert tom.browser.status == 422
    assert (await binding_of(live, eve, TORNILLO)).level is Level.IDENTIFIED

    await tom.browser.sends("/approve", code=code)
    await live.settle()
    assert "Un técnico aprobó este teléfono" in (await eve.last()).text
    assert (await binding_of(live, eve, TORNILLO)).proof is Proof.APPROVAL
    assert "pide aprobación" not in tom.browser.text
    async with live.database.read() as session:
        actions = list(await session.scalars(select(AuditEntry.action)))
    assert actions.count("person.approved") == 1


async def test_a_technician_refuses_and_wrong_digits_run_out(live: LiveDesk, eve: Customer, tom: Staff):
    await eve.says("/preferencias")
    await eve.taps("Verificar este teléfono")
    await eve.taps("Pedir aprobación a un técnico")
    code = re.findall(r"\d{3} \d{3}", (await eve.last()).text)[0]
    await tom.browser.opens(f"/companies/{TORNILLO}")
    for _ in range(5):
        await tom.browser.sends("/approve", code="x")
    await live.settle()
    assert "no coincidieron" in (await eve.last()).text
    assert "pide aprobación" not in tom.browser.text

    await eve.taps("Pedir aprobación a un técnico")
    await tom.browser.opens(f"/companies/{TORNILLO}")
    await tom.browser.sends("/refuse")
    await live.settle()
    assert "no pudo confirmar" in (await eve.last()).text
    assert code not in tom.browser.text
    assert (await binding_of(live, eve, TORNILLO)).level is Level.IDENTIFIED


@pytest.fixture
async def bea(live: LiveDesk, ada: Customer) -> Customer:
    """She knows the password, and comes after Ada."""
    bea = await live.customer("Bea", "+593990000007")
    await bea.logs_in(ANDINA, ANDINA_PASSWORD)
    return bea


async def test_a_new_phone_nobody_knows_is_stopped_by_one_tap(live: LiveDesk, ada: Customer, bea: Customer):
    carla = await live.customer("Carla", "+593990000008")
    await bea.opens_ticket("Secreto de Andina")
    await carla.logs_in(ANDINA, ANDINA_PASSWORD)
    (asked, told) = (await ada.finds("Carla ya ve todo"), await bea.finds("Carla ya ve todo"))
    assert asked.buttons == told.buttons == ["Fui yo", "No fui yo"]

    await ada.taps("No fui yo", on=asked)
    assert "Detuvimos ese teléfono" in (await bea.finds("Carla ya ve todo")).text
    assert (await bea.finds("Carla ya ve todo")).buttons == []
    assert "detenido" in (await carla.last()).text
    answer = await bea.taps_data(f"wasme:{await _announcement_of(live, told)}", on=told)
    assert "ya respondió" in answer["text"]
    seen = len(await carla.reads())
    await carla.says("Tickets de empresa")
    await carla.logs_in(ANDINA, ANDINA_PASSWORD)
    new = " ".join(said.text + " ".join(said.buttons) for said in (await carla.reads())[seen:])
    assert "detenido para Comercial Andina" in new
    assert "Secreto" not in new

    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:
        await vera.browser.opens("/")
        assert "Ada no reconoce el teléfono de Carla" in vera.browser.text
        await vera.browser.opens(f"/companies/{ANDINA}")
        await vera.browser.sends("/unfreeze")
        await live.settle()
        assert "no reconoce" not in vera.browser.text
    assert "Ya puede ver Comercial Andina otra vez" in (await carla.last()).text
    async with live.database.read() as session:
        assert {"announcement.denied", "person.unfrozen"} <= set(await session.scalars(select(AuditEntry.action)))


async def _announcement_of(live: LiveDesk, told) -> str:
    data = told.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    return str(data.partition(":")[2])


async def test_a_newcomer_cannot_stop_who_was_there_before(live: LiveDesk, ada: Customer, bea: Customer):
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    await ada.says(ANDINA_PASSWORD)
    await ada.says("un paraguas verde")
    await bea.taps("No fui yo", on=await bea.finds("Ada cambió la contraseña"))
    assert (await binding_of(live, ada, ANDINA)).frozen_at is None
    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:
        await vera.browser.opens("/")
        assert "Bea no reconoce el cambio de contraseña de Ada" in vera.browser.text
        await vera.browser.opens(f"/companies/{ANDINA}")
        await vera.browser.sends("/handled")
        await vera.browser.opens("/")
        assert "no reconoce" not in vera.browser.text


async def test_phones_are_listed_put_in_charge_and_removed(live: LiveDesk, ada: Customer, bea: Customer, tom: Staff):
    number = await bea.opens_ticket("No imprime")
    await ada.says("Preferencias")
    await ada.taps("Teléfonos")
    listed = (await ada.last()).text
    for words in ("Ada · este teléfono · persona de contacto", "Bea", "con la contraseña", "Visto por última vez"):
        assert words in listed
    await ada.taps("Contacto: Bea")
    assert "persona de contacto" in (await bea.last()).text
    await _waits_for(live, bea, number)
    await ada.taps("Quitar a Bea")
    await ada.taps("Sí, quitar")
    assert "Ada quitó este teléfono de Comercial Andina" in (await bea.last()).text
    assert "Bea" not in (await ada.last()).text
    said = len(await bea.reads())
    await tom.replies(number, "¿Sigue ahí?")
    assert len(await bea.reads()) == said
    assert "No ha iniciado sesión" in (await bea.taps("Ver ticket"))["text"]
    async with live.database.read() as session:
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert company is not None
        assert company.contact_person_id is None


async def _waits_for(live: LiveDesk, customer: Customer, number: int) -> None:
    """A push that would go in an hour, and holds up what comes after it in the chat."""
    async with live.database.write() as session:
        ticket = await by_number(session, number)
        payload = {"text": "SECRETO EN CAMINO"}
        row = await outbox.put(
            session, customer.id, "sendMessage", payload, about=outbox.Subject(ticket_id=ticket.id)
        )
        row.due_at = now() + timedelta(hours=1)


async def test_the_desk_removes_a_phone_with_a_reason(live: LiveDesk, ada: Customer):
    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:
        await vera.browser.opens(f"/companies/{ANDINA}")
        await vera.browser.sends("/revoke", reason=" ")
        assert vera.browser.status == 422
        await vera.browser.sends("/revoke", reason="Ya no trabaja ahí")
        await live.settle()
        assert "El teléfono se quitó" in vera.browser.text
    assert "quitó este teléfono de Comercial Andina" in (await ada.last()).text
    assert "No ha iniciado sesión" in (await ada.taps_data("list:company:open"))["text"]
