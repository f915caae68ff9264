"""Texts in the desk's own words: previewed, saved, refused where they would lose something, and taken back."""

import pytest
from sqlalchemy import select

from core.models import AuditEntry, DeskText
from core.queries import texts
from core.rules.permissions import Role
from core.rules.texts import Text

WELCOME = "/settings/texts/first-welcome"


async def rows(database) -> list[DeskText]:
    async with database.read() as session:
        return list((await session.scalars(select(DeskText))).all())


async def said(database, office, text: Text, language: str, **values: object) -> str:
    async with database.read() as session:
        return await texts.said(session, text, office.translators[language], **values)


async def test_the_welcome_is_written_anew_and_customers_read_it_so(desk, database, office, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens("/settings/texts")
    assert "Le damos la bienvenida, Comercial Andina." in boss.text
    await boss.opens(WELCOME)
    own = "¡Hola, {company}!\nEscríbanos cuando quiera."
    await boss.sends("first-welcome", es=own, to=f"{WELCOME}/preview")
    assert "¡Hola, Comercial Andina! Escríbanos cuando quiera." in boss.text
    assert await rows(database) == [], "a preview saves nothing"
    await boss.sends("first-welcome", es=own)
    assert "El texto está guardado" in boss.text
    assert await said(database, office, Text.FIRST_WELCOME, "es", company="100% Ñandú {desk}") == (
        "¡Hola, 100% Ñandú {desk}!\nEscríbanos cuando quiera."
    )
    english = await said(database, office, Text.FIRST_WELCOME, "en", company="Ada")
    assert english.startswith("Welcome, Ada.")
    (row,) = await rows(database)
    assert row.language == "es", "what is as we have it is not kept"

    await boss.sends("first-welcome", to=f"{WELCOME}/reset")
    assert (await said(database, office, Text.FIRST_WELCOME, "es", company="Ada")).startswith(
        "Le damos la bienvenida, Ada."
    )
    entries = [entry for entry in await desk.all_of(AuditEntry) if entry.object == "settings text first-welcome"]
    assert [list(entry.data["changes"]) for entry in entries] == [["es"], ["es"]]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Hola, escríbanos.", "{company} debe estar en algún lugar del texto."),
        ("Hola {company}, su saldo es {saldo}.", "no hay con qué llenar {saldo}"),
        ("{company}" + "x" * 600, "Como máximo 600 caracteres."),
    ],
)
async def test_a_text_that_would_lose_something_comes_back_as_typed(desk, log_in, words, reason):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens(WELCOME)
    await boss.sends("first-welcome", es=words)
    assert boss.status == 422
    assert reason in boss.text
    assert boss.form("first-welcome").fields["es"] == words
    await boss.opens("/settings/texts/nada")
    assert boss.status == 404
