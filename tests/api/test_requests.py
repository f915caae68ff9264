"""What programs send by mistake or on purpose: refused in words, never a crash, never half done."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from core.db import Database
from core.models import Article, TimeEntry
from core.rules.permissions import Role
from tests.api.conftest import RUC, opened
from tests.api.test_tickets import is_problem

JSON = {"Content-Type": "application/json"}
MOMENT = "Escriba fecha y hora según ISO 8601 con su desfase"


class Sent:
    """A body that knows how much of it was taken."""

    def __init__(self, pieces: int, piece: bytes = b"x" * 65536) -> None:
        self.pieces, self.piece, self.taken = pieces, piece, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            self.taken += 1
            yield self.piece


async def test_strangers_are_turned_away_before_a_byte_is_read(api: httpx.AsyncClient, tom, number: int):
    stranger = {"Authorization": "Bearer nonsense"}
    for path in ("articles", "time"):
        body = Sent(pieces=10)
        is_problem(await api.post(f"/tickets/{number}/{path}", content=body, headers=JSON | stranger), 401)
        assert body.taken == 0


@pytest.mark.parametrize(
    ("path", "media_type", "cap"),
    [
        ("articles", "application/json", 1024**2),
        ("time", "application/json", 1024**2),
        ("articles", "multipart/form-data; boundary=b", 51 * 1024**2),
    ],
)
async def test_a_body_without_end_is_not_read_to_its_end(tom: httpx.AsyncClient, number: int, path, media_type, cap):
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    body = Sent(pieces=1000, piece=head.ljust(65536, b"x") if "multipart" in media_type else b" " * 65536)
    answer = await tom.post(f"/tickets/{number}/{path}", content=body, headers={"Content-Type": media_type})
    is_problem(answer, 413)
    assert body.taken <= cap / 65536 + 2


async def test_a_body_that_announces_too_much_is_not_begun(tom: httpx.AsyncClient, number: int):
    body = Sent(pieces=1)
    headers = JSON | {"Content-Length": str(2 * 1024**2)}
    is_problem(await tom.post(f"/tickets/{number}/time", content=body, headers=headers), 413)
    assert body.taken == 0


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"minutes":' + b"9" * 5000 + b"}", b"{", b"\xff\xfe", b"", b"[1]"]
)
async def test_what_is_no_request_is_refused(tom: httpx.AsyncClient, number: int, body: bytes):
    for path in ("time", "articles"):
        answer = await tom.post(f"/tickets/{number}/{path}", content=body, headers=JSON)
        assert answer.status_code in {400, 422}
        is_problem(answer, answer.status_code)


async def test_signs_no_database_keeps_do_not_come_in(tom: httpx.AsyncClient, number: int):
    article = await tom.post(f"/tickets/{number}/articles", json={"kind": "note", "text": "uno\x00\r\ndos"})
    assert article.json()["text"] == "uno\ndos"
    half = b'{"minutes": 1, "note": "\\ud800"}'
    problem = is_problem(await tom.post(f"/tickets/{number}/time", content=half, headers=JSON), 422)
    assert problem["errors"] == [{"field": "note", "detail": "El texto contiene caracteres no válidos."}]
    for field in ("q", "company", "assignee", "after"):
        answer = await tom.get("/tickets", params={field: "a\x00b"})
        assert answer.status_code == (422 if field == "after" else 200), answer.text


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+14:00", "1999-12-31T00:00:00Z", 1700000000, "1700000000", "2026-01-01", "2026-01-01T10:00"],
)
async def test_a_moment_is_written_out_with_its_offset(tom: httpx.AsyncClient, number: int, at):
    problem = is_problem(await tom.post(f"/tickets/{number}/calls", json={"outcome": "busy", "at": at}), 422)
    assert problem["errors"][0]["field"] == "at"
    assert problem["errors"][0]["detail"].startswith(MOMENT)


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-14:00", "2999-01-01T00:00:00Z"])
async def test_a_call_does_not_lie_ahead(tom: httpx.AsyncClient, number: int, at: str):
    is_problem(await tom.post(f"/tickets/{number}/calls", json={"outcome": "busy", "at": at}), 422)


async def test_a_misspelt_name_is_not_ignored(tom: httpx.AsyncClient, number: int):
    problem = is_problem(await tom.get("/tickets", params={"sate": "open"}), 422)
    assert problem["errors"] == [{"field": "sate", "detail": "Este campo no existe."}]
    answer = await tom.post(
        f"/tickets/{number}/articles", data={"kind": "reply", "text": "Va"}, files=[("file", ("a.txt", b"a"))]
    )
    assert is_problem(answer, 422)["errors"] == [{"field": "file", "detail": "Este campo no existe."}]
    problem = is_problem(await tom.post(f"/tickets/{number}/calls", json={"outcome": "maybe"}), 422)
    assert problem["errors"][0]["detail"] == (
        "Solo se admite: 'no_answer', 'busy', 'wrong_number', 'answered_no_access', 'connected'."
    )


async def test_a_number_beyond_every_column_is_a_refusal(tom: httpx.AsyncClient, number: int):
    is_problem(await tom.post(f"/tickets/{number}/time", json={"minutes": 10**30}), 422)
    is_problem(await tom.get(f"/tickets/{number}/report.pdf", params={"closure": 10**12}), 422)
    preview = await tom.post(f"/tickets/{number}/closure/preview", json={"closure": "invoiced", "minutes": 10**40})
    assert "minutes_too_many" in preview.json()["refused"]


async def test_a_ruc_may_be_written_as_people_write_it(tom: httpx.AsyncClient):
    number = await opened(tom, ruc=f" {RUC[:10]}-{RUC[10:]} ")
    listed = (await tom.get("/tickets", params={"company": f"{RUC[:10]} {RUC[10:]}", "assignee": "TOM"})).json()
    assert [item["number"] for item in listed["items"]] == [number]


async def test_files_have_their_limits(tom: httpx.AsyncClient, number: int, database: Database):
    path = f"/tickets/{number}/articles"
    big = [("files", ("grande.bin", b"x" * (20 * 1024**2 + 1)))]
    is_problem(await tom.post(path, data={"kind": "reply", "text": "Va"}, files=big), 413)
    together = [("files", (f"{turn}.bin", b"x" * (17 * 1024**2))) for turn in range(3)]
    is_problem(await tom.post(path, data={"kind": "reply", "text": "Va"}, files=together), 413)
    assert len((await tom.get(f"/tickets/{number}")).json()["articles"]) == 1


async def test_who_may_not_write_leaves_no_file(tom, token_of, number: int, store, tmp_path: Path):
    auditor = {"Authorization": f"Bearer {await token_of('vera', Role.AUDITOR)}"}
    billing = {"Authorization": f"Bearer {await token_of('bea', Role.BILLING)}"}
    path, files = f"/tickets/{number}/articles", [("files", ("a.txt", b"a"))]
    for kind, header in (("note", auditor), ("reply", auditor), ("reply", billing), ("request", billing)):
        is_problem(await tom.post(path, data={"kind": kind, "text": "x"}, files=files, headers=header), 403)
    assert not (tmp_path / "files").exists()
    assert (await tom.post(path, data={"kind": "note", "text": "x"}, files=files, headers=billing)).status_code == 201


async def test_a_disk_that_fails_is_a_problem_and_changes_nothing(
    tom: httpx.AsyncClient, number: int, database: Database, tmp_path: Path
):
    (tmp_path / "files").write_bytes(b"in the way of the folder")
    answer = await tom.post(
        f"/tickets/{number}/articles", data={"kind": "reply", "text": "Va"}, files=[("files", ("a.txt", b"a"))]
    )
    assert is_problem(answer, 500)["detail"] == "Algo salió mal."
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Article)) == 1


async def test_every_refusal_names_all_its_fields(tom: httpx.AsyncClient, number: int, database: Database):
    problem = is_problem(
        await tom.post(f"/tickets/{number}/time", json={"minutes": "12", "colour": 1, "note": 3}), 422
    )
    assert problem["type"] == "about:blank"
    assert {error["field"]: error["detail"] for error in problem["errors"]} == {
        "minutes": "Escriba un número entero.",
        "note": "Escriba un texto.",
        "colour": "Este campo no existe.",
    }
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(TimeEntry)) == 0
