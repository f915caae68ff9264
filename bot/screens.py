"""What several handlers show: the door, the menu, the draft card."""

from typing import Any

from bot import buttons
from bot.context import Context
from core.actions import conversations, drafts, people
from core.actions.announcements import frozen_words
from core.i18n import N_
from core.messaging import outbox
from core.models import Draft, DraftState, OutboxRow
from core.queries import policy, tickets
from core.render import telegram
from core.render.buttons import Button, Tap, data, in_rows
from core.render.words import SERVICE_WORDS
from core.rules.intake import Field, Step, missing
from core.rules.limits import shorten
from core.rules.services import Service

FIELD_LABELS = {
    Field.SERVICE: N_("Service"),
    Field.PRODUCT: N_("Product"),
    Field.SUBJECT: N_("Subject"),
    Field.TEXT: N_("Text"),
    Field.FILES: N_("Attachments"),
}
CARD_TEXT = 2500
OFFERED = 6


async def ask_ruc(context: Context) -> None:
    """The door: for a phone that is stopped it says so first, for other companies it stays open."""
    conversations.go(context.conversation, Step.RUC)
    stopped = [frozen_words(context.t, one) for one in await people.frozen(context.session, context.person)]
    if stopped:
        stopped.append(context.t("For another company, write its RUC."))
        await context.say(telegram.without_keyboard(telegram.plain("\n\n".join(stopped))))
        return
    text = context.t(
        "Welcome to %(desk)s. To attend to you we need your company's RUC: write its 13 digits.",
        desk=context.office.name,
    )
    await context.say(telegram.without_keyboard(telegram.plain(text)))


async def show_menu(context: Context, *, welcome: bool = False) -> None:
    conversations.go(context.conversation, Step.MENU)
    t, company = context.t, context.bound.company
    text = t("%(company)s. What do you need?", company=company.name)
    if welcome and await tickets.has_any(context.session, context.bound):
        text = t("Good to see you, %(company)s. What do you need?", company=company.name)
    elif welcome:
        text = t(
            "Welcome, %(company)s. You have no tickets yet: tap New ticket, tell us what happens, "
            "and the answers arrive right here.",
            company=company.name,
        )
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
    context: Context, draft: Draft, *, repost: bool, changing: Field | None = None, notice: str = ""
) -> None:
    """The draft as it stands and the next question: edited in place, or posted anew below what was typed."""
    facts = await drafts.facts(context.session, draft)
    asked = changing or next(iter(missing(facts)), None)
    conversations.go(context.conversation, Step.DRAFT, **({"changing": changing.value} if changing else {}))
    files = await drafts.files(context.session, draft)
    html = telegram.page(
        "card",
        context.t,
        draft=draft,
        company=context.bound.company.name,
        continues=await drafts.continued_number(context.session, draft),
        service=SERVICE_WORDS[draft.service] if draft.service else "",
        text=shorten(draft.text, CARD_TEXT) if draft.text else "",
        files=files,
        asked=asked,
        notice=notice,
    )
    rows = await _card_buttons(context, draft, asked, [(file.id, file.name) for file in files])
    await _show(context, draft, telegram.message(html, rows), repost=repost)


async def _show(context: Context, draft: Draft, payload: dict[str, Any], *, repost: bool) -> None:
    """The one message of a draft: edited where it stands, or, ``repost``, taken away and sent anew."""
    card = await context.session.get(OutboxRow, draft.card_id) if draft.card_id else None
    if card is not None and outbox.has_message(card) and not repost:
        await outbox.edit(context.session, card.id, payload)
        return
    if card is not None:
        await outbox.retract(context.session, card.id)
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


async def _card_buttons(
    context: Context, draft: Draft, asked: Field | None, files: list[tuple[int, str]]
) -> telegram.Rows:
    t = context.t
    cancel = Button(t("Cancel"), data(Tap.CANCEL, draft.id))
    if asked is None:
        fields = [Button(t(FIELD_LABELS[field]), data(Tap.ASK, draft.id, field)) for field in Field]
        return [[Button(t("Send"), data(Tap.SEND, draft.id)), cancel], *in_rows(fields, 3)]
    rows = await _choices(context, draft, asked, files)
    back = [] if asked is Field.SERVICE else [Button(t("Back"), data(Tap.BACK, draft.id, asked))]
    return [*rows, [*back, cancel]]


async def _choices(context: Context, draft: Draft, asked: Field, files: list[tuple[int, str]]) -> telegram.Rows:
    t = context.t
    if asked is Field.SERVICE:
        return [
            [Button(t(SERVICE_WORDS[service]), data(Tap.SET, draft.id, Field.SERVICE, service))]
            for service in Service
        ]
    if asked is Field.PRODUCT and draft.service:
        labels = await policy.products(context.session, draft.service)
        return [[Button(label, data(Tap.SET, draft.id, Field.PRODUCT, index))] for index, label in enumerate(labels)]
    if asked is Field.FILES:
        removals = [
            [Button(t("Remove %(name)s", name=shorten(name, 40)), data(Tap.DROP_FILE, draft.id, file_id))]
            for file_id, name in files
        ]
        settle = t("Done") if files else t("No attachments")
        return [*removals, [Button(settle, data(Tap.SETTLE, draft.id))]]
    return []
