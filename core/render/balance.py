"""Purchased hours that run low, expire or are about to, in the words of the company and of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.i18n import N_, Translator

_WORDS = {
    "low": N_("Your purchased hours are running low: %(left)s left."),
    "none": N_("Your purchased hours are used up."),
    "owed": N_("Your purchased hours are used up and %(owed)s are owed; the next purchase covers them."),
    "expired": N_("%(minutes)s of your purchased hours were good until %(day)s and have expired."),
    "expiring": N_("%(minutes)s of your purchased hours are good until %(day)s. After that they expire."),
}
_DESK_WORDS = {
    "low": N_("The purchased hours are running low: %(left)s left."),
    "none": N_("The purchased hours are used up."),
    "owed": N_("The purchased hours are used up and %(owed)s are owed."),
    "expired": N_("%(minutes)s of the purchased hours were good until %(day)s and have expired."),
    "expiring": N_("%(minutes)s of the purchased hours are good until %(day)s. After that they expire."),
}


@dataclass(frozen=True, slots=True)
class Lapse:
    """Minutes of a purchase whose date has passed, or will."""

    minutes: int
    expires_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class BalanceNews:
    """``left``: purchased minutes now, below zero when owed; None where only the lapse is news."""

    left: int | None
    lapse: Lapse | None = None


def to_company(news: BalanceNews, t: Translator) -> Sequence[str]:
    """What the company is told, a sentence each."""
    return _said(news, _WORDS, t)


def to_desk(news: BalanceNews, company: str, t: Translator, *, is_told: bool) -> str:
    """The same for the desk; ``is_told``: whether the company has a chat or an address."""
    alone = () if is_told else (t("Nobody at the company could be told: there is no chat and no e-mail address."),)
    return " ".join((f"{company}.", *_said(news, _DESK_WORDS, t), *alone))


def _said(news: BalanceNews, words: dict[str, str], t: Translator) -> Sequence[str]:
    said = []
    if news.lapse is not None:
        day = t.date(news.lapse.expires_at - timedelta(seconds=1))  # good through that day
        kind = "expired" if news.lapse.is_over else "expiring"
        said.append(t(words[kind], minutes=t.minutes(news.lapse.minutes), day=day))
    if news.left is not None:
        kind = "low" if news.left > 0 else "none" if news.left == 0 else "owed"
        said.append(t(words[kind], left=t.minutes(news.left), owed=t.minutes(abs(news.left))))
    return said
