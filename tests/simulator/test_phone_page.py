"""The phone and the mailbox as a person uses them, in a real browser."""

import asyncio
import re

from playwright.async_api import expect
from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from tests.simulator.conftest import ADA, PNG, TOM
from tests.simulator.test_mailbox import post


async def test_the_list_of_people_is_not_wider_than_the_phone(page, bot, control):
    await control.post(f"/sim/chats/{ADA.id}/messages", json={"text": "/start"})
    await bot.send_message(ADA.id, "#1042 · No imprime facturas desde ayer y el cliente espera en la caja " * 2)
    await page.goto("/")
    await expect(page.locator(".who-last", has_text="#1042")).to_be_visible()
    edges = await page.locator(".who-text *").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert max(edges) <= 390


async def test_a_first_conversation(page, bot):
    await bot.set_my_commands([BotCommand("ayuda", "Ayuda")])
    await bot.set_my_description("Atiende sus tickets de soporte.")
    await page.goto("/")
    await page.get_by_role("button", name="Ada Mora").click()
    await expect(page.get_by_text("Atiende sus tickets de soporte.")).to_be_visible()
    await page.get_by_role("button", name="Iniciar").click()
    (update,) = await bot.get_updates(timeout=30)
    assert update.message.text == "/start"

    menu = ReplyKeyboardMarkup([["Nuevo ticket"], [KeyboardButton("Compartir mi número", request_contact=True)]])
    await bot.send_message(ADA.id, "<b>Bienvenida</b> <i>Ada</i> <script>", parse_mode=None, reply_markup=menu)
    await bot.send_message(ADA.id, "<b>Bienvenida</b>, vea /ayuda", parse_mode="HTML")
    await expect(page.locator("strong", has_text="Bienvenida")).to_have_count(1)
    await expect(page.locator(".words", has_text="<b>Bienvenida</b> <i>Ada</i> <script>")).to_be_visible()
    await page.get_by_role("button", name="Nuevo ticket").click()
    await page.get_by_role("button", name="Comandos").click()
    await page.get_by_role("menuitem", name="/ayuda").click()
    await page.get_by_label("Mensaje", exact=True).fill("No imprime")
    await page.keyboard.press("Enter")
    await page.get_by_role("group", name="Teclado del bot").get_by_role("button", name="Compartir mi número").click()
    await page.get_by_role("button", name="Compartir", exact=True).click()
    await expect(page.locator(".out", has_text="+593991000001")).to_be_visible()
    said = [update.message for update in await bot.get_updates(offset=update.update_id + 1)]
    assert [message.text for message in said] == ["Nuevo ticket", "/ayuda", "No imprime", None]
    assert said[-1].contact.user_id == ADA.id


async def test_links_that_open_the_bot_stay_on_the_phone(page, bot, ada):
    await page.goto("/?start=invitacion-1")
    await expect(page.get_by_text("Elija quién lo sigue")).to_be_visible()
    await page.get_by_role("button", name="Ada Mora").click()
    await page.get_by_role("button", name="Abrir", exact=True).click()
    await expect(page.locator(".out", has_text="/start invitacion-1")).to_be_visible()
    await bot.send_message(ADA.id, "Comparta https://t.me/ventanilla_bot?start=t1042")
    await page.get_by_role("button", name="https://t.me/ventanilla_bot?start=t1042").click()
    await expect(page.locator(".out", has_text="/start t1042")).to_be_visible()
    opened = [update.message.text for update in await bot.get_updates()]
    assert opened == ["/start invitacion-1", "/start t1042"]


