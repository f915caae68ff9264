"""Everything a person may do on the phone page, in a real browser, and what the bot hears of it."""

import pytest
from playwright.async_api import expect
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.simulator import Simulator
from tests.simulator.conftest import ADA, PNG, TOM, Phone, bot_of

REACTIONS_TOO = ["message", "edited_message", "my_chat_member", "message_reaction"]


async def heard(bot):
    """What the bot has not confirmed yet."""
    updates = await bot.get_updates(timeout=30)
    await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


def said(page, words):
    return page.locator(".message", has_text=words)


async def test_a_voice_message_is_recorded(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_role("button", name="Grabar una nota de voz").click()
    await expect(page.get_by_role("timer")).to_have_text("0:01")
    await page.get_by_role("button", name="Enviar la nota de voz").click()
    player = page.get_by_label("Nota de voz", exact=True)
    await expect(player).to_be_visible()
    (update,) = await heard(bot)
    assert update.message.voice.duration.total_seconds() >= 1
    file = await update.message.voice.get_file()
    assert (update.message.voice.mime_type, bytes(await file.download_as_bytearray())[:4]) == ("audio/ogg", b"OggS")
    heard_seconds = await player.evaluate(
        """player => new Promise((resolve, reject) => {
            player.onloadedmetadata = () => resolve(player.duration);
            player.onerror = () => reject(player.error);
            player.preload = "metadata";
        })"""
    )
    assert 0.5 < heard_seconds < 60
    await page.get_by_role("button", name="Grabar una nota de voz").click()
    await page.get_by_role("button", name="Descartar la grabación").click()
    await expect(page.get_by_label("Mensaje", exact=True)).to_be_visible()
    assert await bot.get_updates() == ()


async def test_without_a_microphone_a_file_takes_its_place(page, bot, ada):
    await page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_role("button", name="Grabar una nota de voz").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Este navegador no tiene micrófono")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Elegir un archivo").click()
    await (await chooser.value).set_files({"name": "voz.ogg", "mimeType": "audio/ogg", "buffer": b"OggS"})
    await expect(page.get_by_label("Nota de voz", exact=True)).to_be_visible()
    (update,) = await heard(bot)
    assert update.message.voice.mime_type == "audio/ogg"


