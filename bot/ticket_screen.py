"""One ticket on the phone: how it stands, all its articles over pages, its files, reports and what may be done."""

from collections.abc import Sequence

from bot.context import Context
from bot.pages import Line, pages_of
from core.actions import preferences, requests, service_change
from core.errors import NotFoundError
from core.models import Article, Attachment, Ticket
from core.queries import appointments, dossier, following, tickets
from core.queries.dossier import Closing
from core.render import buttons, telegram
from core.render.buttons import Button, Tap, data
from core.render.opened import opened_by_desk
from core.render.requests import answer_rows, missing_words, slot_words
from core.render.services import consent
from core.render.standing import standing
from core.render.words import SERVICE_WORDS, STATE_WORDS
from core.rules.limits import FILE_NAME_SHOWN, shorten
from core.rules.requests import Asks
from core.rules.states import CLOSED, CLOSURES, State, waiting_for


async def show(context: Context, number: int, *, page: int = 0, in_place: bool = False) -> None:
    """The ticket with its articles and files, nothing cut; page 0 is the last one, with what was said last."""
    ticket = await find(context, number)
    if ticket is None:
        return
    articles = await tickets.articles(context.session, ticket)
    pages = pages_of([_line(context, article) for article in articles])
    shown = min(page or len(pages), len(pages))
    closings = await dossier.closings(context.session, ticket)
    merged_here = await following.merged_here(context.session, ticket)
    html = telegram.page(
        "ticket",
        context.t,
        ticket=ticket,
        service=SERVICE_WORDS[ticket.service],
        state=STATE_WORDS[ticket.state],
        standing=_standing(context, ticket),
        call_at=await _call_at(context, ticket),
        opened=_opened(context, ticket),
        missing=missing_words(context.t, ticket.request_asks) if ticket.request_asks else "",
        linked=await following.linked(context.session, ticket, seen=tickets.may_read(context.person)),
        rating=closings[-1].rating if closings and ticket.state in CLOSED else None,
        is_closed=ticket.state in CLOSURES,
        merged_here=merged_here,
        lines=pages[shown - 1],
        page=shown,
        pages=len(pages),
    )
    known = {file.id: file for article in articles for file in article.attachments}
    rows = [
        *await _request(context, ticket),
        *_files(context, ticket, [known[file] for line in pages[shown - 1] for file in line.files]),
        *_turns(context, ticket, shown, len(pages)),
        *_reports(context, ticket, closings),
        *await _asked(context, ticket),
        *await _joined(context, ticket, merged_here),
        *_deeds(context, ticket),
        await _ring(context, ticket, shown),
    ]
    payload = telegram.message(html, rows)
    if in_place:
        await context.replace(payload, company_id=ticket.company_id)
    else:
        await context.say(payload, ticket_id=ticket.id)


async def find(context: Context, number: int, *, lock: bool = False) -> Ticket | None:
    """The ticket as this chat may see it now; otherwise it is said that there is none."""
    try:
        return await tickets.of_customer(context.session, context.person, number, lock=lock)
    except NotFoundError:
        await say_there_is_none(context, number)
        return None


async def of_button(context: Context, *, argument: int = 0, lock: bool = False) -> Ticket | None:
    """The same for the ticket that stands at this place of the tapped button's data."""
    assert context.tapped is not None
    return await find(context, int(context.tapped.arguments[argument]), lock=lock)


async def say_there_is_none(context: Context, number: int) -> None:
    """No such ticket, or one this chat may not see: both are answered alike."""
    text = context.t("There is no ticket #%(number)s here.", number=number)
    if context.tapped is None:
        await context.say_text(text)
    await context.answer_tap(text, alert=True)


def _standing(context: Context, ticket: Ticket) -> str:
    waiting = waiting_for(ticket.state, ticket.customer_spoke_last)
    return standing(State(ticket.state), waiting, context.t, remind_at=ticket.remind_at)


def _opened(context: Context, ticket: Ticket) -> str:
    """Who of the desk's opened it for whom; empty where a customer did."""
    if ticket.opened_by_technician_id is None:
        return ""
    person = ticket.opened_by
    is_yours = ticket.opened_by_id == context.person.id
    return opened_by_desk(context.t, context.office.name, name=person.name if person else "", is_yours=is_yours)


async def _call_at(context: Context, ticket: Ticket) -> str:
    """When the customer is to be called; empty where nothing is agreed."""
    at = (await appointments.agreed(context.session, [ticket.id])).get(ticket.id)
    return slot_words(at, context.t) if at else ""


