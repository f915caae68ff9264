"""The one fake: a Bot API server, a phone to play the customers on, and a mailbox."""

from bot.simulator.people import Character
from bot.simulator.server import Simulator

__all__ = ["Character", "Simulator"]
