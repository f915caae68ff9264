"""What becomes of a recording that is no Opus in WebM; one that is, is played in test_phone_deeds."""

import pytest

from bot.simulator.voice import WEBM, as_ogg


@pytest.mark.parametrize(
    "content", [b"OggS", b"", WEBM, WEBM + b"\x00" * 20, WEBM + b"\x87abc", WEBM + b"\xa3\x85abcde"]
)
def test_it_stays_as_it_is(content):
    assert as_ogg(content) == content


def test_packets_of_every_length_come_out_with_a_checksum_each():
    head = b"OpusHead\x01\x01" + bytes(9)
    packets = [bytes([8]) + bytes(size) for size in (0, 253, 254, 255, 600)]
    blocks = [
        b"\xa3" + (0x4000 + len(packet) + 4).to_bytes(2, "big") + b"\x81\x00\x00\x80" + packet for packet in packets
    ]
    track = b"\xae\xff" + b"\x63\xa2" + bytes([0x80 + len(head)]) + head
    ogg = as_ogg(WEBM + b"\x80" + b"\x16\x54\xae\x6b\xff" + track + b"".join(blocks))
    first, tags, sound = ogg.split(b"OggS")[1:]
    assert (head in first, b"OpusTags" in tags) == (True, True)
    assert sound.endswith(b"".join(packets))
    assert int.from_bytes(sound[2:10], "little") == 5 * 960, "five packets of 20 ms at 48 kHz"
    segments = sound[22]
    assert sound[23 : 23 + segments] == bytes([1, 254, 255, 0, 255, 1, 255, 255, 91])
