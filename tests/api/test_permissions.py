"""A call that does not say who may make it is not there at all: the desk does not start with it."""

import pytest
from fastapi import APIRouter

from admin.api.access import Guarded, require_guarded
from core.rules.permissions import Role


async def forgotten() -> None:
    """Somebody wrote this and forgot whom it is for."""


def test_a_call_without_a_permission_does_not_start():
    router = APIRouter(route_class=Guarded)
    with pytest.raises(ValueError, match="GET /secrets does not say who may call it"):
        router.get("/secrets")(forgotten)


def test_a_call_that_asks_nobody_who_they_are_does_not_start():
    router = APIRouter()
    router.get("/tickets")(forgotten)
    with pytest.raises(ValueError, match="/tickets does not ask who calls"):
        require_guarded(router.routes)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_who_may_not_call_is_told_so_before_the_body_is_looked_at(api, token_of):
    api.headers["Authorization"] = f"Bearer {await token_of('vera', Role.AUDITOR)}"
    answer = await api.post("/tickets/1001/time", json={"minutes": "many"})
    assert answer.status_code == 403