async def _request(context: Context, ticket: Ticket) -> telegram.Rows:
    """What answers the open request; mere words have the button everything has."""
    asks = ticket.request_asks
    if asks is None or asks is Asks.OTHER:
        return []
    slots = await requests.offered(context.session, asks, office=context.office)
    return answer_rows(context.t, ticket.number, asks, slots=slots)


def _files(context: Context, ticket: Ticket, files: Sequence[Attachment]) -> telegram.Rows:
    return [
        [
            Button(
                context.t("File: %(name)s", name=shorten(file.name, FILE_NAME_SHOWN)),
                data(Tap.FILE, ticket.number, file.id),
            )
        ]
        for file in files
    ]


def _turns(context: Context, ticket: Ticket, page: int, pages: int) -> telegram.Rows:
    """The neighbouring pages; from the third on the way to the beginning, and from there back to the end."""
    t, turn, leap = context.t, [], []
    if page > 1:
        turn.append(Button(t("Previous"), data(Tap.TICKET, ticket.number, page - 1)))
    if page < pages:
        turn.append(Button(t("Next"), data(Tap.TICKET, ticket.number, page + 1)))
    if page > 2:
        leap.append(Button(t("See from the beginning"), data(Tap.TICKET, ticket.number, 1)))
    if page < pages - 1:
        leap.append(Button(t("See the latest"), data(Tap.TICKET, ticket.number, 0)))
    return [turn, leap]


def _reports(context: Context, ticket: Ticket, closings: Sequence[Closing]) -> telegram.Rows:
    """The report of every closing; the latest under the name everybody knows."""
    t, rows = context.t, []
    if not context.sees_reports(ticket.company_id):
        return []
    for closed in closings[:-1]:
        label = t("Report of %(date)s", date=t.date(closed.closure.at))
        rows.append([Button(label, data(Tap.REPORT, ticket.number, closed.closure.number))])
    if closings:
        latest = data(Tap.REPORT, ticket.number, closings[-1].closure.number)
        rows.append([Button(t("Download report"), latest)])
    return rows


async def _asked(context: Context, ticket: Ticket) -> telegram.Rows:
    """A change that waits for the customer's word can be answered here, too: a push may show the number only."""
    question = await service_change.asked(context.session, ticket)
    return [consent(context.t, ticket.number, question.id)] if question else []


async def goes_on_in(context: Context, ticket: Ticket, *, lock: bool = False) -> Ticket:
    """The ticket itself, or the one it became part of; ``lock``: that is taken as the ticket was."""
    if ticket.merged_into_id is None:
        return ticket
    return await tickets.of_person(context.session, context.person, ticket.merged_into_id, lock=lock) or ticket


async def _joined(context: Context, ticket: Ticket, merged_here: Sequence[Ticket]) -> telegram.Rows:
    """The way from a ticket to what became part of it, and from there to where it goes on."""
    target = await goes_on_in(context, ticket)
    others = [target] if target is not ticket else merged_here
    labels = [(context.t("See #%(number)s", number=other.number), other.number) for other in others]
    return [[Button(label, data(Tap.TICKET, number))] for label, number in labels]


def _deeds(context: Context, ticket: Ticket) -> telegram.Rows:
    t = context.t
    if ticket.state is State.MERGED:
        return []
    if ticket.state in CLOSED:
        return [
            buttons.stars(ticket.number, ticket.closures_count),
            [
                Button(t("Reopen"), data(Tap.REOPEN, ticket.number)),
                Button(t("Linked new ticket"), data(Tap.GO_ON, ticket.number)),
            ],
        ]
    deeds = [Button(t("Answer"), data(Tap.ANSWER, ticket.number))]
    if ticket.close_asked_at is None:
        deeds.append(Button(t("Ask to close"), data(Tap.ASK_CLOSE, ticket.number)))
    return [deeds]


async def _ring(context: Context, ticket: Ticket, page: int) -> list[Button]:
    """Mute an open ticket, or let it ring again."""
    t, number = context.t, ticket.number
    if ticket.state in CLOSED:
        return []
    if await preferences.is_muted(context.session, context.person, ticket):
        return [Button(t("Notify me of #%(number)s again", number=number), data(Tap.UNMUTE, number, page))]
    return [Button(t("Mute #%(number)s", number=number), data(Tap.MUTE, number, page))]


def _line(context: Context, article: Article) -> Line:
    author = article.technician or article.person
    name = author.name if author else context.office.name
    text = article.text or context.t("(files only)")
    head = f"{name} · {context.t.moment(article.created_at)}"
    return Line(
        article.position,
        f"{head} · {context.t('edited')}" if article.edited_at else head,
        text,
        files=tuple(file.id for file in article.attachments),
    )
