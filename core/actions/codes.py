"""Proof by six digits: sent to an address of the company's record, or read aloud to a technician.

Six digits can be guessed from any hash: a few tries, a short life and few codes a day are what protects them. The
hash keeps them out of sight of whoever looks at the tables.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from core.actions import audit, bindings
from core.actions.authorize import authorize
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import InvalidError, NotFoundError
from core.i18n import N_
from core.messaging import outbox
from core.models import (
    IN_FORCE,
    Binding,
    Channel,
    Company,
    CompanyEmail,
    DeliveryState,
    OutboxRow,
    Person,
    ProofCode,
    Technician,
)
from core.render import email, telegram
from core.render.buttons import Button, Tap, data
from core.render.office import Office
from core.rules.identity import Proof
from core.rules.permissions import Permission
from core.rules.proofs import CODE_DIGITS, CODE_LIMITS, CodeKind, Ending, may_ask, read_code, spoken

_DAY = timedelta(days=1)
_UNSENT = frozenset({DeliveryState.QUEUED, DeliveryState.DEAD, DeliveryState.PARKED, DeliveryState.HELD})


async def ask_approval(session: WriteSession, binding: Binding) -> str | None:
    """The digits to be read aloud to a technician, who finds the request in the panel; None: asked too often."""
    made = await _new(session, binding, CodeKind.APPROVAL)
    return spoken(made[1]) if made else None


async def send_mail(session: WriteSession, binding: Binding, address_id: int, *, office: Office) -> str | None:
    """Mail a code to an address of the record; returns it, or None: asked too often, or none of the company's."""
    address = await session.scalar(
        select(CompanyEmail.address).where(
            CompanyEmail.id == address_id, CompanyEmail.company_id == binding.company_id
        )
    )
    made = await _new(session, binding, CodeKind.EMAIL) if address else None
    if address is None or made is None:
        return None
    code, digits = made
    person = await session.get_one(Person, binding.person_id)
    letter = email.render_code(
        spoken(digits), company=binding.company.name, name=person.name, office=office, language=person.reads
    )
    lane = outbox.mail_lane(f"code-{binding.company_id}", address)
    mail = await outbox.put(session, lane, "mail", letter.payload(address), channel=Channel.EMAIL)
    code.mail_id = mail.id
    return address


async def addresses_of(session: ReadSession, binding: Binding) -> Sequence[CompanyEmail]:
    query = select(CompanyEmail).where(CompanyEmail.company_id == binding.company_id).order_by(CompanyEmail.id)
    return (await session.scalars(query)).all()


async def try_mailed(session: WriteSession, person: Person, binding: Binding, typed: str, *, office: Office) -> bool:
    """Whether the digits are those that were mailed; then the phone is verified. An old code is as good as none."""
    code = await session.scalar(
        select(ProofCode)
        .where(
            ProofCode.binding_id == binding.id,
            ProofCode.kind == CodeKind.EMAIL,
            ProofCode.settled_at.is_(None),
            ProofCode.expires_at > now(),
        )
        .with_for_update()
    )
    if code is None or not await _is_right(session, code, typed):
        return False
    await _settle(session, code, Ending.PROVED)
    company = await session.get_one(Company, binding.company_id)
    await bindings.bind(session, person, company, Proof.EMAIL, office=office)
    return True


async def approve(session: WriteSession, actor: Technician, code: ProofCode, typed: str, *, office: Office) -> bool:
    """A technician types what the customer reads aloud; False for other digits, and after some of them it is over."""
    authorize(actor, Permission.APPROVE_PERSON)
    _check_open(code)
    binding = code.binding
    if not await _is_right(session, code, typed):
        if code.settled_at is not None:
            code.technician_id = actor.id
            text = N_("The digits were wrong too often, so your request is over. Ask again if you still need it.")
            _answer(session, binding, text, office=office)
        return False
    code.technician_id = actor.id
    await _settle(session, code, Ending.PROVED)
    _audit(session, actor, "person.approved", binding)
    company = await session.get_one(Company, binding.company_id)
    active = binding.person.active_company_id
    await bindings.bind(session, binding.person, company, Proof.APPROVAL, office=office)
    binding.person.active_company_id = active  # the chat stays where it is
    _answer(
        session,
        binding,
        N_("A technician has approved this phone: you see everything of %(company)s."),
        office=office,
    )
    return True


async def refuse(session: WriteSession, actor: Technician, code: ProofCode, *, office: Office) -> None:
    """The technician does not believe it; the chat is told at once."""
    authorize(actor, Permission.APPROVE_PERSON)
    _check_open(code)
    code.technician_id = actor.id
    await _settle(session, code, Ending.REFUSED)
    _audit(session, actor, "person.refused", code.binding)
    text = N_("The technician could not confirm who you are. You may still prove it another way.")
    _answer(session, code.binding, text, office=office)


