"""From identified to verified: the own number, six digits by mail, six digits by voice."""

from telegram import MessageOrigin

from bot import buttons
from bot.context import Context
from bot.handlers import entering
from core.actions import codes, conversations, login
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.intake import Step
from core.rules.proofs import masked, read_code


async def offer(context: Context) -> None:
    """The ways to prove who one is, also later from the preferences; a verified phone needs none."""
    if context.bound.is_verified:
        await context.answer_tap(context.t("This phone is verified already."), alert=True)
        return
    conversations.go(context.conversation, Step.PROOF, **entering.goal(context))
    t = context.t
    why = t(
        "The RUC is printed on every invoice, so it does not prove who you are. "
        "Share your phone number: if it is on the company's record, you see everything of the company."
    )
    await context.say(telegram.with_keyboard(telegram.plain(why), [], contact=t(buttons.SHARE_NUMBER)))
    without = t("There are other ways. Without any you may open 3 tickets a day and see only those of this chat.")
    await context.say(telegram.message(telegram.plain(without), await _ways(context)))


async def proof(context: Context) -> None:
    """The own phone number, shared by the button; anything else is taken as going on unverified."""
    contact = context.message.contact if context.message else None
    if contact is None or context.bound.is_verified:
        content = context.content
        if content is not None and contact is None:
            await entering.keep(context, content)
        await entering.enter(context)
        return
    origin: MessageOrigin | None = context.message.forward_origin if context.message else None
    is_proved = await login.prove_phone(
        context.session,
        context.person,
        context.bound,
        number=contact.phone_number,
        contact_user_id=contact.user_id,
        forwarded=origin is not None,
        office=context.office,
    )
    if is_proved:
        await entering.enter(context)
        return
    text = context.t("This number is not on the company's record, or it is not your own. Ask the desk to add it.")
    await context.say(telegram.message(telegram.plain(text), await _ways(context)))


async def mail_code(context: Context) -> None:
    """Send six digits to the address of the button."""
    assert context.tapped is not None
    if context.bound.is_verified:
        await context.answer_tap(context.t("This phone is verified already."), alert=True)
        return
    address = await codes.send_mail(
        context.session, context.bound, int(context.tapped.arguments[0]), office=context.office
    )
    t = context.t
    if address is None:
        await context.answer_tap(t("That was often enough for today. Choose another way, please."), alert=True)
        return
    conversations.go(context.conversation, Step.CODE, **entering.goal(context))
    text = t(
        "We have sent a code to %(address)s. Write its 6 digits here within 10 minutes.", address=masked(address)
    )
    await context.say(telegram.message(telegram.plain(text), [[_without(context)]]))


async def code(context: Context) -> None:
    """Six digits from the mail; what is no code is kept like anything else one says before being known."""
    content = context.content
    typed = content.text if content else ""
    if (context.message and context.message.contact) or read_code(typed) is None:
        await proof(context)
        return
    if await codes.try_mailed(context.session, context.person, context.bound, typed, office=context.office):
        await entering.enter(context)
        return
    text = context.t("This is not the code, or it is too old. Write it again, or choose another way.")
    await context.say(telegram.message(telegram.plain(text), await _ways(context)))


async def approval(context: Context) -> None:
    """Six digits to be read aloud to a technician, who sees the request in the panel."""
    t = context.t
    if context.bound.is_verified:
        await context.answer_tap(t("This phone is verified already."), alert=True)
        return
    digits = await codes.ask_approval(context.session, context.bound)
    if digits is None:
        await context.answer_tap(t("That was often enough for today. Choose another way, please."), alert=True)
        return
    html = telegram.page("approval", t, code=digits, office=context.office)
    await context.say(telegram.message(html, [[_without(context)]]))


async def refuse(context: Context, text: str) -> None:
    """Something is for verified phones only: say so, and lead to the proofs."""
    rows = [[Button(context.t("Verify this phone"), data(Tap.PROVE))]]
    await context.say(telegram.message(telegram.plain(text), rows))


async def _ways(context: Context) -> telegram.Rows:
    t = context.t
    rows = [
        [Button(t("Code to %(address)s", address=masked(one.address)), data(Tap.MAIL_CODE, one.id))]
        for one in await codes.addresses_of(context.session, context.bound)
    ]
    return [*rows, [Button(t("Ask a technician"), data(Tap.APPROVAL))], [_without(context)]]


def _without(context: Context) -> Button:
    return Button(context.t("Continue without verifying"), data(Tap.UNVERIFIED))
