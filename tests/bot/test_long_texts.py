"""A text the client has cut at 4096 stays one article."""

import pytest
from sqlalchemy import select

from core.models import Article, ArticleKind
from core.rules.identity import Proof
from tests.bot.conftest import bound
from tests.desk import Customer, LiveDesk, Staff
from tests.stories.conftest import ANDINA

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

LONG = "\n".join(f"{line:04} La factura sale en blanco y el kárdex no cuadra 😀." for line in range(180))


async def texts(live: LiveDesk) -> list[str]:
    async with live.database.read() as session:
        query = select(Article.text).where(Article.kind == ArticleKind.CUSTOMER).order_by(Article.id)
        return list(await session.scalars(query))


async def test_an_answer(live: LiveDesk, ada: Customer, tom: Staff):
    bea = await bound(live, await live.customer("Bea", "+593990000002"), ruc=ANDINA, proof=Proof.PASSWORD)
    (number,) = await live.has_tickets(bea, ["No imprime"])
    await tom.replies(number, "Cuéntenos todo.")
    await bea.says(LONG, reply_to=(await bea.finds("Cuéntenos todo")).id)
    assert (await texts(live))[1] == LONG
    assert len([said for said in await bea.reads() if "Anotado" in said.text]) == 1
    told = "".join(said.text for said in await ada.reads())
    for line in range(180):
        assert told.count(f"{line:04} La factura") == 1, "colleagues read each line once"
    await bea.says("Otra cosa")
    assert "¿A qué ticket corresponde?" in (await bea.last()).text or "Otra cosa" in (await texts(live))[1]


async def test_in_the_draft_the_rest_is_no_subject(live: LiveDesk, ada: Customer):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says(LONG[:4096] + "fin de la historia.")
    assert "Escriba el asunto" in (await ada.last()).text
    await ada.says("Sale en blanco")
    assert "Asunto: Sale en blanco" in (await ada.last()).text
    await ada.taps("No tengo adjuntos")
    await ada.taps("Enviar")
    (text,) = await texts(live)
    assert text == LONG[:4096] + "fin de la historia."


async def test_out_of_the_blue_it_is_asked_once(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    before = len(await ada.reads())
    await ada.says(LONG)
    assert len(await ada.reads()) == before + 1
    await ada.taps(f"#{number}")
    assert (await texts(live))[1] == LONG


async def test_before_the_log_in_the_rest_is_kept_and_no_password_is(live: LiveDesk):
    carla = await live.customer("Carla", "+593970000000")
    await carla.says(LONG)
    assert len([said for said in await carla.reads() if "RUC" in said.text]) == 1
    await carla.says(ANDINA)
    await carla.says("canario-azul")
    assert "canario" not in str(await texts(live))
    assert "RUC o contraseña" in (await carla.last()).text or "no son correctos" in (await carla.last()).text