async def test_taps_edits_and_deletions_are_live(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Enviar", callback_data="enviar")]])
    card = await bot.send_message(ADA.id, "Borrador", reply_markup=keys)
    await page.get_by_role("button", name="Enviar", exact=True).first.click()
    (update,) = await bot.get_updates(timeout=30)
    await update.callback_query.answer("Ticket creado", show_alert=True)
    await expect(page.get_by_role("dialog")).to_contain_text("Ticket creado")
    await page.get_by_role("button", name="Aceptar").click()
    await card.edit_text("Ticket #1042")
    bubble = page.locator(".message", has_text="Ticket #1042")
    await expect(bubble).to_contain_text("editado")
    await expect(page.locator(".inline")).to_have_count(0)
    await bot.send_chat_action(ADA.id, "typing")
    await expect(page.get_by_role("status").first).to_have_text("escribiendo…")
    await card.delete()
    await expect(bubble).to_have_count(0)


async def test_a_message_that_comes_while_the_chat_is_fetched_is_shown(page, bot, ada):
    fetched, told = asyncio.Event(), asyncio.Event()

    async def late(route):
        answer = await route.fetch()
        fetched.set()
        await told.wait()
        await route.fulfill(response=answer)

    await page.route(re.compile(rf"/sim/chats/{ADA.id}\?"), late)
    async with page.expect_response("**/sim/events"):
        await page.goto(f"/?persona={ADA.id}", wait_until="domcontentloaded")
    await fetched.wait()
    await bot.send_message(ADA.id, "Entre dos miradas")
    await page.evaluate("document.title")
    told.set()
    await expect(page.locator(".message", has_text="Entre dos miradas")).to_be_visible()


async def test_replies_files_and_albums(page, bot, ada):
    asked = await bot.send_message(ADA.id, "¿Tiene una captura?")
    await page.goto(f"/?persona={ADA.id}")
    await page.locator(".message", has_text="¿Tiene una captura?").get_by_role("button", name="Responder").click()
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": PNG} for n in range(2)]
    await page.locator("#picker").set_input_files(files)
    await page.get_by_label("Mensaje", exact=True).fill("Aquí están")
    await page.get_by_role("button", name="Enviar", exact=True).click()
    await expect(page.locator(".pictures.many img")).to_have_count(2)
    first, second = [update.message for update in await bot.get_updates()]
    assert first.media_group_id == second.media_group_id
    assert (first.caption, first.reply_to_message.message_id) == ("Aquí están", asked.message_id)

    await bot.send_document(ADA.id, b"%PDF-1.7", filename="informe-1042.pdf", caption="Informe")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Descargar: informe-1042.pdf").click()
    assert (await download.value).suggested_filename == "informe-1042.pdf"
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Abrir: informe-1042.pdf").click()
    await (await opened.value).close()


async def test_drafts_and_unread_counts_survive_a_change_of_person(page, bot, ada, control):
    await control.post(f"/sim/chats/{TOM.id}/messages", json={"text": "/start"})
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_label("Mensaje", exact=True).fill("a medio escribir")
    await page.get_by_role("button", name="Volver").click()
    await bot.send_message(TOM.id, "¿Sigue ahí?")
    await expect(page.get_by_label("1 sin leer")).to_be_visible()
    await page.get_by_role("button", name="Tomás").click()
    await expect(page.get_by_label("Mensaje", exact=True)).to_have_value("")
    await page.get_by_role("button", name="Volver").click()
    await expect(page.get_by_label("1 sin leer")).to_have_count(0)
    await page.get_by_role("button", name="Ada Mora").click()
    await expect(page.get_by_label("Mensaje", exact=True)).to_have_value("a medio escribir")


async def test_blocking_and_editing(page, bot, ada):
    await ada.says("hoal")
    await page.goto(f"/?persona={ADA.id}")
    await page.locator(".message", has_text="hoal").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Editar").click()
    await page.get_by_label("Mensaje", exact=True).fill("hola")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message", has_text="hola")).to_contain_text("editado")
    await page.get_by_role("button", name="Más opciones").click()
    await page.get_by_role("menuitem", name="Bloquear el bot").click()
    await page.get_by_role("button", name="Bloquear", exact=True).click()
    await page.get_by_role("button", name="Desbloquear").click()
    await expect(page.get_by_label("Mensaje", exact=True)).to_be_visible()
    kinds = [update for update in await bot.get_updates() if update.my_chat_member]
    assert [update.my_chat_member.new_chat_member.status for update in kinds] == ["kicked", "member"]


async def test_the_mailbox_shows_mails_as_they_arrive(page, simulator):
    await page.goto("/correo")
    await expect(page.get_by_text("Todavía no hay correos")).to_be_visible()
    await post(simulator)
    await page.get_by_role("button", name="Informe del ticket #1042").click()
    await expect(page.frame_locator("#frame").get_by_text("Ana")).to_be_visible()
    await page.get_by_role("tab", name="Texto").click()
    await expect(page.get_by_text("añadimos el informe")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Descargar: informe-1042.pdf").click()
    assert (await download.value).suggested_filename == "informe-1042.pdf"