async def test_the_paper_clip_sends_a_place_a_contact_and_a_sticker(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_role("button", name="Adjuntar", exact=True).click()
    await page.get_by_role("menuitem", name="Ubicación").click()
    await page.get_by_label("Latitud").fill("-0.1807")
    await page.get_by_role("dialog").get_by_role("button", name="Enviar").click()
    await expect(page.get_by_role("link", name="Ver en el mapa")).to_be_visible()
    await page.get_by_role("button", name="Adjuntar", exact=True).click()
    await page.get_by_role("menuitem", name="Contacto").click()
    await page.get_by_role("dialog").get_by_label("Nombre", exact=True).fill("Contadora")
    await page.get_by_role("dialog").get_by_label("Teléfono", exact=True).fill("+593991112233")
    await page.get_by_role("dialog").get_by_role("button", name="Enviar").click()
    await expect(said(page, "Contadora")).to_be_visible()
    await page.get_by_role("button", name="Emojis y stickers").click()
    await page.get_by_role("button", name="Stickers", exact=True).click()
    await page.get_by_role("button", name="Sticker 🙏").click()
    await expect(page.get_by_role("img", name="Sticker 🙏")).to_be_visible()
    place, contact, sticker = [update.message for update in await heard(bot)]
    assert place.location.latitude == pytest.approx(-0.1807)
    assert (contact.contact.first_name, contact.contact.user_id) == ("Contadora", None)
    assert sticker.sticker.emoji == "🙏"


async def test_pictures_are_pasted_sent_and_looked_at(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    place = page.get_by_label("Mensaje", exact=True)
    await expect(place).to_be_visible()  # the chat is open: what is pasted before that has nowhere to go
    await place.evaluate(
        """(place, bytes) => {
            const carried = new DataTransfer();
            for (const name of ["uno.png", "dos.png"]) {
                carried.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            }
            place.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true }));
        }""",
        list(PNG),
    )
    await page.get_by_role("button", name="Quitar: dos.png").click()
    await page.get_by_label("Mensaje", exact=True).fill("La pantalla")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Ver: La pantalla").click()
    await expect(page.get_by_role("dialog", name="Foto")).to_contain_text("1 / 1")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    (update,) = await heard(bot)
    assert (update.message.caption, len(update.message.photo)) == ("La pantalla", 1)


async def test_a_message_s_menu_by_keyboard(page, bot, ada, control):
    await bot.get_updates(allowed_updates=REACTIONS_TOO)
    await bot.send_message(ADA.id, "Su ticket está listo")
    await control.post("/sim/groups", json={"title": "Contadores", "members": [ADA.id, TOM.id]})
    await control.delete("/sim/updates")
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_role("region", name="Mensajes").focus()
    await page.keyboard.press("ArrowUp")
    await expect(said(page, "Su ticket está listo")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Quitar la reacción 👍").click()
    await said(page, "Su ticket está listo").click(button="right")
    await page.get_by_role("menuitem", name="Reenviar").click()
    await page.get_by_role("button", name="Ventanilla", exact=True).click()
    forward = page.locator(".out", has_text="Su ticket está listo")
    await expect(forward).to_contain_text("Reenviado de Ventanilla")
    await forward.click(button="right")
    await page.get_by_role("menuitem", name="Eliminar para todos").click()
    await page.get_by_role("button", name="Eliminar", exact=True).click()
    await expect(forward).to_have_count(0)
    given, taken, forwarded = await heard(bot)
    assert given.message_reaction.new_reaction[0].emoji == "👍"
    assert taken.message_reaction.new_reaction == ()
    assert forwarded.message.forward_origin.sender_user.username == "ventanilla_bot"


async def test_a_long_press_opens_the_menu_and_a_swipe_answers(page, bot, ada):
    await bot.send_message(ADA.id, "¿Cuál versión?")
    await page.goto(f"/?persona={ADA.id}")
    bubble = said(page, "¿Cuál versión?").locator(".bubble")
    finger = {"pointerType": "touch", "clientX": 200, "clientY": 400, "isPrimary": True}
    await bubble.dispatch_event("pointerdown", finger)
    await page.get_by_role("menuitem", name="Responder").wait_for()
    await page.keyboard.press("Escape")
    await bubble.dispatch_event("pointerdown", finger)
    await bubble.dispatch_event("pointermove", {**finger, "clientX": 120})
    await bubble.dispatch_event("pointerup", {**finger, "clientX": 120})
    await expect(page.locator("#context")).to_contain_text("Respuesta a Ventanilla")
    await page.keyboard.type("La 5")
    await page.keyboard.press("Enter")
    await expect(page.locator(".quote")).to_contain_text("¿Cuál versión?")
    (update,) = await heard(bot)
    assert update.message.reply_to_message.text == "¿Cuál versión?"


async def test_a_caption_is_mended(page, bot, ada):
    await ada.sends(PNG, "a.png", "image/png", caption="La pantlla")
    await page.goto(f"/?persona={ADA.id}")
    await said(page, "La pantlla").click(button="right", position={"x": 5, "y": 5})
    await page.get_by_role("menuitem", name="Editar").click()
    await page.get_by_label("Mensaje", exact=True).fill("La pantalla")
    await page.get_by_role("button", name="Enviar", exact=True).click()
    await expect(said(page, "La pantalla")).to_contain_text("editado")
    assert (await heard(bot))[-1].edited_message.caption == "La pantalla"


async def test_a_button_is_busy_until_the_bot_answers(page, bot, ada):
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Tomar", callback_data="t")]])
    await bot.send_message(ADA.id, "Anotado", reply_markup=keys, disable_notification=True)
    await page.goto(f"/?persona={ADA.id}")
    await expect(said(page, "Anotado")).to_contain_text("sin sonido")
    key = page.get_by_role("button", name="Tomar")
    await key.click()
    await expect(key).to_have_attribute("aria-busy", "true")
    (update,) = await heard(bot)
    await update.callback_query.answer("Listo")
    await expect(key).not_to_have_attribute("aria-busy", "true")
    await expect(page.get_by_text("Listo", exact=True)).to_be_visible()


async def test_a_tick_tells_that_the_bot_has_it(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    await page.get_by_label("Mensaje", exact=True).fill("¿Hola?")
    await page.keyboard.press("Enter")
    tick = said(page, "¿Hola?").locator(".tick")
    await expect(tick).to_have_attribute("title", "Enviado")
    await heard(bot)
    await expect(tick).to_have_attribute("title", "Enviado, el bot lo recibió")


async def test_two_thousand_messages_are_read_in_pages_and_searched(page, control):
    told = await control.post("/sim/load", json={"users": 1, "per_user": 2000, "text": "Mensaje número «{n}»"})
    (user,) = told.json()["users"]
    await page.goto(f"/?persona={user}")
    await expect(said(page, "«2000»")).to_be_in_viewport()
    assert await page.locator(".message").count() < 200
    await page.get_by_role("button", name="Mensajes anteriores").focus()
    await page.keyboard.press("Enter")
    await expect(said(page, "«1890»")).to_have_count(1)
    await page.get_by_role("button", name="Buscar en el chat").click()
    await page.get_by_label("Palabras que busca").fill("NUMERO «3»")
    await page.locator("#search-found").get_by_role("button").click()
    # Not by expect(): its retries describe the whole page, which takes seconds with so much on it.
    await page.locator(".message:focus", has_text="«3»").wait_for()
    assert await page.locator("#m1").count() == 1
    await page.get_by_role("button", name="Ir al último mensaje").click()
    await page.locator("#newest").wait_for(state="hidden")


async def test_a_group_is_made_and_two_people_speak_in_it(page, bot, ada):
    await page.goto("/")
    await page.get_by_role("button", name="Nueva persona o grupo").click()
    await page.get_by_role("menuitem", name="Nuevo grupo").click()
    await page.get_by_label("Nombre del grupo").fill("Contadores")
    for person in ("Ada Mora", "Tomás"):
        await page.get_by_label(person, exact=True).check()
    await page.get_by_role("button", name="Crear el grupo").click()
    await expect(page.locator("#log").get_by_text("Ada creó el grupo")).to_be_visible()
    await page.get_by_label("Escribe como").select_option("Tomás")
    await page.get_by_label("Mensaje", exact=True).fill("/ayuda")
    await page.keyboard.press("Enter")
    await expect(page.locator(".out", has_text="/ayuda")).to_be_visible()
    await page.get_by_label("Escribe como").select_option("Ada Mora")
    await expect(page.locator(".in", has_text="/ayuda")).to_contain_text("Tomás")
    _, created, asked = await heard(bot)
    assert created.message.chat.title == "Contadores"
    assert asked.message.from_user.id == TOM.id
    await page.get_by_role("button", name="Más opciones").click()
    await page.get_by_role("menuitem", name="Quitar el bot del grupo").click()
    await expect(page.get_by_text("ya no está en este grupo")).to_be_visible()


async def test_two_windows_two_people(browser, simulator, bot, ada, control):
    await Phone(control, TOM.id).says("/start")
    context = await browser.new_context(
        base_url=simulator.url, locale="es-EC", viewport={"width": 1280, "height": 800}
    )
    first = await context.new_page()
    await first.goto(f"/?persona={ADA.id}")
    await first.get_by_role("button", name="Más opciones").click()
    async with context.expect_page() as opened:
        await first.get_by_role("menuitem", name="Abrir en otra ventana").click()
    second = await opened.value
    await second.get_by_role("button", name="Tomás").click()
    await bot.send_message(ADA.id, "Para Ada")
    await bot.send_message(TOM.id, "Para Tomás")
    await expect(said(first, "Para Ada")).to_be_visible()
    await expect(said(second, "Para Tomás")).to_be_visible()
    await expect(first.locator("#heard")).to_have_text("Ventanilla: Para Ada")
    await context.close()


async def test_the_page_comes_back_after_a_break(browser, tmp_path):
    place = tmp_path / "sim.db"
    simulator = Simulator(data_file=place, characters=[ADA])
    await simulator.start()
    port = int(simulator.url.rpartition(":")[2])
    page = await browser.new_page(base_url=simulator.url, locale="es-EC")
    async with bot_of(simulator) as bot:
        await page.goto(f"/?persona={ADA.id}")
        await page.get_by_role("button", name="Iniciar").click()
        await expect(said(page, "/start")).to_be_visible()
        await simulator.stop()
        await expect(page.get_by_text("Sin conexión")).to_be_visible()
        await page.get_by_label("Mensaje", exact=True).fill("¿Siguen ahí?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Mensaje", exact=True)).to_have_value("¿Siguen ahí?")
        simulator = Simulator(data_file=place, characters=[ADA], port=port)
        await simulator.start()
        await bot.send_message(ADA.id, "Aquí seguimos")
        await expect(said(page, "Aquí seguimos")).to_be_visible()
        await expect(page.get_by_text("Sin conexión")).to_be_hidden()
    await page.close()
    await simulator.stop()


async def test_who_asks_for_english_reads_english(browser, simulator):
    page = await browser.new_page(base_url=simulator.url, locale="en-US")
    await page.goto(f"/?persona={ADA.id}")
    await expect(page.get_by_role("button", name="Iniciar")).to_be_visible()
    await page.goto(f"/?persona={ADA.id}&lang=en")
    await expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en"
    names = page.locator("button:not([aria-label]), a:not([aria-label])")
    texts = await names.evaluate_all("all => all.filter(one => !one.hidden).map(one => one.textContent.trim())")
    assert not {"Cancelar", "Añadir", "Enviar", "Iniciar"} & set(texts)
    await page.close()


async def test_every_control_has_a_name(page, bot, ada):
    await page.goto(f"/?persona={ADA.id}")
    await said(page, "/start").wait_for()
    nameless = await page.locator("button, a, input, select, textarea").evaluate_all(
        """all => all.filter(one => !one.labels?.length && !one.textContent.trim()
            && !one.getAttribute("aria-label") && one.checkVisibility()).map(one => one.outerHTML)"""
    )
    assert nameless == []


async def test_what_the_bot_answers_at_once_is_in_sight(page, bot, ada):
    for number in range(30):
        await bot.send_message(ADA.id, f"Antes {number}")
    await page.goto(f"/?persona={ADA.id}")
    await said(page, "Antes 29").wait_for()
    box = page.get_by_role("textbox", name="Mensaje")
    for turn in range(3):
        await box.fill(f"Pregunta {turn}")
        await box.press("Enter")
        await heard(bot)
        await bot.send_message(
            ADA.id,
            f"Respuesta {turn}\n" + "Con varias líneas\n" * 8,
            reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Ver", callback_data="x")]] * 5),
        )
        await expect(said(page, f"Respuesta {turn}").get_by_role("button", name="Ver").last).to_be_in_viewport(
            ratio=1
        )
    await expect(page.get_by_role("button", name="Ir al último mensaje")).to_be_hidden()
