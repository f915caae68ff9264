"""Refusals as problem details (RFC 9457), whoever refuses: we, the validation, or the router."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from admin.api import models
from admin.errors import reasons_of, status_of, text_of
from core.errors import ConflictError, DeskError, InvalidError, NotFoundError
from core.i18n import N_, Translator

MEDIA_TYPE = "application/problem+json"

DETAILS: Mapping[int, str] = {
    400: N_("The request cannot be read."),
    401: N_("A valid token is needed: Authorization: Bearer …"),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take this method."),
    413: N_("The request is too large."),
    415: N_("Send JSON: Content-Type: application/json."),
}

_MOMENT = N_("Write a moment as ISO 8601 with its offset, such as 2027-01-11T10:00:00-05:00.")

# By the type of a pydantic error; what stands in its context fills the text.
FLAWS: Mapping[str, str] = {
    "missing": N_("This field is missing."),
    "extra_forbidden": N_("There is no such field."),
    "json_invalid": N_("This is not JSON."),
    "literal_error": N_("Only these are possible: %(expected)s."),
    "enum": N_("Only these are possible: %(expected)s."),
    "int_type": N_("Write a whole number."),
    "int_parsing": N_("Write a whole number."),
    "int_parsing_size": N_("Write a whole number."),
    "int_from_float": N_("Write a whole number."),
    "bool_type": N_("Write true or false."),
    "string_type": N_("Write a text."),
    "string_unicode": N_("This text holds signs that are none."),
    "string_too_long": N_("The text is too long: at most %(max_length)s characters."),
    "greater_than_equal": N_("At least %(ge)s."),
    "less_than_equal": N_("At most %(le)s."),
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
}

DESCRIBED: Mapping[int, str] = {
    401: "no token, or one that is revoked or whose technician is disabled",
    403: "the role of the technician does not allow it",
    404: "there is no such thing",
    409: "the state of the desk stands against it; nothing was changed",
    413: "more bytes than are taken",
    415: "a body of another type than JSON (or, for articles, multipart)",
    422: "the request cannot be taken as it is",
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a call for its description; a body that may be too large may also be of the wrong type."""
    statuses = (*statuses, 415) if 413 in statuses else statuses
    reference = {"$ref": f"#/components/schemas/{models.Problem.__name__}"}
    return {
        status: {"description": DESCRIBED[status], "content": {MEDIA_TYPE: {"schema": reference}}}
        for status in statuses
    }


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
        # the general words speak of a page, which a program has never seen
        is_general = isinstance(error, NotFoundError) and error.message == NotFoundError.message
        detail = t(DETAILS[404]) if is_general else text_of(error, t)
        return problem(status_of(error), detail, **members)

    async def overtaken(request: Request, error: Exception) -> Response:
        return await refused(request, ConflictError())

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if any(flaw["loc"][0] == "path" for flaw in error.errors()):
            return problem(404, t(DETAILS[404]))
        return problem(422, t("The request cannot be taken as it is."), errors=_flaws(error.errors(), t))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, t(DETAILS.get(error.status_code, "")), headers=error.headers)

    async def crashed(request: Request, error: Exception) -> Response:
        return problem(500, t("Something went wrong."))

    app.exception_handlers |= {
        DeskError: refused,
        StaleDataError: overtaken,
        RequestValidationError: invalid,
        HTTPException: http_error,
        Exception: crashed,
    }


def _flaws(errors: Sequence[Mapping[str, Any]], t: Translator) -> list[dict[str, str]]:
    return [{"field": _field(error), "detail": _detail(error, t)} for error in errors]


def _field(error: Mapping[str, Any]) -> str:
    """The name of the field, or where the whole of it is wrong: the body."""
    place, *names = error["loc"]
    return str(place) if error["type"] == "json_invalid" or not names else ".".join(map(str, names))


def _detail(error: Mapping[str, Any], t: Translator) -> str:
    text = t(FLAWS.get(str(error["type"]), InvalidError.message))
    # pydantic joins what is expected by an English word
    values = {name: str(value).replace("' or '", "', '") for name, value in error.get("ctx", {}).items()}
    return text % values
