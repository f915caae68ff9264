"""Every form of the panel is sent twice, as by a double click: nothing happens twice, and the second answer is as
good as the first, for it is the one that is read."""

import asyncio
import re

import pyotp
import pytest
from sqlalchemy import select

from admin.routes import PAGES
from core import jobs
from core.actions import bindings, codes, staff_chats
from core.actions.desk import remember_username
from core.clock import now
from core.messaging import inbox, outbox
from core.messaging.inbox import Incoming
from core.messaging.vault import Vault
from core.models import (
    Announcement,
    ApiToken,
    Article,
    Binding,
    Channel,
    Company,
    DeliveryState,
    InboxRow,
    InboxState,
    OutboxRow,
    Person,
    Product,
    ProofCode,
    TechnicalHour,
    Technician,
    TimeCorrection,
    TimeEntry,
    Urgency,
)
from core.queries import company_card, staff
from core.rules.permissions import Role
from core.rules.proofs import News
from tests import databases
from tests.admin.browser import PASSWORD, Browser
from tests.admin.clicks import Clicks
from tests.admin.desk import RUC
from tests.render.snapshots import a_logo

# sent twice they begin twice: nobody is known yet whose form it would be (the first factor: test_second_factor)
OF_STRANGERS = {"/login", "/login/code", "/login/factor", "/upload/{token}"}
# asked for while one types, by scripts or by a button: they answer, and keep what was typed at most
ASKED = {
    "/tickets/new/company",
    "/tickets/{number:number}/presence",
    "/tickets/{number:number}/canned",
    "/tickets/{number:number}/drafts",
    "/tickets/{number:number}/closure/preview",
    "/tickets/{number:number}/closure/report",
    "/settings/texts/{name}/preview",
}
AGAIN = "otra frase larga"
COMPANY = f"/companies/{RUC}"


# what notes a form is tried on both below
ON_ONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
async def clicks(desk, log_in) -> Clicks:
    return Clicks(desk, await log_in("tom", Role.ADMINISTRATOR))


@ON_ONE
async def test_nothing_is_done_twice(clicks, log_in, stranger):
    await in_account(clicks, log_in)
    await in_settings(clicks)
    await of_webhooks(clicks)
    await of_companies(clicks)
    await of_people(clicks)
    await of_tickets(clicks)
    await of_the_queue(clicks)
    await of_money(clicks)
    await of_deliveries(clicks)
    await of_technicians(clicks, log_in, stranger)
    await clicks.twice("/", "/logout")
    of_all = {page.path for page in PAGES if page.method == "POST"}
    assert of_all - clicks.sent == OF_STRANGERS | ASKED


async def in_account(clicks: Clicks, log_in) -> None:
    await clicks.twice("/account", "/account/name", name="Tomás")
    await clicks.twice("/account", "/account/keys")
    await clicks.twice("/account", "/account/stay")
    for ending in ("/end", "/account/sessions/end"):
        await log_in("tom")
        await clicks.twice("/account", ending)
    await clicks.twice("/account", "/account/tokens", token_name="Facturador", token_password=PASSWORD)
    await clicks.twice("/account", "/revoke")
    await clicks.tom.opens("/account/second-factor")
    secret = re.search(r"\b[A-Z2-7]{32}\b", clicks.tom.text)
    fields = clicks.tom.form("/account/second-factor").fields
    await clicks.twice(
        "/account/second-factor",
        "/account/second-factor",
        secret=fields["secret"],
        code=pyotp.TOTP(secret[0]).at(now()),
        password=PASSWORD,
    )
    await clicks.twice("/account", "/second-factor/codes", factor_password=PASSWORD)
    await clicks.twice("/account", "/second-factor/codes", to="/account/second-factor/off", factor_password=PASSWORD)
    await clicks.twice("/account", "/account/password", old=PASSWORD, password=AGAIN, again=AGAIN)
    async with clicks.desk.database.write() as session:
        await remember_username(session, "saci_bot")
    await clicks.twice("/account/telegram", "/telegram/link")
    async with clicks.desk.database.write() as session:
        address, _ = await staff_chats.make_link(session, (await session.scalars(select(Technician))).one())
        person = Person(telegram_id=777, first_name="Tom", created_at=now())
        session.add(person)
        await staff_chats.accept(session, person, address.partition("start=")[2])
    await clicks.twice("/account/telegram", "/telegram/wishes")
    await clicks.twice("/account/telegram", "/telegram/part")


