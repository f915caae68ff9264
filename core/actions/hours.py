"""Tells a company and the desk when its purchased hours run low, expire or soon will: each once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select

from core.actions import alerts, purchases
from core.actions.alerts import Told
from core.clock import now
from core.db import ReadSession, WriteSession
from core.messaging import addresses, letterhead, outbox, parting
from core.models import Binding, Channel, Company, LedgerLine, ToldLine, Urgency
from core.queries import hours as office_hours
from core.queries import ledger, persons, policy
from core.render import email, telegram
from core.render.balance import BalanceNews, Lapse, to_company, to_desk
from core.render.office import Office
from core.rules.alerts import Alert
from core.rules.ledger import LineKind
from core.rules.notices import Follows
from core.rules.purchases import AHEAD, LATE, has_crossed

LOW, EXPIRED, EXPIRING = "hours-low-", "hours-expired-", "hours-expiring-"  # how the dedupe keys of this news begin


async def tell_if_low(
    session: WriteSession, company_id: int, *, before: int | None, after: int | None, office: Office
) -> None:
    """Once as the balance falls to the threshold, and once as nothing is left."""
    threshold = (await policy.desk_policy(session)).low_balance_minutes
    if not has_crossed(before, after, threshold):
        return
    await session.flush()
    last = await session.scalar(select(func.max(LedgerLine.id)).where(LedgerLine.company_id == company_id))
    await _tell(session, company_id, BalanceNews(after), key=f"{LOW}{last}", office=office)


async def keep(session: WriteSession, *, office: Office) -> None:
    """The clock's sweep: minutes whose date has passed leave; in office hours it is told, and what comes next."""
    await purchases.expire_due(session)
    moment = now()
    if not (await office_hours.calendar(session, office.t.timezone)).is_open(moment):
        return
    for line in await _untold(session, moment):
        is_over = line.kind is LineKind.EXPIRY
        news = await (_expired if is_over else _expiring)(session, line)
        if news is not None:
            session.add(ToldLine(line_id=line.id))
            await _tell(
                session,
                line.company_id,
                news,
                key=f"{EXPIRED if is_over else EXPIRING}{line.id}",
                office=office,
            )


async def silence(session: WriteSession) -> None:
    """Mark everything due by now as told: called after a restore, whose desk had told it before."""
    await purchases.expire_due(session)
    session.add_all(ToldLine(line_id=line.id) for line in await _untold(session, now()))


async def _untold(session: ReadSession, moment: datetime) -> Sequence[LedgerLine]:
    """What has expired, by the sweep or by a closing, and the purchases whose date is near."""
    has_expired = (LedgerLine.kind == LineKind.EXPIRY) & (LedgerLine.at > moment - LATE)
    is_near = (LedgerLine.expires_at > moment) & (LedgerLine.expires_at <= moment + AHEAD)
    query = select(LedgerLine).where(
        or_(has_expired, (LedgerLine.kind == LineKind.PURCHASE) & is_near),
        ~exists().where(ToldLine.line_id == LedgerLine.id),
    )
    return (await session.scalars(query.order_by(LedgerLine.id))).all()


async def _expired(session: ReadSession, line: LedgerLine) -> BalanceNews:
    purchase = await session.get_one(LedgerLine, line.purchase_id)
    assert purchase.expires_at is not None, "minutes expire by their date"
    left = (await ledger.balances(session, line.company_id)).purchased
    return BalanceNews(left, Lapse(-line.minutes, purchase.expires_at, is_over=True))


async def _expiring(session: ReadSession, purchase: LedgerLine) -> BalanceNews | None:
    """None where nothing is left; what was bought for less time than that is fresh in everybody's mind."""
    assert purchase.expires_at is not None
    if purchase.at > purchase.expires_at - AHEAD:
        return None
    lots = await ledger.purchased_lots(session, purchase.company_id)
    minutes = sum(lot.minutes for lot in lots if lot.purchase_id == purchase.id)
    return BalanceNews(None, Lapse(minutes, purchase.expires_at, is_over=False)) if minutes else None


async def _tell(session: WriteSession, company_id: int, news: BalanceNews, *, key: str, office: Office) -> None:
    """The company in its chats and by mail, the desk on its phones and by mail; repeating a key is harmless."""
    office = await letterhead.read(session, office)
    company = await session.get_one(Company, company_id)
    readers = await _readers(session, company)
    for binding in readers:
        t = office.translators[binding.person.reads]
        html = telegram.page("hours_low", t, company=company, lines=to_company(news, t))
        chat = binding.person.telegram_id
        outbox.post(
            session,
            chat,
            "sendMessage",
            telegram.message(html),
            urgency=Urgency.NEWS,
            dedupe_key=f"{key}-{chat}",
            about=outbox.Subject(company_id=company_id),
        )
    mailboxes = await addresses.of_company(session, company_id)
    lines = to_company(news, office.t)
    for address in mailboxes:
        _mail(session, address, email.render_hours(company.name, lines, office=office), lane=company_id, key=key)
    told = to_desk(news, company.name, office.t, is_told=bool(readers or mailboxes))
    page = f"/companies/{company.ruc}"
    alerts.note(session, Told(Alert.HOURS, key, office, text=told, page=page))
    if office.email:
        notice = email.render_hours(company.name, [told], office=office, is_desk=True, page=page)
        _mail(session, office.email, notice, lane="desk", key=key)


async def _readers(session: ReadSession, company: Company) -> Sequence[Binding]:
    """The contact person and who follows the company; where there is neither, everybody verified."""
    await parting.stay(session, company.id)
    verified = await persons.verified(session, company.id)
    closest = [
        one for one in verified if one.follows is Follows.COMPANY or one.person_id == company.contact_person_id
    ]
    return closest or verified


def _mail(session: WriteSession, address: str, letter: email.Email, *, lane: int | str, key: str) -> None:
    outbox.post(
        session,
        outbox.mail_lane(f"mail-{lane}", address),
        "mail",
        letter.payload(address),
        channel=Channel.EMAIL,
        urgency=Urgency.NEWS,
        dedupe_key=f"{key}-{lane}-{outbox.key_to(address)}",
    )
