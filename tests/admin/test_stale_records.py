"""Two who correct the same company, technician or canned answer: whoever comes second is shown what changed first."""

import asyncio

import pytest
from sqlalchemy import select

from core.actions import canned, companies, company_record, staff
from core.actions.canned import Wording
from core.actions.desk_settings import StaleError
from core.models import CannedAnswer, Company, Technician
from core.queries import canned as answers
from core.queries import company_card
from core.queries import staff as found
from core.rules.permissions import Role
from tests import databases

OVERTAKEN = "Alguien lo cambió entretanto."


@pytest.fixture
async def company(desk):
    return await desk.registers(emails=["a@ada.ec"], phones=["0991234567"])


@pytest.fixture
async def both(log_in, company):
    """Vera and Root, who have the same page open."""
    return await log_in("vera", Role.ADMINISTRATOR), await log_in("root", Role.ADMINISTRATOR)


async def record(desk, company) -> dict[str, str]:
    async with desk.database.read() as session:
        return dict(company_record.written(await company_card.by_ruc(session, company.ruc)))


async def test_a_phone_a_colleague_has_just_added_is_not_dropped_unseen(desk, both, company):
    vera, root = both
    for one in both:
        await one.opens(f"/companies/{company.ruc}/record")
    await root.sends("/record", phone="0991234567\n022996500")
    await vera.sends("/record", email="a@ada.ec\nb@ada.ec")
    assert vera.status == 409
    assert "Teléfonos: antes «+593991234567», ahora «+59322996500, +593991234567»." in vera.text
    assert vera.form("/record").fields["email"] == "a@ada.ec\nb@ada.ec", "what was typed is still there"
    assert (await record(desk, company))["phones"] == "+59322996500, +593991234567"

    await vera.sends("/record", phone="0991234567\n022996500")
    assert vera.status == 200
    assert await record(desk, company) == {
        "name": "Ferretería Ada",
        "emails": "a@ada.ec, b@ada.ec",
        "phones": "+59322996500, +593991234567",
    }


async def test_a_form_that_was_shown_one_change_is_shown_the_next_one_too(desk, both, company):
    vera, root = both
    for one in both:
        await one.opens(f"/companies/{company.ruc}/record")
    await root.sends("/record", name="Dos")
    await vera.sends("/record", name="Uno")
    assert "Nombre: antes «Ferretería Ada», ahora «Dos»." in vera.text
    await vera.sends("/record", email="nada")
    assert vera.status == 422
    await root.opens(f"/companies/{company.ruc}/record")
    await root.sends("/record", name="Tres")
    await vera.sends("/record", email="")
    assert (vera.status, "Nombre: antes «Dos», ahora «Tres»." in vera.text) == (409, True)
    await vera.sends("/record")
    assert await record(desk, company) == {"name": "Uno", "emails": "", "phones": "+593991234567"}


