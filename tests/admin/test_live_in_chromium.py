"""New work appears by itself in a real browser, and what one reads or writes stays where it is."""

from datetime import timedelta
from functools import partial

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from core.actions import imports, tickets
from core.clock import now
from core.models import Company, DeliveryState, OutboxRow, Person, StaffSession, Technician
from core.queries.queue import PAGE
from core.queries.tickets import by_number
from core.rules.permissions import Role
from core.rules.roster import read
from tests.admin.test_accessible import found
from tests.admin.test_in_chromium import address, backend, log_in, ticket
from tests.browser.conftest import browser

__all__ = ["address", "backend", "browser", "ticket"]  # fixtures of the neighbours


@pytest.fixture
async def arrives(desk, ticket):
    """Another ticket of the same customer comes in: ``await arrives("subject")``."""
    async with desk.database.read() as session:
        company = await session.get_one(Company, ticket.company_id)
        ada = await session.get_one(Person, ticket.opened_by_id)
    return partial(desk.receives, company, ada)


async def test_a_new_ticket_slides_in_and_does_not_move_what_one_reads(browser: Browser, address, arrives):
    context = await browser.new_context(viewport={"width": 1280, "height": 400})
    page = await log_in(context, address)
    await expect(page.locator("#queue-list tbody tr")).to_have_count(1)
    await arrives("Llegó sola")
    await expect(page.get_by_role("link", name="Llegó sola")).to_be_visible()

    link = page.get_by_role("link", name="Llegó sola")
    await link.focus()
    await arrives("Llegó después")
    news = page.get_by_role("button", name="1 novedad – mostrar")
    await expect(news).to_be_visible()
    await expect(page).to_have_title("(1) Tickets · SACI Soporte")
    await expect(page.get_by_role("link", name="Llegó después")).to_have_count(0)
    await expect(link).to_be_focused()
    await news.click()
    await expect(page.get_by_role("link", name="Llegó después")).to_be_visible()
    await expect(page).to_have_title("Tickets · SACI Soporte")


async def test_ticks_that_came_back_with_a_refused_form_outlast_news(browser: Browser, address, arrives, ticket):
    page = await log_in(await browser.new_context(), address)
    tick = page.get_by_role("checkbox", name=f"Marcar #{ticket.number}", exact=True)
    await tick.check()
    await page.get_by_role("button", name="Asignar", exact=True).click()
    await expect(page.get_by_text("Elija a alguien que atienda tickets.").first).to_be_visible()
    await expect(tick).to_be_checked()
    await arrives("Llegó después")
    await page.get_by_role("button", name="1 novedad – mostrar").click()
    await expect(page.get_by_role("link", name="Llegó después")).to_be_visible()
    await expect(tick).to_be_checked()


async def test_a_page_that_was_offline_says_so_and_catches_up(browser: Browser, address, arrives):
    context = await browser.new_context()
    page = await log_in(context, address)
    await context.set_offline(True)
    await expect(page.get_by_text("Sin conexión")).to_be_visible()
    await arrives("Mientras tanto")
    await context.set_offline(False)
    await expect(page.get_by_role("link", name="Mientras tanto")).to_be_visible()
    await expect(page.get_by_text("Sin conexión")).to_be_hidden()


