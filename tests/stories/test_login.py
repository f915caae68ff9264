"""From a RUC to what one may see."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core import passwords
from core.clock import now
from core.models import Binding, Company, Conversation, Draft, LoginFailure, ResetRequest
from core.rules.identity import Level
from core.rules.permissions import Role
from tests.desk import Customer, LiveDesk
from tests.stories.conftest import ADA_PHONE, ANDINA, ANDINA_PASSWORD, TORNILLO


async def level_of(live: LiveDesk) -> list[Level]:
    async with live.database.read() as session:
        return list((await session.scalars(select(Binding.level).where(Binding.ended_at.is_(None)))).all())


async def test_a_password_of_ones_own_verifies_and_welcomes_in_words_for_beginners(live: LiveDesk):
    ada = await live.customer("Ada", "+593990000001")
    await ada.says("/start")
    assert "RUC" in (await ada.last()).text
    await ada.says("099 234 567-8001")
    assert "Olvidé mi contraseña" in (await ada.last()).buttons
    await ada.says(ANDINA_PASSWORD)

    assert await level_of(live) == [Level.VERIFIED]
    assert "Todavía no tiene tickets" in (await ada.last()).text
    menu = ["Nuevo ticket", "Mis tickets", "Tickets de empresa", "Buscar", "Preferencias", "Salir"]
    assert await ada.keyboard() == menu


async def test_the_message_with_the_password_disappears_and_is_kept_nowhere(live: LiveDesk, backend: str):
    ada = await live.customer("Ada", "+593990000001")
    await ada.logs_in(ANDINA, ANDINA_PASSWORD)

    typed = [message for message in (await ada.chat())["messages"] if not message["from_bot"]]
    assert typed[-1]["deleted"]
    if backend == "sqlite":
        stored = b"".join(path.read_bytes() for path in live.folder.glob("*.db*"))
        assert b"Comercial Andina" in stored
        assert ANDINA_PASSWORD.encode() not in stored


async def test_the_public_ruc_identifies_and_the_own_phone_verifies(live: LiveDesk):
    bruno = await live.customer("Bruno", "+593987654321")
    await bruno.logs_in(TORNILLO, TORNILLO)
    assert await level_of(live) == [Level.IDENTIFIED]
    assert await bruno.keyboard() == ["Compartir mi número"]
    assert "Continuar sin verificar" in (await bruno.last()).buttons

    await bruno.presses("Compartir mi número")
    assert await level_of(live) == [Level.VERIFIED]


@pytest.mark.parametrize(
    "contact",
    [
        pytest.param({"contact": {"phone_number": "+593987654321", "first_name": "Bruno"}}, id="typed by hand"),
        pytest.param(
            {"contact": {"phone_number": "+593987654321", "first_name": "Bruno", "user_id": 99}}, id="somebody else's"
        ),
    ],
)
async def test_a_number_that_is_not_ones_own_proves_nothing(live: LiveDesk, contact: dict[str, object]):
    eve = await live.customer("Eve", "+593960000000")
    await eve.logs_in(TORNILLO, TORNILLO)
    await live.sim(f"/sim/chats/{eve.id}/messages", contact)
    await live.settle()

    assert await level_of(live) == [Level.IDENTIFIED]
    assert "no consta en la ficha" in (await eve.last()).text


async def test_unknown_ruc_and_wrong_password_sound_the_same(live: LiveDesk):
    eve = await live.customer("Eve", "+593960000000")
    await eve.logs_in("0190000001001", "0190000001001")
    unknown = (await eve.last()).text
    await eve.says(ANDINA)
    await eve.says(ANDINA)
    assert (await eve.last()).text == unknown
    assert await level_of(live) == []


async def test_guessing_is_slowed_down(live: LiveDesk):
    eve = await live.customer("Eve", "+593960000000")
    await eve.says("/start")
    for guess in range(5):
        await eve.says(ANDINA)
        await eve.says(f"adivino {guess}")
    await eve.says(ANDINA)
    await eve.says(ANDINA_PASSWORD)
    assert "Demasiados intentos" in (await eve.last()).text
    assert await level_of(live) == []


async def test_a_forgotten_password_reaches_the_desk_without_telling_whether_the_ruc_exists(live: LiveDesk):
    eve = await live.customer("Eve", "+593960000000")
    answers = []
    for ruc in ("0190000001001", ANDINA):
        await eve.says("/start")
        await eve.says(ruc)
        await eve.taps("Olvidé mi contraseña")
        answers.append((await eve.last()).text)
    assert answers[0] == answers[1]
    async with live.database.read() as session:
        assert set(await session.scalars(select(ResetRequest.ruc))) == {"0190000001001", ANDINA}


async def test_a_verified_customer_changes_the_password_and_it_counts(live: LiveDesk, ada: Customer):
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    await ada.says(ANDINA_PASSWORD)
    await ada.says(ANDINA)
    assert "no puede ser el RUC" in (await ada.last()).text
    await ada.says("un paraguas verde")
    assert "Se cambió la contraseña" in (await ada.last()).text

    eve = await live.customer("Eve", "+593960000000")
    await eve.logs_in(ANDINA, ANDINA_PASSWORD)
    assert "no son correctos" in (await eve.last()).text
    await eve.says(ANDINA)
    await eve.says("un paraguas verde")
    assert "En qué le ayudamos" in (await eve.last()).text or "Todavía no tiene tickets" in (await eve.last()).text


async def test_who_left_the_change_of_password_writes_to_the_desk_again(live: LiveDesk, ada: Customer):
    for steps in ([], [ANDINA_PASSWORD]):
        await ada.says("Preferencias")
        await ada.taps("Cambiar contraseña")
        for words in steps:
            await ada.says(words)
        await _hours_go_by(live)
        said = await ada.says("Ya reinicié y sigue el error 52")
        assert "¿A qué ticket corresponde?" in (await ada.last()).text
        assert said in await _left_in(ada)
    async with live.database.read() as session:
        company = await session.scalar(select(Company).where(Company.ruc == ANDINA))
        assert company is not None
        assert await passwords.matches(ANDINA_PASSWORD, company.password_hash)


async def test_a_file_is_no_password_and_what_follows_still_is_one(live: LiveDesk, ada: Customer):
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    await ada.sends("captura.png")
    assert "¿A qué ticket corresponde?" in (await ada.finds("corresponde")).text
    assert "Eso no es una contraseña" in (await ada.last()).text
    said = await ada.says("una que no es")
    assert "no es la contraseña actual" in (await ada.last()).text
    assert said not in await _left_in(ada)
    async with live.database.read() as session:
        assert "una que no es" not in " ".join(await session.scalars(select(Draft.text)))


async def test_a_password_typed_after_the_phone_was_removed_is_not_kept(live: LiveDesk, ada: Customer):
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    async with live.employee("vera", "Vera", Role.SUPERVISOR) as vera:
        await vera.browser.opens(f"/companies/{ANDINA}")
        await vera.browser.sends("/revoke", reason="Ya no trabaja ahí")
        await live.settle()
    said = await ada.says("cuaderno azul de tapas duras")
    assert "escriba sus 13 dígitos" in (await ada.last()).text
    assert said not in await _left_in(ada)
    async with live.database.read() as session:
        assert (await session.scalars(select(Draft))).all() == []


async def _hours_go_by(live: LiveDesk) -> None:
    async with live.database.write() as session:
        await session.execute(update(Conversation).values(updated_at=now() - timedelta(hours=2)))


async def _left_in(customer: Customer) -> set[int]:
    return {message["message_id"] for message in (await customer.chat())["messages"] if not message["deleted"]}


async def test_strangers_who_guess_do_not_make_the_right_password_wrong(live: LiveDesk, ada: Customer):
    async with live.database.write() as session:
        guesses = [LoginFailure(chat_id=7000 + n, ruc=ANDINA, at=now(), from_verified=False) for n in range(10)]
        session.add_all(guesses)
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    await ada.says(ANDINA_PASSWORD)
    assert "Escriba la contraseña nueva" in (await ada.last()).text


async def test_who_guesses_the_old_password_is_told_to_wait(ada: Customer):
    await ada.says("Preferencias")
    await ada.taps("Cambiar contraseña")
    for guess in range(5):
        await ada.says(f"adivino {guess}")
        assert "no es la contraseña actual" in (await ada.last()).text
    await ada.says(ANDINA_PASSWORD)
    assert "Demasiados intentos" in (await ada.last()).text


async def test_an_unverified_phone_cannot_change_the_password(eve: Customer):
    await eve.says("/preferencias")
    settings = ["Idioma", "Horas de silencio", "Contenido de los avisos"]
    assert (await eve.last()).buttons == ["Verificar este teléfono", *settings, "Empresas", "Salir"]


async def test_after_logging_out_nothing_is_pushed_any_more(live: LiveDesk, ada: Customer, tom):
    number = await ada.opens_ticket("No imprime facturas")
    await ada.says("Salir")
    said = len(await ada.reads())
    await tom.replies(number, "¿Sigue ahí?")
    assert len(await ada.reads()) == said
    answer = await ada.taps("Ver ticket")
    assert "No ha iniciado sesión" in answer["text"]


async def test_what_was_typed_before_the_log_in_becomes_the_first_draft(live: LiveDesk):
    ada = await live.customer("Ada", ADA_PHONE)
    await ada.says("La impresora fiscal no responde desde el lunes")
    await ada.says(ANDINA)
    await ada.says(ANDINA_PASSWORD)
    card = await ada.last()
    assert "La impresora fiscal no responde desde el lunes" in card.text
    assert "Soporte Técnico" in card.buttons


async def test_everything_leads_a_stranger_to_the_log_in(live: LiveDesk):
    eve = await live.customer("Eve", "+593960000000")
    for words in ("/mis", "Nuevo ticket", "/empresa", "hola"):
        await eve.says(words)
        assert "RUC" in (await eve.last()).text
