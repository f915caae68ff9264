"""Identity: levels and what they see, the RUC as people type it, phones, and the company's password."""

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messaging import mime
from core.rules.common_passwords import COMMON_PASSWORDS
from core.rules.identity import (
    LEVEL_OF,
    SIGHT,
    UNVERIFIED_TICKETS_A_DAY,
    Level,
    PasswordFlaw,
    Proof,
    Sight,
    is_own_phone,
    may_open_ticket,
    may_see,
    normalise_password,
    normalise_phone,
    password_flaws,
    read_address,
    read_ruc,
    ruc_warning,
)

RUC = "1790012345001"
NAME = "Ferretería El Sol S.A."


def flaws(candidate, name=NAME):
    return set(password_flaws(candidate, ruc=RUC, company_name=name))


def test_the_tables_are_total():
    assert set(LEVEL_OF) == set(Proof)
    assert set(SIGHT) == set(Level)


@pytest.mark.parametrize(("level", "sight"), list(product(Level, Sight)))
def test_who_is_only_identified_sees_the_tickets_of_the_chat_alone(level, sight):
    assert may_see(level, sight) is (level is Level.VERIFIED or sight is Sight.OWN_CHAT_TICKETS)


@pytest.mark.parametrize("proof", Proof)
def test_the_initial_password_identifies_and_all_else_proves(proof):
    assert LEVEL_OF[proof] is (Level.IDENTIFIED if proof is Proof.INITIAL_PASSWORD else Level.VERIFIED)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" ana@empresa.ec ", "ana@empresa.ec"),
        ("ana@ñandú.ec", "ana@ñandú.ec"),
        ("josé@empresa.ec", None),  # no server the desk sends through takes it
        ("ana@empresa", None),
        ("ana@@empresa.ec", None),
        ("ana, eva@empresa.ec", None),
    ],
)
def test_an_address_is_one_that_mail_can_be_sent_to(typed, read):
    assert read_address(typed) == read
    if read is not None:
        mime.address(read)


@pytest.mark.parametrize("opened", range(6))
@pytest.mark.parametrize("level", Level)
def test_three_unverified_tickets_a_day(level, opened):
    assert UNVERIFIED_TICKETS_A_DAY == 3
    assert may_open_ticket(level, opened) is (level is Level.VERIFIED or opened < 3)


@pytest.mark.parametrize(
    "typed",
    [
        "1790012345001",
        " 1790012345001\n",
        "179 001 2345 001",
        "1790012345-001",
        "17.900.123.45.001",
        "１７９００１２３４５００１",
        "\u200e1790012345001",
        "1790012345–001",
        "1790\u00a0012345\u2009001",
    ],
)
def test_a_ruc_as_people_type_it(typed):
    assert read_ruc(typed) == RUC


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hola",
        "179001234500",
        "17900123450011",
        "1790012345000",
        "179001234500l",
        "1790012345001a",
        "RUC 1790012345001",
        "١٧٩٠٠١٢٣٤٥٠٠١",
        "179001234500¹",
        "+1790012345001",
        "1790012345001 1790012345001",
    ],
)
def test_what_is_no_ruc(typed):
    assert read_ruc(typed) is None


@pytest.mark.parametrize("province", range(100))
def test_the_provinces(province):
    typed = f"{province:02}90012345001"
    is_one = 1 <= province <= 24 or province in (30, 50)
    assert read_ruc(typed) == (typed if is_one else None)


@pytest.mark.parametrize("establishment", ["001", "002", "010", "100", "999"])
def test_leading_zeros_stay(establishment):
    assert read_ruc(f"0190012345{establishment}") == f"0190012345{establishment}"


@given(st.text())
def test_reading_anything_gives_thirteen_ascii_digits_or_nothing(text):
    ruc = read_ruc(text)
    assert ruc is None or (len(ruc) == 13 and ruc.isascii() and ruc.isdigit() and read_ruc(ruc) == ruc)


def test_a_failed_check_digit_is_only_a_warning():
    assert ruc_warning("1790012345001")
    assert read_ruc("1790012345001") is not None
    assert not ruc_warning("1792060346001")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0991234567", "+593991234567"),
        ("099 123 4567", "+593991234567"),
        ("(09) 9123-4567", "+593991234567"),
        ("991234567", "+593991234567"),
        ("593991234567", "+593991234567"),
        ("+593991234567", "+593991234567"),
        ("+593 (0) 99 123 4567", "+593991234567"),
        ("00593991234567", "+593991234567"),
        ("０９９１２３４５６７", "+593991234567"),
        ("022345678", "+59322345678"),
        ("02 234-5678", "+59322345678"),
        ("59322345678", "+59322345678"),
        ("+593 2 234 5678", "+59322345678"),
        ("573001234567", "+573001234567"),
        ("+57 300 123 4567", "+573001234567"),
        ("+34 612 345 678", "+34612345678"),
        ("", None),
        ("12345", None),
        ("hola", None),
        ("+593", None),
        ("0" * 300, None),
    ],
)
def test_a_phone_however_it_is_written(typed, number):
    assert normalise_phone(typed) == number


def test_a_phone_of_another_region():
    assert normalise_phone("612 345 678", "ES") == "+34612345678"


@given(st.text())
def test_a_normalised_phone_stays_as_it_is(text):
    number = normalise_phone(text)
    assert number is None or normalise_phone(number) == number


