"""What the desk offers: services and products, changed in the panel and noted."""

from core.models import AuditEntry, Product
from core.queries import policy
from core.rules.permissions import Role
from core.rules.services import Service


async def test_a_product_is_renamed_another_added_and_one_is_not_offered_any_more(desk, database, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    java, basic = [product.id for product in (await desk.all_of(Product))[:2]]
    await boss.opens("/settings/offer")
    changed = {f"product-{java}": "SaciJava 9", f"product-{basic}-on": "", "new-development": "Sitio web"}
    await boss.sends("/settings/offer", **changed)
    assert "Los servicios y productos están guardados." in boss.text
    async with database.read() as session:
        assert await policy.products(session, Service.SUPPORT) == [
            "SaciJava 9",
            "SaciAnex ATS",
            "SACI Facturación Electrónica",
        ]
        assert await policy.products(session, Service.DEVELOPMENT) == ["SaciJava", "Sitio web"]
    await boss.opens("/tickets/new")
    assert "Saci Visual Basic" not in boss.text
    (entry,) = [entry for entry in await desk.all_of(AuditEntry) if entry.object == "settings offer"]
    assert entry.data["changes"][f"product-{java}"] == ["SaciJava", "SaciJava 9"]


async def test_a_desk_always_offers_something(desk, database, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    (only,) = [product for product in await desk.all_of(Product) if product.service is Service.DEVELOPMENT]
    for wrong, reason in (
        ({"service-support": "", "service-development": ""}, "Se debe ofrecer al menos un servicio."),
        ({f"product-{only.id}-on": ""}, "necesita al menos un producto"),
        ({"new-support": "sacijava"}, "ya tiene un producto con este nombre"),
        ({f"product-{only.id}": " "}, "Escriba un nombre de 60 caracteres como máximo."),
    ):
        await boss.opens("/settings/offer")
        await boss.sends("/settings/offer", **wrong)
        assert boss.status == 422
        assert reason in boss.text
    await boss.opens("/settings/offer")
    await boss.sends("/settings/offer", **{"service-development": ""})
    async with database.read() as session:
        assert await policy.products(session, Service.DEVELOPMENT) == []
    await boss.opens("/tickets/new")
    assert boss.form("/tickets/new").choices["service"] == ["support"]
