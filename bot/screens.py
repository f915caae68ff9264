"""What several handlers show: the door, the menu, the draft card."""

from typing import Any

from bot import buttons, card_rows
from bot.context import Context
from core.actions import conversations, drafts, people
from core.actions.announcements import frozen_words
from core.messaging import outbox
from core.models import Draft, DraftState, OutboxRow, Ticket
from core.queries import alike, policy, texts, tickets
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.render.words import SERVICE_WORDS
from core.rules.intake import Field, Step, missing
from core.rules.limits import FILES_SHOWN, shorten
from core.rules.texts import Text

CARD_TEXT = 400
OFFERED = 6


async def ask_ruc(context: Context) -> None:
    """The door: for a phone that is stopped it says so first, for other companies it stays open."""
    conversations.go(context.conversation, Step.RUC)
    stopped = [frozen_words(context.t, one) for one in await people.frozen(context.session, context.person)]
    if stopped:
        stopped.append(context.t("For another company, write its RUC."))
        await context.say(telegram.without_keyboard(telegram.plain("\n\n".join(stopped))))
        return
    text = await texts.said(context.session, Text.DOOR, context.t, desk=context.office.name)
    await context.say(telegram.without_keyboard(telegram.plain(text)))


async def show_menu(context: Context, *, welcome: bool = False, notice: str = "") -> None:
    conversations.go(context.conversation, Step.MENU)
    t, company = context.t, context.bound.company
    text = t("%(company)s. What do you need?", company=company.name)
    if welcome:
        known = await tickets.has_any(context.session, context.bound)
        greeting = Text.WELCOME if known else Text.FIRST_WELCOME
        text = await texts.said(context.session, greeting, t, company=company.name)
    text = f"{notice}\n\n{text}" if notice else text
    await context.say(
        telegram.with_keyboard(telegram.plain(text), buttons.menu_labels(t, switch=_switch_label(context)))
    )


def _switch_label(context: Context) -> str:
    """With two companies the button names the other one, so that one tap switches; with more it leads to the list."""
    others = [one.company for one in context.bindings if one is not context.binding]
    if len(others) == 1:
        return context.t(buttons.SWITCH_TO, company=others[0].name)
    return context.t(buttons.SWITCH) if others else ""


async def show_card(
    context: Context,
    draft: Draft,
    *,
    repost: bool,
    changing: Field | None = None,
    notice: str = "",
    offer: Button | None = None,
) -> None:
    """The draft as it stands and the next question: edited in place, or posted anew below what was typed."""
    draft.company_id = context.bound.company_id  # the card names it, and it is sent for no other
    files = await drafts.files(context.session, draft)
    facts = await drafts.facts(context.session, draft, files)
    asked = changing or next(iter(missing(facts)), None)
    conversations.go(context.conversation, Step.DRAFT, **({"changing": changing.value} if changing else {}))
    same = await _same_trouble(context, draft)
    text = shorten(draft.text, CARD_TEXT)
    html = telegram.page(
        "card",
        context.t,
        draft=draft,
        company=context.bound.company.name,
        continues=await drafts.continued_number(context.session, draft),
        service=SERVICE_WORDS[draft.service] if draft.service else "",
        prices=await _prices(context) if asked is Field.SERVICE else (),
        text=text,
        is_cut=text != draft.text,
        files=card_rows.latest(files),
        earlier=max(0, len(files) - FILES_SHOWN),
        asked=asked,
        left=card_rows.left_in_words(context, facts),
        needs_file=facts.needs_file,
        same=same,
        notice=notice,
    )
    rows = await card_rows.rows_of(context, draft, asked, files=files, facts=facts)
    if same is not None:
        rows = [*card_rows.same_or_not(context, draft, same), *rows]
    if offer is not None:
        rows = [[offer], *rows]
    await _show(context, draft, telegram.message(html, rows), repost=repost)


async def _prices(context: Context) -> list[str]:
    """What each service that is offered costs, in words."""
    services = (await policy.desk_policy(context.session)).services
    return [await texts.said(context.session, texts.PRICES[service], context.t) for service in services]


async def _same_trouble(context: Context, draft: Draft) -> Ticket | None:
    if not draft.subject or draft.is_another:
        return None
    return await alike.same_trouble(context.session, context.person, context.bound, draft.subject)


async def ask_whether_to_drop(context: Context, draft: Draft, *, sure: str) -> None:
    """In place of the card: nothing that was typed goes by a slip of the finger."""
    t = context.t
    rows = [
        [Button(t("Yes, discard it"), data(Tap.CANCEL, draft.id, sure))],
        [Button(t("No, go on"), data(Tap.KEEP, draft.id))],
    ]
    html = telegram.plain(t("Discard this draft? What you wrote and its files are not sent."))
    await _show(context, draft, telegram.message(html, rows), repost=False)


async def show_dropped(context: Context, draft: Draft, state: DraftState) -> None:
    """What is left of a draft: the way back."""
    rows = [[Button(context.t("Undo"), data(Tap.UNDO, draft.id, state))]]
    html = telegram.plain(context.t("Discarded: nothing was sent."))
    await _show(context, draft, telegram.message(html, rows), repost=False)


async def _show(context: Context, draft: Draft, payload: dict[str, Any], *, repost: bool) -> None:
    """The one message of a draft: edited where it stands, or, ``repost``, taken away and sent anew."""
    card_id = draft.card_id
    if card_id is not None and not repost:
        card = await context.session.get(OutboxRow, card_id)
        if card is not None and outbox.has_message(card):
            await outbox.edit(context.session, card_id, payload)
            return
    if card_id is not None:
        if draft.state is DraftState.LOOSE and await outbox.rewrite(context.session, card_id, payload):
            return  # it comes below what was typed anyway
        await outbox.retract(context.session, card_id)
    draft.card_id = (await context.say_card(payload)).id


async def ask_where(context: Context, loose: Draft, *, repost: bool) -> None:
    """Which ticket a message out of the blue belongs to: asked once, however many parts it has."""
    t = context.t
    files = len(await drafts.files(context.session, loose))
    if not loose.text and not files:
        return  # nothing of it could be taken, and that has been said
    open_tickets = await tickets.last_active(context.session, context.person, context.bound, limit=OFFERED)
    rows = [
        [Button(shorten(f"#{ticket.number} {ticket.subject}", 60), data(Tap.PLACE, loose.id, ticket.number))]
        for ticket in open_tickets
    ]
    rows.append([Button(t("Open a new ticket with it"), data(Tap.PLACE_NEW, loose.id))])
    rows.append([Button(t("Cancel"), data(Tap.CANCEL, loose.id))])
    html = telegram.page("loose", t, text=shorten(loose.text, 600) if loose.text else "", files=files)
    await _show(context, loose, telegram.message(html, rows), repost=repost)


async def show_again(context: Context, draft: Draft) -> None:
    """The card of a draft, or the question of a loose message, as it stands now."""
    if context.binding is None:
        return
    if draft.state is DraftState.LOOSE:
        await ask_where(context, draft, repost=False)
        return
    conversation = context.conversation
    step, kept = conversation.step, conversation.data
    await show_card(context, draft, repost=False)
    if step is not Step.DRAFT:
        conversations.go(conversation, step, **kept)
