"""Every kind of update and message Telegram knows, and what the desk makes of it; docs/telegram.md explains."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Treatment(StrEnum):
    """What a part of a message is to the desk."""

    PART = "part"  # belongs to a message of any kind, and is read
    ASIDE = "aside"  # belongs to a message of any kind, and says nothing the desk needs
    WORDS = "words"  # is content, as words
    FILE = "file"  # is content, as a file
    REASON = "reason"  # cannot be taken; the customer is told
    SERVICE = "service"  # Telegram's own note of something that happened; nobody said it, nobody is answered


PART, ASIDE, WORDS, FILE = Treatment.PART, Treatment.ASIDE, Treatment.WORDS, Treatment.FILE
REASON, SERVICE = Treatment.REASON, Treatment.SERVICE

# By the Bot API's own names; a test holds the table complete for the library in use.
MESSAGE: Mapping[str, Treatment] = {
    **dict.fromkeys(("message_id", "date", "edit_date", "chat", "from", "media_group_id"), PART),
    **dict.fromkeys(("forward_origin", "reply_to_message", "quote", "external_reply"), PART),
    **dict.fromkeys(("entities", "caption_entities"), PART),
    **dict.fromkeys(("text", "caption", "contact", "location", "venue", "poll", "checklist"), WORDS),
    **dict.fromkeys(("photo", "document", "video", "voice", "audio", "video_note", "animation"), FILE),
    "live_photo": FILE,
    **dict.fromkeys(("sticker", "dice", "game", "story", "invoice", "paid_media"), REASON),
    **dict.fromkeys(("giveaway", "giveaway_winners", "passport_data", "web_app_data"), REASON),
    **dict.fromkeys(
        (
            "author_signature",
            "business_connection_id",
            "direct_messages_topic",
            "effect_id",
            "guest_bot_caller_chat",
            "guest_bot_caller_user",
            "guest_query_id",
            "has_media_spoiler",
            "has_protected_content",
            "is_automatic_forward",
            "is_from_offline",
            "is_paid_post",
            "is_topic_message",
            "link_preview_options",
            "message_thread_id",
            "paid_star_count",
            "reply_markup",
            "reply_to_checklist_task_id",
            "reply_to_poll_option_id",
            "reply_to_story",
            "sender_boost_count",
            "sender_business_bot",
            "sender_chat",
            "sender_tag",
            "show_caption_above_media",
            "suggested_post_info",
            "via_bot",
        ),
        ASIDE,
    ),
    **dict.fromkeys(
        (
            "boost_added",
            "channel_chat_created",
            "chat_background_set",
            "chat_owner_changed",
            "chat_owner_left",
            "chat_shared",
            "checklist_tasks_added",
            "checklist_tasks_done",
            "connected_website",
            "delete_chat_photo",
            "direct_message_price_changed",
            "forum_topic_closed",
            "forum_topic_created",
            "forum_topic_edited",
            "forum_topic_reopened",
            "general_forum_topic_hidden",
            "general_forum_topic_unhidden",
            "gift",
            "gift_upgrade_sent",
            "giveaway_completed",
            "giveaway_created",
            "group_chat_created",
            "left_chat_member",
            "managed_bot_created",
            "message_auto_delete_timer_changed",
            "migrate_from_chat_id",
            "migrate_to_chat_id",
            "new_chat_members",
            "new_chat_photo",
            "new_chat_title",
            "paid_message_price_changed",
            "pinned_message",
            "poll_option_added",
            "poll_option_deleted",
            "proximity_alert_triggered",
            "refunded_payment",
            "successful_payment",
            "suggested_post_approval_failed",
            "suggested_post_approved",
            "suggested_post_declined",
            "suggested_post_paid",
            "suggested_post_refunded",
            "supergroup_chat_created",
            "unique_gift",
            "users_shared",
            "video_chat_ended",
            "video_chat_participants_invited",
            "video_chat_scheduled",
            "video_chat_started",
            "write_access_allowed",
        ),
        SERVICE,
    ),
}

# Telegram's older names for what newer ones say, sent along for old clients.
OLD_NAMES = frozenset({"forward_from", "forward_from_chat", "forward_from_message_id", "forward_signature"}) | {
    "forward_sender_name",
    "forward_date",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_participant",
    "user_shared",
}

# Whether the desk does anything with an update of this kind. Of the others a customer sends none by writing here.
UPDATES: Mapping[str, bool] = {
    **dict.fromkeys(("message", "edited_message", "callback_query", "my_chat_member"), True),
    **dict.fromkeys(
        (
            "business_connection",
            "business_message",
            "channel_post",
            "chat_boost",
            "chat_join_request",
            "chat_member",
            "chosen_inline_result",
            "deleted_business_messages",
            "edited_business_message",
            "edited_channel_post",
            "guest_message",
            "inline_query",
            "managed_bot",
            "message_reaction",
            "message_reaction_count",
            "poll",
            "poll_answer",
            "pre_checkout_query",
            "purchased_paid_media",
            "removed_chat_boost",
            "shipping_query",
        ),
        False,
    ),
}

# A sticker is no content, but it may be somebody's thanks.
READ = frozenset(name for name, treatment in MESSAGE.items() if treatment in {PART, WORDS, FILE}) | {"sticker"}
_SAYS_NOTHING = frozenset({PART, ASIDE})


def is_service(message: Mapping[str, Any]) -> bool:
    """Whether a message is Telegram's own note and nothing else: it needs no answer."""
    kinds = {MESSAGE.get(name, REASON) for name in message if name not in OLD_NAMES} - _SAYS_NOTHING
    return kinds == {SERVICE}
