"""What can be tapped on the card of a draft."""

from collections.abc import Sequence

from bot.context import Context
from core.i18n import N_
from core.models import Attachment, Draft, Ticket
from core.queries import policy
from core.render import telegram
from core.render.buttons import Button, Tap, data, in_rows
from core.render.words import SERVICE_WORDS
from core.rules.intake import DraftFacts, Field, missing, suggested_subject
from core.rules.limits import FILE_NAME_SHOWN, FILES_SHOWN, shorten

Files = Sequence[Attachment]

FIELD_LABELS = {
    Field.SERVICE: N_("Service"),
    Field.PRODUCT: N_("Product"),
    Field.SUBJECT: N_("Subject"),
    Field.TEXT: N_("Text"),
    Field.FILES: N_("Attachments"),
}


async def rows_of(
    context: Context, draft: Draft, asked: Field | None, *, files: Files, facts: DraftFacts
) -> telegram.Rows:
    """What can be tapped while this field is asked; None: the whole card."""
    t = context.t
    cancel = Button(t("Cancel"), data(Tap.CANCEL, draft.id))
    if asked is None:
        fields = [Button(t(FIELD_LABELS[field]), data(Tap.ASK, draft.id, field)) for field in Field]
        return [[Button(t("Send"), data(Tap.SEND, draft.id)), cancel], *in_rows(fields, 3)]
    rows = await _choices(context, draft, asked, files=files, facts=facts)
    back = [] if asked is Field.SERVICE else [Button(t("Back"), data(Tap.BACK, draft.id, asked))]
    return [*rows, [*back, cancel]]


async def _choices(context: Context, draft: Draft, asked: Field, *, files: Files, facts: DraftFacts) -> telegram.Rows:
    t = context.t
    if asked is Field.SERVICE:
        return [
            [Button(t(SERVICE_WORDS[service]), data(Tap.SET, draft.id, Field.SERVICE, service))]
            for service in (await policy.desk_policy(context.session)).services
        ]
    if asked is Field.PRODUCT and draft.service:
        products = await policy.offered(context.session, draft.service)
        return [
            [Button(product.label, data(Tap.SET, draft.id, Field.PRODUCT, f"p{product.id}"))] for product in products
        ]
    if asked is Field.SUBJECT and draft.text.strip():
        words = shorten(suggested_subject(draft.text), 40)
        return [[Button(t("Use «%(words)s»", words=words), data(Tap.SUBJECT, draft.id))]]
    if asked is Field.FILES:
        removals = [
            [Button(t("Take out %(name)s", name=name), data(Tap.DROP_FILE, draft.id, file.id))]
            for file, name in latest(files)
        ]
        if facts.needs_file and not files:
            return []
        settle = t("Done") if files else t("No attachments")
        return [*removals, [Button(settle, data(Tap.SETTLE, draft.id))]]
    return []


def latest(files: Files) -> list[tuple[Attachment, str]]:
    """Those the card has, each with its name as it is said there; one that is taken out makes room for an earlier."""
    return [(file, shorten(file.name, FILE_NAME_SHOWN)) for file in files[-FILES_SHOWN:]]


def same_or_not(context: Context, draft: Draft, same: Ticket) -> telegram.Rows:
    """The answers to whether it is the same as a ticket there is."""
    t = context.t
    return [
        [Button(t("Yes, add to #%(number)s", number=same.number), data(Tap.SAME, draft.id, same.number))],
        [Button(t("No, it is another one"), data(Tap.OTHER, draft.id))],
    ]


def left_in_words(context: Context, facts: DraftFacts) -> str:
    """What the card still lacks; files that are there are not missing while more may come."""
    left = [field for field in missing(facts) if field is not Field.FILES or not facts.files]
    return ", ".join(context.t(FIELD_LABELS[field]).lower() for field in left)
