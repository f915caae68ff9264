"""Texts as people read them."""

from core.i18n import Translator


def test_a_company_that_ends_with_a_full_stop_ends_the_sentence():
    t = Translator("es")
    assert t("You are writing for %(company)s.", company="Andina S.A.") == "Usted escribe por Andina S.A."
    assert t("You are writing for %(company)s.", company="Andina") == "Usted escribe por Andina."
    greeting = t("Good to see you, %(company)s. What do you need?", company="Andina S.A.")
    assert greeting == "Qué gusto saludarle, Andina S.A. ¿En qué le ayudamos?"
