"""Who opened a ticket, in words for its customers."""

from core.i18n import Translator


def opened_by_desk(t: Translator, desk: str, *, name: str = "", is_yours: bool = False) -> str:
    """``name``: of the person on whose behalf it was, if anybody's; ``is_yours``: who reads it is that person."""
    if is_yours:
        return t("Opened by %(desk)s on your behalf", desk=desk)
    if name:
        return t("Opened by %(desk)s on behalf of %(name)s", desk=desk, name=name)
    return t("Opened by %(name)s", name=desk)
