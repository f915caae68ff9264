"""Reading a Bot API request: query, JSON, urlencoded and multipart all give the same parameters."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope

from bot.simulator.errors import ApiError, bad_request
from bot.simulator.files import UPLOAD_LIMIT

# The multipart frame around a file of exactly the limit needs some room.
BODY_LIMIT = UPLOAD_LIMIT + 1024 * 1024
FIELD_LIMIT = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Parameters:
    values: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "1", "true", "True", "yes")

    def structure(self, name: str) -> Any:
        """A nested value: already there in a JSON body, a JSON string everywhere else."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error

    def mapping(self, name: str) -> dict[str, Any] | None:
        value = self.structure(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name.replace('_', ' ')}")
        return value

    def items(self, name: str) -> list[Any]:
        value = self.structure(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name.replace('_', ' ')}: Array expected")
        return value

    def attached(self, reference: str) -> Upload | None:
        """The uploaded file behind `attach://name`, or the one in the field of that name."""
        return self.uploads.get(reference.removeprefix("attach://"))

    @property
    def chat_id(self) -> int | None:
        value = self.values.get("chat_id")
        try:
            return int(value) if value is not None else None
        except (TypeError, ValueError):
            return None


async def read(scope: Scope, receive: Receive) -> Parameters:
    query = scope["query_string"].decode()
    params = Parameters(dict(parse_qsl(query, keep_blank_values=True)) if query else {})
    if scope["method"] != "POST":
        return params
    headers = Headers(scope=scope)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        await _read_multipart(params, headers, receive)
        return params
    body = await _whole(receive)
    if kind == "application/json" and body:
        params.values.update(_json_object(body))
    elif body:
        params.values.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return params


async def _whole(receive: Receive) -> bytes:
    first = await receive()
    if first["type"] == "http.request" and not first.get("more_body", False):
        return bytes(first.get("body", b""))
    parts = [first.get("body", b"")] + [chunk async for chunk in _chunks(receive)]
    return b"".join(parts)


async def _chunks(receive: Receive) -> AsyncGenerator[bytes, None]:
    """The body as it comes; one over the limit is read to its end, so that the client sees the answer."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left while it was sending")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT:
            yield chunk
        if not message.get("more_body", False):
            break
    if size > BODY_LIMIT:
        raise ApiError(413, "Request Entity Too Large")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("object expected")
    return value


async def _read_multipart(params: Parameters, headers: Headers, receive: Receive) -> None:
    try:
        form = await MultiPartParser(headers, _chunks(receive), max_part_size=FIELD_LIMIT).parse()
    except MultiPartException as error:
        raise bad_request("can't parse multipart body") from error
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                if len(content) > UPLOAD_LIMIT:
                    raise ApiError(413, "Request Entity Too Large")
                params.uploads[name] = Upload(value.filename or name, value.content_type or "", content)
            else:
                params.values[name] = value
    finally:
        await form.close()
