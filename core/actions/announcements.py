"""A new phone or a new password is announced to those who knew before; "it was not me" stops the new phone."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.actions import audit
from core.clock import now
from core.db import WriteSession
from core.i18n import N_, Translator
from core.messaging import outbox, parting
from core.models import IN_FORCE, Announcement, Binding, DeliveryState, Person, Technician, Urgency
from core.queries import persons
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office
from core.render.words import PROOF_WORDS
from core.rules.identity import Level
from core.rules.proofs import News, may_freeze

_HAPPENED: Mapping[News, str] = {
    News.PHONE: N_("%(name)s now sees everything of the company from a new phone (%(how)s)."),
    News.PASSWORD: N_("%(name)s has changed the company's password."),
}


async def announce(session: WriteSession, person: Person, binding: Binding, news: News, *, office: Office) -> None:
    """Ask the company's other verified persons; nobody is asked where there is nobody else."""
    await parting.stay(session, binding.company_id)
    verified = await persons.verified(session, binding.company_id)
    others = [one.person for one in verified if one.id != binding.id]
    if not others:
        return
    announcement = Announcement(
        company_id=binding.company_id, binding_id=binding.id, news=news, told=[], at=now(), binding=binding
    )
    session.add(announcement)
    await session.flush()
    for other in others:
        t = office.translators[other.reads]
        rows = [
            [
                Button(t("It was me"), data(Tap.WAS_ME, announcement.id)),
                Button(t("It was not me"), data(Tap.NOT_ME, announcement.id)),
            ]
        ]
        html = _page(t, announcement, person)
        row = await outbox.put(
            session,
            other.telegram_id,
            "sendMessage",
            telegram.message(html, rows),
            urgency=Urgency.NEWS,
            about=outbox.Subject(company_id=binding.company_id),
        )
        announcement.told = [*announcement.told, row.id]
    await session.flush()


async def of_verified(session: WriteSession, announcement_id: int, person: Person) -> Announcement | None:
    """The announcement where this person may answer it: verified for its company, and not the one it is about."""
    return await session.scalar(
        select(Announcement)
        .join(Binding, (Binding.company_id == Announcement.company_id) & (Binding.person_id == person.id))
        .where(
            Announcement.id == announcement_id,
            IN_FORCE,
            Binding.level == Level.VERIFIED,
            Binding.id != Announcement.binding_id,
        )
        .options(
            joinedload(Announcement.binding).joinedload(Binding.person),
            joinedload(Announcement.binding).joinedload(Binding.company),
        )
        .with_for_update(of=Announcement)
        .execution_options(populate_existing=True)
    )


async def confirm(session: WriteSession, announcement: Announcement, actor: Person, *, office: Office) -> None:
    """One tap settles it for everybody who was asked."""
    await _settle(session, announcement, actor, N_("%(who)s says that it is all right."), office=office)


async def deny(session: WriteSession, announcement: Announcement, actor: Person, *, office: Office) -> None:
    """Stop the new phone and alert the desk.

    A phone that was there before whoever denies stays: then the desk alone decides.
    """
    announcement.is_denied = True
    accused = announcement.binding
    own = await session.scalar(
        select(Binding).where(Binding.person_id == actor.id, Binding.company_id == announcement.company_id, IN_FORCE)
    )
    assert own is not None, "of_verified has found it"
    words = N_("%(who)s says that this was nobody of the company. We have been told.")
    is_in_force = accused.ended_at is None and accused.frozen_at is None
    if is_in_force and may_freeze(since=_since(own), accused_since=_since(accused)):
        await _freeze(session, accused, office=office)
        words = N_("%(who)s says that this was nobody of the company. The phone is stopped and we have been told.")
    where = f"company {accused.company.ruc}"
    audit.record(session, actor, "announcement.denied", on=where, news=announcement.news, name=accused.person.name)
    await _settle(session, announcement, actor, words, office=office)


async def handle(session: WriteSession, binding: Binding) -> None:
    """The desk has decided about the phone: nothing is open any more."""
    await session.execute(
        update(Announcement)
        .where(Announcement.binding_id == binding.id, Announcement.is_denied, Announcement.handled_at.is_(None))
        .values(handled_at=now())
    )


async def dismiss(session: WriteSession, actor: Technician, announcement: Announcement) -> None:
    """The desk has looked into a denial that stopped no phone."""
    announcement.handled_at = now()
    where = f"company {announcement.company.ruc}"
    audit.record(session, actor, "announcement.handled", on=where, news=announcement.news)


async def _freeze(session: WriteSession, binding: Binding, *, office: Office) -> None:
    """It sees nothing and is pushed nothing from now on, and is told so."""
    await parting.part(session, binding.company_id)
    binding.frozen_at = now()
    await session.flush()
    await outbox.cancel_lane(session, binding.person.telegram_id, company_id=binding.company_id)
    t = office.translators[binding.person.reads]
    text = frozen_words(t, binding)
    outbox.post(session, binding.person.telegram_id, "sendMessage", telegram.message(telegram.plain(text)))


def frozen_words(t: Translator, binding: Binding) -> str:
    """What a frozen chat reads, whatever it tries."""
    return t(
        "This phone is stopped for %(company)s: somebody of the company says that they do not know it. "
        "We have been told and will look into it.",
        company=binding.company.name,
    )


async def _settle(
    session: WriteSession, announcement: Announcement, actor: Person, words: str, *, office: Office
) -> None:
    """The answer replaces the question in every chat that still may know; its buttons go.

    A question that waits for a person, or for the desk, is not asked any more.
    """
    announcement.settled_at, announcement.settled_by_id = now(), actor.id
    await parting.stay(session, announcement.company_id)
    verified = await persons.verified(session, announcement.company_id)
    readers = {str(one.person.telegram_id): one.person for one in verified}
    for row in await outbox.rows_of(session, announcement.told):
        if row.state in {DeliveryState.PARKED, DeliveryState.HELD}:
            row.state = DeliveryState.CANCELLED
        elif row.lane in readers:
            t = office.translators[readers[row.lane].reads]
            answer = t(words, who=actor.name)
            html = f"{_page(t, announcement, announcement.binding.person)}\n\n{telegram.plain(answer)}"
            await outbox.edit(session, row.id, telegram.message(html, []))


def _page(t: Translator, announcement: Announcement, person: Person) -> str:
    binding = announcement.binding
    happened = t(_HAPPENED[announcement.news], name=person.name, how=t(PROOF_WORDS[binding.proof]))
    return telegram.page("announcement", t, company=binding.company, happened=happened, at=announcement.at)


def _since(binding: Binding) -> datetime:
    return binding.verified_at or binding.since
