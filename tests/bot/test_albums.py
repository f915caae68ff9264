"""An album is one article, one acknowledgement and one notice, whenever its parts come."""

import pytest
import time_machine
from sqlalchemy import select, update

from core import jobs
from core.actions import alarms, albums
from core.models import Album, Article, ArticleKind, Attachment, FileState, InboxRow, InboxState, Ticket
from core.queries.alarms import open_alarms
from core.queries.health import Watched
from core.rules.alarms import AlarmKind
from core.rules.identity import Proof
from core.wake import Topic
from tests.bot.conftest import bound, later
from tests.desk import Customer, LiveDesk, Said, Staff
from tests.stories.conftest import ANDINA

MEGABYTE = 1024 * 1024

# What the database must hold for an album is asked of both in tests/faults/test_intake.py.
ON_ONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


async def articles(live: LiveDesk) -> list[tuple[str, list[str]]]:
    """The customers' articles of all tickets, each with its files, without those a ticket begins with."""
    async with live.database.read() as session:
        found = list(
            await session.scalars(
                select(Article).where(Article.kind == ArticleKind.CUSTOMER, Article.position > 1).order_by(Article.id)
            )
        )
        files = list(await session.scalars(select(Attachment).order_by(Attachment.source_message)))
    assert all(file.state is FileState.STORED for file in files if file.article_id)
    return [(article.text, [file.name for file in files if file.article_id == article.id]) for article in found]


async def becomes_whole(live: LiveDesk, clock: time_machine.Traveller, seconds: float = 2) -> None:
    """Time passes until the album that is arriving is closed."""
    later(live, clock, seconds)
    async with live.database.read() as session:
        due = select(Album.id).where(Album.closed_at.is_(None), Album.due_at.is_not(None))
    while True:
        async with live.database.read() as session:
            if await session.scalar(due) is None:
                break
        live.database.wake.ring([Topic.ALBUMS])
        await live.settle()
    await live.settle()


def acknowledged(said: list[Said]) -> list[str]:
    return [message.text for message in said if "Anotado" in message.text]


async def test_an_album_in_reply_to_a_push_is_one_article_with_its_caption_wherever_that_stands(
    live: LiveDesk, ada: Customer, tom: Staff, clock: time_machine.Traveller
):
    bea = await bound(live, await live.customer("Bea", "+593990000002"), ruc=ANDINA, proof=Proof.PASSWORD)
    (number,) = await live.has_tickets(bea, ["No imprime"])
    await tom.replies(number, "Mande fotos, por favor.")
    push = await bea.finds("Mande fotos")
    for part in range(3):
        more = {"caption": "Así se ve"} if part == 2 else {}
        await bea.sends(f"foto{part}.txt", media_group_id="fotos", reply_to=push.id, **more)
    assert await articles(live) == [], "more may come"
    await becomes_whole(live, clock)
    assert await articles(live) == [("Así se ve", ["foto0.txt", "foto1.txt", "foto2.txt"])]
    assert acknowledged(await bea.reads()) == [f"Anotado en #{number}"]
    told = [said.text for said in await ada.reads() if "foto0" in said.text]
    assert len(told) == 1, "colleagues are told once, of all files"
    assert "Así se ve" in told[0]
    assert "foto0.txt, foto1.txt, foto2.txt" in told[0]


