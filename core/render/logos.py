"""The desk's logo drawn anew: a small PNG on white, whatever was uploaded."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from core.i18n import N_
from core.render import labels, thumbnails

BYTES_LIMIT = 2 * 1024 * 1024
LARGEST = (480, 160)  # sharp on paper at a good centimetre, and small enough for every mail
SMALLEST = 16
_FORMATS = ("PNG", "JPEG")  # every other decoder stays out of an uploaded file's reach


class Flaw(StrEnum):
    """Why a file is no logo."""

    TOO_LARGE = "too_large"
    SVG = "svg"
    OTHER = "other"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"


FLAW_WORDS: Mapping[Flaw, str] = {
    Flaw.TOO_LARGE: N_("The file is larger than 2 MB. Save the picture smaller and upload it again."),
    Flaw.SVG: N_("An SVG can hold a program, so it is not taken. Save the logo as PNG and upload that."),
    Flaw.OTHER: N_("This is neither a PNG nor a JPEG. Save the logo as PNG and upload that."),
    Flaw.BROKEN: N_("The picture cannot be read: the file is damaged. Save it again and upload that."),
    Flaw.TOO_MANY_PIXELS: N_("The picture has too many pixels. 1000 pixels of width are plenty."),
    Flaw.TOO_SMALL: N_("The picture is too small or too narrow. It needs 16 pixels each way."),
}


class UnusableError(Exception):
    """The file cannot be the logo."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True)
class Drawn:
    """A PNG without transparency, and its size in pixels."""

    content: bytes
    width: int
    height: int


def draw(content: bytes) -> Drawn:
    """The logo from an uploaded file; what it is, its content says. Raises UnusableError."""
    if len(content) > BYTES_LIMIT:
        raise UnusableError(Flaw.TOO_LARGE)
    kind = labels.media_type(content[: labels.HEAD])
    if kind not in {"image/png", "image/jpeg"}:
        raise UnusableError(Flaw.SVG if kind == "image/svg+xml" else Flaw.OTHER)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            small = thumbnails.reduced(image, LARGEST)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnusableError(Flaw.TOO_MANY_PIXELS) from None
    except Exception as error:  # a broken picture breaks decoders in every way
        raise UnusableError(Flaw.BROKEN) from error
    if small is None:
        raise UnusableError(Flaw.TOO_MANY_PIXELS)
    if min(small.size) < SMALLEST:
        raise UnusableError(Flaw.TOO_SMALL)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True, icc_profile=None)
    return Drawn(out.getvalue(), small.width, small.height)
