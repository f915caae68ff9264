"""Work on a ticket over the API: articles with files, pending, calls, time, closing and its report."""

import hashlib
from datetime import timedelta

import httpx
import pytest

from core.clock import now
from core.db import Database
from core.i18n import Translator
from core.messaging.reports import draw_pending
from core.messaging.store import FileStore
from core.rules.permissions import Role
from tests.api.conftest import opened
from tests.api.test_tickets import is_problem


async def test_a_reply_may_bring_files(tom: httpx.AsyncClient, number: int, store: FileStore):
    answer = await tom.post(
        f"/tickets/{number}/articles",
        data={"kind": "reply", "text": "Instale esto."},
        files=[("files", ("parche.txt", b"parche", "text/plain"))],
    )
    assert answer.status_code == 201, answer.text
    (file,) = answer.json()["attachments"]
    assert (file["name"], file["size"], file["state"]) == ("parche.txt", 6, "stored")

    fetched = await tom.get(f"/tickets/{number}/files/{file['id']}")
    assert (fetched.status_code, fetched.content) == (200, b"parche")
    assert fetched.headers["content-disposition"] == "attachment; filename*=utf-8''parche.txt"
    elsewhere = await opened(tom)
    is_problem(await tom.get(f"/tickets/{elsewhere}/files/{file['id']}"), 404)
    store.path(hashlib.sha256(b"parche").hexdigest()).unlink()
    is_problem(await tom.get(f"/tickets/{number}/files/{file['id']}"), 404)


async def test_an_article_needs_a_kind_and_words(tom: httpx.AsyncClient, number: int):
    path = f"/tickets/{number}/articles"
    problem = is_problem(await tom.post(path, json={"kind": "shout", "text": "Hola"}), 422)
    assert problem["errors"][0]["field"] == "kind"
    is_problem(await tom.post(path, json={"kind": "reply", "text": ""}), 422)
    is_problem(await tom.post(path, content=b"{", headers={"Content-Type": "application/json"}), 422)


async def test_pending_needs_a_date_ahead_and_somebody_known(tom: httpx.AsyncClient, number: int, token_of):
    await token_of("dora")
    path, ahead = f"/tickets/{number}/pending", (now() + timedelta(days=3)).isoformat()
    is_problem(await tom.post(path, json={"remind_at": ahead, "responsible": "nobody"}), 422)
    is_problem(await tom.post(path, json={"remind_at": "2020-01-01T10:00:00-05:00", "responsible": "dora"}), 422)
    is_problem(await tom.post(path, json={"remind_at": "2027-01-01T10:00:00", "responsible": "dora"}), 422)
    ticket = (await tom.post(path, json={"remind_at": ahead, "responsible": "dora"})).json()
    assert (ticket["state"], ticket["responsible"], ticket["waiting_for"]) == ("pending", "dora", "desk")


async def test_what_is_pending_is_gone_on_with(tom: httpx.AsyncClient, number: int, token_of):
    await token_of("dora")
    path = f"/tickets/{number}/resume"
    is_problem(await tom.post(path), 409)
    ahead = (now() + timedelta(days=3)).isoformat()
    await tom.post(f"/tickets/{number}/pending", json={"remind_at": ahead, "responsible": "dora"})
    ticket = (await tom.post(path)).json()
    assert (ticket["state"], ticket["waiting_for"]) == ("open", "desk")
    assert (ticket["remind_at"], ticket["responsible"]) == (None, None)
    assert "no está pendiente" in is_problem(await tom.post(path), 409)["detail"]


async def test_calls_and_times_are_recorded(tom: httpx.AsyncClient, number: int):
    call = await tom.post(f"/tickets/{number}/calls", json={"outcome": "no_answer", "phone": "0991234567"})
    assert (call.status_code, call.json()["technician"]) == (201, "Tom")
    time = await tom.post(f"/tickets/{number}/time", json={"minutes": 12, "note": "Revisión"})
    assert (time.status_code, time.json()["minutes"]) == (201, 12)
    is_problem(await tom.post(f"/tickets/{number}/time", json={"minutes": 0}), 422)
    is_problem(await tom.post(f"/tickets/{number}/time", json={"minutes": "12"}), 422)
    is_problem(await tom.post(f"/tickets/{number}/calls", json={"outcome": "maybe"}), 422)
    ticket = (await tom.get(f"/tickets/{number}")).json()
    assert [entry["minutes"] for entry in ticket["time_entries"]] == [12]
    assert [entry["outcome"] for entry in ticket["calls"]] == ["no_answer"]
    assert ticket["appointments"] == []
    (asked,) = [article for article in ticket["articles"] if article["kind"] == "request"]
    assert call.json()["request"] == ticket["request"] == asked["number"]
    assert (asked["asks"], ticket["asks"], ticket["waiting_for"]) == ("time", "time", "customer")


