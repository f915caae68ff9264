"""parse_mode and entities: what is shown, measured in UTF-16 units, and the complaints."""

import pytest
from telegram import MessageEntity
from telegram.error import BadRequest


def same_words(message, expected):
    """The library changes capitals, so they are not compared here."""
    return message.casefold() == expected.casefold()


def marks(message):
    return [(entity.type, message.parse_entity(entity)) for entity in message.entities]


async def test_html_becomes_entities(bot, ada):
    html = (
        "😀 <b>negrita <i>y cursiva</i></b> <u>u</u> <s>s</s> <code>a&lt;b</code> "
        '<a href="https://saci.ec/?a=1&amp;b=2">enlace</a> <tg-spoiler>oculto</tg-spoiler>\n'
        '<pre><code class="language-python">x = 1</code></pre>\n<blockquote expandable>cita</blockquote>'
    )
    sent = await bot.send_message(ada.id, html, parse_mode="HTML")
    assert marks(sent) == [
        ("bold", "negrita y cursiva"),
        ("italic", "y cursiva"),
        ("underline", "u"),
        ("strikethrough", "s"),
        ("code", "a<b"),
        ("text_link", "enlace"),
        ("spoiler", "oculto"),
        ("pre", "x = 1"),
        ("expandable_blockquote", "cita"),
    ]
    assert sent.entities[0].offset == 3
    assert sent.entities[5].url == "https://saci.ec/?a=1&b=2"
    assert sent.entities[7].language == "python"


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("Hola </b>", "Unexpected end tag at byte offset 5"),
        ("ñandú <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("ñ<a href>", 'Can\'t find end tag corresponding to start tag "a"'),
    ],
)
async def test_html_complaints(bot, ada, html, complaint):
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(ada.id, html, parse_mode="HTML")
    assert same_words(refusal.value.message, f"Can't parse entities: {complaint}")


async def test_markdown_becomes_entities(bot, ada):
    text = (
        r"*negrita* _cursiva_ __raya__ ~tacha~ ||oculto|| `código` [enlace](https://saci.ec/a\)b) 1\.5"
        "\n```python\nx = 1```\n>cita\n>sigue"
    )
    sent = await bot.send_message(ada.id, text, parse_mode="MarkdownV2")
    assert marks(sent) == [
        ("bold", "negrita"),
        ("italic", "cursiva"),
        ("underline", "raya"),
        ("strikethrough", "tacha"),
        ("spoiler", "oculto"),
        ("code", "código"),
        ("text_link", "enlace"),
        ("pre", "x = 1"),
        ("blockquote", "cita\nsigue"),
    ]
    assert sent.entities[6].url == "https://saci.ec/a)b"
    assert "1.5" in sent.text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1.5", r"Character '.' is reserved and must be escaped with the preceding '\'"),
        ("*x", "Can't find end of Bold entity at byte offset 0"),
        ("ñ _x", "Can't find end of Italic entity at byte offset 3"),
        ("[x](http://a.ec", "Can't find end of a URL at byte offset 4"),
    ],
)
async def test_markdown_complaints(bot, ada, text, complaint):
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(ada.id, text, parse_mode="MarkdownV2")
    assert same_words(refusal.value.message, f"Can't parse entities: {complaint}")


async def test_given_entities_move_with_the_trimmed_text(bot, ada):
    sent = await bot.send_message(ada.id, "  hola", entities=[MessageEntity("bold", 2, 4)])
    assert marks(sent) == [("bold", "hola")]
    with pytest.raises(BadRequest, match=r"(?i)entity beginning at UTF-16 offset 0"):
        await bot.send_message(ada.id, "hola", entities=[MessageEntity("bold", 0, 5)])


async def test_links_commands_and_mentions_are_found(bot, ada):
    sent = await bot.send_message(ada.id, "Vea https://saci.ec/a. o /ayuda, @ada_mora, ana@saci.ec, #1042 #caja")
    assert marks(sent) == [
        ("url", "https://saci.ec/a"),
        ("bot_command", "/ayuda"),
        ("mention", "@ada_mora"),
        ("email", "ana@saci.ec"),
        ("hashtag", "#caja"),
    ]


async def test_an_unknown_mode_is_refused(bot, ada):
    with pytest.raises(BadRequest, match="Unsupported parse_mode"):
        await bot.send_message(ada.id, "x", parse_mode="rtf")
