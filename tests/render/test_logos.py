"""A logo is what its content says, drawn anew: small, on white, and without anything the file brought along."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core.render import logos
from core.render.logos import BYTES_LIMIT, LARGEST, Flaw, UnusableError


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (0, 128, 128, 0)[: len(mode)]).save(out, kind, **options)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_is_made_small_and_keeps_its_shape(kind: str) -> None:
    drawn = logos.draw(picture(kind))
    assert (drawn.width, drawn.height) == opened(drawn.content).size == (480, 160)
    assert opened(drawn.content).format == "PNG"
    assert logos.draw(picture(kind, (60, 40))).width == 60, "a small one is not blown up"


def test_what_is_transparent_becomes_white() -> None:
    drawn = opened(logos.draw(picture(mode="RGBA")).content)
    assert drawn.mode == "RGB"
    assert drawn.getpixel((5, 5)) == (255, 255, 255)


def test_nothing_comes_along_and_a_picture_that_lies_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Guayaquil"
    drawn = logos.draw(picture("JPEG", (100, 40), exif=exif))
    assert (drawn.width, drawn.height) == (40, 100)
    assert b"Guayaquil" not in drawn.content
    appended = picture() + b"<script>alert(1)</script>"
    assert b"script" not in logos.draw(appended).content


def test_the_same_file_is_the_same_logo() -> None:
    assert logos.draw(picture()) == logos.draw(picture())


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', Flaw.SVG),
        (b'<?xml version="1.0"?>\n<!-- a logo -->\n<svg></svg>', Flaw.SVG),
        (b"<!doctype html><p>logo", Flaw.OTHER),
        (b"", Flaw.OTHER),
        (picture("GIF"), Flaw.OTHER),
        (picture("WEBP"), Flaw.OTHER),
        (picture()[:-40], Flaw.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), Flaw.BROKEN),
        (claiming(9000, 5000), Flaw.TOO_MANY_PIXELS),
        (claiming(60000, 60000), Flaw.TOO_MANY_PIXELS),
        (picture(size=(15, 15)), Flaw.TOO_SMALL),
        (picture(size=(4000, 40)), Flaw.TOO_SMALL),
        (picture() + bytes(BYTES_LIMIT), Flaw.TOO_LARGE),
    ],
)
def test_what_is_no_logo_is_refused_with_its_reason(content: bytes, flaw: Flaw) -> None:
    with pytest.raises(UnusableError) as caught:
        logos.draw(content)
    assert caught.value.flaw is flaw


def test_the_largest_logo_is_small_enough_for_every_mail() -> None:
    noise = Image.effect_noise((1200, 400), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert len(logos.draw(out.getvalue()).content) < 3 * LARGEST[0] * LARGEST[1] + 2048
