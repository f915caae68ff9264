"""Companies: their record, import, persons, and what they are told of their minutes."""

from collections.abc import Sequence

from admin.pages import billing, companies, company_import, company_record, persons, statement
from admin.routes.page import Page
from core.rules.permissions import Permission

_COMPANY = "/companies/{ruc}"
_IMPORT = "/companies/import/{id:number}"

PAGES: Sequence[Page] = (
    Page("GET", "/companies", companies.list_companies, Permission.SEE_COMPANY),
    Page("GET", "/companies/new", company_record.show_new, Permission.EDIT_COMPANY),
    Page("POST", "/companies/new", company_record.register, Permission.EDIT_COMPANY),
    Page("GET", "/companies/import", company_import.show, Permission.EDIT_COMPANY),
    Page("POST", "/companies/import", company_import.upload, Permission.EDIT_COMPANY),
    Page("GET", _IMPORT, company_import.show_one, Permission.EDIT_COMPANY),
    Page("POST", f"{_IMPORT}/confirm", company_import.confirm, Permission.EDIT_COMPANY),
    Page("POST", f"{_IMPORT}/discard", company_import.discard, Permission.EDIT_COMPANY),
    Page("GET", _COMPANY, companies.show, Permission.SEE_COMPANY),
    Page("GET", f"{_COMPANY}/record", company_record.show, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/record", company_record.change, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/clock", companies.set_clock, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/password-reset", companies.reset_password, Permission.RESET_PASSWORD),
    Page("POST", f"{_COMPANY}/purchased-hours", billing.buy, Permission.BUY_HOURS),
    Page("GET", f"{_COMPANY}/statement", statement.show, Permission.SEE_LEDGER),
    Page("GET", f"{_COMPANY}/statement.pdf", statement.as_pdf, Permission.SEE_LEDGER),
    Page("GET", f"{_COMPANY}/statement.csv", statement.as_csv, Permission.SEE_LEDGER),
    Page("POST", f"{_COMPANY}/invitations", persons.invite, Permission.INVITE),
    Page("POST", f"{_COMPANY}/invitations/{{id:number}}/revoke", persons.revoke_invitation, Permission.INVITE),
    Page("POST", f"{_COMPANY}/approvals/{{id:number}}/approve", persons.approve, Permission.APPROVE_PERSON),
    Page("POST", f"{_COMPANY}/approvals/{{id:number}}/refuse", persons.refuse, Permission.APPROVE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/revoke", persons.revoke, Permission.REVOKE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/unfreeze", persons.unfreeze, Permission.REVOKE_PERSON),
    Page("POST", f"{_COMPANY}/persons/{{id:number}}/contact", persons.put_in_charge, Permission.EDIT_COMPANY),
    Page("POST", f"{_COMPANY}/denials/{{id:number}}/handled", persons.dismiss, Permission.REVOKE_PERSON),
    Page("GET", f"{_COMPANY}/{{form:path}}", persons.back, Permission.SEE_COMPANY),
)
