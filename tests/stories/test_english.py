"""Zoe's phone is in English: nothing she reads or taps is in Spanish, every button is words."""

import re

import pytest

from core.i18n import LOCALES
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD

SPANISH = re.compile(
    r"[áéíóúñ¿¡]|\b(el|la|los|las|de|del|su|sus|un|una|que|con|por|para|usted|ya|hay|no hay)\b", re.I
)
ENGLISH = re.compile(r"\b(the|your|you|is|are|and|of|to|for|with|this|that|from|please)\b", re.I)
DATA = ("SaciAnex ATS", "SACI Facturación Electrónica", "Comercial Andina", "Español", "SACI Soporte", "Tomás Ruiz")


def bare(text: str) -> str:
    for word in DATA:
        text = text.replace(word, "")
    return re.sub(r"/\w+|\S+@\S+|\S+\.pdf", "", text)


async def everything(customer: Customer) -> list[str]:
    """All texts and labels the bot has shown, those since taken away or changed as they stand now."""
    shown = []
    for raw in (await customer.chat())["messages"]:
        if raw["from_bot"]:
            rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
            shown += [
                raw.get("text") or raw.get("caption") or "",
                *(button["text"] for row in rows for button in row),
            ]
    return [*shown, *await customer.keyboard()]


class Zoe(Customer):
    """Plays and remembers everything that was to be seen after each step."""

    def __init__(self, live: LiveDesk, user_id: int, phone: str) -> None:
        super().__init__(live, user_id, "Zoe", phone)
        self.seen: set[str] = set()

    async def goes_on(self, *steps: str) -> None:
        """Tap what is a button of the last screens, say the rest."""
        for step in steps:
            shown = {button for said in (await self.reads())[-3:] for button in said.buttons}
            is_button = any(button.startswith(step) for button in shown)
            await (self.taps(step) if is_button else self.says(step))
            self.seen.update(await everything(self))


OPENING = (
    "New ticket",
    "Technical support",
    "SaciJava",
    "Cannot print",
    "Nothing since 9.",
    "No attachments",
    "Send",
)
SETTINGS = ("Language", "What we tell you of", "Quiet hours", "What a notice shows", "Phones", "Companies", "Account")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_conversation_in_english_has_no_word_of_spanish_and_no_button_without_words(
    live: LiveDesk, tom: Staff
):
    phone = {"first_name": "Zoe", "phone": "+593991234567", "language_code": "en"}
    zoe = Zoe(live, (await live.sim("/sim/people", phone))["id"], phone["phone"])
    await zoe.goes_on("hello", ANDINA, ANDINA_PASSWORD, *OPENING)
    number = int(re.findall(r"#(\d+)", " ".join(zoe.seen))[0])
    await tom.replies(number, "Does it blink?", asks="other")
    await zoe.goes_on("Answer", "It does.")
    await tom.closes(number, as_="invoiced", minutes=20, cause="Printer was off")
    for row in SETTINGS:
        await zoe.goes_on("Preferences", row)
    await zoe.goes_on("/ayuda", "My tickets", "Company tickets", "Search", str(number), "hello, it broke once more")
    spoken = {text for text in zoe.seen if "Se encendió la impresora" not in text}
    assert len(spoken) > 60
    assert {text for text in spoken if SPANISH.search(bare(text))} == set()
    labels = {text for text in spoken if text and "\n" not in text}
    assert {text for text in labels if not re.match(r"[#\w«(]", text)} == set()


def test_no_source_text_is_spanish_and_no_translation_is_english():
    from babel.messages.pofile import read_po

    with (LOCALES / "es" / "LC_MESSAGES" / "ventanilla.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="es") if message.id]
    sources = [text for one in messages for text in (one.id if isinstance(one.id, tuple) else (one.id,))]
    spoken = [text for one in messages for text in (one.string if isinstance(one.string, tuple) else (one.string,))]
    names = re.compile(r"%\(\w+\)s|`[^`]*`|Galápagos")
    assert [text for text in sources if re.search(r"[áéíóúñ¿¡]", names.sub("", text))] == []
    assert [text for text in spoken if ENGLISH.search(names.sub("", text))] == []
