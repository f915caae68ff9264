"""What binds a person to a company: made, raised, frozen, ended, and who is in charge."""

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from core.actions import announcements, audit
from core.actions.authorize import authorize
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import InvalidError, NotFoundError
from core.i18n import N_
from core.messaging import outbox, parting
from core.models import Binding, Company, Person, Technician
from core.render import telegram
from core.render.office import Office
from core.rules.identity import LEVEL_OF, Level, Proof
from core.rules.notices import Follows
from core.rules.permissions import Permission
from core.rules.proofs import News


async def bind(session: WriteSession, person: Person, company: Company, proof: Proof, *, office: Office) -> Binding:
    """Make the binding or raise its level; a better proof is never lost to a weaker one.

    The others of the company are asked about a phone that is verified now. A frozen binding stays as it is.
    """
    moment = now()
    await parting.stay(session, company.id)  # before its row is touched
    binding = await session.scalar(
        select(Binding)
        .where(Binding.person_id == person.id, Binding.company_id == company.id, Binding.ended_at.is_(None))
        .options(joinedload(Binding.company))
    )
    if binding is None:
        binding = Binding(
            person_id=person.id,
            company_id=company.id,
            level=Level.IDENTIFIED,
            proof=proof,
            follows=Follows.OWN,
            since=moment,
            company=company,
        )
        session.add(binding)
    if binding.frozen_at is not None:
        return binding
    person.active_company_id = company.id
    if LEVEL_OF[proof] is Level.VERIFIED and not binding.is_verified:
        binding.level, binding.proof, binding.verified_at = Level.VERIFIED, proof, moment
        if company.contact_person_id is None:
            company.contact_person_id, binding.follows = person.id, Follows.COMPANY
        await session.flush()
        await announcements.announce(session, person, binding, News.PHONE, office=office)
    await session.flush()
    return binding


async def of_company(session: ReadSession, company: Company, binding_id: int, *, lock: bool = False) -> Binding:
    """A binding of this company that has not ended, with person and company. Raises NotFoundError."""
    query = (
        select(Binding)
        .where(Binding.id == binding_id, Binding.company_id == company.id, Binding.ended_at.is_(None))
        .options(joinedload(Binding.person), joinedload(Binding.company))
        .execution_options(populate_existing=lock)
    )
    binding = await session.scalar(query.with_for_update(of=Binding) if lock else query)
    if binding is None:
        raise NotFoundError
    return binding


async def leaving(session: ReadSession, company: Company, binding_id: int) -> Binding:
    """The same for whoever is about to take it off the company. Raises NotFoundError."""
    await parting.part(session, company.id)
    return await of_company(session, company, binding_id, lock=True)


async def log_out(session: WriteSession, person: Person, binding: Binding) -> None:
    """The person leaves one company: what was queued for the chat is cancelled in the same transaction."""
    await _end(session, person, binding)


async def revoke_as_colleague(session: WriteSession, actor: Person, binding: Binding, *, office: Office) -> None:
    """A verified person of the company takes a phone off it; whose it was is told. The caller has checked."""
    await _end(session, binding.person, binding)
    _audit(session, actor, "person.revoked", binding)
    if binding.person_id != actor.id:
        t = office.translators[binding.person.reads]
        text = t(
            "%(name)s has removed this phone from %(company)s: it sees nothing of the company any more. "
            "If you did not expect that, talk to us.",
            name=actor.name,
            company=binding.company.name,
        )
        tell(session, binding.person, text)


async def revoke(session: WriteSession, actor: Technician, binding: Binding, *, reason: str, office: Office) -> None:
    """The desk takes a phone off a company, and says so to the chat."""
    authorize(actor, Permission.REVOKE_PERSON)
    if not reason.strip():
        raise InvalidError(N_("Write the reason."), field="reason")
    await _end(session, binding.person, binding)
    await announcements.handle(session, binding)
    _audit(session, actor, "person.revoked", binding, reason=reason.strip())
    t = office.translators[binding.person.reads]
    text = t(
        "%(desk)s has removed this phone from %(company)s: it sees nothing of it any more. /start to log in.",
        desk=office.name,
        company=binding.company.name,
    )
    tell(session, binding.person, text)


async def unfreeze(session: WriteSession, actor: Technician, binding: Binding, *, office: Office) -> None:
    """The desk has asked: the frozen phone belongs to the company after all."""
    authorize(actor, Permission.REVOKE_PERSON)
    if binding.frozen_at is None:
        return
    binding.frozen_at = None
    await announcements.handle(session, binding)
    _audit(session, actor, "person.unfrozen", binding)
    t = office.translators[binding.person.reads]
    text = t("You see %(company)s again. Thank you for waiting.", company=binding.company.name)
    tell(session, binding.person, text, company_id=binding.company_id)


async def put_in_charge(
    session: WriteSession, actor: Technician | Person, binding: Binding, *, office: Office
) -> None:
    """Make a verified person the contact person, who is told of all tickets; the last one is not any more.

    The binding is taken for this transaction, so that whoever leaves meanwhile is not appointed. Raises InvalidError
    for somebody who is not verified.
    """
    if isinstance(actor, Technician):
        authorize(actor, Permission.EDIT_COMPANY)
    if not binding.is_verified or binding.frozen_at is not None:
        raise InvalidError(N_("Only a verified person can be the contact person."), field="person")
    company = binding.company
    if company.contact_person_id == binding.person_id:
        return
    before = await session.scalar(
        select(Binding)
        .where(
            Binding.person_id == company.contact_person_id,
            Binding.company_id == company.id,
            Binding.ended_at.is_(None),
        )
        .with_for_update()  # before the company, as whoever leaves does
    )
    if before is not None:
        before.follows = Follows.OWN
    company.contact_person_id, binding.follows = binding.person_id, Follows.COMPANY
    _audit(session, actor, "company.contact_person", binding)
    if not isinstance(actor, Person) or actor.id != binding.person_id:
        t = office.translators[binding.person.reads]
        text = t(
            "You are now the contact person of %(company)s: we tell you of all its tickets.", company=company.name
        )
        tell(session, binding.person, text, company_id=company.id)


async def _end(session: WriteSession, person: Person, binding: Binding) -> None:
    await parting.part(session, binding.company_id)
    binding.ended_at = now()
    if person.active_company_id == binding.company_id:
        person.active_company_id = None
    await session.flush()
    # asked of the company as it stands now: the person may just have been put in charge
    in_charge = update(Company).where(Company.id == binding.company_id, Company.contact_person_id == person.id)
    await session.execute(in_charge.values(contact_person_id=None))
    await outbox.cancel_lane(session, person.telegram_id, company_id=binding.company_id)


def _audit(session: WriteSession, actor: Technician | Person, action: str, binding: Binding, **data: str) -> None:
    person = binding.person
    data |= {"name": person.name, "telegram_id": str(person.telegram_id)}
    audit.record(session, actor, action, on=f"company {binding.company.ruc}", **data)


def tell(session: WriteSession, person: Person, text: str, *, company_id: int | None = None) -> None:
    """A line to a person's chat that is no answer to anything; ``company_id``: who leaves it need not know."""
    about = outbox.Subject(company_id=company_id)
    outbox.post(session, person.telegram_id, "sendMessage", telegram.message(telegram.plain(text)), about=about)
