"""The page of webhooks: a secret that is shown once, a log, and who may see and do what."""

import re

import pytest
from sqlalchemy import select, update

from core.actions.subscriptions import vault_of
from core.models import AuditEntry, DeliveryState, OutboxRow, Subscription
from core.models import Desk as DeskRow
from core.rules.permissions import Role
from tests import databases

ADDRESS = "https://example.org/secret-path"


@pytest.fixture
def backend() -> str:
    return databases.BACKENDS[0]


@pytest.fixture
async def boss(desk, log_in):
    return await log_in("root", Role.ADMINISTRATOR)


async def adds(boss, url: str = ADDRESS, **typed: str) -> str:
    await boss.opens("/settings/webhooks")
    await boss.sends("/settings/webhooks", url=url, **typed)
    return re.search(r"whsec_[\w-]+", boss.text)[0] if "whsec_" in boss.text else ""


async def test_the_secret_is_shown_once_and_kept_encrypted(database, desk, boss):
    secret = await adds(boss)
    assert boss.status == 200
    (subscription,) = await desk.all_of(Subscription)
    assert vault_of(b"k" * 32).unlock(subscription.secret).decode() == secret
    for page in ("/settings/webhooks", f"/settings/webhooks/{subscription.id}"):
        await boss.opens(page)
        assert "whsec_" not in boss.text
        assert "example.org" in boss.text
    await boss.sends("/secret")
    assert secret not in boss.text
    assert "whsec_" in boss.text
    (made, changed) = [entry for entry in await desk.all_of(AuditEntry) if entry.action.startswith("webhook")]
    assert (made.action, changed.action) == ("webhook.added", "webhook.secret_changed")
    assert secret not in str(made.data)


async def test_a_form_that_is_sent_twice_adds_one(desk, boss):
    await boss.opens("/settings/webhooks")
    form = boss.form("/settings/webhooks").fields | {"url": ADDRESS, "event-ticket.closed": "on"}
    for _ in range(2):
        await boss.client.post("/settings/webhooks", data=form, headers={"Origin": boss.origin})
    assert len(await desk.all_of(Subscription)) == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/", "La dirección debe comenzar con https://."),
        ("https://192.168.1.10/", "Esta dirección no está en internet."),
        ("https://127.0.0.1:8000/", "Esta dirección no está en internet."),
        ("example", "Escriba una dirección como https://example.org/ventanilla."),
    ],
)
async def test_an_address_that_may_not_be_called_comes_back_with_the_reason(desk, boss, url: str, why: str):
    await adds(boss, url)
    assert boss.status == 422
    assert why in boss.text
    assert boss.form("/settings/webhooks").fields["url"] == url
    assert await desk.all_of(Subscription) == []


async def test_it_is_tried_out_paused_and_removed(database, desk, boss):
    await adds(boss)
    (subscription,) = await desk.all_of(Subscription)
    page = f"/settings/webhooks/{subscription.id}"
    await boss.opens(page)
    await boss.sends("/test")
    assert "La prueba está en camino" in boss.text
    (row,) = await desk.all_of(OutboxRow)
    assert (row.lane, row.payload["event"]) == (subscription.lane, "ping")
    async with database.write() as session:
        await session.execute(update(OutboxRow).values(state=DeliveryState.DEAD, error="HTTP 422"))
    await boss.opens(page)
    await boss.sends(f"/deliveries/{row.id}/retry")
    assert "Se vuelve a enviar ahora." in boss.text
    assert [row.state for row in await desk.all_of(OutboxRow)] == ["queued"]
    await boss.sends("/pause")
    assert "Está en pausa" in boss.text
    await boss.sends("/resume")
    await boss.sends("/remove")
    assert boss.is_at("/settings/webhooks")
    assert "No se avisa a ningún programa." in boss.text
    assert [row.state for row in await desk.all_of(OutboxRow)] == ["cancelled"]
    assert (await boss.opens(page)).status_code == 404


async def test_a_foreign_delivery_is_none_of_its_own(database, desk, boss):
    await adds(boss)
    (first,) = await desk.all_of(Subscription)
    await boss.opens(f"/settings/webhooks/{first.id}")
    await boss.sends("/test")
    (row,) = await desk.all_of(OutboxRow)
    await adds(boss, "https://example.com/")
    second = (await desk.all_of(Subscription))[1]
    await boss.opens(f"/settings/webhooks/{second.id}")
    await boss.sends("/test", to=f"/settings/webhooks/{second.id}/deliveries/{row.id}/retry")
    assert boss.status == 404


async def test_an_auditor_sees_the_host_and_no_more(desk, boss, log_in):
    await adds(boss)
    (subscription,) = await desk.all_of(Subscription)
    auditor = await log_in("olga", Role.AUDITOR)
    await auditor.opens(f"/settings/webhooks/{subscription.id}")
    assert "example.org" in auditor.text
    assert "secret-path" not in auditor.answer.text
    assert not [form for form in auditor.page.forms if "webhooks" in form.action]


async def test_there_are_at_most_ten(database, desk, boss):
    for n in range(10):
        await adds(boss, f"https://example.org/{n}")
    await adds(boss, "https://example.org/one-too-many")
    assert boss.status == 409
    async with database.read() as session:
        assert len((await session.scalars(select(Subscription))).all()) == 10
        assert (await session.get_one(DeskRow, 1)).last_ticket_number == 1000
