"""What the desk's texts are called, and what they say until the desk writes them itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import N_, Translator
from core.rules.texts import Text, braced


@dataclass(frozen=True, slots=True)
class NamedText:
    """``title`` and ``place`` for the settings; ``default`` is a source text of the catalogs."""

    title: str
    place: str
    default: str


TEXTS: Mapping[Text, NamedText] = {
    Text.DOOR: NamedText(
        N_("Greeting at the door"),
        N_("To whoever is not logged in, before the RUC is asked for."),
        N_("Welcome to %(desk)s. To attend to you we need your company's RUC: write its 13 digits."),
    ),
    Text.FIRST_WELCOME: NamedText(
        N_("First welcome"),
        N_("After the log-in of a company that has no ticket yet."),
        N_(
            "Welcome, %(company)s. You have no tickets yet: tap New ticket, tell us what happens, "
            "and the answers arrive right here."
        ),
    ),
    Text.WELCOME: NamedText(
        N_("Welcome"),
        N_("After the log-in of a company that has tickets."),
        N_("Good to see you, %(company)s. What do you need?"),
    ),
    Text.SUPPORT_PRICE: NamedText(
        N_("Price rule of support"),
        N_("Where a customer chooses the service of a new ticket."),
        N_("Technical support: may be invoiced or not, depending on the cause."),
    ),
    Text.DEVELOPMENT_PRICE: NamedText(
        N_("Price rule of development"),
        N_("Where a customer chooses the service of a new ticket."),
        N_("Development request: always invoiced."),
    ),
    Text.HOURS: NamedText(
        N_("Hours"),
        N_("In the answer to a new ticket; the hours come from the calendar."),
        N_("We attend %(hours)s."),
    ),
    Text.SENT: NamedText(
        N_("End of the answer to a new ticket"),
        N_("Below number, state and hours."),
        N_("We will write to you right here: there is no need to look again."),
    ),
    Text.CLOSING: NamedText(
        N_("Closing words"),
        N_("At the end of the message and of the mail that tell of a closing."),
        N_("Thank you for writing to us."),
    ),
    Text.RATING: NamedText(
        N_("Question for the rating"),
        N_("Above the five buttons of a closed ticket."),
        N_("How well were you attended to? 1 is badly, 5 is very well."),
    ),
    Text.HELP: NamedText(
        N_("Help"),
        N_("The answer to /ayuda, above the commands."),
        N_("Open a ticket, read the answers and reply right here. Whenever there is news, we write to you."),
    ),
}


def default(text: Text, t: Translator) -> str:
    """What the catalog says, with ``{company}`` for what is filled in."""
    return braced(t(TEXTS[text].default))
