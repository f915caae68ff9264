"""Every page of the panel, and who may ask for it: a table for each subject, a line for each page."""

from collections.abc import Sequence

from admin.routes import (
    account,
    companies,
    entrance,
    money,
    operation,
    queue,
    settings,
    technicians,
    tickets,
)
from admin.routes.page import Page

# an address is compared with one page after the other: what is opened all day stands first
_TABLES: Sequence[Sequence[Page]] = (
    queue.PAGES,
    tickets.PAGES,
    entrance.PAGES,
    account.PAGES,
    companies.PAGES,
    money.PAGES,
    settings.PAGES,
    technicians.PAGES,
    operation.PAGES,
)

# a new page may stand anywhere in its table: what takes the rest of the addresses is asked last
PAGES: Sequence[Page] = sorted((page for table in _TABLES for page in table), key=lambda page: page.takes_the_rest)
