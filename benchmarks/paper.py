"""Milliseconds to draw a technical report and a month's statement as PDF, and how large they are."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure, percentile
from benchmarks.run import Run
from core.i18n import Translator, Translators
from core.render import report_pdf, statement_pdf
from core.render.office import Office
from core.render.report import DeskCard, ReportSnapshot, Speaker, TimelineEntry, snapshot_sha256, to_json
from core.render.statement import AccountMonth, Line, MonthHour, Statement
from core.rules.closures import Closure
from core.rules.ledger import Account, LineKind
from core.rules.periods import month_of

BEGUN = datetime(2026, 11, 2, 14, tzinfo=UTC)
T = Translator()
OFFICE = Office("SACI Soporte", Translators(default="es", timezone="America/Guayaquil"), email="soporte@saci.example")

_REPORT = ReportSnapshot(
    desk=DeskCard("SACI Soporte", "soporte@saci.example", "+593 2 255 0101", "https://saci.example"),
    number=1042,
    subject="No imprime facturas en la caja 2",
    service="Soporte Técnico",
    product="SACI Facturación Electrónica",
    company="Comercial Ñandú & Hijos Cía. Ltda.",
    ruc="0190123456001",
    opened_at=BEGUN,
    closed_at=BEGUN + timedelta(hours=3),
    opened_by="Ada Peñafiel",
    technicians=("Tomás Ibarra",),
    description="Desde ayer no se imprimen las facturas en la caja 2.",
    timeline=(),
    calls=(),
    files=(),
    cause="El formato fue borrado al actualizar.",
    solution="Se restauró el formato FAC-02.",
    closure="Cerrado y facturado",
    closure_number=1,
    real_minutes=4,
    charged_minutes=15,
    bag_before=50,
    bag_after=5,
    technical_hours=1,
    purchased_before=None,
    purchased_after=None,
    link="https://t.me/saci_soporte_bot?start=t1042",
)


def measure(run: Run) -> Iterable[Figure]:
    """Short ones and long ones; the first of all loads the fonts and is left out."""
    for messages in (4, 120):
        snapshot = replace(_REPORT, timeline=_timeline(messages))
        sha256 = snapshot_sha256(to_json(snapshot))
        draw = partial(report_pdf.draw, snapshot, sha256=sha256, t=T)
        yield from _drawn(run, f"report, {messages} messages", draw)
    for lines in (20, 400):
        draw = partial(statement_pdf.draw, _statement(lines), office=OFFICE, t=T)
        yield from _drawn(run, f"statement, {lines} movements", draw)


def _drawn(run: Run, name: str, draw: Callable[[], bytes]) -> Iterable[Figure]:
    size, taken = len(draw()), []
    for _ in range(run.size(100, 10)):
        begun = time.perf_counter()
        draw()
        taken.append(1000 * (time.perf_counter() - begun))
    run.say(f"{name}: drawn {len(taken)} times")
    yield Figure(f"{name}, p50", "ms", [percentile(taken, 50)])
    yield Figure(f"{name}, p95", "ms", [percentile(taken, 95)])
    yield Figure(f"{name}, size", "KB", [size / 1000])


def _timeline(messages: int) -> tuple[TimelineEntry, ...]:
    text = "Sigue saliendo en blanco, ya apagué y prendí la impresora como me dijeron. ¿Qué más puedo hacer? "
    sides = ((Speaker.CUSTOMER, "Ada Peñafiel", text * 2), (Speaker.DESK, "Tomás Ibarra", text))
    return tuple(
        TimelineEntry(BEGUN + timedelta(minutes=turn), who, what, speaker)
        for turn in range(messages)
        for speaker, who, what in [sides[turn % 2]]
    )


def _statement(lines: int) -> Statement:
    moved = [
        Line(
            id=turn,
            at=BEGUN + timedelta(minutes=turn),
            kind=LineKind.CLOSURE,
            minutes=15,
            balance=15 * (turn + 1),
            ticket=1000 + turn,
            closure=Closure.INVOICED,
            hour=None,
            reference="",
            technician="Tomás Ibarra",
        )
        for turn in range(lines)
    ]
    filled = [(1000 + turn, 15) for turn in range(4)]
    return Statement(
        company=_REPORT.company,
        ruc=_REPORT.ruc,
        period=month_of(BEGUN, ZoneInfo("America/Guayaquil")),
        purchased=AccountMonth(Account.PURCHASED, 600, (), 600),
        bag=AccountMonth(Account.BAG, 0, moved, moved[-1].balance),
        hours=[MonthHour(number, BEGUN, filled, "", is_withdrawn=False) for number in range(1, lines // 4 + 1)],
        at=BEGUN,
    )
