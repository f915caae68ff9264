"""A snapshot is the same whatever stored it, and its hash tells every change."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.i18n import Translator
from core.render.report import effects, exact_minutes, from_json, snapshot_sha256, to_json
from tests.render.snapshots import MORNING, a_closing

t = Translator()


def test_a_snapshot_comes_back_from_the_database_as_it_was() -> None:
    snapshot = a_closing(purchased_before=None, purchased_after=None)
    assert from_json(json.loads(json.dumps(to_json(snapshot)))) == snapshot


def test_the_hash_knows_no_order_of_keys_and_no_time_zone() -> None:
    stored = to_json(a_closing())
    backwards = dict(reversed(stored.items()))
    elsewhere = to_json(a_closing(opened_at=MORNING.astimezone(ZoneInfo("Pacific/Galapagos"))))
    assert snapshot_sha256(backwards) == snapshot_sha256(stored) == snapshot_sha256(elsewhere)


def test_anybody_can_compute_the_hash_from_the_json() -> None:
    canonical = rb'{"a":[null,"\ud83d\ude00"],"\u00f1":1}'
    assert snapshot_sha256({"ñ": 1, "a": [None, "😀"]}) == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize("name", [field.name for field in fields(a_closing())])
def test_every_field_changes_the_hash(name: str) -> None:
    before = a_closing()
    value = getattr(before, name)
    changed = {
        str: lambda: value + "x",
        int: lambda: value + 1,
        bool: lambda: not value,
        tuple: lambda: value[:-1],
        datetime: lambda: value.replace(second=1),
    }.get(type(value), lambda: replace(value, name="Otra mesa"))()
    assert snapshot_sha256(to_json(replace(before, **{name: changed}))) != snapshot_sha256(to_json(before))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_json(a_closing(opened_at=datetime(2026, 3, 12)))  # noqa: DTZ001 - that is the point


def test_half_a_surrogate_pair_has_a_hash_too() -> None:
    assert len(snapshot_sha256(to_json(a_closing(cause="mitad \ud83d")))) == 64


def test_the_effects_name_only_the_account_that_moved() -> None:
    invoiced = effects(a_closing(), t)
    assert len(invoiced) == 2
    assert "50 min" in invoiced[0]
    assert "5 min" in invoiced[0]
    assert "1" in invoiced[1]

    (implemented,) = effects(
        a_closing(bag_before=50, bag_after=50, technical_hours=0, purchased_before=600, purchased_after=585), t
    )
    assert "10 h" in implemented
    assert "9 h 45 min" in implemented

    (warranty,) = effects(a_closing(bag_before=50, bag_after=50, technical_hours=0), t)
    assert not any(sign.isdigit() for sign in warranty)


def test_a_full_hour_is_told_though_the_rest_in_the_bag_is_the_same() -> None:
    assert len(effects(a_closing(charged_minutes=60, bag_before=5, bag_after=5, technical_hours=1), t)) == 2


def test_minutes_are_said_exactly_and_in_hours() -> None:
    assert exact_minutes(15, t) == "15 min"
    assert exact_minutes(0, t) == "0 min"
    assert exact_minutes(130, t) == "130 min (2 h 10 min)"


def test_too_few_purchased_hours_are_told_with_both_parts() -> None:
    split = a_closing(charged_minutes=150, purchased_before=100, purchased_after=0, bagged_minutes=50)
    said = "\n".join(effects(split, t))
    assert "100 min (1 h 40 min) salieron de ellas y 50 min se facturan" in said


def test_an_overdraft_says_what_is_owed() -> None:
    owed = a_closing(purchased_before=20, purchased_after=-75, bagged_minutes=0, is_overdraft=True)
    said = "\n".join(effects(owed, t))
    assert "de 20 min a -1 h 15 min" in said
    assert "Sobregiro autorizado: 75 min (1 h 15 min) quedan en contra" in said
