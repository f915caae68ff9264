"""What the desk decides in its settings is what customers read from the next message on."""

from core.models import DeskText, PolicyValue
from tests.desk import LiveDesk
from tests.stories.conftest import ANDINA, ANDINA_PASSWORD


async def test_the_price_is_said_in_the_desks_words_and_only_what_is_offered_is_asked(live: LiveDesk):
    ada = await live.customer("Ada", "+593990000001")
    await ada.logs_in(ANDINA, ANDINA_PASSWORD)
    await ada.says("Nuevo ticket")
    before = await ada.last()
    assert "Solicitud de Desarrollo" in before.buttons
    async with live.database.write() as session:
        session.add(DeskText(name="support-price", language="es", words="Soporte <20 dólares> la hora."))
        session.add(PolicyValue(name="services", value=["support"]))
    await ada.taps("Solicitud de Desarrollo")
    card = await ada.last()
    assert "Soporte <20 dólares> la hora." in card.text
    assert "Solicitud de Desarrollo" not in card.text
    assert card.buttons == ["Soporte Técnico", "Cancelar"], "a button from before the change chooses nothing"
