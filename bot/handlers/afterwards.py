"""After the last answer: asking for the closing, rating it, opening the ticket again, or going on in a new one."""

from bot import screens, ticket_screen
from bot.context import Context
from bot.handlers import replies
from core.actions import afterwards, articles, conversations, drafts, reopening
from core.errors import ConflictError, InvalidError, NotFoundError
from core.queries import following
from core.render import telegram
from core.render.buttons import Button, Tap, data
from core.rules.intake import Step


async def ask_to_close(context: Context) -> None:
    """The desk is told, once; how the ticket closes is for the desk to say."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None:
        return
    try:
        is_new = await afterwards.ask_to_close(context.session, ticket, context.person)
    except ConflictError as refusal:
        await context.answer_tap(context.t(refusal.message), alert=True)
    else:
        told = context.t("We have told the technician.") if is_new else context.t("We know already.")
        await context.answer_tap(told)
    await ticket_screen.show(context, ticket.number, in_place=True)


async def reopen(context: Context) -> None:
    """Back to work on it, within the days of grace; what stands against it is said."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None:
        return
    try:
        await reopening.reopen(context.session, ticket, context.person, office=context.office)
    except ConflictError as refusal:
        await context.answer_tap(context.t(refusal.message, **refusal.values), alert=True)
        return
    await context.answer_tap(context.t("#%(number)s is open again.", number=ticket.number))
    await ticket_screen.show(context, ticket.number, in_place=True)


async def go_on(context: Context) -> None:
    """A new ticket that goes on with a closed one; what was just written to that one is its text."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None or context.tapped is None:
        return
    position = int(context.tapped.arguments[1]) if len(context.tapped.arguments) > 1 else 0
    draft = await drafts.go_on(context.session, context.person, ticket, position=position)
    await screens.show_card(context, draft, repost=True)


async def only_comment(context: Context) -> None:
    """It was a comment: noted, and that is all."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is not None:
        noted = telegram.message(telegram.plain(articles.noted_in(context.t, ticket)), [])
        await context.replace(noted, company_id=ticket.company_id)


async def rate(context: Context) -> None:
    """1 to 5; another tap changes it. A comment may follow."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None or context.tapped is None:
        return
    _, number, stars = context.tapped.arguments
    session, t = context.session, context.t
    try:
        closure = await following.closure_of(session, ticket, int(number))
        rating = await afterwards.rate(session, ticket, closure, context.person, stars=int(stars))
    except (NotFoundError, InvalidError):
        await context.answer_tap(t("This button is not in use any more."), alert=True)
        return
    conversations.go(context.conversation, Step.RATING, rating=rating.id)
    html = telegram.page("rated", t, ticket=ticket, rating=rating)
    skip = Button(t("Without comment"), data(Tap.NO_WORDS, ticket.number, number))
    await context.say(telegram.message(html, [[skip]]), ticket_id=ticket.id)


async def comment(context: Context) -> None:
    """The words that go with the rating; a file is no comment and looks for its ticket."""
    rating = await following.own_rating(context.session, context.person, int(context.conversation.data["rating"]))
    content = context.content
    await _leave(context)
    if rating is None or content is None or content.file is not None:
        await replies.out_of_the_blue(context)
        return
    await afterwards.comment(context.session, rating, text=content.words)
    t, ticket = context.t, rating.closure.ticket
    text = t("Thank you: your comment is kept with the rating. If something is still wrong, tap Reopen.")
    reopen_it = Button(t("Reopen"), data(Tap.REOPEN, ticket.number))
    go_on_with_it = Button(t("Linked new ticket"), data(Tap.GO_ON, ticket.number))
    await context.say(telegram.message(telegram.plain(text), [[reopen_it, go_on_with_it]], silent=True))


async def without_words(context: Context) -> None:
    """The rating alone."""
    ticket = await ticket_screen.of_button(context, lock=True)
    if ticket is None or context.tapped is None:
        return
    if context.conversation.step is Step.RATING:
        await _leave(context)
    closure = await following.closure_of(context.session, ticket, int(context.tapped.arguments[1]))
    rating = await following.rating_of(context.session, closure)
    stars = rating.stars if rating else 0
    text = context.t("Thank you. Your rating of #%(number)s: %(stars)s of 5.", number=ticket.number, stars=stars)
    await context.replace(telegram.message(telegram.plain(text), []), company_id=ticket.company_id)


async def _leave(context: Context) -> None:
    """Back to the ticket being written, if there is one."""
    writing = await drafts.open_of(context.session, context.chat_id)
    conversations.go(context.conversation, Step.DRAFT if writing else Step.MENU)