async def test_minutes_add_up_to_an_hour_exactly(tom: httpx.AsyncClient):
    wanted = []
    for minutes in (4, 20, 25):
        number = await opened(tom)
        body = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": minutes}
        preview = (await tom.post(f"/tickets/{number}/closure/preview", json=body)).json()
        closed = (await tom.post(f"/tickets/{number}/closure", json=body)).json()
        assert closed == preview
        wanted.append((closed["charged_minutes"], closed["bag_after"], closed["technical_hours_issued"]))
    assert wanted == [(15, 15, 0), (20, 35, 0), (25, 0, 1)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"closure": "unsuccessful"}, "too_few_calls"),
        ({"closure": "implementation", "minutes": 101}, "too_few_purchased"),
        ({"minutes": None}, "minutes_missing"),
        ({"minutes": -1}, "minutes_negative"),
    ],
)
async def test_an_illegal_closing_is_previewed_with_its_reason_and_refused(tom, number: int, change, reason: str):
    body = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": 10} | change
    preview = (await tom.post(f"/tickets/{number}/closure/preview", json=body)).json()
    assert reason in preview["refused"]
    assert preview["bag_before"] == preview["bag_after"]
    problem = is_problem(await tom.post(f"/tickets/{number}/closure", json=body), 409)
    assert reason in problem["reasons"]
    assert (await tom.get(f"/tickets/{number}")).json()["state"] == "open"


@pytest.mark.parametrize(("blank", "reason"), [("cause", "cause_missing"), ("solution", "solution_missing")])
async def test_words_still_to_be_written_hide_no_number_and_are_needed_to_close(tom, number: int, blank, reason):
    path = f"/tickets/{number}/closure"
    body = {"closure": "invoiced", "cause": "Usuario", "solution": "Explicado", "minutes": 50}
    foreseen = (await tom.post(f"{path}/preview", json=body | {blank: " "})).json()
    assert foreseen.pop("refused") == [reason]
    assert (foreseen["charged_minutes"], foreseen["bag_after"]) == (50, 50)
    problem = is_problem(await tom.post(path, json=body | {blank: " "}), 409)
    assert problem["reasons"] == [reason]
    assert (await tom.get(f"/tickets/{number}")).json()["state"] == "open"
    done = (await tom.post(path, json=body)).json()
    assert done == foreseen | {"refused": []}, "as foreseen"


async def test_too_few_purchased_hours_are_split_or_owed_by_who_may(tom: httpx.AsyncClient, number: int):
    body = {"closure": "implementation", "cause": "x", "solution": "y", "minutes": 130}
    path = f"/tickets/{number}/closure"
    is_problem(await tom.post(path, json=body | {"overdraft": True, "split": True}), 422)
    assert is_problem(await tom.post(path, json=body), 409)["reasons"] == ["too_few_purchased"]
    owed = is_problem(await tom.post(path, json=body | {"overdraft": True}), 409)
    assert owed["reasons"] == ["overdraft_forbidden"]
    preview = (await tom.post(f"{path}/preview", json=body | {"split": True})).json()
    made = (await tom.post(path, json=body | {"split": True})).json()
    assert preview == made
    assert (made["charged_minutes"], made["purchased_after"], made["bag_after"]) == (130, 0, 30)


async def test_the_report_is_there_once_it_is_drawn(tom, number: int, database: Database, store: FileStore):
    is_problem(await tom.get(f"/tickets/{number}/report.pdf"), 404)
    body = {"closure": "implementation", "cause": "Instalación", "solution": "Hecha", "minutes": 40}
    assert (await tom.post(f"/tickets/{number}/closure", json=body)).json()["purchased_after"] == 60
    drawing = await tom.get(f"/tickets/{number}/report.pdf")
    is_problem(drawing, 409)
    assert drawing.headers["retry-after"] == "1"
    await draw_pending(database, store, Translator("es"))
    answer = await tom.get(f"/tickets/{number}/report.pdf", params={"closure": 1})
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-disposition"] == f'attachment; filename="informe-{number}.pdf"'
    assert (await tom.get(f"/tickets/{number}")).json()["closures"][0]["report_ready"] is True
    is_problem(await tom.post(f"/tickets/{number}/take"), 409)
    is_problem(await tom.post(f"/tickets/{number}/closure", json=body), 409)


async def test_a_timer_runs_on_the_server_and_its_minutes_are_corrected_with_a_reason(tom, number: int):
    started = await tom.post(f"/tickets/{number}/timer/start")
    assert started.status_code == 201
    again = await tom.post(f"/tickets/{number}/timer/start")
    assert again.json() == started.json()
    (running,) = (await tom.get("/timers")).json()["items"]
    assert running == started.json()
    stopped = await tom.post(f"/tickets/{number}/timer/{running['id']}/stop")
    assert stopped.status_code == 201
    assert (await tom.post(f"/tickets/{number}/timer/{running['id']}/stop")).status_code == 409
    address = f"/tickets/{number}/time/{stopped.json()['id']}/correction"
    assert (await tom.post(address, json={"minutes": 7, "reason": " "})).status_code == 422
    assert (await tom.post(address, json={"minutes": 7, "reason": "La pausa"})).json()["minutes"] == 7
    assert (await tom.get("/timers")).json() == {"items": []}


async def test_a_closing_is_reclassified_by_who_may(api, token_of, number: int):
    body = {"closure": "warranty", "cause": "x", "solution": "y", "minutes": 5}
    assert (await api.post(f"/tickets/{number}/closure", json=body)).status_code == 200
    assert (await api.post(f"/tickets/{number}/reclassify", json=body)).status_code == 403
    api.headers["Authorization"] = f"Bearer {await token_of('vera', Role.SUPERVISOR)}"
    answer = await api.post(f"/tickets/{number}/reclassify", json=body | {"closure": "invoiced"})
    assert (answer.status_code, answer.json()["charged_minutes"]) == (200, 15)
    assert [one["closure"] for one in (await api.get(f"/tickets/{number}")).json()["closures"]] == [
        "warranty",
        "invoiced",
    ]
