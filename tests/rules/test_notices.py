"""Notices: who is told and how loud, for every notice and everybody it might concern."""

import pytest

from core.rules.identity import Level
from core.rules.notices import GRID, About, Follower, Follows, Loudness, Notice, Relation, loudness, relation

ADA, BEA, EVE = 1, 2, 3
ABOUT_COMPANY = {Notice.PERSON_ADDED, Notice.PASSWORD_CHANGED, Notice.PASSWORD_RESET, Notice.HOURS_PURCHASED}


def verified(person, follows=Follows.OWN, chat=None):
    return Follower(person, chat or person * 100, Level.VERIFIED, follows)


def identified(person, follows=Follows.OWN, chat=None):
    return Follower(person, chat or person * 100, Level.IDENTIFIED, follows)


RINGS, SILENT, NOT_TOLD = Loudness


def recipients(notice, about, *, followers):
    """The chats that are told."""
    told = [one.chat_id for one in followers if loudness(notice, about, follower=one) is not NOT_TOLD]
    return tuple(told)


def test_the_grid_has_no_holes():
    assert set(GRID) == set(Notice)
    assert {tuple(row) for row in GRID.values()} == {tuple(Relation)}


def test_the_author_and_strangers_are_told_of_nothing():
    for row in GRID.values():
        assert (row[Relation.AUTHOR], row[Relation.STRANGER]) == (NOT_TOLD, NOT_TOLD)


def test_who_is_only_a_guest_reads_what_the_opener_reads_of_a_ticket_and_nothing_of_the_company():
    for notice, row in GRID.items():
        assert row[Relation.GUEST] == (NOT_TOLD if notice in ABOUT_COMPANY else row[Relation.OPENER])


@pytest.mark.parametrize(
    ("notice", "opener", "follower"),
    [
        (Notice.ARTICLE, RINGS, RINGS),
        (Notice.REQUEST, RINGS, RINGS),
        (Notice.REQUEST_REMINDER, RINGS, NOT_TOLD),
        (Notice.CLOSED, RINGS, RINGS),
        (Notice.STATE_CHANGED, SILENT, SILENT),
        (Notice.REOPENED, SILENT, SILENT),
        (Notice.COLLEAGUE_WROTE, RINGS, SILENT),
        (Notice.OPENED_BY_DESK, RINGS, RINGS),
    ],
)
def test_what_needs_somebody_rings_and_what_only_moves_is_silent(notice, opener, follower):
    assert (GRID[notice][Relation.OPENER], GRID[notice][Relation.FOLLOWER]) == (opener, follower)


@pytest.mark.parametrize("notice", Notice)
def test_quiet_hours_and_a_muted_ticket_take_the_ring_and_never_the_message(notice):
    for who in (verified(ADA), verified(BEA, Follows.COMPANY), identified(ADA)):
        usual = loudness(notice, About(ADA, 100), follower=who)
        quiet = loudness(notice, About(ADA, 100), follower=who, wants_silence=True)
        assert quiet == (SILENT if usual is RINGS else usual)


@pytest.mark.parametrize(
    ("who", "is_what"),
    [
        (verified(ADA), Relation.OPENER),
        (verified(ADA, Follows.COMPANY), Relation.OPENER),
        (verified(BEA, Follows.COMPANY), Relation.FOLLOWER),
        (verified(BEA), Relation.COLLEAGUE),
        (identified(ADA), Relation.GUEST),
        (identified(ADA, chat=101), Relation.STRANGER),
        (identified(EVE, Follows.COMPANY), Relation.STRANGER),
    ],
)
def test_what_somebody_is_to_a_ticket_of_ada(who, is_what):
    assert relation(About(ADA, 100), who) is is_what
    assert relation(About(ADA, 100, author_id=who.person_id), who) is Relation.AUTHOR


@pytest.mark.parametrize("notice", sorted(set(Notice) - ABOUT_COMPANY))
def test_an_answer_of_the_desk_goes_to_the_opener_and_to_who_follows_the_company(notice):
    followers = [verified(ADA), verified(BEA, Follows.COMPANY), verified(EVE)]
    told = recipients(notice, About(ADA, 100), followers=followers)
    assert told == ((100,) if notice is Notice.REQUEST_REMINDER else (100, 200))


def test_the_author_gets_no_echo_in_any_of_his_chats():
    followers = [verified(ADA), verified(ADA, Follows.COMPANY, chat=101), verified(BEA, Follows.COMPANY)]
    assert recipients(Notice.ARTICLE, About(ADA, 100, author_id=ADA), followers=followers) == (200,)
    assert recipients(Notice.ARTICLE, About(ADA, 100, author_id=BEA), followers=followers) == (100, 101)


def test_an_opener_who_logged_out_is_not_told():
    assert recipients(Notice.CLOSED, About(ADA, 100), followers=[verified(BEA)]) == ()


@pytest.mark.parametrize("notice", Notice)
def test_eve_who_only_knows_the_ruc_is_told_nothing(notice):
    eve = identified(EVE, Follows.COMPANY)
    assert recipients(notice, About(ADA, 100), followers=[eve]) == ()
    assert recipients(notice, About(), followers=[eve]) == ()


def test_who_is_only_identified_is_told_in_the_chat_the_ticket_came_from():
    both = [identified(ADA), identified(ADA, chat=101)]
    assert recipients(Notice.ARTICLE, About(ADA, 100), followers=both) == (100,)


@pytest.mark.parametrize("notice", sorted(set(Notice) - ABOUT_COMPANY))
def test_a_ticket_the_desk_opened_for_nobody_goes_to_who_follows_the_company(notice):
    told = recipients(notice, About(), followers=[verified(ADA), verified(BEA, Follows.COMPANY)])
    assert told == (() if notice is Notice.REQUEST_REMINDER else (200,))


@pytest.mark.parametrize("notice", [Notice.PERSON_ADDED, Notice.PASSWORD_CHANGED, Notice.PASSWORD_RESET])
def test_what_concerns_security_is_told_to_all_verified_persons_but_the_author(notice):
    followers = [verified(ADA), verified(BEA, Follows.COMPANY), identified(EVE)]
    assert recipients(notice, About(author_id=ADA), followers=followers) == (200,)
    assert recipients(notice, About(), followers=followers) == (100, 200)


def test_no_notice_is_an_internal_note():
    assert not any("note" in notice for notice in Notice)
