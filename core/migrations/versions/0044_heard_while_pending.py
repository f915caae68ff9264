"""A pending ticket stands by its date, unless the customer has written since it was left so.

Revision ID: 0044
Revises: 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"

_LEFT = "(SELECT MAX(one.at) FROM ticket_events AS one WHERE one.ticket_id = tickets.id AND one.kind = 'pending')"
_WORDS = f"""
FROM articles AS said
WHERE said.ticket_id = tickets.id AND said.kind = 'customer' AND NOT said.is_courtesy AND said.created_at > {_LEFT}
"""
# what was said before the ticket was left pending has been seen; asking to close it is news, too
_SEEN = f"""
UPDATE tickets SET customer_spoke_last = false, turn_at = {_LEFT}
WHERE state = 'pending' AND customer_spoke_last AND {_LEFT} IS NOT NULL
  AND NOT EXISTS (SELECT 1 {_WORDS}) AND (close_asked_at IS NULL OR close_asked_at <= {_LEFT})
"""  # noqa: S608 - words of ours
_HEARD = f"""
UPDATE tickets SET turn_at = COALESCE((SELECT MIN(said.created_at) {_WORDS}), close_asked_at, turn_at)
WHERE state = 'pending' AND customer_spoke_last AND {_LEFT} IS NOT NULL
"""  # noqa: S608 - words of ours
_URGENCY = """
UPDATE tickets SET urgent_at = turn_at WHERE state = 'pending' AND customer_spoke_last AND turn_at IS NOT NULL
"""


def upgrade() -> None:
    for statement in (_SEEN, _HEARD, _URGENCY):
        op.execute(statement)
