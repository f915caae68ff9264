"""How the desk's calls to customers end."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """How a call attempt ended; connected means the technician got onto the machine."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    ANSWERED_NO_ACCESS = "answered_no_access"
    CONNECTED = "connected"