async def in_settings(clicks: Clicks) -> None:
    await clicks.twice("/settings", "/settings/hours", **{"0": "08:00-12:00"})
    await clicks.twice("/settings", "/settings/holidays", date=f"{now():%Y}-12-31", name="Inventario")
    await clicks.twice("/settings/desk", "/settings/desk", name="Mesa Andina")
    await clicks.twice("/settings/desk", "/settings/desk/logo", files={"logo": ("logo.png", a_logo())})
    await clicks.twice("/settings/desk", "/settings/desk/logo/remove")
    await clicks.twice("/settings/offer", "/settings/offer", **{"new-support": "SaciWeb"})
    text = "/settings/texts/first-welcome"
    await clicks.twice(text, text, es="Le damos la bienvenida, {company}.")
    await clicks.twice(text, text, to=f"{text}/reset")
    await clicks.twice("/settings/policy", "/settings/policy", low_balance_minutes="90")
    words = {"title": "Saludo", "shortcut": "saludo", "text_es": "Buenos días", "is_enabled": "on"}
    await clicks.twice("/settings/canned", "/settings/canned", **words)
    await clicks.twice("/settings/canned/1", "/settings/canned/1", title="Saludo de la mañana")


async def of_webhooks(clicks: Clicks) -> None:
    on = {"event-ticket.closed": "on"}
    await clicks.twice("/settings/webhooks", "/settings/webhooks", url="https://example.org/hook", **on)
    page = "/settings/webhooks/1"
    await clicks.twice(page, "/test")
    async with clicks.desk.database.write() as session:
        (row,) = await session.scalars(select(OutboxRow).where(OutboxRow.channel == Channel.WEBHOOK))
        row.state, row.error = DeliveryState.DEAD, "500"
    for ending in ("/retry", "/secret", "/pause", "/resume", "/remove"):
        await clicks.twice(page, ending)


async def of_companies(clicks: Clicks) -> None:
    await clicks.twice("/companies/new", "/companies/new", ruc=RUC, ruc_seen=RUC, name="Ferretería Ada")
    await clicks.twice(f"{COMPANY}/record", "/record", name="Ferretería de Ada")
    await clicks.twice(COMPANY, "/clock", timezone="Pacific/Galapagos")
    await clicks.twice(COMPANY, "/password-reset", reason="La olvidó")
    await clicks.twice(COMPANY, "/purchased-hours", minutes="300", reference="001-001-1")
    for number, ending in enumerate(("/discard", "/confirm"), start=1):
        content = f"ruc;nombre\n179001691900{number};Corporación Favorita\n".encode()
        await clicks.twice("/companies/import", "/companies/import", files={"file": ("lista.csv", content)})
        await clicks.twice(f"/companies/import/{number}", ending)


async def of_people(clicks: Clicks) -> None:
    await clicks.twice(COMPANY, "/invitations")
    await clicks.twice(COMPANY, "/invitations/1/revoke")
    company = await company_of(clicks)
    await clicks.desk.greets(company, "Ada", 501)
    await clicks.desk.greets(company, "Bea", 502)
    await clicks.desk.greets(company, "Eva", 503, verified=False)
    await clicks.twice(COMPANY, f"/approvals/{await asks(clicks)}/refuse")
    await clicks.twice(COMPANY, "/approve", code=await reads_aloud(clicks))
    async with clicks.desk.database.write() as session:
        binding = await session.get_one(Binding, 2)
        binding.frozen_at = now()
        denied = Announcement(binding_id=1, company_id=company.id, news=News.PHONE, told=[], at=now(), is_denied=True)
        denied.settled_at, denied.settled_by_id = now(), binding.person_id
        session.add(denied)
    await clicks.twice(COMPANY, "/handled")
    await clicks.twice(COMPANY, "/unfreeze")
    await clicks.twice(COMPANY, "/contact")
    await clicks.twice(COMPANY, "/persons/2/revoke", reason="Ya no trabaja ahí")


async def reads_aloud(clicks: Clicks) -> str:
    """The digits Eva has on her phone."""
    async with clicks.desk.database.write() as session:
        return (
            await codes.ask_approval(session, await bindings.of_company(session, await company_of(clicks), 3)) or ""
        )


async def asks(clicks: Clicks) -> int:
    """The id of her request."""
    await reads_aloud(clicks)
    return await clicks.latest(ProofCode)


async def company_of(clicks: Clicks) -> Company:
    async with clicks.desk.database.read() as session:
        return await company_card.by_ruc(session, RUC)


async def a_ticket(clicks: Clicks) -> str:
    """The page of a new ticket of Ada's."""
    (ada,) = [person for person in await clicks.desk.all_of(Person) if person.first_name == "Ada"]
    return f"/tickets/{(await clicks.desk.receives(await company_of(clicks), ada)).number}"


