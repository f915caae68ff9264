"""Mi cuenta: name, password, sessions and tokens of one's own – and what an administrator ends."""

import httpx
import pytest

from admin.api.app import create_api
from core.actions import staff
from core.models import ApiToken, AuditEntry, StaffSession, Technician
from core.rules.permissions import Role
from tests.admin.browser import PASSWORD

ANOTHER = "otra frase muy larga"


async def test_the_password_changes_with_the_old_one_and_ends_the_other_sessions(desk, log_in):
    here, there = await log_in("tom"), await log_in("tom")
    await here.opens("/account")
    for old, new, again, reason in (
        ("wrong", ANOTHER, ANOTHER, "no es su contraseña"),
        (PASSWORD, "corta", "corta", "caracteres"),
        (PASSWORD, ANOTHER, "other", "no son iguales"),
    ):
        await here.sends("/account/password", old=old, password=new, again=again)
        assert here.status == 422
        assert reason in here.text
        assert ANOTHER not in here.answer.text
    await here.sends("/account/password", old=PASSWORD, password=ANOTHER, again=ANOTHER)
    assert "La contraseña se cambió" in here.text
    await there.opens("/")
    assert there.is_at("/login")
    await there.log_in("tom", ANOTHER)
    assert there.is_at("/")
    assert (await desk.all_of(AuditEntry))[-1].action == "account.password_changed"


async def test_the_own_sessions_are_listed_and_ended_one_by_one(desk, log_in):
    here, there, eve = await log_in("tom"), await log_in("tom"), await log_in("eve")
    await here.opens("/account")
    assert "Esta" in here.text
    ids = [row.id for row in await desk.all_of(StaffSession)]
    await here.sends("/account/name", to=f"/account/sessions/{ids[2]}/end")
    assert here.status == 404
    await eve.opens("/")
    assert eve.is_at("/")

    await here.opens("/account")
    await here.sends(f"/account/sessions/{ids[1]}/end")
    await there.opens("/")
    assert there.is_at("/login")
    await here.opens("/")
    assert here.is_at("/")


async def test_the_own_name_changes_and_so_it_is_read(desk, tom):
    await tom.opens("/account")
    await tom.sends("/account/name", name="")
    assert tom.status == 422
    await tom.sends("/account/name", name="Tomás Vera")
    assert tom.status == 200
    assert "Tomás Vera" in tom.text


async def test_a_token_is_shown_once_and_revoked_by_its_owner_or_an_administrator(desk, log_in):
    tom = await log_in("tom")
    await tom.opens("/account")
    for typed, reason in (
        ({"token_name": "", "token_password": PASSWORD}, "Escriba para qué es"),
        ({"token_name": "Contabilidad", "token_password": "wrong"}, "no es su contraseña"),
        ({"token_name": "Contabilidad", "token_password": ""}, "no es su contraseña"),
    ):
        await tom.sends("/account/tokens", **typed)
        assert (tom.status, reason in tom.text, await desk.all_of(ApiToken)) == (422, True, [])
        assert PASSWORD not in tom.answer.text
    await tom.sends("/account/tokens", token_name="Contabilidad", token_password=PASSWORD)
    (row,) = await desk.all_of(ApiToken)
    assert (row.name, row.used_at) == ("Contabilidad", None)
    token = tom.answer.text.partition('<p class="link"><code>')[2].partition("<")[0]
    assert len(token) > 40
    assert row.token_sha256 != token
    await tom.opens("/account")
    assert token not in tom.answer.text
    assert "Contabilidad" in tom.text

    admin, vera = await log_in("admin", Role.ADMINISTRATOR), await log_in("vera", Role.AUDITOR)
    await vera.opens("/account")
    await vera.sends("/account/name", to=f"/account/tokens/{row.id}/revoke")
    assert vera.status == 404
    await admin.opens("/technicians/1")
    assert "Contabilidad" in admin.text
    await admin.sends(f"/tokens/{row.id}/revoke")
    assert "Contabilidad" not in admin.text
    assert [entry.action for entry in await desk.all_of(AuditEntry)][-1] == "technician.token_revoked"


@pytest.fixture
def issues(database):
    """A token of a technician, by the command line."""

    async def make(username: str) -> str:
        async with database.write() as session:
            return await staff.api_token(session, username)

    return make


@pytest.fixture
async def opens(database, office, store):
    """Whether a token opens the API."""
    transport = httpx.ASGITransport(app=create_api(database=database, office=office, store=store))
    async with httpx.AsyncClient(transport=transport, base_url="http://panel.test") as client:

        async def asks(token: str) -> bool:
            answer = await client.get("/companies", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in {200, 401}
            return answer.status_code == 200

        yield asks


async def test_a_new_password_says_how_many_tokens_go_on(desk, issues, opens, tom):
    token = await issues("tom")
    await tom.opens("/account")
    assert "Sus claves de la API siguen vigentes." in tom.text
    await tom.sends("/account/password", old=PASSWORD, password=ANOTHER, again=ANOTHER)
    assert "1 clave de la API sigue vigente y da acceso sin la contraseña." in tom.text
    assert "#tokens" in tom.page.links
    assert await opens(token)


@pytest.mark.parametrize("suspicion", ["/setup-link", "/sessions/revoke", "/second-factor/reset"])
async def test_what_an_administrator_does_for_suspicion_ends_the_tokens_too(
    desk, issues, opens, log_in, tom, suspicion
):
    theirs, other = await issues("tom"), await issues((await desk.employ("eve")).username)
    async with desk.database.write() as session:
        (await session.get_one(Technician, 1)).totp_secret = b"x"
    admin = await log_in("admin", Role.ADMINISTRATOR)
    await admin.opens("/technicians/1")
    assert admin.text.count("Todas sus claves de la API se anulan.") == 3
    await admin.sends(suspicion)
    assert (await opens(theirs), await opens(other)) == (False, True)
    assert (await desk.all_of(AuditEntry))[-1].data == {"tokens": 1}
    await admin.opens("/audit?on=tom")
    assert "Claves de la API anuladas: 1" in admin.text


async def test_a_token_made_while_the_link_was_on_its_way_ends_with_the_new_password(
    desk, issues, opens, log_in, tom, stranger
):
    admin = await log_in("admin", Role.ADMINISTRATOR)
    await admin.opens("/technicians/1")
    await admin.sends("/setup-link")
    link = next(word for word in admin.text.split() if "/setup/" in word)
    token = await issues("tom")
    await stranger.opens(link.removeprefix("http://panel.test"))
    await stranger.sends("", password=ANOTHER, again=ANOTHER)
    assert not await opens(token)


async def test_an_administrator_ends_one_session_of_somebody(desk, log_in):
    first, second = await log_in("tom"), await log_in("tom")
    admin = await log_in("admin", Role.ADMINISTRATOR)
    await admin.opens("/technicians/1")
    await admin.sends("/sessions/1/end")
    await first.opens("/")
    assert first.is_at("/login")
    await second.opens("/")
    assert second.is_at("/")
