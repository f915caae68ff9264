"""Permissions: the grid drawn in full, role by role."""

from itertools import product

import pytest

from core.rules.permissions import GRID, READS, Permission, Role, allows

PICTURE = """
                     technician supervisor billing administrator auditor
see_tickets               x         x         x          x          x
see_company               x         x         x          x          x
see_ledger                x         x         x          x          x
see_deliveries            x         x         x          x          x
see_reports               .         x         x          x          x
see_audit                 .         x         .          x          x
see_settings              .         x         .          x          x
see_technicians           .         x         .          x          x
open_ticket               x         x         .          x          .
answer                    x         x         .          x          .
note                      x         x         x          x          .
take                      x         x         .          x          .
assign                    x         x         .          x          .
set_pending               x         x         .          x          .
log_call                  x         x         .          x          .
log_time                  x         x         .          x          .
correct_time              .         x         .          x          .
close                     x         x         .          x          .
retract                   x         x         .          x          .
link_tickets              x         x         .          x          .
merge_tickets             x         x         .          x          .
change_service            x         x         .          x          .
reopen                    .         x         .          x          .
overdraft                 .         x         .          x          .
reclassify                .         x         .          x          .
invite                    x         x         .          x          .
approve_person            x         x         .          x          .
revoke_person             .         x         .          x          .
reset_password            .         x         .          x          .
edit_company              .         x         .          x          .
buy_hours                 .         .         x          x          .
invoice                   .         .         x          x          .
retry_delivery            .         x         .          x          .
edit_canned_answers       .         x         .          x          .
edit_settings             .         .         .          x          .
edit_technicians          .         .         .          x          .
"""


def drawn():
    head, *rows = PICTURE.strip().splitlines()
    roles = [Role(name) for name in head.split()]
    for row in rows:
        name, *marks = row.split()
        yield from ((role, Permission(name), mark == "x") for role, mark in zip(roles, marks, strict=True))


def test_the_picture_and_the_grid_are_total():
    assert set(GRID) == set(Role)
    cells = [(role, permission) for role, permission, _ in drawn()]
    assert len(cells) == len(set(cells))
    assert set(cells) == set(product(Role, Permission))


@pytest.mark.parametrize(("role", "permission", "may"), list(drawn()))
def test_each_role_may_do_what_the_picture_says(role, permission, may):
    assert allows(role, permission) is may


def test_the_auditor_reads_everything_and_changes_nothing():
    assert GRID[Role.AUDITOR] == READS == {each for each in Permission if each.startswith("see_")}


def test_a_supervisor_is_a_technician_and_the_administrator_is_everybody():
    assert GRID[Role.TECHNICIAN] < GRID[Role.SUPERVISOR]
    assert all(GRID[role] <= GRID[Role.ADMINISTRATOR] for role in Role)


@pytest.mark.parametrize("permission", Permission)
def test_nothing_is_for_nobody(permission):
    assert any(allows(role, permission) for role in Role)
