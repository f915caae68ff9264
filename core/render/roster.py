"""What is said of a line of a list of companies, and of a list that cannot be read."""

from collections.abc import Mapping

from core.i18n import N_, Translator
from core.rules.roster import Doubt, Flaw, Problem

FLAW_WORDS: Mapping[Flaw, str] = {
    Flaw.EMPTY: N_("There is no company in this file."),
    Flaw.NO_TEXT: N_("This is not a CSV file. In the spreadsheet choose Save as, CSV (UTF-8)."),
    Flaw.NO_COLUMNS: N_("The first line must name the columns: ruc, nombre, correos, telefonos, minutos."),
    Flaw.TOO_LONG: N_("At most 10 000 companies and 5 MB at a time: cut the list in two."),
}

PROBLEM_WORDS: Mapping[Problem, str] = {
    Problem.RUC_MISSING: N_("the RUC is missing"),
    Problem.RUC_WRONG: N_("%(said)s is not a RUC"),
    Problem.ZERO_LOST: N_("%(said)s has 12 digits: the spreadsheet may have dropped the zero in front"),
    Problem.RUC_TWICE: N_("the RUC stands in this file before"),
    Problem.NAME_MISSING: N_("the name is missing"),
    Problem.NAME_TOO_LONG: N_("the name has more than 200 characters"),
    Problem.EMAIL_WRONG: N_("%(said)s is no e-mail address"),
    Problem.PHONE_WRONG: N_("%(said)s is no phone number"),
    Problem.MINUTES_WRONG: N_("%(said)s are no minutes: write a whole number"),
    Problem.MINUTES_REFUSED: N_("your role does not record purchased hours: leave the %(said)s minutes out"),
}

DOUBT_WORDS: Mapping[Doubt, str] = {
    Doubt.CHECK_DIGIT: N_("the check digit does not match; newer RUCs do that too"),
    Doubt.NO_CONTACT: N_("neither e-mail nor phone"),
}


def problem(code: str, said: str, t: Translator) -> str:
    return t(PROBLEM_WORDS[Problem(code)], said=said)


def doubt(code: str, t: Translator) -> str:
    return t(DOUBT_WORDS[Doubt(code)])