@pytest.mark.parametrize(("contact", "is_forwarded"), list(product((7, 8, None), (True, False))))
def test_only_the_own_phone_counts(contact, is_forwarded):
    own = is_own_phone(contact_user_id=contact, sender_id=7, is_forwarded=is_forwarded)
    assert own is (contact == 7 and not is_forwarded)


@pytest.mark.parametrize(
    "good",
    [
        "correct horse battery",
        "sol de mayo en Loja",
        "Ñandú-74-azul",
        "пароль-хороший",
        "漢字仮名交じり文九",
        "🐢🌋🦜🌽🥑🫔🍌🦙",
        "x" * 3 + "kd83mz",
        "17900123 tres tristes tigres",
        "7312098450",
    ],
)
def test_a_good_password(good):
    assert flaws(good) == set()


@pytest.mark.parametrize(
    ("length", "flaw"), [(7, PasswordFlaw.TOO_SHORT), (8, None), (128, None), (129, PasswordFlaw.TOO_LONG)]
)
def test_the_length_of_a_password(length, flaw):
    letters = "kzqwmxjvtrplñ"
    assert flaws((letters * 10)[:length]) == ({flaw} if flaw else set())


def test_the_length_counts_what_is_hashed():
    assert flaws("ﬁﬁﬁﬁ") == {PasswordFlaw.TOO_COMMON}  # NFKC makes it fifififi: eight, and two letters
    assert PasswordFlaw.TOO_SHORT in flaws("e\u0301a\u0301i\u0301o\u0301")  # four letters once composed


@pytest.mark.parametrize(
    "same", [RUC, "1790012345-001", " 1790012345001 ", "１７９００１２３４５００１", "1790012345001!!!!!!!!"]
)
def test_the_ruc_is_no_password(same):
    assert PasswordFlaw.IS_RUC in flaws(same)
    assert PasswordFlaw.PART_OF_RUC not in flaws(same)


def test_no_part_of_the_ruc_is_a_password():
    for digits in (RUC, RUC[::-1]):
        for size in range(8, 14):
            for start in range(14 - size):
                part = digits[start : start + size]
                assert flaws(part) & {PasswordFlaw.PART_OF_RUC, PasswordFlaw.IS_RUC}, part


@pytest.mark.parametrize(
    "part", ["1790012345", "Ada1790012345001", "1790012345ada", RUC + RUC, "sol-17900123", "1005432100971"]
)
def test_the_ruc_with_a_little_around_it_is_no_password(part):
    assert flaws(part) & {PasswordFlaw.PART_OF_RUC, PasswordFlaw.IS_RUC}


def test_a_secret_may_stand_beside_the_ruc():
    assert flaws("17900123ventana") == {PasswordFlaw.PART_OF_RUC}  # seven letters left
    assert flaws("17900123ventanal") == set()  # eight


@pytest.mark.parametrize(
    "named",
    [
        "Ferretería El Sol S.A.",
        "ferreteriaelsolsa",
        "FERRETERIA EL SOL",
        "ferretería",
        "Ferreteria2024",
        "2024ferreteria",
        "ferreteria-el-sol",
        "ElSolSA12",
        "ＦＥＲＲＥＴＥＲＩＡ",
        "ferreteri\u0301a",
    ],
)
def test_the_company_name_is_no_password(named):
    assert PasswordFlaw.COMPANY_NAME in flaws(named)


@pytest.mark.parametrize("free", ["ferreterias del sur", "miferreteria", "ferreteria73128", "elsolsale-tarde"])
def test_words_that_only_look_like_the_name_are_free(free):
    assert PasswordFlaw.COMPANY_NAME not in flaws(free)


@pytest.mark.parametrize("name", ["", "...", "  ", "3"])
def test_a_company_without_a_word_in_its_name(name):
    assert flaws("kz73 qwmx vt", name) == set()


@pytest.mark.parametrize(
    "common",
    [
        "password",
        "PASSWORD",
        "contraseña",
        "Contraseña123",
        "hola mundo",
        "qwertyuiop",
        "12345678",
        "87654321",
        "34567890",
        "1234567890",
        "aaaaaaaa",
        "abababab",
        "--------",
        "abcdefgh",
        "hgfedcba",
        "Barcelona1",
        "ecuador123",
        "sacijava",
    ],
)
def test_a_common_password(common):
    assert flaws(common) == {PasswordFlaw.TOO_COMMON}


def test_the_table_of_common_passwords_is_folded():
    assert len(COMMON_PASSWORDS) > 500
    for word in COMMON_PASSWORDS:
        assert len(word) >= 8
        assert PasswordFlaw.TOO_COMMON in flaws(word), word
        assert PasswordFlaw.TOO_COMMON in flaws(word.upper()), word


def test_short_and_otherwise_bad_is_told_once():
    assert flaws("") == {PasswordFlaw.TOO_SHORT}
    assert flaws("1234") == {PasswordFlaw.TOO_SHORT}


@given(st.text(max_size=200))
def test_a_password_is_judged_as_it_is_normalised(text):
    normal = normalise_password(text)
    assert normal == unicodedata.normalize("NFKC", text)
    assert flaws(text) == flaws(normal)
    assert (PasswordFlaw.TOO_SHORT in flaws(text)) is (len(normal) < 8)
