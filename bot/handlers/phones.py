"""The phones of the company: who sees it, how they proved it, one less, and who is in charge."""

from bot.context import Context
from bot.handlers import companies, proofs
from core.actions import bindings
from core.errors import InvalidError, NotFoundError
from core.models import Binding
from core.queries import persons
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.words import PROOF_WORDS
from core.rules.identity import Sight, may_see
from core.rules.limits import shorten


async def show(context: Context) -> None:
    if await _is_hidden(context):
        return
    t, company = context.t, context.bound.company
    found = await persons.of_company(context.session, company.id)
    html = telegram.page("phones", t, company=company, bindings=found, own=context.person.id, proofs=PROOF_WORDS)
    rows: telegram.Rows = []
    for binding in found:
        name = shorten(binding.person.name, 30)
        remove = t("Remove my phone") if binding.person_id == context.person.id else t("Remove %(name)s", name=name)
        row = [Button(remove, data(Tap.REVOKE, binding.id))]
        may_lead = binding.is_verified and binding.frozen_at is None
        if may_lead and binding.person_id != company.contact_person_id:
            row.append(Button(t("Contact: %(name)s", name=name), data(Tap.IN_CHARGE, binding.id)))
        rows.append(row)
    rows.append([Button(t("Back"), data(Tap.PREFERENCES))])
    await context.replace(telegram.message(html, rows))


async def revoke(context: Context) -> None:
    """One more tap, for it cannot be taken back."""
    binding = await _binding(context)
    if binding is None:
        return
    t = context.t
    text = t(
        "Remove the phone of %(name)s from %(company)s? It sees nothing more from that moment. "
        "Whoever knows the password can log in again: change it if need be.",
        name=binding.person.name,
        company=context.bound.company.name,
    )
    rows = [[Button(t("Yes, remove"), data(Tap.REVOKE_NOW, binding.id)), Button(t("Back"), data(Tap.PHONES))]]
    await context.replace(telegram.message(telegram.plain(text), rows))


async def revoke_now(context: Context) -> None:
    binding = await _binding(context, leaves=True)
    if binding is None:
        return
    if binding.person_id == context.person.id:
        await companies.leave_one(context, context.bound)
        return
    await bindings.revoke_as_colleague(context.session, context.person, binding, office=context.office)
    await context.answer_tap(context.t("The phone of %(name)s is removed.", name=binding.person.name))
    await show(context)


async def put_in_charge(context: Context) -> None:
    binding = await _binding(context)
    if binding is None:
        return
    try:
        await bindings.put_in_charge(context.session, context.person, binding, office=context.office)
    except InvalidError as error:
        await context.answer_tap(context.t(error.message), alert=True)
    await show(context)


async def _binding(context: Context, *, leaves: bool = False) -> Binding | None:
    """The binding of the button, taken for this transaction, where this chat may still decide about it."""
    assert context.tapped is not None
    if await _is_hidden(context):
        return None
    session, company, wanted = context.session, context.bound.company, int(context.tapped.arguments[0])
    try:
        if leaves:
            return await bindings.leaving(session, company, wanted)
        return await bindings.of_company(session, company, wanted, lock=True)
    except NotFoundError:
        await context.answer_tap(context.t("This phone is not there any more."), alert=True)
        return None


async def _is_hidden(context: Context) -> bool:
    if may_see(context.bound.level, Sight.PERSONS):
        return False
    await proofs.refuse(context, context.t("Only verified phones see the company's phones."))
    return True
