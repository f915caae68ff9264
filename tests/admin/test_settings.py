"""The desk's settings: hours, holidays and policies, by whom, and what happens when two change them at once."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
import time_machine

from core.actions import office_hours, policies
from core.errors import ForbiddenError
from core.models import AuditEntry
from core.queries import hours, policy
from core.rules.calendar import Span
from core.rules.closures import Closure
from core.rules.permissions import Role
from core.rules.services import Service

ZONE = ZoneInfo("America/Guayaquil")
TUESDAY = "2026-11-24T15:00:00Z"


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with time_machine.travel(TUESDAY):
        yield


async def audited(desk) -> list[AuditEntry]:
    return [entry for entry in await desk.all_of(AuditEntry) if entry.action == "settings.changed"]


async def calendar(database):
    async with database.read() as session:
        return await hours.calendar(session, ZONE)


async def test_the_hours_are_changed_and_the_next_two_weeks_show_it(desk, database, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens("/settings")
    assert boss.form("/settings/hours").fields["0"] == "08:00-17:00"
    assert "Martes 24/11 08:00-17:00" in boss.text
    await boss.sends("/settings/hours", **{"1": "8-12, 13:30-18:00", "5": "09:00-12:00"})
    assert boss.status == 200
    assert "El horario está guardado." in boss.text
    assert "Martes 24/11 08:00-12:00, 13:30-18:00" in boss.text
    assert "Sábado 28/11 09:00-12:00" in boss.text
    assert (await calendar(database)).week[1] == (Span(480, 720), Span(810, 1080))
    (entry,) = await audited(desk)
    assert entry.data["changes"] == {
        "1": ["08:00-17:00", "08:00-12:00, 13:30-18:00"],
        "5": ["", "09:00-12:00"],
    }


async def test_hours_that_make_no_sense_come_back_as_typed(database, desk, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens("/settings")
    await boss.sends("/settings/hours", **{"2": "17:00-08:00"})
    assert boss.status == 422
    assert "Escriba el horario así: 08:00-12:00, 13:00-17:00" in boss.text
    assert boss.form("/settings/hours").fields["2"] == "17:00-08:00"
    assert (await calendar(database)).week[2] == (Span(480, 1020),)


async def test_a_holiday_is_worked_another_is_added_and_one_is_taken_back(database, desk, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens("/settings?year=2026")
    assert "Viernes 25/12 · Navidad" in boss.text
    added = {"date": "2026-12-24", "name": "Cierre anual"}
    await boss.sends("/settings/holidays", **{"day-2026-12-25": "", **added})
    assert "Jueves 24/12 · Cierre anual" in boss.text
    own = await calendar(database)
    assert own.holiday(date(2026, 12, 24)) == "Cierre anual"
    assert own.holiday(date(2026, 12, 25)) is None

    await boss.sends("/settings/holidays", **{"day-2026-12-24": "", "day-2026-12-25": "on"})
    own = await calendar(database)
    assert own.holiday(date(2026, 12, 24)) is None
    assert own.holiday(date(2026, 12, 25)) == "Navidad"
    assert own.changes == {}

    for wrong, reason in (
        ({"date": "2026-12-25", "name": "Otra vez"}, "ya está en la lista"),
        ({"date": "2027-03-01", "name": "Otro año"}, "Elija una fecha de 2026."),
        ({"date": "2026-12-24", "name": ""}, "Escriba cómo se llama"),
    ):
        await boss.sends("/settings/holidays", **wrong)
        assert boss.status == 422
        assert reason in boss.text
        assert boss.form("/settings/holidays").fields["date"] == wrong["date"]


async def test_two_who_change_at_once_see_what_the_other_did(database, desk, log_in):
    vera, root = await log_in("vera", Role.ADMINISTRATOR), await log_in("root", Role.ADMINISTRATOR)
    for each in (vera, root):
        await each.opens("/settings")
    await vera.sends("/settings/hours", **{"0": "09:00-17:00"})
    await root.sends("/settings/hours", **{"0": "07:00-15:00"})
    assert root.status == 409
    assert "Lunes: antes «08:00-17:00», ahora «09:00-17:00»." in root.text.replace("lunes", "Lunes")
    assert root.form("/settings/hours").fields["0"] == "07:00-15:00", "what was typed is still there"
    await root.sends("/settings/hours")
    assert (await calendar(database)).week[0] == (Span(420, 900),)


async def test_policies_have_bounds_and_are_noted(database, desk, log_in):
    boss = await log_in("root", Role.ADMINISTRATOR)
    await boss.opens("/settings/policy")
    fields = boss.form("/settings/policy").fields
    assert (fields["minimum_minutes"], fields["calls_needed"], fields["grace_days"]) == ("15", "2", "7")
    assert "development-warranty" not in boss.form("/settings/policy").choices

    await boss.sends("/settings/policy", grace_days="91")
    assert boss.status == 422
    assert "Escriba un número entero de 0 a 90." in boss.text
    await boss.sends("/settings/policy", grace_days="7", **{"development-invoiced": ""})
    assert boss.status == 422
    assert "al menos una forma de cierre" in boss.text

    changed = {"grace_days": "3", "files_mandatory": "on", "development-invoiced": "on", "support-unsuccessful": ""}
    await boss.sends("/settings/policy", **changed)
    assert "Las políticas están guardadas." in boss.text
    async with database.read() as session:
        now = await policy.desk_policy(session)
    assert (now.grace_days, now.files_mandatory) == (3, True)
    assert now.closing.legal[Service.SUPPORT] == set(Closure) - {Closure.UNSUCCESSFUL}
    (entry,) = await audited(desk)
    assert set(entry.data["changes"]) == {"grace_days", "files_mandatory", "support-unsuccessful"}


async def test_the_action_itself_asks_who_may(desk, database):
    vera = await desk.employ("vera", Role.SUPERVISOR)
    async with database.write() as session:
        with pytest.raises(ForbiddenError):
            await office_hours.set_week(session, vera, {}, seen={}, zone=ZONE)
        with pytest.raises(ForbiddenError):
            await policies.set_policy(session, vera, {}, seen={})


async def test_a_supervisor_reads_the_settings_a_technician_does_not(log_in, tom):
    await tom.opens("/settings")
    assert tom.status == 403
    vera = await log_in("vera", Role.SUPERVISOR)
    await vera.opens("/settings")
    assert "solo un administrador los cambia" in vera.text
    await vera.sends("/settings/hours", **{"0": ""})
    assert vera.status == 403
