"""Courtesy: what only thanks, in both languages, and what says something more."""

import pytest

from core.rules.courtesy import is_courtesy

ONLY_THANKS = (
    "Gracias",
    "¡Muchas gracias!",
    "GRACIAS 🙏",
    "ok gracias, buen día",
    "Listo, muchísimas gracias por su ayuda",
    "Perfecto",
    "Muy amable",
    "Dios le pague",
    "thanks",
    "Thank you very much!",
    "OK, great",
    "👍",
    "👍🏽👍🏽",
    "❤️",
    "🙏🙂",
)
SOMETHING_MORE = (
    "",
    "…",
    "Gracias, pero sigue igual",
    "gracias?",
    "¿Ya está listo",
    "No funciona bien",
    "ok mañana envío el archivo",
    "Thanks but it fails again",
    "Hola",
    "Buenos días",
    "😡",
    "👎",
    "👍😡",
    "1042",
    "sí",
    " ".join(["gracias"] * 13),
)


@pytest.mark.parametrize("text", ONLY_THANKS)
def test_thanks_are_courtesy(text: str):
    assert is_courtesy(text)


@pytest.mark.parametrize("text", SOMETHING_MORE)
def test_anything_more_is_not(text: str):
    assert not is_courtesy(text)
