"""The small desk of a first visit: two companies, three technicians, people to play."""

from bot.demonstration_answers import ANSWERS
from bot.simulator import Character
from core import passwords
from core.actions import canned, companies, staff, tickets
from core.db import WriteSession
from core.models import Company, Technician
from core.render.office import Office
from core.rules.permissions import Role
from core.rules.services import Service

PASSWORD = "ventanilla"  # noqa: S105 - printed at every start of the demonstration
ANDINA, ANDINA_PASSWORD = "0992345678001", "cuaderno-azul"
TORNILLO = "1790012345001"

CHARACTERS = (
    Character(
        id=2001,
        first_name="Ada",
        last_name="Loor",
        username="ada_loor",
        phone="+593991234567",
        language_code="es",
        note=f"Comercial Andina. RUC {ANDINA}, contraseña {ANDINA_PASSWORD}.",
    ),
    Character(
        id=2002,
        first_name="Bruno",
        last_name="Paredes",
        username="bruno_paredes",
        phone="+593987654321",
        language_code="es",
        note=f"Ferretería El Tornillo. RUC {TORNILLO}, contraseña: el mismo RUC. Puede compartir su número.",
    ),
    Character(
        id=2003,
        first_name="Eva",
        last_name="Mora",
        username="eva_mora",
        phone="+593960000000",
        language_code="es",
        note="No es cliente: a ver qué alcanza a ver.",
    ),
)


async def fill(session: WriteSession, *, office: Office) -> None:
    """Companies, technicians and one ticket, on an empty database."""
    password_hash = await passwords.hash_password(PASSWORD)
    ana = await staff.add_technician(
        session, username="ana", name="Ana Vera", role=Role.ADMINISTRATOR, password_hash=password_hash
    )
    tom = await staff.add_technician(session, username="tom", name="Tomás Ruiz", password_hash=password_hash)
    await staff.add_technician(
        session, username="dora", name="Dora Castillo", password_hash=password_hash, is_development=True
    )
    andina = await companies.register(
        session,
        None,
        ruc=ANDINA,
        name="Comercial Andina",
        emails=["contabilidad@andina.example"],
        phones=["+593991234567"],
        purchased_minutes=600,
    )
    andina.password_hash = await passwords.hash_password(ANDINA_PASSWORD)
    tornillo = await companies.register(
        session,
        None,
        ruc=TORNILLO,
        name="Ferretería El Tornillo",
        emails=["gerencia@eltornillo.example"],
        phones=["+593987654321", "+59322345678"],
        purchased_minutes=0,
    )
    for wording in ANSWERS:
        await canned.add(session, ana, wording)
    await _first_ticket(session, tom, tornillo, office=office)


async def _first_ticket(session: WriteSession, tom: Technician, company: Company, *, office: Office) -> None:
    await tickets.open_for_customer(
        session,
        tom,
        company=company,
        service=Service.SUPPORT,
        product="SaciJava",
        subject="El inventario no cuadra con el kardex",
        text="Llamó el gerente: el inventario de marzo no cuadra con el kardex. Vamos a revisarlo juntos.",
        office=office,
    )
