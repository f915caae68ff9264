"""A list of companies in the panel: looked at first, registered once, resumed after a kill."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from core import jobs
from core.actions import imports
from core.clock import now
from core.models import AuditEntry, Company, CompanyImport, CompanyImportLine, ImportState, LedgerLine, Technician
from core.rules.permissions import Role
from tests import databases

HEAD = "ruc;nombre;correos;telefonos;minutos\n"
LIST = (
    f"{HEAD}1790016919001;Corporación Favorita;a@favorita.ec;0991234567;120\n"
    "0992345678001;Ferretería Ada otra vez;;;\n"
    "992345678001;Sin cero;;;\n"
    "1790016919001;Favorita dos veces;a@;;\n"
    "1790012345009;Panadería Sol;;022996500;\n"
)


@pytest.fixture
async def vera(desk, log_in):
    await desk.registers("0992345678001")
    return await log_in("vera", Role.SUPERVISOR)


async def uploads(browser, content: bytes, name: str = "empresas.csv"):
    await browser.opens("/companies/import")
    fields = browser.form("/companies/import").fields
    return await again(browser, fields, content, name)


async def again(browser, fields, content: bytes, name: str = "empresas.csv"):
    browser.answer = await browser.client.post(
        "/companies/import",
        data={key: value for key, value in fields.items() if key != "file"},
        files={"file": (name, content, "text/csv")},
        headers={"Origin": browser.origin},
        follow_redirects=True,
    )
    return fields


@pytest.fixture
async def boss(log_in):
    return await log_in("boss", Role.ADMINISTRATOR)


async def test_a_list_is_looked_at_confirmed_and_registered_once(desk, database, boss):
    await desk.registers("0992345678001")
    fields = await uploads(boss, LIST.encode())
    for words in (
        "Por registrar 2",
        "Ya registradas 1",
        "Con errores 2",
        "Todavía no se ha registrado nada.",
        "992345678001 tiene 12 dígitos: quizá la hoja de cálculo quitó el cero inicial",
        "el RUC ya aparece antes en este archivo",
        "a@ no es un correo",
        "el dígito verificador no coincide",
        "ya está registrada",
    ):
        assert words in boss.text
    await jobs.work_off(database)
    assert len(await desk.all_of(Company)) == 1

    await again(boss, fields, LIST.encode())
    assert len(await desk.all_of(CompanyImport)) == 1
    page = boss.answer
    for _ in range(2):
        boss.answer = page
        await boss.sends("/confirm")
        await jobs.work_off(database)
    await boss.opens(boss.answer.url.path)
    assert "5 de 5 líneas, 2 empresas registradas." in boss.text
    assert [company.name for company in await desk.all_of(Company)] == [
        "Ferretería Ada",
        "Corporación Favorita",
        "Panadería Sol",
    ]
    actions = [entry.action for entry in await desk.all_of(AuditEntry)]
    assert (actions.count("companies.imported"), actions.count("company.registered")) == (1, 3)
    await boss.opens("/companies/1790016919001")
    assert "+120" in boss.text


async def test_who_may_not_record_purchased_hours_brings_none_in_a_list(desk, database, vera, boss):
    await vera.opens("/companies/import")
    assert "una línea con minutos se deja fuera" in vera.text
    assert ";minutos" not in vera.text
    sun = LIST.replace("022996500;", "022996500;0")
    await uploads(vera, sun.encode())
    assert "su rol no registra horas compradas: quite los 120 minutos" in vera.text
    assert "Por registrar 1" in vera.text
    await vera.sends("/confirm")
    await jobs.work_off(database)
    assert [company.name for company in await desk.all_of(Company)] == ["Ferretería Ada", "Panadería Sol"]

    await uploads(boss, LIST.encode())
    address = boss.answer.url.path
    await vera.opens(address)
    await vera.sends("/confirm")
    assert (vera.status, "Su rol no registra horas compradas." in vera.text) == (403, True)
    await jobs.work_off(database)
    assert [line.minutes for line in await desk.all_of(LedgerLine)] == [0]
    await boss.sends("/confirm")
    await jobs.work_off(database)
    assert [line.minutes for line in await desk.all_of(LedgerLine)] == [0, 120]


class KilledError(Exception):
    pass


async def test_ten_thousand_lines_go_on_where_a_kill_left_them(desk, database, vera, monkeypatch):
    many = 10_000 if database.is_sqlite else 700  # how many is the same question on both
    lines = "".join(f"17{number:08}001;Empresa {number};e{number}@x.ec;;\n" for number in range(1, many + 1))
    await uploads(vera, f"{HEAD}{lines}".encode())
    assert f"Por registrar {many}" in vera.text
    await vera.sends("/confirm")
    steps = 0
    whole = imports.register_new

    async def dying(*args):
        nonlocal steps
        steps += 1
        registered = await whole(*args)
        if steps == 3:
            raise KilledError  # the slice is written, and not committed
        return registered

    monkeypatch.setattr(imports, "register_new", dying)
    with pytest.raises(KilledError):
        await jobs.work_off(database)
    await vera.opens(vera.answer.url.path)
    assert f"{imports.SLICE * 2} de {many} líneas" in vera.text
    assert '<meta http-equiv="refresh"' in vera.answer.text
    await jobs.work_off(database)
    await vera.opens(vera.answer.url.path)
    assert f"{many} de {many} líneas, {many} empresas registradas." in vera.text
    assert "refresh" not in vera.answer.text
    assert len(await desk.all_of(Company)) == many + 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_list_thrown_away_registers_nobody(desk, database, vera):
    await uploads(vera, LIST.encode())
    page = vera.answer
    await vera.sends("/discard")
    assert "Esta lista fue descartada." in vera.text
    vera.answer = page
    await vera.sends("/confirm")
    assert vera.status == 409
    await jobs.work_off(database)
    assert len(await desk.all_of(Company)) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_no_list_says_why(desk, vera, log_in):
    for content, reason in (
        (b"", "ninguna empresa"),
        (b"\x00\x01", "no es un archivo CSV"),
        (b"a;b\n1;2\n", "La primera línea debe nombrar las columnas"),
        (b"x" * (6 * 1024 * 1024), "Como máximo 10 000 empresas"),
    ):
        await uploads(vera, content)
        assert vera.status in {413, 422}
        assert reason in vera.text
    tom = await log_in("tom")
    await tom.opens("/companies/import")
    assert tom.status == 403


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_an_old_list_that_is_just_being_confirmed_is_not_forgotten(desk, database, vera):
    await uploads(vera, LIST.replace(";120", ";").encode())
    async with database.write() as session:
        await session.execute(update(CompanyImport).values(created_at=now() - timedelta(days=3)))

    async def forget() -> None:
        async with database.write() as session:
            await imports.forget_old(session)

    async with database.write() as session:
        kept = (await session.scalars(select(CompanyImport).with_for_update())).one()
        forgetting = asyncio.ensure_future(forget())
        await databases.ends_or_waits(database, forgetting)
        await imports.confirm(session, (await session.scalars(select(Technician))).one(), kept)
    await forgetting
    async with database.write() as session:
        assert await imports.register_some(session)
    assert len(await desk.all_of(Company)) == 3


async def test_a_list_without_lines_is_done(desk, database, vera):
    await uploads(vera, LIST.encode())
    await vera.sends("/confirm")
    async with database.write() as session:
        await session.execute(delete(CompanyImportLine))
    async with database.write() as session:
        assert await imports.register_some(session)
    assert [kept.state for kept in await desk.all_of(CompanyImport)] == [ImportState.DONE]