@ON_ONE
async def test_a_part_that_comes_long_after_joins_its_article(
    live: LiveDesk, ada: Customer, tom: Staff, clock: time_machine.Traveller
):
    bea = await bound(live, await live.customer("Bea", "+593990000002"), ruc=ANDINA, proof=Proof.PASSWORD)
    (number,) = await live.has_tickets(bea, ["No imprime"])
    await tom.replies(number, "Mande fotos, por favor.")
    push = await bea.finds("Mande fotos")
    await bea.sends("uno.txt", media_group_id="fotos", reply_to=push.id)
    await becomes_whole(live, clock)
    await tom.replies(number, "Gracias, ya la vi.")
    clock.shift(1200.0)
    await bea.sends("dos.txt", media_group_id="fotos", caption="y esta")
    assert await articles(live) == [("y esta", ["uno.txt", "dos.txt"])]
    assert len(acknowledged(await bea.reads())) == 1
    (told,) = [said for said in await ada.reads() if "uno.txt" in said.text]
    assert "uno.txt, dos.txt" in told.text, "the colleague's message changes in place"
    page = await tom.sees(number)
    assert "dos.txt" in page
    assert "llegó más tarde" in page
    assert "El cliente espera" in page, "the answer was given before"


@ON_ONE
async def test_an_album_out_of_the_blue_asks_once_and_goes_whole_where_the_answer_says(live: LiveDesk, ada: Customer):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    before = len(await ada.reads())
    await ada.sends("uno.txt", media_group_id="sueltas")
    await ada.sends("dos.txt", media_group_id="sueltas", caption="Lo que pidieron")
    assert len(await ada.reads()) == before + 1
    assert "2 archivos" in (await ada.last()).text
    await ada.taps(f"#{number}")
    await ada.sends("tres.txt", media_group_id="sueltas")
    assert await articles(live) == [("Lo que pidieron", ["uno.txt", "dos.txt", "tres.txt"])]
    assert len(await ada.reads()) == before + 1


