"""Hours to invoice, and what the desk did."""

from collections.abc import Sequence

from admin.pages import billing, reports
from admin.routes.page import Page
from core.rules.permissions import Permission

PAGES: Sequence[Page] = (
    Page("GET", "/billing", billing.show, Permission.SEE_LEDGER),
    Page("GET", "/billing/hours.csv", billing.as_csv, Permission.SEE_LEDGER),
    Page("GET", "/billing/hours.xlsx", billing.as_xlsx, Permission.SEE_LEDGER),
    Page("POST", "/billing/invoice", billing.invoice, Permission.INVOICE),
    Page("POST", "/billing/revert", billing.revert, Permission.INVOICE),
    Page("GET", "/reports", reports.show, Permission.SEE_REPORTS),
    Page("GET", "/reports.csv", reports.as_csv, Permission.SEE_REPORTS),
)
