"""A POST with an Idempotency-Key has its effect once in 24 hours; its repetition gets the same answer."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import delete, select
from starlette.responses import Response

from admin.api.access import Api
from core.clock import now
from core.db import WriteSession, insert_into
from core.errors import ConflictError
from core.i18n import N_
from core.models import IdempotentAnswer, Technician

LONGEST_KEY = 128
KEPT = timedelta(hours=24)

Effect = Callable[[WriteSession, Technician], Awaitable[BaseModel]]


def _key(
    idempotency_key: Annotated[
        str, Header(max_length=LONGEST_KEY, description="chosen by the caller, such as a UUID; one for each intent")
    ] = "",
) -> None:
    """The header as the description shows it; ``perform`` reads it."""


ONCE = Depends(_key)


async def perform(
    request: Request,
    api: Api,
    caller: Technician,
    effect: Effect,
    *,
    status: int,
    content: bytes | None = None,
    is_secret: bool = False,
) -> Response:
    """Run the effect in one transaction with the note that it happened, and answer what it returns.

    ``content`` is what makes two requests the same, by default the body. A refused effect leaves no note,
    so it may be tried again with the same key. An answer that is secret is not kept: its repetition is a
    conflict. Raises what the effect raises.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    body = await request.body() if content is None else content
    wanted = hashlib.sha256(request.url.path.encode() + b"\0" + body).hexdigest()

    async def once(session: WriteSession) -> Response:
        actor = await session.get_one(Technician, caller.id)
        note = await _note(session, actor, key, wanted) if key else None
        if note is not None and note.status is not None:
            if is_secret:
                raise ConflictError(N_("This has been done and answered already; the answer is shown only once."))
            return _answer(note.body or b"", note.status, replayed=True)
        answer = (await effect(session, actor)).model_dump_json().encode()
        if note is not None:
            note.status, note.body = status, b"" if is_secret else answer
        return _answer(answer, status)

    return await api.database.carry_out(once)


async def _note(session: WriteSession, actor: Technician, key: str, wanted: str) -> IdempotentAnswer:
    """The note of this key, made now or before: a simultaneous repetition waits here for the first one's commit."""
    same = (IdempotentAnswer.technician_id == actor.id) & (IdempotentAnswer.key == f"api:{key}")
    await session.execute(delete(IdempotentAnswer).where(same, IdempotentAnswer.created_at <= now() - KEPT))
    await session.execute(
        insert_into(session.dialect, IdempotentAnswer)
        .values(technician_id=actor.id, key=f"api:{key}", request_sha256=wanted, created_at=now())
        .on_conflict_do_nothing()
    )
    note = await session.scalar(select(IdempotentAnswer).where(same).with_for_update())
    assert note is not None
    if note.request_sha256 != wanted:
        raise ConflictError(N_("This Idempotency-Key was used for another request."))
    return note


def _answer(body: bytes, status: int, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    return Response(body, status, headers, media_type="application/json")
