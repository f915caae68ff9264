"""A browser's recording as Telegram delivers it: Opus taken out of WebM (RFC 8794) and put into Ogg (RFC 7845)."""

import struct
from collections.abc import Iterator
from itertools import islice

WEBM = b"\x1a\x45\xdf\xa3"
# Segment, Cluster, Tracks, TrackEntry, BlockGroup: what is inside matters, and a live one does not know its size.
MASTERS = frozenset({0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0})
CODEC_PRIVATE, BLOCK, SIMPLE_BLOCK = 0x63A2, 0xA1, 0xA3
BLOCK_HEAD = 4  # track number, two bytes of time, flags
SERIAL = 1
PACKETS_PER_PAGE = 40
FIRST, LAST = 2, 4  # flags of a page
SAMPLES_PER_MS = 48
TAGS = b"OpusTags" + struct.pack("<I", 9) + b"simulator" + struct.pack("<I", 0)
# Milliseconds of a frame by the configuration in the first byte of a packet (RFC 6716, 3.1).
FRAME_MS = [10.0, 20.0, 40.0, 60.0] * 3 + [10.0, 20.0] * 2 + [2.5, 5.0, 10.0, 20.0] * 4


def as_ogg(content: bytes) -> bytes:
    """Opus in WebM becomes Opus in Ogg; whatever else it is stays as it is."""
    if not content.startswith(WEBM):
        return content
    try:
        return repacked(content)
    except IndexError:  # it ends in the middle of something
        return content


def repacked(content: bytes) -> bytes:
    head, packets = b"", []
    for kind, payload in elements(content):
        if kind == CODEC_PRIVATE:
            head = payload
        elif kind in (BLOCK, SIMPLE_BLOCK) and len(payload) > BLOCK_HEAD:
            packets.append(payload[BLOCK_HEAD:])
    return written(head, packets) if head.startswith(b"OpusHead") and packets else content


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Every element that holds data, masters opened."""
    at = 0
    while at < len(content):
        kind, at = variable(content, at, marked=True)
        size, at = variable(content, at, marked=False)
        if kind not in MASTERS:
            yield kind, content[at : at + size]
            at += size


def variable(content: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of one to eight bytes, with its length marker or without, and where the next thing begins."""
    first = content[at]
    length = 9 - first.bit_length()
    value = int.from_bytes(content[at : at + length], "big")
    return (value if marked else value & ~(1 << (7 * length))), at + length


def samples(packet: bytes) -> int:
    """How much sound a packet holds, at 48 kHz."""
    code = packet[0] & 3
    frames = (1, 2, 2)[code] if code < 3 else packet[1] & 0x3F
    return int(frames * FRAME_MS[packet[0] >> 3] * SAMPLES_PER_MS)


def written(head: bytes, packets: list[bytes]) -> bytes:
    pages = [page([head], position=0, number=0, flags=FIRST), page([TAGS], position=0, number=1, flags=0)]
    position, rest = 0, iter(packets)
    left = len(packets)
    while batch := list(islice(rest, PACKETS_PER_PAGE)):
        position, left = position + sum(samples(packet) for packet in batch), left - len(batch)
        pages.append(page(batch, position=position, number=len(pages), flags=0 if left else LAST))
    return b"".join(pages)


def page(packets: list[bytes], *, position: int, number: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    start = b"OggS" + struct.pack("<BBqII", 0, flags, position, SERIAL, number)
    end = bytes([len(lacing)]) + lacing + b"".join(packets)
    return start + struct.pack("<I", checksum(start + bytes(4) + end)) + end


def table_row(value: int) -> int:
    register = value << 24
    for _ in range(8):
        register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
    return register & 0xFFFFFFFF


TABLE = [table_row(value) for value in range(256)]


def checksum(content: bytes) -> int:
    register = 0
    for byte in content:
        register = ((register << 8) & 0xFFFFFFFF) ^ TABLE[(register >> 24) ^ byte]
    return register
