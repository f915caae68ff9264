"""The API as an application of its own, mounted at /api/v1."""

import secrets
from typing import Any

from fastapi import FastAPI

from admin.api import (
    billing,
    closing,
    companies,
    deeds,
    deliveries,
    files,
    models,
    problems,
    registry,
    statement,
    tickets,
    timing,
    webhooks,
    work,
)
from admin.api.access import Api, require_guarded
from core.db import Database
from core.messaging.store import FileStore
from core.render.office import Office

ABOUT = """Tickets of the desk for programs.

- **Token**: `python -m core api-token USER` makes one; it has the rights of its user.
- **Errors** are problem details (RFC 9457), their `detail` in the language of the desk.
- **Idempotency-Key**: a POST with this header has its effect once. Its repetition within 24 hours gets the stored
  answer with `Idempotent-Replayed: true`; another request with the same key is 409. A refused request leaves no trace
  and may be repeated with its key. A preview changes nothing and ignores the key.
- **Pages**: pass `next` as `after` until it is null. The order is by number, so nothing is missed or doubled while
  tickets change.
- **Times** are ISO 8601 with offset, minutes are integers, a RUC is text."""


class Described(FastAPI):
    """Its description knows what a refusal looks like."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            description = super().openapi()
            schema = models.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            description["components"]["schemas"] |= schema.pop("$defs", {}) | {models.Problem.__name__: schema}
        return super().openapi()


def create_api(*, database: Database, office: Office, store: FileStore, secret: bytes | None = None) -> FastAPI:
    """The API; ``secret`` keeps those of webhooks (None: a new one at each start). Its
    description is at ``openapi.json``, and there are no pages that load from elsewhere."""
    app = Described(
        title="Ventanilla", version="1", description=ABOUT, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.api = Api(database, office, store, secret or secrets.token_bytes(32))
    problems.install(app, office.t)
    for part in (
        registry,
        billing,
        statement,
        tickets,
        closing,
        work,
        deeds,
        files,
        companies,
        deliveries,
        timing,
        webhooks,
    ):
        app.include_router(part.router)
    require_guarded(app.routes)
    return app
