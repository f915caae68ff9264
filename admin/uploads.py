"""Files of a form: stored before the transaction, and kept over a refusal so that nobody chooses them twice."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from dataclasses import asdict

import structlog
from pydantic import TypeAdapter
from starlette.datastructures import FormData, UploadFile

from admin.errors import HarmfulError, ScannerAwayError, TooLargeError
from admin.panel import Panel
from core.actions.content import plain_name
from core.actions.writing import NewFile
from core.messaging.quarantine import TooBigError
from core.messaging.scanner import InfectedError, ScannerError
from core.messaging.store import FileStore

log = structlog.get_logger(__name__)

CHUNK = 256 * 1024
MAX_FILE = 20 * 1024 * 1024
MAX_FORM = 50 * 1024 * 1024


async def store(
    files_store: FileStore, uploads: Iterable[UploadFile], *, kept: Iterable[NewFile] = ()
) -> list[NewFile]:
    """Store new files and add those kept from the same form.

    Raises TooLargeError before anything is stored, HarmfulError and ScannerAwayError.
    """
    chosen, files = list(uploads), list(kept)
    sizes = [upload.size or 0 for upload in chosen]
    if any(size > MAX_FILE for size in sizes) or sum(sizes) + sum(file.size for file in files) > MAX_FORM:
        raise TooLargeError
    for upload in chosen:
        name = plain_name(upload.filename)
        files.append(await receive(files_store, name, _chunks(upload), cap=MAX_FILE))
    return files


async def receive(files_store: FileStore, name: str, chunks: AsyncIterable[bytes], *, cap: int) -> NewFile:
    """A file from outside, in the store. Raises TooLargeError, HarmfulError, ScannerAwayError."""
    try:
        return NewFile(name, await files_store.receive(chunks, cap=cap))
    except TooBigError:
        raise TooLargeError from None
    except InfectedError as error:
        log.warning("a harmful file was refused", found=str(error))
        raise HarmfulError(name=name, found=str(error)) from None
    except ScannerError as error:
        log.error("files wait for the virus scanner", error=str(error))
        raise ScannerAwayError from None


def ticket_for(panel: Panel, file: NewFile) -> str:
    """A stored file as a form field that only this panel can have made."""
    content = json.dumps(asdict(file)).encode()
    return f"{base64.urlsafe_b64encode(content).decode()}.{_signature(panel, content)}"


def kept(panel: Panel, data: FormData) -> list[NewFile]:
    """The files a refused form had brought before; what was not signed here is ignored."""
    found = []
    for field in data.getlist("kept"):
        packed, _, signature = str(field).partition(".")
        try:
            content = base64.urlsafe_b64decode(packed)
        except ValueError:
            continue
        if hmac.compare_digest(signature.encode(), _signature(panel, content).encode()):
            found.append(_KEPT.validate_json(content))
    return found


_KEPT = TypeAdapter(NewFile)


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while content := await upload.read(CHUNK):
        yield content


def _signature(panel: Panel, content: bytes) -> str:
    return hmac.new(panel.secret, b"kept:" + content, hashlib.sha256).hexdigest()
