"""Preferences: one screen, edited in place; every row one tap deep and back; typed words do the same."""

from bot import buttons, screens
from bot.context import Context
from bot.handlers import account, choices, companies, passwords, phones, proofs, replies
from bot.handlers.choices import LABELS, QUESTIONS, Setting
from core.actions import conversations, preferences
from core.i18n import N_
from core.render import telegram
from core.render.buttons import Button, Tap, data, in_rows
from core.rules.identity import Sight, may_see
from core.rules.intake import Step
from core.rules.quiet_hours import read_hours

PASSWORD, PHONES, COMPANIES = N_("Change password"), N_("Phones"), N_("Companies")
ACCOUNT, VERIFY, LOG_OUT = N_("Account"), N_("Verify this phone"), N_("Log out")

_VERIFIED = ((PASSWORD, Tap.PASSWORD), (PHONES, Tap.PHONES))
_UNVERIFIED = ((VERIFY, Tap.PROVE),)

# Typed, a row does what its button does.
_OPENS = {
    PASSWORD: passwords.change_password,
    PHONES: phones.show,
    COMPANIES: companies.show,
    ACCOUNT: account.show,
    VERIFY: proofs.offer,
}


async def show(context: Context) -> None:
    t, binding = context.t, context.bound
    conversations.go(context.conversation, Step.PREFERENCES)
    html = telegram.page(
        "preferences",
        t,
        company=binding.company,
        is_verified=binding.is_verified,
        settings=[(t(LABELS[setting]), choices.chosen(context, setting)) for setting in choices.offered(context)],
    )
    may_change = may_see(binding.level, Sight.PASSWORD_CHANGE)
    first = [Button(t(label), data(tap)) for label, tap in (_VERIFIED if may_change else _UNVERIFIED)]
    settings = [Button(t(LABELS[setting]), data(Tap.CHOOSE, setting)) for setting in choices.offered(context)]
    companies_row = [Button(t(COMPANIES), data(Tap.COMPANIES))]
    if may_see(binding.level, Sight.ACCOUNT):
        companies_row.append(Button(t(ACCOUNT), data(Tap.ACCOUNT)))
    rows = [first, *in_rows(settings, 2), companies_row, [Button(t(LOG_OUT), data(Tap.LEAVE))]]
    await context.replace(telegram.message(html, rows))


async def choose(context: Context) -> None:
    """A setting's row shows its options, an option is taken and leads back."""
    assert context.tapped is not None
    name, *value = context.tapped.arguments
    setting = Setting(name) if name in set(Setting) else None
    if setting not in choices.offered(context):
        await show(context)
    elif value:
        await _take(context, setting, value[0])
    else:
        await _ask(context, setting)


async def typed(context: Context) -> None:
    """The words of a row or of an option, or hours; whatever else is said is a message like any other."""
    content = context.content
    text = content.text if content and content.file is None else ""
    asked = context.conversation.data.get("setting")
    hours = read_hours(text) if asked == Setting.QUIET else None
    setting = choices.setting_named(text)
    opens = next((handler for label, handler in _OPENS.items() if buttons.says(text, label)), None)
    if hours is not None:
        preferences.be_quiet(context.person, hours)
        await show(context)
    elif setting in choices.offered(context):
        await _ask(context, setting)
    elif opens is not None:
        await opens(context)
    elif (option := _option(context, text)) is not None:
        await _take(context, *option)
    else:
        await replies.out_of_the_blue(context)


def _option(context: Context, text: str) -> tuple[Setting, str] | None:
    for setting in choices.offered(context):
        value = choices.option_named(setting, text)
        if value is not None:
            return setting, value
    return None


async def _ask(context: Context, setting: Setting) -> None:
    conversations.go(context.conversation, Step.PREFERENCES, setting=setting)
    t, holds = context.t, choices.chosen(context, setting)
    rows = []
    for value, label in choices.options(t, setting).items():
        shown = t("%(option)s (chosen)", option=label) if label == holds else label
        rows.append([Button(shown, data(Tap.CHOOSE, setting, value))])
    rows.append([Button(t("Back"), data(Tap.PREFERENCES))])
    await context.replace(telegram.message(telegram.plain(t(QUESTIONS[setting])), rows))


async def _take(context: Context, setting: Setting, value: str) -> None:
    """The screen says it by itself; another language changes the menu below, too."""
    before = context.t.language
    choices.choose(context, setting, value)
    await show(context)
    if context.t.language != before:
        await screens.show_menu(context)
        conversations.go(context.conversation, Step.PREFERENCES)
