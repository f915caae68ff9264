"""What a file is, told by its first bytes: its name and what the sender called it prove nothing."""

import re
from collections.abc import Mapping
from pathlib import Path

import filetype

from core.i18n import N_

HEAD = 8192
UNKNOWN = "application/octet-stream"
OLD_OFFICE = "application/x-ole-storage"
_OLD_OFFICE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")  # a Word, Excel or other file of before 2007

# What accountants send and the library does not know. PKCS#12 is DER: SEQUENCE, length, INTEGER 3, SEQUENCE.
_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), media_type)
    for pattern, media_type in (
        (rb"(?:\xef\xbb\xbf)?%PDF-", "application/pdf"),
        (rb"\{\\rtf", "application/rtf"),
        (rb"\x30(?:\x80|\x82..|\x83...|\x81.|[\x10-\x7f])\x02\x01\x03\x30", "application/x-pkcs12"),
        (rb"\x30(?:\x82..|\x81.)\x30(?:\x82..|\x81.)\xa0\x03\x02\x01", "application/pkix-cert"),
        (rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB", "application/x-msaccess"),
        (rb"[\x03\x30\x31\x32\x43\x83\x8b\xf5].[\x01-\x0c][\x01-\x1f].{4}.{2}.{2}\x00\x00", "application/x-dbf"),
        (rb"\xff\xfe|\xfe\xff", "text/plain"),
    )
)
_MARKUP: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), media_type)
    for pattern, media_type in (
        (rb".{0,2000}<svg[\s>]", "image/svg+xml"),
        (rb".{0,2000}<(?:!doctype html|html|head|body|script|iframe)[\s>]", "text/html"),
        (rb"<\?xml|<!--|<!doctype|<[a-z_][\w:.-]*(?:\s[^<]*)?/?>", "application/xml"),
        (rb"-----BEGIN [A-Z0-9 ]+-----", "application/x-pem-file"),
    )
)
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\r\f\x1a\x1b"))
_UPPER_CONTROLS = re.compile(rb"[\x80-\x9f]")

LABELS: Mapping[str, str] = {
    "application/pdf": N_("PDF document"),
    "application/rtf": N_("Text document"),
    "application/msword": N_("Word document"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": N_("Word document"),
    "application/vnd.ms-excel": N_("Excel workbook"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": N_("Excel workbook"),
    "application/vnd.ms-powerpoint": N_("PowerPoint presentation"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": N_("PowerPoint presentation"),
    "application/vnd.oasis.opendocument.text": N_("Text document"),
    "application/vnd.oasis.opendocument.spreadsheet": N_("Spreadsheet"),
    OLD_OFFICE: N_("Office document"),
    "application/x-msaccess": N_("Access database"),
    "application/x-sqlite3": N_("Database"),
    "application/x-dbf": N_("Database table"),
    "application/x-pkcs12": N_("Electronic signature"),
    "application/pkix-cert": N_("Certificate"),
    "application/x-pem-file": N_("Certificate"),
    "application/xml": N_("XML file"),
    "text/html": N_("Web page"),
    "image/svg+xml": N_("SVG drawing"),
    "application/zip": N_("Compressed file"),
    "application/x-rar-compressed": N_("Compressed file"),
    "application/x-7z-compressed": N_("Compressed file"),
    "application/gzip": N_("Compressed file"),
    "application/x-tar": N_("Compressed file"),
    "application/vnd.ms-cab-compressed": N_("Compressed file"),
    "application/x-msdownload": N_("Program"),
    "application/x-executable": N_("Program"),
    "image": N_("Picture"),
    "audio": N_("Sound"),
    "video": N_("Video"),
    "text": N_("Text"),
}
PROGRAMS = frozenset({"application/x-msdownload", "application/x-executable"})


def media_type_of(path: Path) -> str:
    """The media type of a file by its content; archives are never opened."""
    with path.open("rb") as file:
        return media_type(file.read(HEAD))


def media_type(head: bytes) -> str:
    """The media type of a file that begins like this (8 KB are enough)."""
    for signature, found in _SIGNATURES:
        if signature.match(head):
            return found
    if _is_text(head):
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return next((found for markup, found in _MARKUP if markup.match(text)), "text/plain")
    kind = filetype.guess(head)
    return str(kind.mime) if kind else OLD_OFFICE if head.startswith(_OLD_OFFICE_MAGIC) else UNKNOWN


def label(media_type: str) -> str | None:
    """What people call such a file, to be translated; None where there is no word for it."""
    return LABELS.get(media_type) or LABELS.get(media_type.partition("/")[0])


def _is_text(head: bytes) -> bool:
    """Words in UTF-8 or in an older Western encoding, without the signs that only programs write."""
    if not head or head.translate(None, _CONTROLS) != head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = len(head) == HEAD and error.start >= HEAD - 3
        return is_cut or not _UPPER_CONTROLS.search(head)
    return True
