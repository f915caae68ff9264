"""Refusals as problem details (RFC 9457), whoever refuses: we, the validation, or the router."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from admin.errors import reasons_of, status_of, text_of
from core.errors import ConflictError, DeskError, InvalidError
from core.i18n import Translator

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    """One problem; ``members`` are the extensions, such as ``errors`` or ``reasons``."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail or title, **members}
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI, t: Translator) -> None:
    """Let every exception of the application end as a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DeskError)
        members: dict[str, Any] = {}
        if isinstance(error, ConflictError) and error.reasons:
            members = {"reasons": list(error.reasons), "explanations": list(reasons_of(error, t))}
        if isinstance(error, InvalidError) and error.field:
            members = {"errors": [{"field": error.field, "detail": text_of(error, t)}]}
        return problem(status_of(error), text_of(error, t), **members)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem(422, t("The request cannot be taken as it is."), errors=_fields(error.errors()))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, "", headers=error.headers)

    async def crashed(request: Request, error: Exception) -> Response:
        return problem(500, t("Something went wrong."))

    app.exception_handlers |= {
        DeskError: refused,
        RequestValidationError: invalid,
        HTTPException: http_error,
        Exception: crashed,
    }


def _fields(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {"field": ".".join(map(str, error["loc"][1:])) or str(error["loc"][0]), "detail": str(error["msg"])}
        for error in errors
    ]
