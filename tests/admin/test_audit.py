"""The audit: everything privileged is in it, in plain words, found again, and nobody rubs it out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

import core
from core.actions import audit, exports
from core.models import AuditEntry
from core.render.audit import ACTION_WORDS, SUBJECT_WORDS
from core.rules.audit import Subject
from core.rules.ledger import InvoicingKind
from core.rules.permissions import Role

KINDS = {"{kind.value}": [kind.value for kind in InvoicingKind]}


def texts_of(node: ast.expr) -> Iterator[str]:
    """The texts an argument may stand for; a placeholder of KINDS for each of its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        text = ast.unparse(node)[2:-1]
        for placeholder, values in KINDS.items():
            yield from (text.replace(placeholder, value) for value in values)


def passed_on(tree: ast.Module) -> dict[str, int]:
    """The functions of a module that hand an action on to ``audit.record``, and where they take it."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        function.name: [argument.arg for argument in function.args.args].index("action")
        for function in functions
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record"
        if ast.unparse(call.args[2]) == "action"
    }


def written_actions() -> set[str]:
    """Every action some code of core writes: passed to ``audit.record``, or by way of a function of its module."""
    found = {exports.EXPORTED}
    for path in Path(core.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        places = {"audit.record": 2, **passed_on(tree)}
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in places:
                action = call.args[places[ast.unparse(call.func)]]
                texts = set(texts_of(action))
                assert texts or ast.unparse(action) in {"action", "EXPORTED"}, f"{path}: {ast.unparse(call)}"
                found |= texts
    return found


def test_every_action_that_is_written_has_its_words_and_none_is_left_over():
    assert written_actions() == set(ACTION_WORDS)
    assert set(SUBJECT_WORDS) == set(Subject)


async def test_what_was_done_is_read_in_plain_words_and_leads_to_what_it_was_done_to(desk, log_in):
    company = await desk.registers()
    admin = await log_in("admin", Role.ADMINISTRATOR)
    async with desk.database.write() as session:
        actor = await desk.employ("admin")
        audit.record(session, actor, "closing.overdraft", on="ticket 1001", purchased_after=-15)
        audit.record(
            session, actor, "technician.changed", on="technician admin", before={"name": "A"}, after={"name": "B"}
        )
    await admin.opens("/audit")
    for words in ("Registró una empresa", "La línea de comandos", "Cerró con sobregiro", "Admin", "Nombre: A → B"):
        assert words in admin.text
    assert {f"/companies/{company.ruc}", "/tickets/1001", "/technicians/1"} <= set(admin.page.links)


EVERYTHING = {"company.registered", "technician.added", "closing.overdraft", "person.approved", "announcement.denied"}
ASKED = {
    "q=JOSE+perez": {"person.approved"},
    "q=100%25": set(),
    "on=%231001": {"closing.overdraft"},
    "on=0992345678001": {"company.registered", "person.approved"},
    "who=1": {"closing.overdraft", "person.approved"},
    "who=customers": {"announcement.denied"},
    "who=command-line&action=company.registered": {"company.registered"},
    "from=2099-01-01": set(),
    "to=2099-01-01&from=2020-01-01": EVERYTHING,
    "who=&from=nonsense&below=x&q=%00&to=1-1-1": EVERYTHING,
}


async def test_an_entry_is_found_by_who_what_object_words_and_dates(desk, log_in):
    company = await desk.registers()
    person = await desk.greets(company)
    admin = await log_in("admin", Role.ADMINISTRATOR)
    actor = await desk.employ("admin")
    on = f"company {company.ruc}"
    async with desk.database.write() as session:
        audit.record(session, actor, "closing.overdraft", on="ticket 1001", purchased_after=-15)
        audit.record(session, actor, "person.approved", on=on, name="José Pérez")
        audit.record(session, person, "announcement.denied", on="company 1790012345001", news="x")
    for query, seen in ASKED.items():
        await admin.opens(f"/audit?{query}")
        assert admin.status == 200
        table = admin.answer.text.partition("<tbody>")[2]
        shown = {action for action, words in ACTION_WORDS.items() if desk.office.t(words) in table}
        assert shown == seen, query


async def test_pages_go_on_where_the_last_one_ended_and_keep_what_was_asked(desk, log_in):
    admin = await log_in("admin", Role.ADMINISTRATOR)
    async with desk.database.write() as session:
        for number in range(60):
            audit.record(session, None, "company.registered", on=f"company {number:013}", name="x")
    await admin.opens("/audit?action=company.registered")
    assert "0000000000059" in admin.text
    older = next(link for link in admin.page.links if "below=" in link)
    assert "action=company.registered" in older
    await admin.opens(older)
    assert admin.text.count("Registró una empresa") == 10 + 1  # and once among the choices
    assert "0000000000000" in admin.text


async def test_nobody_changes_or_deletes_an_entry(desk):
    await desk.registers()
    for statement in (update(AuditEntry).values(object="x"), delete(AuditEntry)):
        with pytest.raises(DBAPIError, match="only ever added"):
            async with desk.database.write() as session:
                await session.execute(statement)
    assert [entry.object for entry in await desk.all_of(AuditEntry)] == ["company 0992345678001"]


async def test_a_download_is_an_entry_itself_and_there_is_an_end_to_them(desk, log_in):
    await desk.registers(name="=Eva, Cía.")
    vera = await log_in("vera", Role.AUDITOR)
    answer = await vera.client.get("/audit.csv?action=company.registered")
    assert answer.headers["content-disposition"].startswith('attachment; filename="auditoria-')
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith('"Fecha";"Hora";')
    assert "Registró una empresa" in lines[1]
    assert "'=Eva" in lines[1]
    for address in ("/reports.csv", "/billing/hours.csv"):
        assert (await vera.client.get(address)).status_code == 200
    assert [entry.object for entry in await desk.all_of(AuditEntry)][-3:] == [
        "export audit",
        "export reports",
        "export billing",
    ]
    for _ in range(exports.MOST - 3):
        assert (await vera.client.get("/audit.csv")).status_code == 200
    refused = await vera.opens("/audit.csv")
    assert refused.status_code == 429
    assert "Demasiadas descargas" in vera.text
    assert int(refused.headers["retry-after"]) > 0


WORDS = {"cause": "Error", "solution": "Corregido"}


async def entries_of(desk, action: str) -> list[dict]:
    return [entry.data for entry in await desk.all_of(AuditEntry) if entry.action == action]


async def test_a_reopening_by_the_desk_and_minutes_corrected_for_somebody_else_are_entries(desk, log_in):
    company = await desk.registers()
    ticket = await desk.receives(company, await desk.greets(company))
    tom, vera = await log_in("tom"), await log_in("vera", Role.SUPERVISOR)
    await tom.opens(f"/tickets/{ticket.number}")
    await tom.sends("/time", minutes="40")
    await tom.sends("/correction", minutes="30", reason="Me equivoqué")
    assert await entries_of(desk, "ticket.time_corrected") == []  # one's own leave their trail in the ticket
    await vera.opens(f"/tickets/{ticket.number}")
    await vera.sends("/correction", minutes="12", reason="Estaba en otra llamada")
    await vera.sends("/closure", closure="invoiced", minutes="12", **WORDS)
    await vera.sends("/reopen")
    assert await entries_of(desk, "ticket.time_corrected") == [
        {"name": "Tom", "changes": {"minutes": [30, 12]}, "reason": "Estaba en otra llamada"}
    ]
    assert await entries_of(desk, "ticket.reopened") == [{"before": "invoiced", "closure": 1}]
    await vera.opens(f"/audit?on={ticket.number}")
    for words in (
        "Reabrió un ticket",
        "Corrigió los minutos de otra persona",
        "Minutos: 30 → 12",
        "Antes: Cerrado y facturado",
    ):
        assert words in vera.text


async def test_a_password_chosen_by_a_link_is_an_entry_each_time(desk, log_in, stranger):
    admin = await log_in("admin", Role.ADMINISTRATOR)
    tom = await desk.employ("tom")
    for password in ("otra frase larga", "una tercera frase"):
        await admin.opens(f"/technicians/{tom.id}")
        await admin.sends("/setup-link")
        link = next(word for word in admin.text.split() if "/setup/" in word)
        await stranger.opens(link.removeprefix("http://panel.test"))
        await stranger.sends("", password=password, again=password)
    chosen = [entry for entry in await desk.all_of(AuditEntry) if entry.action == "account.password_chosen"]
    assert [(entry.technician_id, entry.object) for entry in chosen] == [(tom.id, "technician tom")] * 2
    await admin.opens("/audit?on=tom")
    assert "Eligió una contraseña con un enlace de acceso" in admin.answer.text.partition("<tbody>")[2]


async def test_a_time_zone_that_stays_as_it_is_is_no_entry(desk, log_in):
    company = await desk.registers()
    vera = await log_in("vera", Role.SUPERVISOR)
    for zone in ("", "Pacific/Galapagos", "Pacific/Galapagos", ""):
        await vera.opens(f"/companies/{company.ruc}")
        await vera.sends("/clock", timezone=zone)
    assert [data["changes"] for data in await entries_of(desk, "company.clock")] == [
        {"timezone": ["", "Pacific/Galapagos"]},
        {"timezone": ["Pacific/Galapagos", ""]},
    ]
