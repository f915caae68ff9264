"""The second factor of technicians: turned on with a first code, spent at the log-in, taken off."""

import secrets

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, or_, update

from core.actions import audit
from core.actions.authorize import authorize
from core.actions.staff import end_sessions, revoke_tokens, token_sha256
from core.clock import now
from core.db import WriteSession
from core.errors import ConflictError, InvalidError
from core.i18n import N_
from core.messaging.vault import Vault
from core.models import RecoveryCode, Technician
from core.rules import second_factor as rules
from core.rules.permissions import Permission

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is taken for another


class WrongCodeError(InvalidError):
    message = N_("This code is not right, or it was used already. Wait for the next one.")


def vault_of(secret_key: bytes) -> Vault:
    """What keeps the secrets of the second factor."""
    return Vault(secret_key, purpose=b"totp")


async def turn_on(
    session: WriteSession, technician: Technician, *, secret: str, code: str, vault: Vault
) -> list[str]:
    """From now on a code is asked for at the log-in. Returns the codes on paper. Raises InvalidError."""
    step = rules.accepted_step(secret, rules.plain(code), at=now(), after=None)
    if step is None:
        raise WrongCodeError(N_("This code is not right. See that the clock of the phone is."), field="code")
    technician.totp_secret, technician.totp_step = vault.lock(secret.encode()), step
    codes = await _new_codes(session, technician)
    audit.record(session, technician, "account.factor_on", on=f"technician {technician.username}")
    return codes


async def renew_codes(session: WriteSession, technician: Technician) -> list[str]:
    """Ten new codes on paper; the old ones are worth nothing any more. Raises ConflictError."""
    if technician.totp_secret is None:
        raise ConflictError(N_("The second factor is not set up."))
    codes = await _new_codes(session, technician)
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


async def _new_codes(session: WriteSession, technician: Technician) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.technician_id == technician.id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(rules.CODES)]
    session.add_all(RecoveryCode(technician_id=technician.id, code_sha256=token_sha256(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


async def _forget(session: WriteSession, technician: Technician) -> None:
    technician.totp_secret = technician.totp_step = None
    await session.execute(delete(RecoveryCode).where(RecoveryCode.technician_id == technician.id))
