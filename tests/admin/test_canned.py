"""What is said often: written down once, put into an answer with the customer's names."""

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect
from sqlalchemy import update

from core.actions import canned
from core.actions.canned import Wording
from core.models import AuditEntry, CannedAnswer, Person, Technician
from core.rules.canned import fill, unknown
from core.rules.permissions import Role
from core.rules.services import Service
from tests.admin.test_in_chromium import address, backend
from tests.admin.test_in_chromium import log_in as enter
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser"]  # fixtures of the neighbours

GREETING = Wording(
    "Saludo", "saludo", {"es": "Hola, {{cliente}} de {{empresa}}. Soy {{tecnico}} ({{ticket}}).", "en": "Hello."}
)


@pytest.fixture
async def ticket(desk):
    company = await desk.registers()
    return await desk.receives(company, await desk.greets(company))


@pytest.fixture
async def offered(desk):
    """What the desk says often."""
    boss = await desk.employ("root", Role.ADMINISTRATOR)
    async with desk.database.write() as session:
        actor = await session.get_one(Technician, boss.id)
        await canned.add(session, actor, GREETING)
        await canned.add(session, actor, Wording("Plan", "plan", {"es": "Va al plan."}, Service.DEVELOPMENT))
        await canned.add(session, actor, Wording("Viejo", "viejo", {"es": "No."}, is_enabled=False))


def test_only_what_is_a_variable_is_filled():
    assert fill("{{ Cliente }} {{otro}} {cliente}", {"cliente": "Ada"}) == "Ada {{otro}} {cliente}"
    assert unknown("{{cliente}} {{otro}}") == ["otro"]


async def test_an_answer_is_put_in_with_the_names_and_nothing_typed_is_lost(desk, tom, ticket, offered):
    await tom.opens(f"/tickets/{ticket.number}")
    (chosen,) = [value for value in tom.form("/reply").choices["canned"] if value]
    await tom.sends(
        "/reply",
        files=[("nota.txt", b"x", "text/plain")],
        to=f"/tickets/{ticket.number}/canned",
        text="Uno.",
        canned=chosen,
    )
    assert tom.form("/reply").fields["text"] == "Uno.\nHola, Ada de Ferretería Ada. Soy Tom (#1001)."
    assert "nota.txt" in tom.text
    await tom.sends("/reply")
    assert (await desk.articles(ticket))[-1].text.startswith("Uno.\nHola, Ada")
    assert "nota.txt" in tom.text


async def test_a_customer_who_reads_english_gets_english(desk, tom, ticket, offered):
    async with desk.database.write() as session:
        await session.execute(update(Person).values(language="en"))
    await tom.opens(f"/tickets/{ticket.number}")
    assert 'data-text="Hello."' in tom.answer.text


async def test_a_supervisor_adds_previews_changes_and_disables(desk, log_in):
    sofia = await log_in("sofia", Role.SUPERVISOR)
    await sofia.opens("/settings/canned")
    typed = {"title": "Adiós", "shortcut": "/adios", "text_es": "Gracias, {{cliente}}."}
    await sofia.sends("/settings/canned", **typed, preview="1")
    assert "Gracias, Ada." in sofia.text
    assert await desk.all_of(CannedAnswer) == []
    await sofia.sends("/settings/canned", **typed | {"text_es": "Gracias, {{nombre}}."})
    assert (sofia.status, "No existe la variable «{{nombre}}»" in sofia.text) == (422, True)
    await sofia.sends("/settings/canned", **typed)
    (answer,) = await desk.all_of(CannedAnswer)
    assert (answer.shortcut, answer.texts, answer.is_enabled) == ("adios", {"es": "Gracias, {{cliente}}."}, True)

    await sofia.opens(f"/settings/canned/{answer.id}")
    stale = sofia.answer
    fields = sofia.form(f"/{answer.id}").fields
    fields.pop("is_enabled")
    await sofia.client.post(f"/settings/canned/{answer.id}", data=fields, headers={"Origin": sofia.origin})
    assert not (await desk.all_of(CannedAnswer))[0].is_enabled
    sofia.answer = stale
    await sofia.sends(f"/{answer.id}", title="Otro")
    assert (sofia.status, "Estado: antes «Se ofrece», ahora «No se ofrece»." in sofia.text) == (409, True)
    assert sofia.form(f"/{answer.id}").fields["title"] == "Otro"
    await sofia.sends(f"/{answer.id}")
    assert [(entry.action, entry.object) for entry in (await desk.all_of(AuditEntry))[1:]] == [
        ("canned_answer.added", f"canned answer {answer.id}"),
        ("canned_answer.changed", f"canned answer {answer.id}"),
        ("canned_answer.changed", f"canned answer {answer.id}"),
    ]


async def test_a_shortcut_and_a_blank_are_enough(browser: Chromium, address, desk, ticket, offered):
    await desk.employ("tom")
    page = await enter(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    area = page.get_by_label("Respuesta", exact=True)
    await area.press_sequentially("/nada /saludo ¿Me oye?")
    await expect(area).to_have_value("/nada Hola, Ada de Ferretería Ada. Soy Tom (#1001). ¿Me oye?")
    await area.fill("Fin")
    await area.press("Home")
    await page.get_by_label("Plantillas").select_option(label="Saludo · /saludo")
    await page.get_by_role("button", name="Insertar").click()
    await expect(area).to_have_value("Hola, Ada de Ferretería Ada. Soy Tom (#1001).Fin")
