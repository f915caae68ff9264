"""What a program does carries the name the desk has now."""

from sqlalchemy import select, update

from core.models import Desk, Report


async def test_a_ticket_a_program_closes_is_frozen_under_the_desks_own_name(tom, database, number):
    async with database.write() as session:
        await session.execute(update(Desk).values(name="Mesa Ñandú", address="Av. Amazonas 123"))
    body = {"closure": "warranty", "cause": "Falla", "solution": "Corregida", "minutes": 4}
    assert (await tom.post(f"/tickets/{number}/closure", json=body)).status_code == 200
    async with database.read() as session:
        desk = (await session.scalars(select(Report.snapshot))).one()["desk"]
    assert (desk["name"], desk["address"], desk["email"], desk["logo"]) == ("Mesa Ñandú", "Av. Amazonas 123", "", "")
