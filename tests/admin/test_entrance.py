"""Who comes in, how long they stay, and who is kept out."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
import time_machine
from starlette.routing import Match, Route

from admin.app import create_app
from admin.auth import Entrance
from admin.routes import PAGES
from admin.routes.page import Page
from core.actions import sessions, staff
from core.clock import now
from core.errors import TooOftenError
from core.models import StaffSession, Technician
from core.rules.permissions import Role
from tests.admin.browser import PASSWORD, Browser


async def test_a_technician_logs_in_and_out(desk, tom):
    assert tom.answer.url.path == "/"
    assert "Tom" in tom.text
    cookie = tom.client.cookies["session"]

    await tom.sends("/logout")
    assert tom.answer.url.path == "/login"
    tom.client.cookies.set("session", cookie)
    await tom.opens("/")
    assert tom.answer.url.path == "/login"


async def test_the_cookie_is_not_what_the_database_keeps(desk, tom):
    stored = [row.token_sha256 for row in await desk.all_of(StaffSession)]
    assert tom.client.cookies["session"] not in stored


async def test_cookies_under_https_are_for_this_host_alone(database, desk, office, store):
    app = create_app(database=database, office=office, store=store, secret=None, https=True)
    await desk.employ("tom")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://panel.test") as client:
        browser = Browser(client)
        await browser.opens("/login")
        answer = await browser.sends("/login", username="tom", password=PASSWORD, follow=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize("username", ["tom", "nobody", "ñandú", ""])
async def test_a_wrong_password_and_an_unknown_user_read_the_same(desk, stranger, username):
    await desk.employ("tom")
    await stranger.log_in(username, "wrong")

    assert stranger.status == 422
    assert "Usuario o contraseña incorrectos." in stranger.text
    assert stranger.form("/login").fields["username"] == username
    assert "wrong" not in stranger.answer.text


async def test_a_disabled_technician_stays_outside_at_once(desk, database, tom):
    async with database.write() as session:
        technician = await session.get_one(Technician, 1)
        technician.disabled_at = now()
    await tom.opens("/")
    assert tom.answer.url.path == "/login"
    await tom.log_in("tom")
    assert tom.status == 422


async def test_guessing_is_slowed_down_and_never_locks_for_good(desk, stranger):
    await desk.employ("tom")
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            await stranger.log_in("tom", "wrong")
            assert stranger.status == 422
        await stranger.log_in("TOM", PASSWORD)
        assert stranger.status == 429
        assert "Espere 1 min" in stranger.text
        assert int(stranger.answer.headers["retry-after"]) > 0

        clock.shift(timedelta(minutes=1, seconds=1))
        await stranger.log_in("tom", PASSWORD)
        assert stranger.answer.url.path == "/"


async def test_guessing_twenty_times_at_once_gains_nothing(desk, database):
    """Each would read the failures before the others have written theirs."""
    await desk.employ("tom")

    async def guess() -> bool:
        async with database.write() as session:
            await sessions.begin(session, username="tom", address="198.51.100.7")
        return True

    tried = await asyncio.gather(*(guess() for _ in range(20)), return_exceptions=True)
    assert tried.count(True) == 5
    assert {type(refused) for refused in tried if refused is not True} == {TooOftenError}


async def test_a_stranger_elsewhere_does_not_shut_a_technician_out(desk, stranger, log_in):
    for _ in range(6):
        await stranger.log_in("tom", "wrong")
    assert stranger.status == 429
    tom = await log_in("tom")
    assert tom.answer.url.path == "/"


async def test_one_account_guessed_from_many_addresses_is_slowed_down_but_not_for_its_technician(
    desk, coming_from, log_in
):
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        await desk.employ("sofia")
        for nth in range(20):
            guesser = await coming_from(f"198.51.100.{nth}")
            await guesser.log_in("tom", "wrong")
            assert guesser.status == 422
        await (thief := await coming_from("203.0.113.9")).log_in("tom", PASSWORD)
        assert thief.status == 429
        assert "Espere 2 min" in thief.text
        assert (await thief.log_in("sofia")).url.path == "/", "it is about one account"

        roaming = await coming_from("203.0.113.30")
        roaming.client.cookies = tom.client.cookies
        await roaming.opens("/account")
        await roaming.sends("/account/password", old="wrong", password="otra frase larga", again="otra frase larga")
        assert roaming.status == 422, "who is inside is not held"
        await tom.opens("/")
        await tom.sends("/logout")
        await tom.log_in("tom")
        assert tom.is_at("/"), "nor who comes from where they came from before"

        clock.shift(timedelta(minutes=2, seconds=1))
        await (elsewhere := await coming_from("203.0.113.10")).log_in("tom")
        assert elsewhere.is_at("/")


async def test_a_new_password_ends_the_waiting_that_guesses_at_the_old_one_brought(desk, database, coming_from):
    technician = await desk.employ("tom")
    for nth in range(20):
        await (await coming_from(f"198.51.100.{nth}")).log_in("tom", "wrong")
    async with database.write() as session:
        token = await staff.setup_link(session, await session.get_one(Technician, technician.id))
    tom = await coming_from("203.0.113.9")
    await tom.log_in("tom")
    assert tom.status == 429
    await tom.opens(f"/setup/{token}")
    await tom.sends("", password="otra frase larga", again="otra frase larga")
    await tom.log_in("tom", "otra frase larga")
    assert tom.is_at("/")


async def test_who_has_just_chosen_a_password_comes_in_while_the_guessing_goes_on(desk, database, coming_from):
    async with database.write() as session:
        token = await staff.setup_link(session, await staff.add_technician(session, username="lea", name="Lea"))
    lea = await coming_from("203.0.113.9")
    await lea.opens(f"/setup/{token}")
    await lea.sends("", password="otra frase larga", again="otra frase larga")
    for nth in range(20):
        await (await coming_from(f"198.51.100.{nth}")).log_in("lea", "wrong")
    await (thief := await coming_from("203.0.113.10")).log_in("lea", "otra frase larga")
    assert thief.status == 429
    await lea.log_in("lea", "otra frase larga")
    assert lea.is_at("/")


async def test_a_new_ipv6_address_of_the_same_network_is_no_stranger_and_no_way_round(desk, coming_from):
    await desk.employ("tom")
    await (await coming_from("2001:db8:1:2::7")).log_in("tom")
    for nth in range(20):
        await (await coming_from(f"198.51.100.{nth}")).log_in("tom", "wrong")
    await (thief := await coming_from("2001:db8:1:3::7")).log_in("tom")
    assert thief.status == 429
    await (tom := await coming_from("2001:db8:1:2:a:b:c:d")).log_in("tom")
    assert tom.is_at("/")

    await desk.employ("sofia")
    for nth in range(5):
        await (await coming_from(f"2001:db8:5:5::{nth}")).log_in("sofia", "wrong")
    await (guesser := await coming_from("2001:db8:5:5::ffff")).log_in("sofia", "wrong")
    assert guesser.status == 429


async def test_many_users_from_one_address_are_slowed_down_too(desk, stranger):
    for number in range(30):
        await stranger.log_in(f"user{number}", "wrong")
        assert stranger.status == 422
    await stranger.log_in("another", "wrong")
    assert stranger.status == 429


async def test_half_an_hour_of_quiet_ends_the_session_and_looking_keeps_it(desk, log_in):
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        for _ in range(4):
            clock.shift(timedelta(minutes=20))
            await tom.opens("/companies")
            assert tom.answer.url.path == "/companies"
        clock.shift(timedelta(minutes=31))
        await tom.opens("/companies")
        assert tom.answer.url.path == "/login"


async def test_twelve_hours_end_the_session_whatever_one_does(desk, log_in):
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        for _ in range(47):
            clock.shift(timedelta(minutes=15))
            await tom.opens("/companies")
        assert tom.answer.url.path == "/companies"
        clock.shift(timedelta(minutes=16))
        await tom.opens("/companies")
        assert tom.answer.url.path == "/login"


async def test_after_the_log_in_one_is_where_one_wanted_to_go(desk, stranger):
    await desk.employ("tom")
    await stranger.opens("/companies?q=ada")
    assert stranger.answer.url.path == "/login"
    await stranger.sends("/login", username="tom", password=PASSWORD)
    assert str(stranger.answer.url) == "http://panel.test/companies?q=ada"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        "/%0d%0aX:1\r\nX:1",
        "\t//evil.test",
    ],
)
async def test_the_log_in_leads_to_pages_of_the_panel_only(desk, stranger, address):
    await desk.employ("tom")
    await stranger.opens("/login")
    answer = await stranger.sends("/login", username="tom", password=PASSWORD, next=address, follow=False)
    assert answer.headers["location"] == "/"


# --- the first password ----------------------------------------------------------------------------


async def test_a_new_technician_chooses_a_password_once(desk, database, stranger):
    async with database.write() as session:
        lea = await staff.add_technician(session, username="lea", name="Lea")
        token = await staff.setup_link(session, lea)
    await stranger.opens(f"/setup/{token}")
    assert "Su usuario es lea" in stranger.text

    for password, again, reason in (
        ("corta", "corta", f"al menos {staff.PASSWORD_SHORTEST} caracteres"),
        ("otra frase larga", "otra frase lerga", "no son iguales"),
        ("qwertyuiop", "qwertyuiop", "Demasiadas personas"),
    ):
        await stranger.sends("", password=password, again=again)
        assert stranger.status == 422
        assert reason in stranger.text

    await stranger.sends("", password="otra frase larga", again="otra frase larga")
    assert "Ya puede entrar" in stranger.text
    await stranger.sends("/login", username="lea", password="otra frase larga")
    assert stranger.answer.url.path == "/"

    await stranger.opens(f"/setup/{token}")
    assert stranger.status == 404


async def test_a_set_up_link_grows_old(desk, database, stranger):
    async with database.write() as session:
        token = await staff.setup_link(session, await staff.add_technician(session, username="lea", name="Lea"))
    with time_machine.travel(now() + timedelta(hours=73), tick=False):
        await stranger.opens(f"/setup/{token}")
    assert stranger.status == 404


# --- every page ------------------------------------------------------------------------------------


def test_a_page_has_to_say_who_may_ask_for_it(database, office, store):
    page = Page("GET", "/secret", PAGES[0].show, None)
    with pytest.raises(ValueError, match="/secret"):
        create_app(database=database, office=office, store=store, secret=None, https=False, pages=[page])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")
def test_no_page_stands_behind_another_that_answers_its_address(page):
    address = re.sub(r"\{\w+(:\w+)?\}", "1", page.path)
    asked = {"type": "http", "method": page.method, "path": address, "root_path": ""}
    lines = [(line, Route(line.path, lambda _: None, methods=[line.method])) for line in PAGES]
    assert next(line for line, route in lines if route.matches(asked)[0] is Match.FULL) is page


async def test_no_page_is_shown_to_strangers(stranger):
    for page in PAGES:
        if page.needs is Entrance.EVERYBODY:
            continue
        path = re.sub(r"\{\w+(:\w+)?\}", "1", page.path)
        answer = await stranger.client.request(page.method, path, headers={"Origin": stranger.origin})
        assert answer.status_code in {303, 401}, path


async def test_every_answer_carries_the_headers(tom, stranger):
    for browser, address in ((stranger, "/login"), (tom, "/"), (tom, "/nothing"), (tom, "/static/panel.css")):
        answer = await browser.opens(address)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    await tom.opens("/")
    assert tom.answer.headers["cache-control"] == "no-store"


async def test_a_fault_of_ours_is_said_in_plain_words_and_with_the_headers(database, desk, office, store):
    async def crashes(request, panel):
        raise RuntimeError("secret detail")

    app = create_app(
        database=database,
        office=office,
        store=store,
        secret=None,
        https=False,
        pages=[Page("GET", "/crash", crashes, Entrance.EVERYBODY)],
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://panel.test") as client:
        answer = await client.get("/crash")
    assert answer.status_code == 500
    assert "Algo salió mal" in answer.text
    assert "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_stranger_cannot_fill_the_disk(stranger):
    for address in ("/login", "/tickets/1/reply"):
        answer = await stranger.client.post(
            address, files={"files": ("x", b"x" * 100_000)}, headers={"Origin": stranger.origin}
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("host", ["evil.test", "panel.test.evil.test", "[::2]", "x@panel.test:x", ""])
async def test_under_a_foreign_name_there_is_only_a_sentence(stranger, host):
    answer = await stranger.client.get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "PUBLIC_URL" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await stranger.client.get("/livez", headers={"Host": host or "10.0.0.7"})).status_code == 200


@pytest.mark.parametrize("host", ["panel.test", "PANEL.test:8000", "localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_the_own_names_open_the_panel(stranger, host):
    assert (await stranger.client.get("/login", headers={"Host": host})).status_code == 200


async def test_a_page_that_does_not_exist_says_so(tom):
    await tom.opens("/nada")
    assert tom.status == 404
    assert "No hay nada aquí" in tom.text


OWN = {"/account", "/account#single-keys", "/account/telegram"}  # everybody has an account


@pytest.mark.parametrize(
    ("role", "links"),
    [
        (Role.TECHNICIAN, {"/", "/tickets/new", "/companies", "/billing", "/deliveries"}),
        (
            Role.AUDITOR,
            {"/", "/companies", "/billing", "/reports", "/deliveries", "/audit", "/settings", "/technicians"},
        ),
        (Role.BILLING, {"/", "/companies", "/billing", "/reports", "/deliveries"}),
    ],
)
async def test_the_bar_offers_what_the_role_may_see(log_in, role, links):
    browser = await log_in("vera", role)
    await browser.opens("/deliveries")
    assert {link for link in browser.page.links if link.startswith("/") and "?" not in link} - OWN == links
    for link in links:
        assert (await browser.opens(link)).status_code == 200
