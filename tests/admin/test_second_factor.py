"""A password alone opens nothing where a second factor is set up, or where the desk requires one."""

import asyncio
import re
from datetime import timedelta

import httpx
import pyotp
import pytest
import time_machine

from admin.app import create_app
from core.actions import second_factor
from core.clock import now
from core.errors import InvalidError
from core.models import AuditEntry, RecoveryCode, Technician
from core.rules.permissions import Role
from tests.admin.browser import PASSWORD, Browser

KEY = b"k" * 32


@pytest.fixture
async def strict(database, desk, office, store):
    """A browser at a desk that requires a second factor."""
    app = create_app(database=database, office=office, store=store, secret=KEY, https=False, second_factor=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://panel.test") as client:
        yield Browser(client)


def key_on(browser: Browser) -> str:
    return re.search(r"<code>([A-Z2-7]{32})</code>", browser.answer.text)[1]


def code(secret: str) -> str:
    return pyotp.TOTP(secret).at(now())


async def sets_up(browser: Browser) -> tuple[str, list[str]]:
    """Through the set-up in Mi cuenta; the key and the codes on paper."""
    await browser.opens("/account/second-factor")
    key = key_on(browser)
    await browser.sends("/account/second-factor", code=code(key), password=PASSWORD)
    assert browser.status == 200, browser.text
    return key, re.findall(r"<code>(\w{5}-\w{5})</code>", browser.answer.text)


async def test_where_it_is_required_nothing_opens_before_it_is_set_up(desk, strict):
    await desk.employ("tom")
    await strict.log_in("tom", next="/companies")
    assert strict.is_at("/login/factor")
    for address in ("/", "/companies", "/account", "/account/second-factor", "/login"):
        await strict.opens(address)
        assert strict.is_at("/login/factor"), address
    key = key_on(strict)
    await strict.sends("/login/factor", code="000000")
    assert strict.status == 422
    assert key_on(strict) == key
    before = strict.client.cookies["session"]
    await strict.sends("/login/factor", code=code(key))
    assert strict.text.count("-") >= 10
    assert strict.client.cookies["session"] != before
    await strict.opens("/")
    assert strict.is_at("/")

    tom = (await desk.all_of(Technician))[0]
    assert key.encode() not in tom.totp_secret
    await strict.opens("/account")
    await strict.sends("/account/second-factor/codes", to="/account/second-factor/off", factor_password=PASSWORD)
    assert strict.status == 409


def paper(answer: httpx.Response) -> list[str]:
    return re.findall(r"<code>(\w{5}-\w{5})</code>", answer.text)


async def at_the_set_up(browser: Browser) -> dict[str, str]:
    """What the form of the forced set-up is sent with, the right code in it."""
    await browser.log_in("tom")
    return browser.form("/login/factor").fields | {"code": code(key_on(browser))}


async def test_a_double_click_on_the_set_up_shows_the_codes_that_open(desk, strict):
    await desk.employ("tom")
    with time_machine.travel(now(), tick=False) as clock:
        typed = await at_the_set_up(strict)
        headers = {"Origin": strict.origin}
        halfway = strict.client.cookies["session"]
        first = await strict.client.post("/login/factor", data=typed, headers=headers)
        clicked = dict(headers, Cookie=f"session={halfway}")
        async with httpx.AsyncClient(transport=strict.client._transport, base_url=strict.origin) as before_the_answer:
            second = await before_the_answer.post("/login/factor", data=typed, headers=clicked)
        loaded_again = await strict.client.post("/login/factor", data=typed, headers=headers)
        assert len(paper(first)) == 10
        assert paper(first) == paper(second) == paper(loaded_again)
        assert "set-cookie" not in second.headers, "it is shown, and opens nothing"

        for wrong in ({"code": "000000"}, {"secret": "x"}):
            answer = await strict.client.post("/login/factor", data=typed | wrong, headers=headers)
            assert (answer.status_code, paper(answer)) == (303, [])
        clock.shift(timedelta(minutes=2))
        late = await strict.client.post("/login/factor", data=typed, headers=headers)
        assert (late.status_code, paper(late)) == (303, [])
        await strict.opens("/account")
        await strict.sends("/logout")
        await strict.log_in("tom")
        await strict.sends("/login/code", code=paper(first)[9])
        assert strict.is_at("/")


async def test_two_clicks_on_the_set_up_in_the_same_moment_show_the_same_codes(desk, strict):
    await desk.employ("tom")
    with time_machine.travel(now(), tick=False):
        typed = await at_the_set_up(strict)
        clicks = (
            strict.client.post("/login/factor", data=typed, headers={"Origin": strict.origin}) for _ in range(2)
        )
        first, second = await asyncio.gather(*clicks)
    assert len(paper(first)) == 10
    assert paper(first) == paper(second)
    assert len(await desk.all_of(RecoveryCode)) == 10
    actions = [entry.action for entry in await desk.all_of(AuditEntry)]
    assert actions.count("account.factor_on") == 1


async def test_a_code_of_the_phone_opens_once_and_so_does_one_on_paper(desk, log_in):
    with time_machine.travel(now(), tick=False) as clock:
        tom = await log_in("tom")
        key, paper = await sets_up(tom)
        assert len(paper) == 10
        assert {row.code_sha256 for row in await desk.all_of(RecoveryCode)}.isdisjoint(paper)
        clock.shift(timedelta(seconds=30))

        await tom.opens("/account")
        await tom.sends("/logout")
        await tom.log_in("tom")
        assert tom.is_at("/login/code")
        await tom.opens("/")
        assert tom.is_at("/login/code")
        used = code(key)
        await tom.sends("/login/code", code=f"{used[:3]} {used[3:]}")
        assert tom.is_at("/")

        await tom.sends("/logout")
        await tom.log_in("tom")
        await tom.sends("/login/code", code=used)
        assert tom.status == 422
        assert "ya se usó" in tom.text
        await tom.sends("/login/code", code=paper[0].upper())
        assert tom.is_at("/")
        await tom.opens("/account")
        assert "Quedan 9 códigos" in tom.text

        await tom.sends("/logout")
        await tom.log_in("tom")
        await tom.sends("/login/code", code=paper[0])
        assert tom.status == 422
    actions = [entry.action for entry in await desk.all_of(AuditEntry)]
    assert actions[1:] == ["account.factor_on", "account.code_spent"]


async def test_guessing_codes_is_slowed_down_and_the_password_does_not_start_it_anew(desk, log_in, stranger):
    with time_machine.travel(now(), tick=False):
        await sets_up(await log_in("tom"))
        for _ in range(6):
            await stranger.opens("/login?again=1")
            await stranger.sends("/login", username="tom", password=PASSWORD)
            if stranger.is_at("/login/code"):
                await stranger.sends("/login/code", code="000000")
        assert stranger.status == 429
        assert int(stranger.answer.headers["retry-after"]) > 0


async def test_nobody_without_the_password_can_hold_up_the_codes(desk, log_in, stranger):
    with time_machine.travel(now(), tick=False):
        secret, _ = await sets_up(await log_in("tom"))
        for _ in range(6):
            await stranger.opens("/login?again=1")
            await stranger.sends("/login", username="CODE:tom", password=PASSWORD)
        assert stranger.status == 429
    with time_machine.travel(now() + timedelta(seconds=40), tick=False):  # a code that was not used yet
        tom = await log_in("tom")
        await tom.sends("/login/code", code=code(secret))
        assert (tom.status, tom.is_at("/login/code")) == (200, False)


async def test_one_code_sent_twice_at_once_lets_one_in(desk, database, log_in):
    with time_machine.travel(now(), tick=False) as clock:
        key, _ = await sets_up(await log_in("tom"))
        clock.shift(timedelta(minutes=1))
        vault = second_factor.vault_of(KEY)

        async def enters() -> bool:
            try:
                async with database.write() as session:
                    technician = await session.get_one(Technician, 1)
                    await second_factor.spend(session, technician, code(key), vault=vault)
            except InvalidError:
                return False
            return True

        assert sorted(await asyncio.gather(enters(), enters())) == [False, True]


async def test_an_administrator_resets_the_factor_of_who_lost_the_phone(desk, log_in):
    tom = await log_in("tom")
    await sets_up(tom)
    admin = await log_in("admin", Role.ADMINISTRATOR)
    await admin.opens("/technicians/1")
    await admin.sends("/second-factor/reset")
    assert "Sin configurar" in admin.text
    await tom.opens("/")
    assert tom.is_at("/login")
    await tom.log_in("tom")
    assert tom.is_at("/")
    assert (await desk.all_of(AuditEntry))[-1].action == "technician.factor_reset"
    assert await desk.all_of(RecoveryCode) == []


async def test_the_factor_is_set_up_with_the_password_and_with_ones_own_key_only(desk, log_in):
    tom, eve = await log_in("tom"), await log_in("eve")
    await eve.opens("/account/second-factor")
    theirs = eve.form("/account/second-factor").fields["secret"]
    await tom.opens("/account/second-factor")
    key = key_on(tom)
    await tom.sends("/account/second-factor", code=code(key), password="wrong")
    assert tom.status == 422
    assert key_on(tom) == key
    await tom.sends("/account/second-factor", code=code(key_on(eve)), password=PASSWORD, secret=theirs)
    assert tom.status == 409
    assert (await desk.all_of(Technician))[0].totp_secret is None
