"""What can be chosen under Preferences: each a question with options, one tap deep, or typed."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from bot import buttons
from bot.context import Context
from core.actions import preferences
from core.i18n import LANGUAGES, N_, Translator
from core.rules.notices import Detail, Follows
from core.rules.quiet_hours import OFFERED, QuietHours


class Setting(StrEnum):
    LANGUAGE = "language"
    FOLLOWS = "follows"
    QUIET = "quiet"
    DETAIL = "detail"


LABELS: Mapping[Setting, str] = {
    Setting.LANGUAGE: N_("Language"),
    Setting.FOLLOWS: N_("What we tell you of"),
    Setting.QUIET: N_("Quiet hours"),
    Setting.DETAIL: N_("What a notice shows"),
}

QUESTIONS: Mapping[Setting, str] = {
    Setting.LANGUAGE: N_("In which language shall we write to you?"),
    Setting.FOLLOWS: N_("Which tickets shall we tell you of?"),
    Setting.QUIET: N_(
        "When shall your phone not ring? Everything still arrives, only without sound. "
        "Tap one, or write other hours, such as 21:30 to 6:00."
    ),
    Setting.DETAIL: N_("What shall a notice show? If others look at your phone, choose the number only."),
}

ALWAYS = "always"  # no quiet hours
TONGUES: Mapping[str, str] = {"es": "Español", "en": "English"}
FOLLOW_WORDS: Mapping[Follows, str] = {
    Follows.OWN: N_("Only my tickets"),
    Follows.COMPANY: N_("All of the company"),
}
DETAIL_WORDS: Mapping[Detail, str] = {
    Detail.FULL: N_("The whole text"),
    Detail.NUMBER: N_("The number only"),
}


def offered(context: Context) -> list[Setting]:
    """A phone that is only identified follows nothing but its own tickets."""
    return [setting for setting in Setting if setting is not Setting.FOLLOWS or context.bound.is_verified]


def options(t: Translator, setting: Setting) -> dict[str, str]:
    """Value → label."""
    tables: Mapping[Setting, dict[str, str]] = {
        Setting.LANGUAGE: dict(TONGUES),
        Setting.FOLLOWS: {value: t(label) for value, label in FOLLOW_WORDS.items()},
        Setting.QUIET: {_code(hours): hours_words(t, hours) for hours in (*OFFERED, None)},
        Setting.DETAIL: {value: t(label) for value, label in DETAIL_WORDS.items()},
    }
    return tables[setting]


def chosen(context: Context, setting: Setting) -> str:
    """The label of what holds now."""
    t, person = context.t, context.person
    words: Mapping[Setting, str] = {
        Setting.LANGUAGE: TONGUES[t.language],
        Setting.FOLLOWS: t(FOLLOW_WORDS[context.bound.follows]),
        Setting.QUIET: hours_words(t, person.quiet_hours),
        Setting.DETAIL: t(DETAIL_WORDS[person.detail]),
    }
    return words[setting]


def choose(context: Context, setting: Setting, value: str) -> None:
    """Take one of the options; what is none of them (a button of another time) changes nothing."""
    if value in options(context.t, setting):
        _TAKE[setting](context, value)


def hours_words(t: Translator, hours: QuietHours | None) -> str:
    if hours is None:
        return t("It may always ring")
    return t("%(start)s to %(end)s", start=_clock(hours.start), end=_clock(hours.end))


def setting_named(text: str) -> Setting | None:
    """The setting somebody has typed, in whatever language."""
    return next((setting for setting, label in LABELS.items() if buttons.says(text, label)), None)


def option_named(setting: Setting, text: str) -> str | None:
    """The value of an option somebody has typed, in whatever language."""
    for language in LANGUAGES:
        for value, label in options(Translator(language), setting).items():
            if buttons.bare(text) == buttons.bare(label):
                return value
    return None


def _code(hours: QuietHours | None) -> str:
    return f"{hours.start}-{hours.end}" if hours else ALWAYS


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _take_quiet(context: Context, value: str) -> None:
    known = {_code(hours): hours for hours in OFFERED}
    preferences.be_quiet(context.person, known.get(value))


_TAKE: Mapping[Setting, Callable[[Context, str], None]] = {
    Setting.LANGUAGE: lambda context, value: preferences.speak(context.person, value),
    Setting.FOLLOWS: lambda context, value: preferences.follow(context.bound, Follows(value)),
    Setting.QUIET: _take_quiet,
    Setting.DETAIL: lambda context, value: preferences.show(context.person, Detail(value)),
}