async def test_a_role_a_colleague_has_just_given_is_not_taken_back_unseen(desk, both):
    vera, root = both
    tom = await desk.employ("tom")
    for one in both:
        await one.opens(f"/technicians/{tom.id}")
    form = f"/technicians/{tom.id}"
    await root.sends(form, role="supervisor", is_development="on")
    await vera.sends(form, name="Tomás Vera")
    assert vera.status == 409
    for words in ("Rol: antes «Técnico», ahora «Supervisor».", "Desarrollo: antes «no», ahora «sí»."):
        assert words in vera.text
    assert vera.form(form).fields["name"] == "Tomás Vera"
    (now,) = [who for who in await desk.all_of(Technician) if who.username == "tom"]
    assert (now.name, now.role, now.is_development) == ("Tom", Role.SUPERVISOR, True)
    await vera.sends(form, role="supervisor", is_development="on")
    (now,) = [who for who in await desk.all_of(Technician) if who.username == "tom"]
    assert (now.name, now.role, now.is_development) == ("Tomás Vera", Role.SUPERVISOR, True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_another_form_of_the_page_that_is_refused_leaves_the_mark_where_it_is(desk, both):
    vera, root = both
    await vera.opens("/technicians/1")
    await vera.sends("/technicians/1", is_development="on")
    await root.opens("/technicians/1")
    await vera.opens("/technicians/2")
    await vera.sends("/technicians/2/disable")
    await vera.opens("/technicians/1")
    await vera.sends("/technicians/1/disable")
    assert vera.status == 409, "the last administrator"
    await vera.sends("/technicians/1", name="Vera Paz")
    (now, _) = await desk.all_of(Technician)
    assert (now.name, now.is_development) == ("Vera Paz", True)


async def test_a_time_zone_a_colleague_has_just_set_is_not_undone_unseen(desk, both, company):
    vera, root = both
    for one in both:
        await one.opens(f"/companies/{company.ruc}")
    await root.sends("/clock", timezone="Pacific/Galapagos")
    await vera.sends("/clock", timezone="America/Guayaquil")
    assert vera.status == 409
    assert "Zona horaria: antes «La de la mesa de ayuda», ahora «Galápagos, una hora menos»." in vera.text
    assert vera.form("/clock").fields["timezone"] == "America/Guayaquil"
    assert [one.timezone for one in await desk.all_of(Company)] == ["Pacific/Galapagos"]
    await vera.sends("/clock")
    assert [one.timezone for one in await desk.all_of(Company)] == ["America/Guayaquil"]


async def test_a_canned_answer_a_colleague_has_just_changed_says_how(desk, both):
    vera, root = both
    await vera.opens("/settings/canned")
    await vera.sends("/settings/canned", title="Adiós", shortcut="adios", text_es="Gracias.", service="support")
    (answer,) = await desk.all_of(CannedAnswer)
    form = f"/settings/canned/{answer.id}"
    for one in both:
        await one.opens(form)
    await root.sends(form, text_es="Muchas gracias.\nAdiós.", service="")
    await vera.sends(form, text_en="Thanks.", preview="1")
    assert vera.status == 200
    await vera.sends(form)
    assert vera.status == 409
    for words in (
        "En español: antes «Gracias.», ahora «Muchas gracias. Adiós.».",
        "Se ofrece en: antes «Soporte Técnico», ahora «Todos los servicios».",
    ):
        assert words in vera.text
    assert vera.form(form).fields["text_en"] == "Thanks."
    assert (await desk.all_of(CannedAnswer))[0].texts == {"es": "Muchas gracias.\nAdiós."}
    await vera.sends(form)
    assert (await desk.all_of(CannedAnswer))[0].texts == {"es": "Gracias.", "en": "Thanks."}


async def corrects(session, actor, number) -> None:
    company = (await session.scalars(select(Company))).one()
    await company_record.change(session, actor, company, name=f"N{number}", emails=[], phones=[], seen=_RECORD)


async def moves(session, actor, number) -> None:
    company = (await session.scalars(select(Company))).one()
    zone = list(companies.ZONES)[number]
    await companies.set_clock(session, actor, company, zone, seen={"timezone": ""})


async def names(session, actor, number) -> None:
    tom = await found.by_id(session, 2, lock=True)
    seen = {"name": "Tom", "role": "technician", "is_development": ""}
    await staff.change(session, actor, tom, name=f"T{number}", role=Role.TECHNICIAN, is_development=False, seen=seen)


async def says(session, actor, number) -> None:
    answer = await answers.by_id(session, 1, lock=True)
    seen = {"title": "A", "shortcut": "aa", "service": "", "is_enabled": "on", "text_es": "x"}
    await canned.edit(session, actor, answer, Wording(f"A{number}", "aa", {"es": "x"}), seen=seen)


_RECORD = {"name": "Ferretería Ada", "emails": "a@ada.ec", "phones": "+593991234567"}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
@pytest.mark.parametrize("writes", [corrects, moves, names, says])
async def test_of_two_at_the_same_moment_the_second_is_told(desk, database, company, writes):
    await desk.employ("root", Role.ADMINISTRATOR)
    await desk.employ("tom")
    async with database.write() as session:
        await canned.add(session, await session.get_one(Technician, 1), Wording("A", "aa", {"es": "x"}))

    async def second() -> None:
        async with database.write() as session:
            await writes(session, await session.get_one(Technician, 1), 1)

    async with database.write() as session:
        await writes(session, await session.get_one(Technician, 1), 0)
        waiting = asyncio.ensure_future(second())
        await databases.ends_or_waits(database, waiting)
    with pytest.raises(StaleError):
        await waiting
