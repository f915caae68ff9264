"""The audit in plain words: what was done, to what, and what changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.i18n import N_, Translator
from core.render.roles import ROLE_WORDS
from core.render.words import DELIVERY_WORDS, STATE_WORDS
from core.rules.audit import Subject

# every action the code writes; a test looks for one that is missing
ACTION_WORDS: Mapping[str, str] = {
    "account.code_spent": N_("Entered with a recovery code"),
    "account.codes_renewed": N_("Made new recovery codes"),
    "account.factor_off": N_("Turned the own second factor off"),
    "account.factor_on": N_("Turned the own second factor on"),
    "account.password_changed": N_("Changed the own password"),
    "account.password_chosen": N_("Chose a password by a set-up link"),
    "account.renamed": N_("Changed the own name"),
    "announcement.denied": N_("Said “It was not me”"),
    "announcement.handled": N_("Looked into “It was not me”"),
    "article.retracted": N_("Took an article back"),
    "canned_answer.added": N_("Added a canned answer"),
    "canned_answer.changed": N_("Changed a canned answer"),
    "closing.overdraft": N_("Closed with an overdraft"),
    "closing.reclassified": N_("Reclassified a closing"),
    "companies.imported": N_("Imported companies from a file"),
    "company.changed": N_("Changed a company's record"),
    "company.clock": N_("Changed the time zone of a company"),
    "company.contact_person": N_("Changed the contact person"),
    "company.password_changed": N_("Changed the company's password"),
    "company.password_reset": N_("Reset the company's password"),
    "company.registered": N_("Registered a company"),
    "data.exported": N_("Downloaded data"),
    "delivery.all_discarded": N_("Discarded all held deliveries"),
    "delivery.all_released": N_("Released all held deliveries"),
    "delivery.discarded": N_("Discarded a delivery"),
    "delivery.released": N_("Released a delivery"),
    "delivery.retried": N_("Sent a delivery again"),
    "desk.restored": N_("Restored the desk from a backup"),
    "hour.invoiced": N_("Marked a technical hour as invoiced"),
    "hour.reverted": N_("Took a technical hour off an invoice"),
    "hours.purchased": N_("Recorded purchased hours"),
    "invitation.made": N_("Made an invitation"),
    "invitation.revoked": N_("Revoked an invitation"),
    "person.approved": N_("Approved a person"),
    "person.refused": N_("Refused a person"),
    "person.revoked": N_("Removed a phone from the company"),
    "person.unfrozen": N_("Let a stopped phone in again"),
    "settings.changed": N_("Changed the settings"),
    "technician.added": N_("Added a technician"),
    "technician.chat_linked": N_("Linked the own Telegram chat"),
    "technician.chat_parted": N_("Parted from the own Telegram chat"),
    "technician.changed": N_("Changed a technician"),
    "technician.disabled": N_("Disabled a technician"),
    "technician.enabled": N_("Enabled a technician"),
    "technician.factor_reset": N_("Reset somebody's second factor"),
    "technician.session_ended": N_("Ended a session of a technician"),
    "technician.token_revoked": N_("Revoked an API token"),
    "technician.link_made": N_("Made a set-up link"),
    "technician.sessions_revoked": N_("Ended all sessions of a technician"),
    "technician.token_made": N_("Made an API token"),
    "ticket.merged": N_("Merged a ticket into another"),
    "ticket.reopened": N_("Opened a ticket again"),
    "ticket.service_asked": N_("Asked the customer for another service"),
    "ticket.service_changed": N_("Changed the service of a ticket"),
    "ticket.time_corrected": N_("Corrected somebody else's minutes"),
    "update.discarded": N_("Discarded an update of Telegram"),
    "update.reprocessed": N_("Worked an update of Telegram off again"),
    "webhook.added": N_("Added a webhook"),
    "webhook.paused": N_("Paused a webhook"),
    "webhook.removed": N_("Removed a webhook"),
    "webhook.resumed": N_("Resumed a webhook"),
    "webhook.secret_changed": N_("Changed the secret of a webhook"),
    "webhook.turned_off": N_("Turned a webhook off that does not answer"),
}

SUBJECT_WORDS: Mapping[Subject, str] = {
    Subject.COMPANY: N_("Company"),
    Subject.TICKET: N_("Ticket"),
    Subject.TECHNICIAN: N_("Technician"),
    Subject.TECHNICAL_HOUR: N_("Technical hour"),
    Subject.DELIVERY: N_("Delivery"),
    Subject.DELIVERIES: N_("Deliveries"),
    Subject.UPDATE: N_("Update of Telegram"),
    Subject.SETTINGS: N_("Settings"),
    Subject.CANNED_ANSWER: N_("Canned answer"),
    Subject.IMPORT: N_("Import"),
    Subject.WEBHOOK: N_("Webhook"),
    Subject.EXPORT: N_("A download:"),
    Subject.DESK: N_("The desk"),
}

_NAMES: Mapping[str, str] = {
    "audit": N_("Audit"),
    "billing": N_("Billing"),
    "desk": N_("Name and logo"),
    "holidays": N_("Holidays"),
    "hours": N_("Office hours"),
    "policy": N_("Policies"),
    "reports": N_("Reports"),
    "statement": N_("Statement"),
}

DATA_WORDS: Mapping[str, str] = {
    "address": N_("Address"),
    "after": N_("After"),
    "before": N_("Before"),
    "by": N_("By"),
    "changes": N_("Changes"),
    "email": N_("E-mail"),
    "emails": N_("E-mails"),
    "events": N_("Events"),
    "host": N_("Server"),
    "phone": N_("Phone"),
    "phones": N_("Phones"),
    "asked": N_("Asked for"),
    "chat": N_("Chat"),
    "closure": N_("Closing number"),
    "count": N_("How many"),
    "expires_at": N_("Expires"),
    "held": N_("Held deliveries"),
    "is_development": N_("Development"),
    "made_at": N_("Backup made"),
    "logo": N_("Logo"),
    "minutes": N_("Minutes"),
    "name": N_("Name"),
    "news": N_("News"),
    "number": N_("Number"),
    "purchased_after": N_("Purchased minutes left"),
    "reason": N_("Reason"),
    "reference": N_("Invoice"),
    "revision": N_("Schema"),
    "role": N_("Role"),
    "telegram_id": N_("Telegram"),
    "timezone": N_("Time zone"),
    "tokens": N_("API tokens revoked"),
    "url": N_("Web site"),
}
_HIDDEN = frozenset({"company", "ticket_id"})  # ids: the entry leads to what they stand for

_VALUE_WORDS: Mapping[str, str] = {
    str(code): words for table in (ROLE_WORDS, STATE_WORDS, DELIVERY_WORDS) for code, words in table.items()
} | {"True": N_("yes"), "False": N_("no")}

Detail = tuple[str, str]


def action_words(action: str, t: Translator) -> str:
    """What was done; an action without words stands for itself."""
    return t(ACTION_WORDS[action]) if action in ACTION_WORDS else action


def object_words(subject: Subject | None, name: str, t: Translator) -> str:
    """What it was done to; an object of no known kind stands for itself."""
    if subject in {Subject.EXPORT, Subject.SETTINGS}:
        head, *rest = name.split(" ")
        name = " ".join([t(_NAMES.get(head, head)), *rest])
    return f"{t(SUBJECT_WORDS[subject])} {name}".strip() if subject else name


def details(entry_data: Mapping[str, Any], t: Translator) -> list[Detail]:
    """What else stands in an entry: labels and values, a change as ``before → after``."""
    data = {name: value for name, value in entry_data.items() if name not in _HIDDEN and value not in (None, "")}
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        del data["before"], data["after"]
        data["changes"] = {name: [before.get(name), after[name]] for name in after}
    changes = data.pop("changes", {})
    lines = [(_label(name, t), _value(value, t)) for name, value in data.items()]
    return lines + list(_changes(changes, t))


def _changes(changes: object, t: Translator) -> Iterator[Detail]:
    if not isinstance(changes, dict):
        return
    for name, values in changes.items():
        before, after = values
        yield _label(name, t), f"{_value(before, t) or '–'} → {_value(after, t) or '–'}"


def _label(name: str, t: Translator) -> str:
    return t(DATA_WORDS[name]) if name in DATA_WORDS else name


def _value(value: object, t: Translator) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_value(part, t)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_value(part, t) for part in value)
    text = "" if value is None else str(value)
    return t(_VALUE_WORDS[text]) if text in _VALUE_WORDS else text