async def request_of(session: WriteSession, company: Company, code_id: int) -> ProofCode:
    """A request for approval of this company, taken for this transaction. Raises NotFoundError."""
    code = await session.scalar(
        select(ProofCode)
        .join(Binding, Binding.id == ProofCode.binding_id)
        .where(
            ProofCode.id == code_id,
            ProofCode.kind == CodeKind.APPROVAL,
            Binding.company_id == company.id,
            IN_FORCE,
        )
        .options(
            joinedload(ProofCode.binding).joinedload(Binding.person),
            joinedload(ProofCode.binding).joinedload(Binding.company),
        )
        .with_for_update(of=ProofCode)
        .execution_options(populate_existing=True)
    )
    if code is None:
        raise NotFoundError
    return code


async def end_expired(session: WriteSession) -> None:
    """The sweep: what is too old is over, and its digits are nowhere any more."""
    expired = select(ProofCode).where(ProofCode.settled_at.is_(None), ProofCode.expires_at <= now())
    for code in (await session.scalars(expired.with_for_update())).all():
        await _settle(session, code, Ending.EXPIRED)


async def _new(session: WriteSession, binding: Binding, kind: CodeKind) -> tuple[ProofCode, str] | None:
    """A code in place of the last one, and its digits; None where there were too many."""
    moment = now()
    asked = select(func.count(ProofCode.id)).join(Binding, Binding.id == ProofCode.binding_id)
    recent = asked.where(ProofCode.kind == kind, ProofCode.asked_at > moment - _DAY)
    by_chat = await session.scalar(recent.where(Binding.person_id == binding.person_id)) or 0
    for_company = await session.scalar(recent.where(Binding.company_id == binding.company_id)) or 0
    if not may_ask(kind, by_chat=by_chat, for_company=for_company):
        return None
    last = select(ProofCode).where(
        ProofCode.binding_id == binding.id, ProofCode.kind == kind, ProofCode.settled_at.is_(None)
    )
    for code in (await session.scalars(last.with_for_update())).all():
        await _settle(session, code, Ending.REPLACED)
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    salt = secrets.token_hex(16)
    code = ProofCode(
        binding_id=binding.id,
        kind=kind,
        salt=salt,
        code_sha256=_hash(salt, digits),
        tries=0,
        asked_at=moment,
        expires_at=moment + CODE_LIMITS[kind].lives,
    )
    session.add(code)
    await session.flush()
    return code, digits


async def _is_right(session: WriteSession, code: ProofCode, typed: str) -> bool:
    """Counts what is wrong; the last wrong try ends the code."""
    digits = read_code(typed)
    if digits is not None and hmac.compare_digest(code.code_sha256, _hash(code.salt, digits)):
        return True
    code.tries += 1
    if code.tries >= CODE_LIMITS[code.kind].tries:
        await _settle(session, code, Ending.EXHAUSTED)
    await session.flush()
    return False


async def _settle(session: WriteSession, code: ProofCode, ending: Ending) -> None:
    """The code is over: a mail that has not gone never goes, and of one that has the words are forgotten."""
    code.settled_at, code.ending = now(), ending
    await session.flush()
    if code.mail_id is None:
        return
    forgotten = {"to": [], "subject": "", "text": ""}
    mail = OutboxRow.id == code.mail_id
    await session.execute(
        update(OutboxRow).where(mail, OutboxRow.state.in_(_UNSENT)).values(state=DeliveryState.CANCELLED)
    )
    await session.execute(
        update(OutboxRow).where(mail, OutboxRow.state != DeliveryState.SENDING).values(payload=forgotten)
    )


def _check_open(code: ProofCode) -> None:
    if code.settled_at is not None or code.expires_at <= now():
        raise InvalidError(N_("This request is over: the customer must ask again."), field="code")


def _hash(salt: str, digits: str) -> str:
    return hashlib.sha256(f"{salt}{digits}".encode()).hexdigest()


def _audit(session: WriteSession, actor: Technician, action: str, binding: Binding) -> None:
    person = binding.person
    where = f"company {binding.company.ruc}"
    audit.record(session, actor, action, on=where, name=person.name, telegram_id=str(person.telegram_id))


def _answer(session: WriteSession, binding: Binding, text: str, *, office: Office) -> None:
    """What became of a request, with a way on."""
    t = office.translators[binding.person.reads]
    rows = [[Button(t("Menu"), data(Tap.MENU))]]
    html = telegram.plain(t(text, company=binding.company.name))
    about = outbox.Subject(company_id=binding.company_id)
    outbox.post(session, binding.person.telegram_id, "sendMessage", telegram.message(html, rows), about=about)
