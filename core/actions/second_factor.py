"""The second factor of technicians: turned on with a first code, spent at the log-in, taken off."""

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, or_, select, update

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.staff import end_sessions, revoke_tokens, token_sha256
from core.clock import now
from core.db import ReadSession, WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.messaging.vault import Vault
from core.models import RecoveryCode, Technician
from core.rules import second_factor as rules
from core.rules.permissions import Permission


class WrongCodeError(InvalidError):
    message = N_("This code is not right, or it was used already. Wait for the next one.")


def vault_of(secret_key: bytes) -> Vault:
    """What keeps the secrets of the second factor."""
    return Vault(secret_key, purpose=b"totp")


async def turn_on(
    session: WriteSession, technician: Technician, *, secret: str, seed: str, code: str, vault: Vault
) -> list[str]:
    """From now on a code is asked for at the log-in. Returns the codes on paper, of ``seed``. Raises InvalidError."""
    step = rules.accepted_step(secret, rules.plain(code), at=now(), after=None)
    if step is None:
        raise WrongCodeError(N_("This code is not right. See that the clock of the phone is."), field="code")
    technician.totp_secret, technician.totp_step = vault.lock(secret.encode()), step
    codes = await _new_codes(session, technician, seed)
    audit.record(session, technician, "account.factor_on", on=f"technician {technician.username}")
    return codes


async def shown_again(
    session: ReadSession, technician_id: int, *, secret: str, seed: str, code: str, vault: Vault
) -> list[str]:
    """The codes on paper once more, for the second click of who has just set it up with this code; else none."""
    technician = await session.get(Technician, technician_id)
    if technician is None or technician.totp_secret is None:
        return []
    try:
        is_set_up = vault.unlock(technician.totp_secret) == secret.encode()
    except InvalidToken:
        return []
    if not is_set_up or not rules.is_latest(secret, rules.plain(code), step=technician.totp_step, at=now()):
        return []
    codes = rules.codes_from(seed)
    unused = select(RecoveryCode.code_sha256).where(
        RecoveryCode.technician_id == technician.id, RecoveryCode.used_at.is_(None)
    )
    return codes if set(await session.scalars(unused)) == set(map(_sha256, codes)) else []


async def renew_codes(session: WriteSession, technician: Technician) -> list[str]:
    """Ten new codes on paper; the old ones are worth nothing any more. Raises ConflictError."""
    if technician.totp_secret is None:
        raise ConflictError(N_("The second factor is not set up."))
    codes = await _new_codes(session, technician, rules.new_seed())
    audit.record(session, technician, "account.codes_renewed", on=f"technician {technician.username}")
    return codes


async def turn_off(session: WriteSession, technician: Technician) -> None:
    """The password is enough again."""
    await _forget(session, technician)
    audit.record(session, technician, "account.factor_off", on=f"technician {technician.username}")


async def reset(session: WriteSession, actor: Technician | None, technician: Technician) -> None:
    """Somebody's phone is lost: factor, sessions and API tokens are over (``actor`` None: the command line)."""
    if actor is not None:
        authorize(actor, Permission.EDIT_TECHNICIANS)
    await _forget(session, technician)
    await end_sessions(session, technician)
    revoked = await revoke_tokens(session, technician)
    audit.record(session, actor, "technician.factor_reset", on=f"technician {technician.username}", **revoked)


async def spend(session: WriteSession, technician: Technician, typed: str, *, vault: Vault) -> None:
    """A code of the app or of the paper, each once. Raises InvalidError."""
    code = rules.plain(typed)
    if rules.is_of_the_moment(code):
        is_right = await _spend_step(session, technician, code, vault)
    else:
        is_right = await _spend_paper(session, technician, code)
    if not is_right:
        raise WrongCodeError(field="code")


async def _spend_step(session: WriteSession, technician: Technician, code: str, vault: Vault) -> bool:
    try:
        secret = vault.unlock(technician.totp_secret or b"").decode()
    except InvalidToken:
        raise ConflictError(N_("The key of the desk has changed: an administrator must reset it.")) from None
    step = rules.accepted_step(secret, code, at=now(), after=technician.totp_step)
    if step is None:
        return False
    # two log-ins at once with one code: the database lets one through
    spent = await session.scalars(
        update(Technician)
        .where(Technician.id == technician.id, or_(Technician.totp_step.is_(None), Technician.totp_step < step))
        .values(totp_step=step)
        .returning(Technician.id)
    )
    return spent.first() is not None


async def _spend_paper(session: WriteSession, technician: Technician, code: str) -> bool:
    spent = await session.scalars(
        update(RecoveryCode)
        .where(
            RecoveryCode.technician_id == technician.id,
            RecoveryCode.code_sha256 == token_sha256(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
    )
    if spent.first() is None:
        return False
    audit.record(session, technician, "account.code_spent", on=f"technician {technician.username}")
    return True


async def _new_codes(session: WriteSession, technician: Technician, seed: str) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.technician_id == technician.id))
    codes = rules.codes_from(seed)
    session.add_all(RecoveryCode(technician_id=technician.id, code_sha256=_sha256(code)) for code in codes)
    return codes


def _sha256(code: str) -> str:
    return token_sha256(rules.plain(code))


async def _forget(session: WriteSession, technician: Technician) -> None:
    technician.totp_secret = technician.totp_step = None
    await session.execute(delete(RecoveryCode).where(RecoveryCode.technician_id == technician.id))
