"""What a file is, by what is in it: the kinds of files that accountants send."""

import datetime
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from PIL import Image

from core.i18n import Translators
from core.render import thumbnails
from core.render.labels import label, media_type, media_type_of

T = Translators(default="es", timezone="America/Guayaquil")[None]


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>" * 200)
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()


def signature() -> tuple[bytes, bytes, bytes]:
    """An electronic signature (.p12) and its certificate (.cer and .pem)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ADA ANDINA")])
    day = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(b"clave")
    return (
        pkcs12.serialize_key_and_certificates(b"firma", key, certificate, None, locked),
        certificate.public_bytes(serialization.Encoding.DER),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


P12, CER, PEM = signature()
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
DBF = bytes([0x03, 127, 1, 15]) + (9).to_bytes(4, "little") + (97).to_bytes(2, "little") + bytes([22, 0]) + bytes(40)

SAMPLES = {
    "firma.p12": (P12, "application/x-pkcs12", "Firma electrónica"),
    "firma.cer": (CER, "application/pkix-cert", "Certificado"),
    "firma.pem": (PEM, "application/x-pem-file", "Certificado"),
    "factura.xml": (b'<?xml version="1.0"?>\n<factura id="comprobante"/>', "application/xml", "Archivo XML"),
    "bom.xml": (b"\xef\xbb\xbf<autorizacion><estado>AUTORIZADO</estado>", "application/xml", "Archivo XML"),
    "ats.rar": (b"Rar!\x1a\x07\x01\x00" + bytes(40), "application/x-rar-compressed", "Archivo comprimido"),
    "ats.zip": (office("ats.xml"), "application/zip", "Archivo comprimido"),
    "datos.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "application/x-7z-compressed", "Archivo comprimido"),
    "saci.mdb": (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(99), "application/x-msaccess", "Base de Access"),
    "saci.accdb": (b"\x00\x01\x00\x00Standard ACE DB\x00" + bytes(99), "application/x-msaccess", "Base de Access"),
    "clientes.dbf": (DBF, "application/x-dbf", "Tabla de datos"),
    "viejo.xls": (OLE, "application/x-ole-storage", "Documento de Office"),
    "factura.pdf.exe": (b"MZ\x90\x00\x03" + bytes(99), "application/x-msdownload", "Programa"),
    "factura.pdf": (b"%PDF-1.4\n1 0 obj\n", "application/pdf", "Documento PDF"),
    "carta.rtf": (rb"{\rtf1\ansi hola}", "application/rtf", "Documento de texto"),
    "foto.jpg": (picture("JPEG"), "image/jpeg", "Imagen"),
    "foto.png": (picture("PNG"), "image/png", "Imagen"),
    "foto.webp": (picture("WEBP"), "image/webp", "Imagen"),
    "foto.bmp": (picture("BMP"), "image/bmp", "Imagen"),
    "logo.svg": (
        b'<?xml version="1.0"?><svg xmlns="x"><script>alert(1)</script></svg>',
        "image/svg+xml",
        "Dibujo SVG",
    ),
    "pagina.html": (b"\n <!DOCTYPE html><script>alert(1)</script>", "text/html", "Página web"),
    "foto.jpg.html": (b"<img src=x onerror=alert(1)><script>", "text/html", "Página web"),
    "ventas.csv": ("código;año\n1;2027\n".encode(), "text/plain", "Texto"),
    "dos.txt": ("código;año;útil para todos\r\n".encode("cp1252"), "text/plain", "Texto"),
    "largo.txt": (("a" + "ñ" * 5000).encode()[:8192], "text/plain", "Texto"),
    "bm.txt": (b"BM es una marca, MZ otra", "text/plain", "Texto"),
    "utf16.txt": ("hola".encode("utf-16"), "text/plain", "Texto"),
    "nada": (b"", "application/octet-stream", None),
    "basura.bin": (bytes(range(256)), "application/octet-stream", None),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_content_tells_what_a_file_is(name: str, tmp_path: Path):
    content, expected, words = SAMPLES[name]
    (tmp_path / "x").write_bytes(content)
    found = media_type_of(tmp_path / "x")
    spoken = label(found)
    assert (found, spoken and T(spoken)) == (expected, words)


def test_a_database_and_a_workbook_are_known(tmp_path: Path):
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE a (b)")
    database.close()
    assert T(label(media_type_of(tmp_path / "a.db")) or "") == "Base de datos"
    workbook = office("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "xl/workbook.xml", "xl/styles.xml")
    assert T(label(media_type(workbook)) or "") == "Libro de Excel"


def test_only_pictures_that_we_draw_anew_are_ever_shown():
    shown = {name for name, (_, found, _) in SAMPLES.items() if found in thumbnails.DRAWN}
    assert shown == {"foto.jpg", "foto.png", "foto.webp"}


def test_no_beginning_breaks_the_labels():
    for name, (content, _, _) in SAMPLES.items():
        for length in (*range(40), len(content)):
            assert media_type(content[:length]).count("/") == 1, f"{name} {length}"
