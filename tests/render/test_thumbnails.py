"""Small pictures: upright, bounded, and without anything of the original but what one sees."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from core.render import thumbnails
from core.render.thumbnails import draw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "picture"


def shown(path: Path) -> Image.Image:
    drawn = draw(path)
    assert drawn is not None
    picture = Image.open(io.BytesIO(drawn.content))
    assert (picture.format, picture.size) == ("WEBP", (drawn.width, drawn.height))
    return picture.convert("RGB")


def halves(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Red above, blue below."""
    picture = Image.new(mode, size, "blue")
    picture.paste(Image.new(mode, (size[0], size[1] // 2), "red"))
    return picture


def is_red(colour: object) -> bool:
    assert isinstance(colour, tuple)
    return colour[0] > 150 and colour[2] < 100


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_large_picture_becomes_small_and_keeps_its_shape(path: Path, kind: str):
    halves((1600, 800)).save(path, kind)
    small = shown(path)
    assert small.size == (320, 160)
    assert is_red(small.getpixel((160, 10)))
    assert not is_red(small.getpixel((160, 150)))


def test_a_small_picture_stays_as_large_as_it_is(path: Path):
    halves((40, 30)).save(path, "PNG")
    assert shown(path).size == (40, 30)


def test_a_phone_held_upright_is_shown_upright_and_where_it_was_taken_is_forgotten(path: Path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8825] = 6, "Guayaquil", {1: "S", 2: (2.0, 10.0, 0.0)}
    halves((800, 400)).save(path, "JPEG", exif=exif)
    assert b"Guayaquil" in path.read_bytes()
    small = shown(path)
    assert small.size == (160, 320)
    assert is_red(small.getpixel((150, 160)))  # what the sensor had above is now at the right
    drawn = draw(path)
    assert drawn is not None
    assert not [word for word in (b"Guayaquil", b"EXIF", b"Exif", b"ICCP") if word in drawn.content]


def test_what_is_transparent_lies_on_white(path: Path):
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(path, "PNG")
    assert min(shown(path).getpixel((25, 25))) > 250


def test_of_a_film_the_first_picture_is_shown(path: Path):
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue", "green")]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert is_red(shown(path).getpixel((30, 30)))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("edges", [(50_000, 50_000), (10_000, 9_500), (7_000, 6_000), (4_000, 2_200)])
def test_a_bomb_is_not_unpacked(path: Path, edges: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    path.write_bytes(bomb(*edges))
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *_: pytest.fail("it was unpacked"))
    assert draw(path) is None


def test_a_large_photo_is_read_at_a_fraction_of_its_size(path: Path):
    large = Image.new("L", (6000, 5000), 128)
    large.save(path, "JPEG", quality=20)
    assert shown(path).size == (320, 267)
    large.save(path, "JPEG", quality=20, progressive=True)  # this kind is held whole
    assert draw(path) is None
    Image.new("L", (8000, 5100)).save(path, "JPEG", quality=5)
    assert draw(path) is None


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\x00\x00\x00WEBPVP8 "])
def test_a_broken_picture_has_none(path: Path, content: bytes):
    path.write_bytes(content)
    assert draw(path) is None


def test_a_picture_that_ends_too_early_has_none(path: Path):
    halves((400, 400)).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:-200])
    assert draw(path) is None


def test_other_decoders_are_out_of_reach(path: Path):
    halves((40, 40)).save(path, "TIFF")
    assert draw(path) is None
    assert "image/tiff" not in thumbnails.DRAWN
