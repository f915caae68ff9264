"""What a closing proposes for its report, out of what was said."""

import pytest

from core.rules.drafting import SOLUTION_LIMIT, SYMPTOM_LIMIT, solution, symptom


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("Desde ayer sale en blanco. Ya reinicié.", "Desde ayer sale en blanco."),
        ("\n\n  Sale «error 3021»\nal entrar", "Sale «error 3021»"),
        ("¿Cómo cargo la firma? La compré ayer.", "No imprime"),
        ("", "No imprime"),
    ],
)
def test_what_was_reported_is_the_first_sentence_or_the_subject(description, told):
    assert symptom("No imprime", description) == told


def test_the_last_answer_that_asks_nothing_is_the_solution():
    assert solution(["Buenos días.", "Se instaló el parche.", "¿Puede probar?", " "]) == "Se instaló el parche."
    assert solution(["¿Puede probar?"]) == ""
    assert solution([]) == ""


def test_a_proposal_is_never_endless():
    assert len(symptom("", "x " * 5000)) <= SYMPTOM_LIMIT
    assert len(solution(["x " * 5000])) <= SOLUTION_LIMIT
