"""Files in both directions: uploads, file ids, sizes, limits, albums."""

import httpx
import pytest
from telegram import InputFile, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest, NetworkError

from tests.simulator.conftest import PNG

MEGABYTE = 1024 * 1024


def picture(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


async def test_a_document_can_be_downloaded_and_sent_again(bot, ada):
    sent = await bot.send_document(ada.id, b"%PDF-1.7 informe", filename="informe-1042.pdf", caption="Cerrado")
    assert (sent.document.file_name, sent.document.mime_type) == ("informe-1042.pdf", "application/pdf")
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7 informe"
    again = await bot.send_document(ada.id, sent.document.file_id)
    assert again.document.file_unique_id == sent.document.file_unique_id
    shown = await ada.control.get(f"/sim/files/{sent.document.file_unique_id}")
    assert shown.content == b"%PDF-1.7 informe"
    assert "content-disposition" not in shown.headers, "a browser reads a PDF by itself"
    saved = await ada.control.get(f"/sim/files/{sent.document.file_unique_id}?download")
    assert saved.headers["content-disposition"].startswith("attachment")


async def test_a_download_link_works_for_an_hour(bot, ada, control):
    sent = await bot.send_document(ada.id, b"x", filename="a.txt")
    file = await bot.get_file(sent.document.file_id)
    await control.post("/sim/clock", json={"advance_seconds": 3601})
    assert (await control.get(httpx.URL(file.file_path).path)).status_code == 404
    assert (await control.get("/file/bot1000000001:wrong/documents/file_1.txt")).status_code == 401


async def test_a_photo_comes_in_several_sizes(bot, ada):
    await ada.sends(picture(1600, 1200), "recibo.png", "image/png", caption="Mi recibo")
    (update,) = await bot.get_updates()
    sizes = [(size.width, size.height) for size in update.message.photo]
    assert sizes == [(90, 68), (320, 240), (800, 600), (1280, 960)]
    assert update.message.caption == "Mi recibo"
    file = await bot.get_file(update.message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == picture(1600, 1200)
    sent = await bot.send_photo(ada.id, update.message.photo[0].file_id)
    assert len(sent.photo) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "image_process_failed"),
        (picture(9000, 1001), "photo_invalid_dimensions"),
        (picture(2100, 100), "photo_invalid_dimensions"),
        (PNG + b"\0" * (10 * MEGABYTE), "is too big for a photo"),
    ],
)
async def test_a_photo_must_be_one(bot, ada, content, words):
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        await bot.send_photo(ada.id, content)


async def test_file_ids_must_fit(bot, ada):
    with pytest.raises(BadRequest, match=r"(?i)" + "wrong file identifier/HTTP URL specified"):
        await bot.send_document(ada.id, "BQACAgEAAxkAAAnada")
    document = await bot.send_document(ada.id, PNG, filename="a.png")
    with pytest.raises(BadRequest, match=r"(?i)" + "can't use file of type document as photo"):
        await bot.send_photo(ada.id, document.document.file_id)
    with pytest.raises(BadRequest, match=r"(?i)" + "message caption is too long"):
        await bot.send_document(ada.id, document.document.file_id, caption="x" * 1025)


async def test_big_files_are_refused_in_both_directions(bot, ada):
    await ada.do("messages", kind="document", filename="copia.zip", fake_size=25 * MEGABYTE)
    await ada.sends(b"corto", "lleno.bin", fake_size="3000000")
    big, small = await bot.get_updates()
    assert big.message.document.file_size == 25 * MEGABYTE
    with pytest.raises(BadRequest, match=r"(?i)" + "file is too big"):
        await bot.get_file(big.message.document.file_id)
    file = await bot.get_file(small.message.document.file_id)
    assert len(await file.download_as_bytearray()) == 3_000_000
    with pytest.raises(NetworkError, match=r"(?i)" + "request entity too large"):
        await bot.send_document(ada.id, InputFile(b"\0" * (51 * MEGABYTE), filename="copia.bak"))


async def test_albums_in_both_directions(bot, ada, control):
    files = [("file", (f"{n}.png", PNG, "image/png")) for n in range(3)]
    answer = await control.post(f"/sim/chats/{ada.id}/messages", files=files, data={"caption": "Tres"})
    assert len(answer.json()["parts"]) == 3
    album = [update.message for update in await bot.get_updates()]
    assert len({message.media_group_id for message in album}) == 1
    assert [message.caption for message in album] == ["Tres", None, None]
    media = [InputMediaPhoto(PNG, caption="una"), InputMediaPhoto(album[0].photo[0].file_id)]
    first, second = await bot.send_media_group(ada.id, media)
    assert first.media_group_id == second.media_group_id
    assert first.caption == "una"
    with pytest.raises(BadRequest, match=r"(?i)" + "can't be mixed"):
        await bot.send_media_group(ada.id, [*media, InputMediaDocument(b"x", filename="a.txt")])
    with pytest.raises(BadRequest, match="2-10"):
        await bot.send_media_group(ada.id, media[:1])


async def test_pictures_and_files_sent_together_are_two_albums(bot, ada, control):
    picture, paper = ("file", ("a.png", PNG, "image/png")), ("file", ("a.xml", b"<x/>", "text/xml"))
    await control.post(f"/sim/chats/{ada.id}/messages", files=[picture, paper, picture, paper, paper])
    groups = [update.message.media_group_id for update in await bot.get_updates()]
    assert groups[:2] == [groups[0]] * 2
    assert groups[2:] == [groups[2]] * 3
    assert groups[0] != groups[2]


async def test_every_kind_of_file_arrives_as_itself(bot, ada):
    for kind in ("photo", "document", "voice", "video", "audio", "video_note", "animation", "sticker"):
        await ada.sends(PNG, "archivo.bin", kind=kind)
    kinds = [update.message for update in await bot.get_updates()]
    assert kinds[2].voice.mime_type == "audio/ogg"
    attachments = [type(message.effective_attachment).__name__ for message in kinds[1:]]
    assert attachments == ["Document", "Voice", "Video", "Audio", "VideoNote", "Animation", "Sticker"]


async def test_every_other_kind_arrives_too(bot, ada):
    await ada.do("messages", location={"latitude": -2.17, "longitude": -79.92})
    await ada.do("messages", dice={"emoji": "🎲", "value": 3})
    await ada.do("messages", extra={"story": {"id": 1, "chat": {"id": 5, "type": "private"}}})
    await ada.do("messages", extra={"something_new": {"a": 1}})
    located, rolled, told, unknown = await bot.get_updates()
    assert located.message.location.latitude == -2.17
    assert rolled.message.dice.value == 3
    assert told.message.story.id == 1
    assert unknown.message.api_kwargs == {"something_new": {"a": 1}}


@pytest.mark.parametrize(
    ("asked", "status", "got"),
    [
        ("bytes=2-4", 206, b"cde"),
        ("bytes=7-", 206, b"hij"),
        ("bytes=-3", 206, b"hij"),
        ("bytes=8-99", 206, b"ij"),
        ("bytes=10-", 416, b""),
        ("bytes=-", 200, b"abcdefghij"),
        ("lines=1-2", 200, b"abcdefghij"),
    ],
)
async def test_a_player_asks_for_parts(bot, ada, asked, status, got):
    sent = await bot.send_document(ada.id, b"abcdefghij", filename="a.txt")
    answer = await ada.control.get(f"/sim/files/{sent.document.file_unique_id}", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, got)
