"""The mail of a closing goes to every address of the company, however alike two of them begin."""

from core.models import Channel, CompanyEmail, OutboxRow
from core.rules.closures import Closure

LONG = f"{'contabilidad.' * 4}@{'sucursal.' * 10}"


async def test_two_long_addresses_that_begin_alike_get_a_mail_each(ada):
    addresses = [f"{LONG}uno.example", f"{LONG}dos.example", "ada@ferreteria.example"]
    async with ada.desk.database.write() as session:
        session.add_all(CompanyEmail(company_id=ada.company.id, address=address) for address in addresses)
    await ada.close(Closure.WARRANTY, 10)
    mails = [row for row in await ada.desk.all_of(OutboxRow) if row.channel is Channel.EMAIL]
    assert sorted(row.payload["to"][0] for row in mails) == sorted(addresses)
