"""A ticket the desk opens: the company is looked up among many, and one says who of it is told."""

import pytest

from core.models import Article, ArticleKind, Binding, OutboxRow, Ticket
from core.rules.notices import Follows

TORNILLO = "1790012345001"
FILLED = {"service": "support", "product": "SaciJava", "subject": "Llamó por el ATS", "text": "No genera el XML."}
NEW, LOOK_UP = "/tickets/new", "/tickets/new/company"

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
async def people(desk, database, company):
    """Ada and Bea are verified; Caro follows everything; Dina has proved nothing, and Eve is of another company."""
    ada, bea, caro = [
        await desk.greets(company, name, chat) for name, chat in (("Ada", 501), ("Bea", 502), ("Caro", 503))
    ]
    dina = await desk.greets(company, "Dina", 504, verified=False)
    eve = await desk.greets(await desk.registers(TORNILLO, "El Tornillo"), "Eve", 505)
    bindings = {binding.person_id: binding for binding in await desk.all_of(Binding)}
    async with database.write() as session:
        (await session.get_one(Binding, bindings[caro.id].id)).follows = Follows.COMPANY
    people = {"ada": ada, "bea": bea, "caro": caro, "dina": dina, "eve": eve}
    return {name: str(bindings[person.id].id) for name, person in people.items()}


async def told(desk) -> dict[str, list[OutboxRow]]:
    names = {"501": "Ada", "502": "Bea", "503": "Caro", "504": "Dina", "505": "Eve"}
    found: dict[str, list[OutboxRow]] = {}
    for row in await desk.all_of(OutboxRow):
        found.setdefault(names[row.lane], []).append(row)
    return found


async def test_a_company_is_found_by_words_and_nothing_that_was_typed_is_lost(desk, tom, company, people):
    for number in range(25):
        await desk.registers(f"01900{number:02d}001001", f"Bazar {number:02d}")
    await tom.opens(NEW)
    typed = {**FILLED, "note": "Es la nueva contadora."}
    await tom.sends(NEW, to=LOOK_UP, company="bazar", files=[("files", b"xml", "text/plain")], **typed)
    assert tom.status == 200
    assert "Bazar 19" in tom.text
    assert "Bazar 20" not in tom.text
    assert "Hay más: escriba más del nombre, o el RUC." in tom.text
    await tom.sends(NEW, to=LOOK_UP, company="bazar 24")
    assert "Nadie de esta empresa está verificado en Telegram" in tom.text
    await tom.sends(NEW, to=LOOK_UP, company="ferre ada")
    form = tom.form(NEW)
    assert form.choices["told"] == ["", people["ada"], people["bea"], people["caro"], "all"]
    assert {name: form.fields[name] for name in typed} == typed
    assert form.fields["told"] == "", "who follows everything is told unless one says otherwise"
    assert "kept" in form.fields
    await tom.sends(NEW, to=LOOK_UP, company="nadie así")
    assert "Ninguna empresa coincide." in tom.text
    assert await desk.all_of(Ticket) == []


async def test_it_is_opened_on_behalf_of_one_person_with_its_file_and_a_note_for_the_desk(desk, tom, company, people):
    await tom.opens(f"{NEW}?company={company.ruc}")
    page = tom.answer
    for _ in range(2):
        tom.answer = page
        await tom.sends(
            NEW, told=people["bea"], note="SECRETO DE LA MESA", files=[("ats.xml", b"<ats/>", "text/xml")], **FILLED
        )
        assert tom.is_at("/tickets/1001")
    assert "Tom abrió el ticket a nombre de Bea" in tom.text
    assert "SECRETO DE LA MESA" in tom.text
    assert "ats.xml" in tom.text
    assert [article.kind for article in await desk.all_of(Article)] == [ArticleKind.REPLY, ArticleKind.NOTE]

    rows = await told(desk)
    assert rows.keys() == {"Bea", "Caro"}, "Caro follows the whole company"
    words, file = rows["Bea"]
    assert "Abierto por SACI Soporte a su nombre" in words.payload["text"]
    assert "No genera el XML." in words.payload["text"]
    assert file.payload["document"]["name"] == "ats.xml"
    assert "Abierto por SACI Soporte a nombre de Bea" in rows["Caro"][0].payload["text"]
    assert "SECRETO" not in str([row.payload for row in await desk.all_of(OutboxRow)])


@pytest.mark.parametrize(("choice", "names"), [("", {"Caro"}), ("all", {"Ada", "Bea", "Caro"})])
async def test_it_is_for_those_who_follow_the_company_or_for_all_who_are_verified(
    desk, tom, company, people, choice, names
):
    await tom.opens(f"{NEW}?company={company.ruc}")
    await tom.sends(NEW, told=choice, **FILLED)
    rows = await told(desk)
    assert rows.keys() == names
    assert all("Abierto por SACI Soporte" in row.payload["text"] for some in rows.values() for row in some)
    await tom.sends("/reply", text="¿Qué período?")
    assert (await told(desk)).keys() == names, "they hear of what follows, too"


@pytest.mark.parametrize("choice", ["eve", "dina", "999", "-1", "٣"])
async def test_nobody_else_can_be_told(desk, tom, company, people, choice):
    await tom.opens(f"{NEW}?company={company.ruc}")
    await tom.sends(NEW, told=people.get(choice, choice), **FILLED)
    assert tom.status == 422
    assert "Elija a una de las personas verificadas de esta empresa." in tom.text
    assert "Eve" not in tom.text
    assert await desk.all_of(Ticket) == []
    assert await desk.all_of(OutboxRow) == []
    kept = tom.form(NEW).fields
    assert (kept["text"], kept["told"]) == (FILLED["text"], "")


async def test_who_is_stopped_is_not_offered_and_the_only_one_there_is_chosen(desk, database, tom, people):
    async with database.write() as session:
        for name in ("bea", "caro"):
            binding = await session.get_one(Binding, int(people[name]))
            binding.frozen_at = binding.since
    await tom.opens(f"{NEW}?company=0992345678001")
    form = tom.form(NEW)
    assert (form.choices["told"], form.fields["told"]) == ([people["ada"]], people["ada"])


async def test_the_part_with_the_company_comes_alone_for_the_script(tom, company, people):
    await tom.opens(NEW)
    await tom.sends(NEW, to=LOOK_UP, company=company.ruc, fragment="1")
    assert "Ada" in tom.text
    assert "<html" not in tom.answer.text
    await tom.opens(LOOK_UP)
    assert tom.is_at(NEW)
