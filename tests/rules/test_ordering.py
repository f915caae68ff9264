"""Names in the order people look for them."""

from core.rules.ordering import sort_key


def test_case_accents_and_quotes_do_not_count_and_enye_comes_behind_n():
    names = [
        "Ñandú S.A.",
        "Óptica Loja",
        "andina",
        "Álvarez e Hijos",
        "“Zamora”",
        "Nuñez",
        "Nunez",
        "Nuo",
        "1001 Ideas",
    ]
    in_order = [
        "1001 Ideas",
        "Álvarez e Hijos",
        "andina",
        "Nunez",
        "Nuñez",
        "Nuo",
        "Ñandú S.A.",
        "Óptica Loja",
        "“Zamora”",
    ]
    assert sorted(names, key=sort_key) == in_order
    assert sort_key("n\u0303") == sort_key("ñ")
    assert sort_key("***") == ""
