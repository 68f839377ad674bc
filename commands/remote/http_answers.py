"""What a server's answer means: whose fault it is, and what its user can do."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import NamedTuple


class Fault(Enum):
    """Who is at fault; ``DOUBTFUL``: the server has to be asked for another file to know."""

    FILE = "file"
    PLACE = "place"
    DOUBTFUL = "doubtful"


class Answer(NamedTuple):
    """What a status means.

    Attributes:
        fault: who is at fault.
        meaning: a clause about the server.
    """

    fault: Fault
    meaning: str


ANSWERS = {
    400: Answer(Fault.DOUBTFUL, "it does not understand the request, or the keys have expired"),
    401: Answer(Fault.DOUBTFUL, "it asks for a login; check user and keys"),
    402: Answer(Fault.DOUBTFUL, "it asks for a payment; check the account"),
    403: Answer(Fault.DOUBTFUL, "it refuses access; check permissions and whether keys expired"),
    404: Answer(Fault.FILE, "it has no such file"),
    405: Answer(Fault.FILE, "it does not allow downloads there"),
    406: Answer(Fault.FILE, "it does not have the file in a form that we accept"),
    407: Answer(Fault.PLACE, "the proxy on the way asks for a login; check the proxy's settings"),
    408: Answer(Fault.PLACE, "our request reached it too slowly"),
    409: Answer(Fault.DOUBTFUL, "the file is being changed"),
    410: Answer(Fault.FILE, "it has removed the file for good"),
    412: Answer(Fault.FILE, "the file has changed since it was requested"),
    413: Answer(Fault.FILE, "the file is too large for it"),
    414: Answer(Fault.FILE, "the address is too long for it"),
    416: Answer(Fault.FILE, "the file is shorter than announced"),
    418: Answer(Fault.DOUBTFUL, "it does not answer programs; ask its owner"),
    421: Answer(Fault.DOUBTFUL, "it is not the server of this address"),
    423: Answer(Fault.DOUBTFUL, "the file is locked"),
    425: Answer(Fault.PLACE, "it is not ready for requests yet"),
    429: Answer(Fault.PLACE, "it gets too many requests; take fewer workers with --actors"),
    451: Answer(Fault.FILE, "it may not give the file for legal reasons"),
    500: Answer(Fault.DOUBTFUL, "it failed"),
    501: Answer(Fault.DOUBTFUL, "it cannot give files in this way"),
    502: Answer(Fault.PLACE, "the server behind it gives no valid answer"),
    503: Answer(Fault.PLACE, "it is overloaded or under repair"),
    504: Answer(Fault.PLACE, "the server behind it does not answer in time"),
    507: Answer(Fault.PLACE, "it has no space left"),
    508: Answer(Fault.FILE, "the file's address redirects in a circle there"),
    511: Answer(Fault.PLACE, "the network here asks for a login; open any page in a browser"),
}
"""The answers that servers are known to give, by status."""

_UNKNOWN_CLIENT = Answer(Fault.DOUBTFUL, "it refuses the request")
_UNKNOWN_SERVER = Answer(Fault.PLACE, "it fails")


def answer_of(status: int) -> Answer:
    """What a status from 400 on means, be it known or not."""
    if status in ANSWERS:
        return ANSWERS[status]
    return _UNKNOWN_SERVER if status >= 500 else _UNKNOWN_CLIENT


def describe(status: int) -> str:
    """The clause that says it all: ``the server answers 404 Not Found: it has no such file``."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return f"the server answers {status}{phrase}: {answer_of(status).meaning}"
