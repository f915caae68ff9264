"""Notices: who is told, for every notice, level, wish and role in the ticket."""

from itertools import product

import pytest

from core.rules.identity import Level
from core.rules.notices import AUDIENCE, About, Audience, Follower, Follows, Notice, recipients

ADA, BEA, EVE = 1, 2, 3
ABOUT_COMPANY = {Notice.PERSON_ADDED, Notice.PASSWORD_CHANGED, Notice.PASSWORD_RESET, Notice.HOURS_PURCHASED}


def verified(person, follows=Follows.OWN, chat=None):
    return Follower(person, chat or person * 100, Level.VERIFIED, follows)


def identified(person, follows=Follows.OWN, chat=None):
    return Follower(person, chat or person * 100, Level.IDENTIFIED, follows)


def test_every_notice_has_an_audience_and_every_audience_a_notice():
    assert set(AUDIENCE) == set(Notice)
    assert set(AUDIENCE.values()) == set(Audience)


@pytest.mark.parametrize("notice", Notice)
def test_the_whole_grid(notice):
    for level, follows, is_opener, is_author, same_chat in product(Level, Follows, *[(True, False)] * 3):
        about = About(
            opener_id=ADA if is_opener else BEA,
            opened_in_chat=100 if same_chat else 555,
            author_id=ADA if is_author else None,
        )
        told = recipients(notice, about, followers=[Follower(ADA, 100, level, follows)])
        is_verified = level is Level.VERIFIED
        follows_all = is_verified and follows is Follows.COMPANY
        ours = is_opener and (is_verified or same_chat)
        wanted = {
            Audience.TICKET: ours or follows_all,
            Audience.OPENER: ours,
            Audience.VERIFIED: is_verified,
            Audience.COMPANY: follows_all,
        }
        assert told == ((100,) if wanted[AUDIENCE[notice]] and not is_author else ())


@pytest.mark.parametrize("notice", sorted(set(Notice) - ABOUT_COMPANY))
def test_an_answer_of_the_desk_goes_to_the_opener_and_to_who_follows_the_company(notice):
    followers = [verified(ADA), verified(BEA, Follows.COMPANY), verified(EVE)]
    told = recipients(notice, About(ADA, 100), followers=followers)
    assert told == ((100,) if AUDIENCE[notice] is Audience.OPENER else (100, 200))


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


def test_a_chat_is_told_once():
    twice = [verified(ADA, Follows.COMPANY), verified(ADA, Follows.COMPANY)]
    assert recipients(Notice.ARTICLE, About(ADA, 100), followers=twice) == (100,)


@pytest.mark.parametrize("notice", sorted(set(Notice) - ABOUT_COMPANY))
def test_a_ticket_the_desk_opened_for_nobody_goes_to_who_follows_the_company(notice):
    told = recipients(notice, About(), followers=[verified(ADA), verified(BEA, Follows.COMPANY)])
    assert told == (() if AUDIENCE[notice] is Audience.OPENER else (200,))


@pytest.mark.parametrize("notice", [Notice.PERSON_ADDED, Notice.PASSWORD_CHANGED, Notice.PASSWORD_RESET])
def test_what_concerns_security_is_told_to_all_verified_persons_but_the_author(notice):
    followers = [verified(ADA), verified(BEA, Follows.COMPANY), identified(EVE)]
    assert recipients(notice, About(author_id=ADA), followers=followers) == (200,)
    assert recipients(notice, About(), followers=followers) == (100, 200)


def test_no_notice_is_an_internal_note():
    assert not any("note" in notice for notice in Notice)
