"""What was put and goes no more."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update

from core.db import WriteSession
from core.models import Article, DeliveryState, OutboxRow

ANSWER_PATIENCE = timedelta(seconds=10)


def is_overdue_answer(method: str, created_at: datetime, moment: datetime) -> bool:
    """An answer to a tap that is older than 10 s is of no use to Telegram nor to the person."""
    return method == "answerCallbackQuery" and moment - created_at > ANSWER_PATIENCE


async def drop_overdue_answers(session: WriteSession, ids: Collection[int]) -> None:
    await session.execute(
        update(OutboxRow).where(OutboxRow.id.in_(ids)).values(state=DeliveryState.CANCELLED, error="too old")
    )


async def not_to_be_mailed(session: WriteSession, ids: Collection[int]) -> set[int]:
    """Which of these mails do not go now.

    What they say may have been retracted beside the transaction that put them: they are dropped. Where somebody may
    be about to retract it they are left for another turn; waiting here, they would wait for each other.
    """
    saying = (
        await session.execute(
            select(OutboxRow.id, OutboxRow.article_id).where(OutboxRow.id.in_(ids), OutboxRow.article_id.is_not(None))
        )
    ).all()
    if not saying:
        return set()
    looked_at = await session.scalars(
        select(Article)
        .where(Article.id.in_({article_id for _, article_id in saying}))
        .with_for_update(read=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    is_retracted = {article.id: article.retracted_at is not None for article in looked_at}
    dropped = {row_id for row_id, article_id in saying if is_retracted.get(article_id or 0)}
    await session.execute(update(OutboxRow).where(OutboxRow.id.in_(dropped)).values(state=DeliveryState.CANCELLED))
    return dropped | {row_id for row_id, article_id in saying if article_id not in is_retracted}
