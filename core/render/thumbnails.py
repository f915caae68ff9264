"""Small pictures drawn anew: never a customer's own bytes, nothing the camera wrote beside the picture."""

import io
from dataclasses import dataclass
from pathlib import Path

import structlog
from PIL import Image, ImageOps

log = structlog.get_logger(__name__)

EDGE = 320
PREVIEW_EDGE = 1600  # enough to read the words of a screen
QUALITY = 80
MOST_PIXELS = 40_000_000  # what a picture may say it has
MOST_HELD = 8_500_000  # what is held in memory of it: a whole 4K screen takes 70 MB, as WebP 130 MB

DRAWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # every other decoder stays out of a stranger's reach


@dataclass(frozen=True)
class Thumbnail:
    """A WebP of at most so many pixels each way."""

    content: bytes
    width: int
    height: int


def draw(path: Path, *, edge: int = EDGE) -> Thumbnail | None:
    """The first frame, upright; None for what is too large to be drawn safely, or is no picture after all."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            return _drawn(image, edge)
    except Exception as error:  # a broken picture breaks decoders in every way; the file itself is kept
        log.info("a picture has no thumbnail", reason=type(error).__name__)
        return None


def _drawn(image: Image.Image, edge: int) -> Thumbnail | None:
    small = reduced(image, (edge, edge))
    if small is None:
        return None
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, icc_profile=None)
    return Thumbnail(out.getvalue(), small.width, small.height)


def reduced(image: Image.Image, box: tuple[int, int]) -> Image.Image | None:
    """An opened picture within so many pixels, upright and on white; None where that would take too much memory."""
    if image.width * image.height > MOST_PIXELS:
        return None
    if "progressive" not in image.info:  # such a JPEG is held whole, any other read at a fraction of its size
        image.draft("RGB", (2 * box[0], 2 * box[1]))
    if image.width * image.height > MOST_HELD:
        return None
    if image.mode == "P":
        image = image.convert("RGBA")  # a palette cannot be made smaller smoothly
    image.thumbnail(box)
    return _opaque(ImageOps.exif_transpose(image))


def _opaque(image: Image.Image) -> Image.Image:
    """On white, as paper: a drawing in black on nothing is not lost in the dark."""
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")
