"""Who of the desk is told what on the own phone: the grid has no hole, and wishes count."""

from core.rules.alerts import GRID, NEEDS, WISHES, Alert, Stake, Wish, Work, is_told, read_wishes, stake_of

TOM, DORA, VERA = 1, 2, 3


def test_every_alert_says_for_every_stake_whether_it_is_told():
    assert set(GRID) == set(NEEDS) == set(WISHES) == set(Alert)
    for row in GRID.values():
        assert set(row) == set(Stake)
        assert any(row.values())


def test_what_a_ticket_is_to_somebody():
    work = Work(assignee_id=TOM, responsible_id=DORA)
    assert [stake_of(work, who) for who in (TOM, DORA, VERA)] == [Stake.ASSIGNEE, Stake.RESPONSIBLE, Stake.OTHERS]
    assert stake_of(Work(None, None), VERA) is Stake.NOBODYS
    assert stake_of(None, VERA) is Stake.DESK


def test_nobody_is_told_of_what_is_somebody_elses():
    assert not any(row[Stake.OTHERS] for row in GRID.values())


def test_wishes_and_hours_decide():
    told = {
        (wish, is_open): is_told(Alert.NEW_TICKET, Stake.NOBODYS, wish, is_open=is_open)
        for wish in Wish
        for is_open in (True, False)
    }
    assert {case for case, is_so in told.items() if is_so} == {
        (Wish.ALWAYS, True),
        (Wish.ALWAYS, False),
        (Wish.OFFICE_HOURS, True),
    }


def test_a_wish_that_is_none_is_as_usual():
    assert read_wishes({"alarm": "never", "reminder": "sometimes"}) == WISHES | {Alert.ALARM: Wish.NEVER}
