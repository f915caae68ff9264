"""Files of a form: stored before the transaction, and kept over a refusal so that nobody chooses them twice."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from pathlib import PurePath

import filetype
from starlette.datastructures import FormData, UploadFile

from admin.errors import TooLargeError
from admin.panel import Panel
from core.actions.writing import NewFile
from core.messaging.store import FileStore

MAX_FILE = 20 * 1024 * 1024
MAX_FORM = 50 * 1024 * 1024


async def store(
    files_store: FileStore, uploads: Iterable[UploadFile], *, kept: Iterable[NewFile] = ()
) -> list[NewFile]:
    """Store new files and add those kept from the same form. Raises TooLargeError before anything is stored."""
    chosen, files = list(uploads), list(kept)
    sizes = [upload.size or 0 for upload in chosen]
    if any(size > MAX_FILE for size in sizes) or sum(sizes) + sum(file.size for file in files) > MAX_FORM:
        raise TooLargeError
    for upload in chosen:
        content = await upload.read()
        stored = await files_store.put(content)
        files.append(NewFile(_name(upload), _media_type(content, upload), stored.sha256, stored.size))
    return files


def ticket_for(panel: Panel, file: NewFile) -> str:
    """A stored file as a form field that only this panel can have made."""
    content = json.dumps([file.name, file.media_type, file.sha256, file.size]).encode()
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
        if hmac.compare_digest(signature, _signature(panel, content)):
            found.append(NewFile(*json.loads(content)))
    return found


def _signature(panel: Panel, content: bytes) -> str:
    return hmac.new(panel.secret, b"kept:" + content, hashlib.sha256).hexdigest()


def _name(upload: UploadFile) -> str:
    name = PurePath((upload.filename or "").replace("\\", "/")).name
    name = "".join(sign for sign in name if sign.isprintable()).strip()
    return name[-255:] or "archivo"


def _media_type(content: bytes, upload: UploadFile) -> str:
    """What the content is, else what the browser called it."""
    kind = filetype.guess(content[:8192])
    claimed = (upload.content_type or "").partition(";")[0].strip().lower()
    is_plain = claimed.isascii() and claimed.isprintable() and claimed.count("/") == 1 and len(claimed) <= 127
    return kind.mime if kind else claimed if is_plain else "application/octet-stream"
