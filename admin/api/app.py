"""The API as an application of its own, mounted at /api/v1."""

from fastapi import FastAPI

from admin.api import closing, problems, tickets, work
from admin.api.access import Api
from core.db import Database
from core.messaging.store import FileStore
from core.render.office import Office

ABOUT = """Tickets of the desk for programs. Errors are problem details (RFC 9457). Every POST honours an
`Idempotency-Key` for 24 hours. Make a token with `python -m core api-token USER`; it has the rights of its user."""


def create_api(*, database: Database, office: Office, store: FileStore) -> FastAPI:
    """The API; its description is at ``openapi.json``, and there are no pages that load from elsewhere."""
    app = FastAPI(title="Ventanilla", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    app.state.api = Api(database, office, store)
    problems.install(app, office.t)
    for router in (tickets.router, closing.router, work.router):
        app.include_router(router)
    return app