async def of_tickets(clicks: Clicks) -> None:
    page, other = await a_ticket(clicks), await a_ticket(clicks)
    words = {"service": "support", "product": "SaciJava", "subject": "Llamó", "text": "No abre"}
    await clicks.twice("/tickets/new", "/tickets/new", company=RUC, **words)
    await clicks.tom.opens(page)
    await clicks.tom.sends("/note", to=f"{page}/drafts", form="note", text="Pedir la captura")
    for ending, typed in (
        ("/note/discard", {}),
        ("/take", {}),
        ("/reply", {"text": "Buenos días, ¿me manda una captura?"}),
        ("/note", {"text": "Es la versión 8.2"}),
        ("/articles/2/retract", {}),
        ("/calls", {"outcome": "no_answer", "phone": "0991234567"}),
        ("/time", {"minutes": "10", "note": "Revisión"}),
        ("/correction", {"minutes": "20", "reason": "Conté mal"}),
        ("/timer/start", {}),
        ("/stop", {}),
        ("/links", {"number": other.rpartition("/")[2]}),
        ("/remove", {}),
        ("/service", {"product": await a_product(clicks)}),
        ("/assign", {"assignee": str(await clicks.latest(Technician))}),
        (
            "/pending",
            {"remind_at": f"{now().year + 1}-01-05T09:00", "responsible": str(await clicks.latest(Technician))},
        ),
        ("/resume", {}),
        ("/closure", {"closure": "invoiced", "cause": "Instalación", "solution": "Quedó", "minutes": "75"}),
        ("/reclassify", {"closure": "warranty", "cause": "Instalación", "solution": "Quedó", "minutes": "75"}),
        ("/reopen", {}),
    ):
        await clicks.twice(page, ending, **typed)
    await clicks.twice(other, "/merge", into=(await a_ticket(clicks)).rpartition("/")[2])


async def a_product(clicks: Clicks) -> str:
    products = await clicks.desk.all_of(Product)
    return str(next(one.id for one in products if one.service == "support" and one.label != "SaciJava"))


async def of_the_queue(clicks: Clicks) -> None:
    await clicks.twice("/?owner=mine", "/views/keep?owner=mine", name="Lo mío")
    await clicks.twice("/", "/rename", name="Mis tickets")
    await clicks.twice("/", "/delete")
    to = str(await clicks.latest(Technician))
    for name, typed in (
        ("take", {}),
        ("assign", {"assignee": to}),
        ("pending", {"responsible": to, "remind_at": f"{now().year + 1}-01-05T09:00"}),
    ):
        ticket = await clicks.desk.ticket(int((await a_ticket(clicks)).rpartition("/")[2]))
        await clicks.twice("/", "/bulk/take", to=f"/bulk/{name}", chosen=f"{ticket.number}:{ticket.version}", **typed)


async def of_money(clicks: Clicks) -> None:
    page = await a_ticket(clicks)
    await clicks.twice(page, "/closure", closure="invoiced", cause="Error", solution="Hecho", minutes="75")
    hour = str(await clicks.latest(TechnicalHour))
    await clicks.twice("/billing", "/billing/invoice", chosen=hour, reference="001-001-2")
    await clicks.twice("/billing?invoiced=1", "/billing/revert", chosen=hour, reason="Se anuló")


async def of_deliveries(clicks: Clicks) -> None:
    for state, ending, typed in (
        (DeliveryState.DEAD, "/retry", {}),
        (DeliveryState.DEAD, "/discard", {"reason": "Ya se llamó"}),
        (DeliveryState.HELD, "/release", {}),
        (DeliveryState.HELD, "/held/release", {"sure": "1"}),
        (DeliveryState.HELD, "/held/discard", {"reason": "Son de ayer"}),
    ):
        async with clicks.desk.database.write() as session:
            row = await outbox.put(session, 501, "sendMessage", {"text": "hola"}, urgency=Urgency.NEWS)
            row.state, row.attempts = state, 1
        address = ending if "held" in ending else f"/deliveries/{row.id}{ending}"
        await clicks.twice(f"/deliveries?state={state}", address, **typed)
    for number, ending in enumerate(("/reprocess", "/discard"), start=7):
        async with clicks.desk.database.write() as session:
            item, vault = Incoming(number, "501", b"{}"), Vault(b"k" * 32)
            await inbox.accept(session, [item], bot_id=1, vault=vault, now=now())
        async with clicks.desk.database.write() as session:
            (await session.get_one(InboxRow, (1, number))).state = InboxState.DEAD
        await clicks.twice("/deliveries?state=lost", f"/updates/1/{number}{ending}", reason="No hace falta")