async def test_the_conversation_grows_beside_an_answer_being_written(browser: Browser, address, desk, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    answer = page.get_by_label("Respuesta")
    await answer.fill("Estoy escri")
    top = "field => field.getBoundingClientRect().top"
    before = await answer.evaluate(top)
    sofia = await desk.employ("sofia")
    async with desk.database.write() as session:
        who, what = await session.get_one(Technician, sofia.id), await by_number(session, ticket.number)
        await tickets.reply(session, who, what, text="Ya lo estoy viendo yo.", office=desk.office)
    await expect(page.get_by_text("Ya lo estoy viendo yo.")).to_be_visible()
    await expect(page.locator("#ticket-head").get_by_text("Abierto")).to_be_visible()
    async with desk.database.write() as session:
        await session.execute(update(OutboxRow).values(state=DeliveryState.SENT, sent_at=now()))
    await expect(page.get_by_text("enviado").first).to_be_visible()
    await expect(answer).to_have_value("Estoy escri")
    await expect(answer).to_be_focused()
    assert abs(await answer.evaluate(top) - before) <= 1, "the field one writes in stays where it is"


async def test_the_end_of_the_log_in_is_said(browser: Browser, address, ticket):
    context = await browser.new_context()
    page = await log_in(context, address)
    other = await context.new_page()
    await other.goto(f"{address}/tickets/{ticket.number}")
    await page.locator("details.menu summary").click()
    await page.get_by_role("button", name="Salir").click()
    await expect(other.get_by_text("Su sesión terminó.")).to_be_visible()
    await expect(other.get_by_role("link", name="Entrar de nuevo")).to_be_visible()


async def test_who_is_about_to_be_logged_out_reads_it_and_goes_on(browser: Browser, address, desk, ticket):
    context = await browser.new_context()
    page = await log_in(context, address)
    await page.goto(f"{address}/tickets/{ticket.number}")
    answer, said = page.get_by_label("Respuesta"), page.get_by_role("status").filter(has_text="Su sesión termina")
    go_on = said.get_by_role("button", name="Seguir conectado")
    await answer.fill("Estoy escri")
    await expect(page.get_by_text("Borrador de")).to_be_visible()  # that it is kept counts as use
    for with_button in (True, False):
        async with desk.database.write() as session:
            await session.execute(update(StaffSession).values(seen_at=now() - timedelta(minutes=28, seconds=30)))
        await expect(said).to_contain_text("porque nadie está usando el panel.")
        if with_button:
            assert await found(page, within=".live-state") == []
            await go_on.click()
        else:
            assert (await context.request.get(f"{address}/account")).ok  # as another tab does
        await expect(said).to_be_hidden()
    await expect(answer).to_have_value("Estoy escri")
    await expect(answer).to_be_focused()
    (row,) = await desk.all_of(StaffSession)
    assert now() - row.seen_at < timedelta(minutes=1)


async def test_single_keys_do_what_links_and_buttons_do(browser: Browser, address, desk, ticket, arrives):
    await arrives("Otra cosa")
    page = await log_in(await browser.new_context(), address)
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Atajos de teclado")
    await expect(sheet).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.keyboard.press("/")
    await page.keyboard.type("jxo?")
    await expect(page.get_by_label("Buscar en todo")).to_have_value("jxo?")
    await page.locator("#main").click(position={"x": 2, "y": 2})

    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("x")
    await expect(page.get_by_role("checkbox", name=f"Marcar #{ticket.number}", exact=True)).to_be_checked()
    await expect(page.get_by_role("button", name="Tomar los marcados")).to_be_visible()
    await page.keyboard.press("o")
    await expect(page).to_have_url(f"{address}/tickets/{ticket.number}")
    for key, place in (("n", "#note-text"), ("r", "#reply-text")):
        await page.keyboard.press(key)
        await expect(page.locator(place)).to_be_focused()
        await page.keyboard.press(key)
        await expect(page.locator(place)).to_have_value(key)
        await page.locator(place).evaluate("field => field.blur()")
    invoiced = page.get_by_role("radio", name="Cerrado y facturado")
    await invoiced.focus()
    for key in "ctr":
        await page.keyboard.press(key)
        await expect(invoiced).to_be_focused()
    await invoiced.evaluate("field => field.blur()")
    await page.keyboard.press("t")
    await expect(page.get_by_role("button", name="Tomar")).to_be_focused()
    await page.keyboard.press("g")
    await page.keyboard.press("q")
    await expect(page).to_have_url(f"{address}/")


async def test_keys_go_from_ticket_to_ticket_as_they_go_along_the_queue(browser: Browser, address, ticket, arrives):
    following = await arrives("Otra cosa")
    page = await log_in(await browser.new_context(), address)
    await page.goto(f"{address}/?state=new")
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    title = page.get_by_role("heading", level=1)
    await expect(title).to_contain_text(f"#{ticket.number} ")
    await page.keyboard.press("j")
    await expect(title).to_contain_text(f"#{following.number} ")
    await page.keyboard.press("k")
    await expect(title).to_contain_text(f"#{ticket.number} ")
    await page.keyboard.press("k")
    await expect(page).to_have_url(f"{address}/?state=new")


async def test_who_turns_single_keys_off_finds_them_off(browser: Browser, address, ticket):
    page = await log_in(await browser.new_context(), address)
    await page.keyboard.press("?")
    await page.get_by_role("link", name="Apagarlos en Mi cuenta").click()
    await page.get_by_role("checkbox", name="Usar atajos de una sola tecla").uncheck()
    await page.get_by_role("region", name="Atajos de una tecla").get_by_role("button", name="Guardar").click()
    await expect(page.get_by_text("Guardado.")).to_be_visible()
    await expect(page.get_by_role("checkbox", name="Usar atajos de una sola tecla")).not_to_be_checked()

    await page.goto(f"{address}/tickets/{ticket.number}")
    for key in ("?", "r", "j", "g", "q"):
        await page.keyboard.press(key)
    await expect(page).to_have_url(f"{address}/tickets/{ticket.number}")
    await expect(page.locator("#reply-text")).not_to_be_focused()
    await page.locator("details.menu summary").click()
    await page.get_by_role("button", name="Atajos de teclado").click()
    sheet = page.get_by_role("dialog", name="Atajos de teclado")
    await expect(sheet.get_by_text("Ahora están apagados.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


@pytest.fixture
async def desktop(browser: Browser):
    """A browser that allows notifications and remembers them; nobody looks at it."""
    context = await browser.new_context(permissions=["notifications"], viewport={"width": 1280, "height": 400})
    await context.add_init_script(
        """window.told = [];
        window.Notification = class extends EventTarget {
          static permission = "granted";
          static requestPermission = async () => "granted";
          constructor(title, { body }) {
            super();
            window.told.push(`${title}: ${body}`);
            document.documentElement.dataset.told = window.told.join("; ");
          }
        };
        document.hasFocus = () => false;"""
    )
    return context


async def test_new_work_is_told_on_the_desktop_only_when_asked_for(desktop, address, arrives, ticket):
    page = await log_in(desktop, address)
    await arrives("Nadie lo dice")
    await expect(page.get_by_role("link", name="Nadie lo dice")).to_be_visible()
    await page.get_by_role("button", name="Avisarme de lo nuevo").click()
    await expect(page.get_by_role("button", name="Dejar de avisarme")).to_be_visible()
    await arrives("Se avisa")
    await expect(page.locator("html")).to_have_attribute("data-told", "Hay novedades en la lista: Se avisa")

    await page.goto(f"{address}/tickets/{ticket.number}")
    await arrives("También aquí")
    await expect(page.locator("html")).to_have_attribute("data-told", "Hay novedades en la lista: También aquí")


async def test_work_behind_a_full_page_is_told_and_moves_nothing(desktop, address, arrives, ticket):
    for number in range(PAGE):
        await arrives(f"Espera {number}", at=now() - timedelta(hours=1))
    page = await log_in(desktop, address)
    await page.get_by_role("button", name="Avisarme de lo nuevo").click()
    await expect(page.get_by_role("checkbox", name="Con sonido")).to_be_visible()
    line = page.get_by_role("link", name="Espera 9", exact=True)
    await line.focus()
    place = await line.bounding_box()
    await arrives("La última de la fila", at=now())
    news = page.get_by_role("button", name="1 novedad – mostrar")
    await expect(news).to_be_visible()
    await expect(page).to_have_title("(1) Tickets · SACI Soporte")
    await expect(page.locator("html")).to_have_attribute(
        "data-told", "Hay novedades en la lista: La última de la fila"
    )
    assert await line.bounding_box() == place
    await news.click()
    await expect(page.locator("#queue-below")).to_contain_text("La última de la fila")
    await expect(page).to_have_title("Tickets · SACI Soporte")


async def test_the_page_of_an_import_keeps_no_log_in_alive(browser: Browser, address, desk, ticket):
    async with desk.database.write() as session:
        tom = await session.scalar(select(Technician))
        tom.role = Role.ADMINISTRATOR
        lines = read("ruc;nombre\n1790016919001;Corporación Favorita\n".encode())
        kept = await imports.keep(session, tom, file_name="empresas.csv", lines=lines, submission="one")
        await imports.confirm(session, tom, kept)
    page = await log_in(await browser.new_context(), address)
    async with page.expect_request(lambda request: request.headers.get("accept") == "text/html") as asked:
        await page.goto(f"{address}/companies/import/{kept.id}")
    assert (await asked.value).headers.get("x-live") == "1"
