"""A desk in the middle of a working day: companies, tickets in every state, money, and some trouble."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from admin.routes import PAGES
from core.actions import (
    calls,
    canned,
    closing,
    drafts,
    imports,
    invitations,
    pending,
    purchases,
    subscriptions,
    tickets,
    uploads,
)
from core.actions.canned import Wording
from core.actions.content import TELEGRAM_DOWNLOAD_LIMIT, Content, Home, IncomingFile, attach
from core.actions.desk import remember_username
from core.clock import now
from core.messaging import outbox
from core.models import (
    Alarm,
    Channel,
    Company,
    DeliveryAttempt,
    DeliveryState,
    FileKind,
    OutboxRow,
    Person,
    Technician,
    Urgency,
)
from core.queries.tickets import by_number
from core.rules.alarms import AlarmKind, Level
from core.rules.calls import CallOutcome
from core.rules.closures import Closure, ClosureRequest
from core.rules.permissions import Role
from core.rules.roster import read
from core.rules.services import Service
from core.rules.states import State
from core.rules.webhooks import Happening
from tests.admin.desk import Desk

SUBJECTS = (
    ("No imprime facturas", "Desde ayer la factura sale en blanco. Ya reinicié la impresora y sigue igual."),
    ("El ATS de octubre no cuadra", "El anexo da un valor distinto al de la declaración, adjunto la captura."),
    ("No abre el módulo de inventario", "Sale «error 3021» al entrar. Necesito revisar el kardex antes del cierre."),
    ("La firma electrónica caducó", "Compré la firma nueva, ¿cómo la cargo en el sistema?"),
    ("Nuevo reporte de ventas por vendedor", "Queremos un reporte mensual por vendedor y por sucursal."),
    ("Respaldo automático", "¿El respaldo de la noche se hizo? No veo el archivo en la carpeta."),
)
COMPANIES = (
    ("0992345678001", "Comercial Andina"),
    ("1790012345001", "Ferretería El Tornillo"),
    ("0190087654001", "Importadora y Distribuidora Hermanos Vintimilla Cía. Ltda."),
)


ENDLESS = {"/live"}  # an answer that goes on for as long as the page is open


@dataclass(frozen=True)
class Filled:
    """What the addresses of the pages need."""

    company: Company
    technician: Technician
    open_number: int
    closed_number: int
    import_id: int
    upload: str  # the token of a customer's link


def addresses(filled: Filled) -> Mapping[str, str]:
    """Where everything is that a link can lead to, by its path in the table of pages."""
    known = {"ruc": filled.company.ruc, "number": str(filled.open_number), "id": str(filled.technician.id)}
    known |= {"name": "first-welcome", "token": filled.upload}
    return {
        page.path: re.sub(r"\{(\w+)(:\w+)?\}", lambda found: known.get(found[1], "1"), page.path)
        for page in PAGES
        if page.method == "GET" and page.path not in ENDLESS
    }


async def fill(desk: Desk) -> Filled:
    tom, dora = await desk.employ("tom", Role.ADMINISTRATOR), await desk.employ("dora", is_development=True)
    await desk.employ("vera", Role.SUPERVISOR)
    numbers = []
    for place, (ruc, name) in enumerate(COMPANIES):
        company = await desk.registers(ruc, name, phones=["+593991234567"], purchased_minutes=600 - 300 * place)
        ada = await desk.greets(company, ("Ada", "Bruno", "Carla")[place], 501 + place, verified=place != 1)
        for nth, (subject, text) in enumerate(SUBJECTS):
            service = Service.DEVELOPMENT if "reporte" in subject else Service.SUPPORT
            moment = now() - timedelta(hours=3 + 7 * nth, minutes=11 * place)
            ticket = await desk.receives(company, ada, subject, text, at=moment, service=service, verified=place != 1)
            numbers.append(ticket.number)
    for number in numbers[::2]:
        await _answer(desk, tom, number)
    await _wait(desk, tom, dora, numbers[4])
    for number, closure in zip(
        numbers[6:9], (Closure.INVOICED, Closure.WARRANTY, Closure.IMPLEMENTATION), strict=True
    ):
        await _close(desk, tom, number, closure)
    await _trouble(desk, tom, numbers[0])
    await _say_often(desk, tom)
    await _tell_programs(desk, tom)
    company = (await desk.ticket(numbers[0])).company
    return Filled(company, tom, numbers[0], numbers[6], await _list(desk, tom), await _awaited(desk, company))


async def _say_often(desk: Desk, tom: Technician) -> None:
    async with desk.database.write() as session:
        texts = {"es": "Hola, {{cliente}}. Soy {{tecnico}} y ya estoy revisando {{ticket}}.", "en": ""}
        await canned.add(session, await session.get_one(Technician, tom.id), Wording("Saludo", "saludo", texts))


async def _tell_programs(desk: Desk, tom: Technician) -> None:
    """One webhook, with a call that failed and one that waits."""
    async with desk.database.write() as session:
        tom, vault = await session.get_one(Technician, tom.id), subscriptions.vault_of(b"k" * 32)
        url, events = "https://erp.example.org/ventanilla", list(Happening)[:2]
        subscription, _ = await subscriptions.add(session, tom, url=url, events=events, vault=vault)
        for _ in range(2):
            await subscriptions.test(session, tom, subscription)
    async with desk.database.write() as session:
        row = await session.scalar(select(OutboxRow).where(OutboxRow.channel == Channel.WEBHOOK).limit(1))
        row.state, row.error, row.attempts = DeliveryState.DEAD, "HTTP 404", 8


async def _awaited(desk: Desk, company: Company) -> str:
    """A file that is too large for Telegram: the token of the link by which it may come."""
    async with desk.database.write() as session:
        ada = await session.scalar(select(Person).where(Person.telegram_id == 501))
        size = TELEGRAM_DOWNLOAD_LIMIT + 1
        file = IncomingFile(FileKind.DOCUMENT, "F", "respaldo.zip", "application/zip", size)
        draft = await drafts.start(session, ada)
        await attach(session, Content(chat_id=501, message_id=7, file=file), Home(draft_id=draft.id))
        given = replace(desk.office, upload_url="http://127.0.0.1")
        address = await uploads.offer(session, ada, company.id, message_id=7, office=given)
        return (address or "").rpartition("/")[2]


async def _list(desk: Desk, tom: Technician) -> int:
    """A list of companies with good lines, one the desk has, and wrong ones."""
    content = (
        "ruc;nombre;correos;telefonos;minutos\n1790016919001;Corporación Favorita;pagos@favorita.ec;0991234567;120\n"
        f"{COMPANIES[0][0]};{COMPANIES[0][1]};;;\n992345678001;Sin cero;;;\n1790085783001;;a@;12;x\n"
        "1790012345009;Panadería Sol;;022996500;\n"
    )
    async with desk.database.write() as session:
        tom = await session.get_one(Technician, tom.id)
        lines = read(content.encode())
        return (await imports.keep(session, tom, file_name="empresas.csv", lines=lines, submission="filled")).id


async def _answer(desk: Desk, tom: Technician, number: int) -> None:
    async with desk.database.write() as session:
        tom = await session.get_one(Technician, tom.id)
        ticket = await by_number(session, number)
        await tickets.take(session, tom, ticket, office=desk.office)
        text = "Buenos días, ya lo reviso. ¿Me puede mandar una captura de la pantalla?"
        await tickets.reply(session, tom, ticket, text=text, office=desk.office)
        await tickets.note(session, tom, ticket, text="Es la versión 8.2, falta el parche de septiembre.")
        outcome, phone = CallOutcome.NO_ANSWER, "+593991234567"
        await calls.log_call(session, tom, ticket, outcome=outcome, phone=phone, office=desk.office)
        await tickets.log_time(session, tom, ticket, minutes=10, note="Revisión por teléfono")


async def _wait(desk: Desk, tom: Technician, dora: Technician, number: int) -> None:
    async with desk.database.write() as session:
        tom = await session.get_one(Technician, tom.id)
        ticket = await by_number(session, number)
        moment = now() + timedelta(days=3)
        await pending.set_pending(session, tom, ticket, remind_at=moment, responsible=dora, office=desk.office)


async def _close(desk: Desk, tom: Technician, number: int, closure: Closure) -> None:
    async with desk.database.write() as session:
        tom = await session.get_one(Technician, tom.id)
        ticket = await by_number(session, number)
        if ticket.state is State.NEW:
            await tickets.take(session, tom, ticket, office=desk.office)
        request = ClosureRequest(closure, "Falta el parche", "Se instaló el parche y se probó con el cliente.", 75)
        await closing.close(session, tom, ticket, request, office=desk.office)


async def _trouble(desk: Desk, tom: Technician, number: int) -> None:
    async with desk.database.write() as session:
        tom = await session.get_one(Technician, tom.id)
        ticket = await by_number(session, number)
        await purchases.buy(session, tom, ticket.company, minutes=300, reference="001-001-000123456")
        await remember_username(session, "ventanilla_bot")
        await invitations.invite(session, tom, ticket.company)
        for state, error in ((DeliveryState.DEAD, "Bad Request: message is too long"), (DeliveryState.PARKED, None)):
            about = outbox.Subject(ticket_id=ticket.id)
            row = await outbox.put(session, 501, "sendMessage", {"text": "hola"}, urgency=Urgency.NEWS, about=about)
            row.state, row.error, row.attempts = state, error, 1
            session.add(DeliveryAttempt(outbox_id=row.id, started_at=now(), outcome="doubtful", detail=error))
        moment = now()
        session.add(
            Alarm(
                kind=AlarmKind.BACKUP_OLD,
                level=Level.WARNING,
                since=moment,
                detail={},
                opened_at=moment,
                seen_at=moment,
            )
        )