async def of_technicians(clicks: Clicks, log_in, stranger: Browser) -> None:
    await clicks.twice("/technicians", "/technicians", username="nora", name="Nora", role="technician")
    sofia = await log_in("sofia")
    page = f"/technicians/{await clicks.latest(Technician)}"
    await clicks.twice(page, page, name="Sofía")
    await sofia.opens("/account")
    await sofia.sends("/account/tokens", token_name="Facturador", token_password=PASSWORD)
    async with clicks.desk.database.write() as session:
        (await session.scalars(select(Technician).where(Technician.username == "sofia"))).one().totp_secret = b"x"
    for ending in (f"/tokens/{await clicks.latest(ApiToken)}/revoke", "/second-factor/reset"):
        await clicks.twice(page, ending)
    for ending in ("/end", "/sessions/revoke"):
        await log_in("sofia")
        await clicks.twice(page, ending)
    for ending in ("/disable", "/enable", "/setup-link"):
        await clicks.twice(page, ending)
    await clicks.tom.opens(page)
    await clicks.tom.sends("/setup-link")
    link = re.search(r"/setup/[\w-]+", clicks.tom.answer.text)[0]
    strange = Clicks(clicks.desk, stranger)
    await strange.twice(link, "", password=AGAIN, again=AGAIN)
    clicks.sent |= strange.sent


def test_a_form_is_remembered_for_longer_than_any_log_in_lasts():
    """With the log-in goes the token without which the form is not taken: nobody sends it again after that."""
    assert jobs.ANSWERS_LIVE > staff.LONGEST


@pytest.mark.parametrize("backend", databases.BACKENDS, indirect=True)
async def test_two_clicks_in_the_same_moment_blame_nobody(desk, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    ticket = await desk.receives(company := await desk.registers(), await desk.greets(company))
    page = f"/tickets/{ticket.number}"
    await boss.opens(page)
    await boss.sends("/time", minutes="10")
    for address, ending, typed in (
        (page, "/correction", {"minutes": "20", "reason": "Conté mal"}),
        ("/settings/policy", "/settings/policy", {"low_balance_minutes": "90"}),
        ("/account", "/account/password", {"old": PASSWORD, "password": AGAIN, "again": AGAIN}),
    ):
        await boss.opens(address)
        form = boss.form(ending)
        clicks = [
            boss.client.post(form.action, data=form.fields | typed, headers={"Origin": boss.origin}) for _ in range(2)
        ]
        assert [answer.status_code for answer in await asyncio.gather(*clicks)] == [303, 303], ending
    assert [change.minutes_after for change in await desk.all_of(TimeCorrection)] == [20]


@ON_ONE
async def test_wrong_digits_are_wrong_at_the_second_click_too(clicks):
    company = await clicks.desk.registers()
    for chat in (501, 502, 503):
        await clicks.desk.greets(company, "Eva", chat, verified=False)
    digits = await reads_aloud(clicks)
    await clicks.tom.opens(COMPANY)
    form = clicks.tom.form("/approve")
    wrong = form.fields | {"code": "".join(str(9 - int(digit)) for digit in digits if digit.isdigit())}
    for _ in range(2):
        answer = await clicks.tom.client.post(form.action, data=wrong, headers={"Origin": clicks.tom.origin})
        assert answer.status_code == 422
        assert "Esos no son los dígitos" in answer.text
    assert [code.tries for code in await clicks.desk.all_of(ProofCode)] == [1]


@ON_ONE
async def test_other_words_from_a_page_that_was_sent_come_back_to_be_looked_at(clicks):
    """Stopped in the browser, changed and sent again: neither dropped nor, without asking, said twice."""
    company = await clicks.desk.registers()
    await clicks.desk.greets(company)
    tom, page = clicks.tom, await a_ticket(clicks)
    for ending, field, said in (("/time", "minutes", ("15", "25")), ("/reply", "text", ("Un momento", "Ya está"))):
        await tom.opens(page)
        form, headers = tom.form(ending), {"Origin": tom.origin}
        await tom.client.post(form.action, data=form.fields | {field: said[0]}, headers=headers)
        tom.answer = await tom.client.post(form.action, data=form.fields | {field: said[1]}, headers=headers)
        assert tom.status == 409
        assert "ya se envió antes con otros datos" in tom.text
        assert tom.form(ending).fields[field] == said[1]
        await tom.sends(ending)
        assert tom.status == 200, "who looked and sends it again means it"
    assert sorted(entry.minutes for entry in await clicks.desk.all_of(TimeEntry)) == [15, 25]
    said = [article.text for article in await clicks.desk.all_of(Article)]
    assert said[1:] == ["Un momento", "Ya está"]
