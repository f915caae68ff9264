"""A closing as reports and mails show it: Tom found out why Ada's invoices did not print."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader

from core.render.report import (
    DeskCard,
    ReportedCall,
    ReportedFile,
    ReportSnapshot,
    Speaker,
    TimelineEntry,
)

MORNING = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)  # 09:05 in Guayaquil


def after(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


_SNAPSHOT = ReportSnapshot(
    desk=DeskCard("SACI Soporte", "soporte@saci.example", "+593 2 255 0101", "https://saci.example"),
    number=1042,
    subject="No imprime facturas en la caja 2",
    service="Soporte Técnico",
    product="SACI Facturación Electrónica",
    company="Comercial Ñandú & Hijos Cía. Ltda.",
    ruc="0190123456001",
    opened_at=MORNING,
    closed_at=after(180),
    opened_by="Ada Peñafiel",
    technicians=("Tomás Ibarra", "Lucía Quishpe"),
    description="Desde ayer no se imprimen las facturas en la caja 2.",
    timeline=(
        TimelineEntry(after(0), "Ada Peñafiel", "No imprime.", Speaker.CUSTOMER),
        TimelineEntry(after(6), "Tomás Ibarra", "Abierto"),
        TimelineEntry(after(7), "Tomás Ibarra", "Por favor envíe una captura.", Speaker.DESK),
    ),
    calls=(ReportedCall(after(30), "+593 99 123 4567", "Ocupado", "Tomás Ibarra"),),
    files=(ReportedFile("captura 3150.png", 348_211),),
    cause="El formato fue borrado al actualizar.",
    solution="Se restauró el formato FAC-02.",
    closure="Cerrado y facturado",
    closure_number=1,
    real_minutes=4,
    charged_minutes=15,
    bag_before=50,
    bag_after=5,
    technical_hours=1,
    purchased_before=600,
    purchased_after=600,
)


def a_closing(**changes: Any) -> ReportSnapshot:
    return replace(_SNAPSHOT, **changes)


def words_of(pdf: bytes) -> str:
    """All text of all pages, with single spaces and without the places where a long word may break."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def a_logo() -> bytes:
    """A sign beside a word, as somebody may upload it: a PNG on nothing."""
    picture = Image.new("RGBA", (760, 220))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((10, 10, 209, 209), 48, fill="#0f5c72")
    pen.polygon([(60, 80), (160, 80), (110, 160)], fill="#f2b134")
    pen.text((250, 30), "Andes", fill="#16202d", font=ImageFont.load_default(150))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