async def test_late_parts_of_an_album_that_was_thrown_away_go_where_the_customer_answers(
    live: LiveDesk, ada: Customer, tom: Staff, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await tom.replies(number, "Mande fotos, por favor.")
    push = await ada.finds("Mande fotos")
    for part in (1, 2):
        await ada.sends(f"foto{part}.txt", media_group_id="fotos")
    await ada.taps("Cancelar")
    await ada.taps("Responder", on=push)
    for part in (3, 4, 5):
        await ada.sends(f"foto{part}.txt", media_group_id="fotos")
    await becomes_whole(live, clock)
    assert await articles(live) == [("", ["foto3.txt", "foto4.txt", "foto5.txt"])]
    assert acknowledged(await ada.reads()) == [f"Anotado en #{number}"]
    async with live.database.read() as session:
        assert not list(await session.scalars(select(InboxRow.update_id).where(InboxRow.state != InboxState.DONE)))


@ON_ONE
async def test_in_the_draft_an_album_has_no_deadline_and_late_parts_reach_the_ticket(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    await ada.says("Nuevo ticket")
    await ada.taps("Soporte Técnico")
    await ada.taps("SaciJava")
    await ada.says("No imprime")
    await ada.sends("uno.txt", media_group_id="borrador", caption="Esto sale")
    clock.shift(600.0)
    await ada.sends("dos.txt", media_group_id="borrador")
    assert "dos.txt" in (await ada.last()).text
    await ada.taps("Listo")
    await ada.taps("Enviar")
    await ada.sends("tres.txt", media_group_id="borrador")
    async with live.database.read() as session:
        (article,) = await session.scalars(select(Article))
        files = list(await session.scalars(select(Attachment)))
    assert article.text == "Esto sale"
    assert [file.article_id for file in files] == [article.id] * 3
    assert "Su ticket es el #" in (await ada.last()).text, "nothing was asked about the third"


@ON_ONE
async def test_two_albums_at_once_are_two_articles(live: LiveDesk, ada: Customer, clock: time_machine.Traveller):
    first, second = await live.has_tickets(ada, ["No imprime", "No cuadra"])
    for number, group in ((first, "a"), (second, "b")):
        await ada.says(f"/buscar {number}")
        await ada.taps("Responder")
        await ada.sends(f"{group}0.txt", media_group_id=group)
    for part in (1, 2):
        for group in ("b", "a"):
            await ada.sends(f"{group}{part}.txt", media_group_id=group)
    await becomes_whole(live, clock)
    assert sorted(files for _, files in await articles(live)) == [
        ["a0.txt", "a1.txt", "a2.txt"],
        ["b0.txt", "b1.txt", "b2.txt"],
    ]
    assert sorted(acknowledged(await ada.reads())) == [f"Anotado en #{first}", f"Anotado en #{second}"]


@ON_ONE
async def test_parts_too_large_are_told_in_one_reason_and_the_others_are_kept(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    sizes = {"grande.zip": 21, "foto.txt": 0, "enorme.zip": 30}
    for name, size in sizes.items():
        more = {"fake_size": size * MEGABYTE} if size else {}
        await ada.sends(name, media_group_id="mezcla", **more)
    await becomes_whole(live, clock)
    assert [files for _, files in await articles(live)] == [["foto.txt"]]
    reasons = [said.text for said in await ada.reads() if "20 MB" in said.text]
    assert len(reasons) == 1
    assert "grande.zip, enorme.zip" in reasons[0]


@ON_ONE
async def test_an_album_of_nothing_but_large_files_makes_no_empty_article(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("grande.zip", media_group_id="grandes", fake_size=21 * MEGABYTE)
    await becomes_whole(live, clock)
    assert await articles(live) == []
    await ada.sends("foto.txt", media_group_id="grandes")
    await becomes_whole(live, clock)
    assert [files for _, files in await articles(live)] == [["foto.txt"]]


@ON_ONE
async def test_who_logged_out_meanwhile_has_sent_the_album_and_hears_nothing_more(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    (number,) = await live.has_tickets(ada, ["No imprime"])
    await ada.says(f"/buscar {number}")
    await ada.taps("Responder")
    await ada.sends("foto.txt", media_group_id="salida")
    await ada.says("Salir")
    await becomes_whole(live, clock)
    assert [files for _, files in await articles(live)] == [["foto.txt"]]
    assert acknowledged(await ada.reads()) == []


async def test_staff_are_told_of_an_album_that_cannot_come_to_its_ticket_until_it_has(
    live: LiveDesk, ada: Customer, clock: time_machine.Traveller
):
    number, other = await live.has_tickets(ada, ["No imprime", "No cuadra"])
    await counts(live, number, 0)  # the place of the next article is taken
    for ticket, photo in ((number, "foto.txt"), (other, "otra.txt")):
        await ada.says(f"/buscar {ticket}")
        await ada.taps("Responder")
        await ada.sends(photo, media_group_id=photo)
    later(live, clock, 2)
    await closes(live)
    assert [files for _, files in await articles(live)] == [["otra.txt"]], "it holds up no other"
    assert not await is_alarm(live)
    for _ in range(2):
        later(live, clock, 300)
        await closes(live)
    assert await is_alarm(live)
    (told,) = [mail["subject"] for mail in await live.mails() if "envió juntos" in mail["subject"]]
    assert told.startswith("Atención: ")

    await counts(live, number, 1)
    await becomes_whole(live, clock, 10)
    assert [files for _, files in await articles(live)] == [["otra.txt"], ["foto.txt"]]
    await is_alarm(live)
    clock.shift(150.0)
    assert not await is_alarm(live)


async def counts(live: LiveDesk, number: int, articles: int) -> None:
    async with live.database.write() as session:
        await session.execute(update(Ticket).where(Ticket.number == number).values(articles_count=articles))


async def closes(live: LiveDesk) -> None:
    """Whoever closes albums has tried."""
    async with live.database.write() as session:
        await albums.close_due(session, office=live.office)
    await live.settle()


async def is_alarm(live: LiveDesk) -> bool:
    """The clock looks: whether it finds that albums are stuck."""
    watch = jobs.watch(Watched(live.folder), alarms.Staff(live.office, "turno@saci.example"))
    await jobs.run(live.database, live.settings, watch)
    await live.settle()
    async with live.database.read() as session:
        return AlarmKind.ALBUM_STUCK in {alarm.kind for alarm in await open_alarms(session)}
