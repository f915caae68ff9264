"""Whatever stands in an address or a form, the panel answers: every page, every field, values nobody means."""

import inspect
import re
from collections.abc import Iterator, Sequence
from types import ModuleType
from urllib.parse import quote

import pytest

from admin.pages import filters
from admin.routes import PAGES
from core.rules.permissions import Role
from tests import databases
from tests.admin.browser import Browser, FormOnPage
from tests.admin.conftest import HOME
from tests.admin.filled import ENDLESS, Filled, addresses, fill

# more than a database keeps in a number, more than Python reads as one, a digit that is none
NUMBERS = ("9" * 20, "9" * 5000, "²", "-1")
DATES = ("9999-12-31", "9999-12-31T23:59", "0001-01-01T00:00+14:00")
WORDS = ("9" * 20, "9" * 5000, "9999-12-31", "a\x00b")
NONSENSE = (*NUMBERS, *DATES, "a\x00b", "9999-12", "1:" + "9" * 20)
OF_KIND = {"number": NUMBERS, "date": DATES, "datetime-local": DATES, "hidden": WORDS[:1]}
# what a field that must not stay empty holds while another one is nonsense
PLAUSIBLE = {"date": "2199-01-04", "datetime-local": "2199-01-04T09:00"}
PLACES = ("9" * 30, "%00", "%C3%B1", "0", "..%2F..", "-1")
ALONE = {"csrf", "submission"}
# who leaves or changes the password of the only session has nothing to send any more
KEPT_IN = {"/logout", "/account/password", "/account/sessions/end"}


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[1]  # the stricter of the two


@pytest.fixture
async def filled(desk) -> Filled:
    return await fill(desk)


@pytest.fixture
async def root(app, desk, filled, log_in) -> Browser:
    app.state.live.stop()
    return await log_in("root", Role.ADMINISTRATOR)


def asked(module: ModuleType | None) -> Sequence[str]:
    """What a page reads out of its address, as its module says."""
    assert module is not None
    source = inspect.getsource(module)
    if "filters" in source:
        source += inspect.getsource(filters)
    return sorted(set(re.findall(r"(?:params|query)(?:\.get\(|\[)\"(\w+)\"", source)))


def nonsensical(form: FormOnPage) -> Iterator[tuple[str, dict[str, str]]]:
    """The form, filled in, with one field changed."""
    filled = {name: value or PLAUSIBLE.get(form.kinds.get(name, ""), "15") for name, value in form.fields.items()}
    for name in sorted({*form.fields, *form.choices} - ALONE):
        for value in WORDS[:1] if name in form.choices else OF_KIND.get(form.kinds.get(name, ""), WORDS):
            yield name, filled | {name: value}


async def failure(root: Browser, method: str, address: str, *what: str, **sent: object) -> list[str]:
    """What was answered where it was no answer."""
    said = " ".join([method, address, *(part[:40] for part in what)])
    try:
        answer = await root.client.request(method, address, headers={"Origin": HOME}, **sent)
    except Exception as error:
        return [f"{said}: {error!r}"[:300]]
    return [f"{said}: {answer.status_code}"] if answer.status_code >= 500 else []


async def test_no_address_crashes_a_page(root, filled):
    failures = []
    places = addresses(filled)
    for page in PAGES:
        if page.method != "GET" or page.path in ENDLESS | {"/readyz"}:
            continue
        address = places[page.path]
        names = asked(inspect.getmodule(page.show))
        for value in NONSENSE if names else ():
            failures += await failure(root, "GET", address, value, params=dict.fromkeys(names, value))
        for name in names:
            for value in WORDS[:3]:
                failures += await failure(root, "GET", address, name, value, params={name: value})
        for nth, _ in enumerate(re.findall(r"\{[^}]+\}", page.path)):
            parts = re.split(r"\{[^}]+\}", page.path)
            for place in PLACES:
                path = "".join(
                    part + ((place if at == nth else quote(filled.company.ruc)) if at < len(parts) - 1 else "")
                    for at, part in enumerate(parts)
                )
                failures += await failure(root, "GET", path)
    assert failures == []


async def test_no_form_crashes_a_page(root, filled):
    failures, sent = [], set()
    for address in addresses(filled).values():
        answer = await root.opens(address)
        if "text/html" not in answer.headers["content-type"]:
            continue
        for form in root.page.forms:
            target = form.action or address
            if target in KEPT_IN or target in sent or "csrf" not in form.fields:
                continue
            sent.add(target)
            for name, fields in nonsensical(form):
                failures += await failure(root, "POST", target, name, fields[name], data=fields)
    assert failures == []
    assert len(sent) > 40
    assert (await root.opens("/account")).url.path == "/account"  # it was somebody the whole time
