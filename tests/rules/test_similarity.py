"""What customers write as subjects, and whether the desk asks if it is the same: rather not than wrongly."""

import pytest

from core.rules.similarity import is_same_trouble

SAME = [
    ("No imprime facturas", "Las facturas no se imprimen"),
    ("No imprime facturas", "no imprime la factura!!"),
    ("Facturación electrónica caída", "facturacion electronica caida"),
    ("No puedo emitir facturas electrónicas", "No se emite la factura electrónica"),
    ("Impresora", "La impresora"),
    ("Error al generar el ATS", "No genera el ATS, ayuda por favor"),
    ("Clave del SRI vencida", "La clave del SRI está vencida"),
    ("Factura 001-002-33 no se autoriza", "No autoriza factura 001-002-33"),
    ("Respaldo de la base de datos", "Respaldar base datos"),
]
OTHER = [
    ("No imprime facturas", "No imprime"),
    ("No imprime facturas", "No imprime cheques"),
    ("Factura 001-002-33 no se autoriza", "Factura 001-002-34 no se autoriza"),
    ("ATS de octubre", "ATS de noviembre"),
    ("Error al generar ATS de octubre", "Generar ATS de noviembre"),
    ("Problema", "Problema"),
    ("Ayuda urgente por favor", "Urgente, ayuda"),
    ("Problema 1", "Problema 2"),
    ("Error en el sistema", "Error al imprimir en el sistema"),
    ("Firma electrónica", "Facturación electrónica"),
    ("Crear usuario nuevo", "Crear cliente nuevo"),
    ("Reporte de ventas por vendedor", "Reporte de compras por proveedor"),
    ("", ""),
    ("👍", "👍"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_trouble_in_other_words(one, other):
    assert is_same_trouble(one, other)
    assert is_same_trouble(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_trouble_is_not_asked_about(one, other):
    assert not is_same_trouble(one, other)
    assert not is_same_trouble(other, one)
