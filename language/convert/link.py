"""A link of the playground: it holds a scenario, and perhaps a policy, in its fragment.

The fragment is `s=` and a JSON object with `scenario` and perhaps `policy`, deflated (without a
header, RFC 1951) and written in base64url without padding (RFC 4648). Nothing is fetched.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import NamedTuple

from kernel.errors import UsageError
from translation import tr

LONGEST = 200_000
"""Bytes of a scenario and a policy together, unpacked: more is refused while it is unpacked."""
_LINK = re.compile(r"https?:/.*#(?:.*&)?s=([\w-]*)")


class Linked(NamedTuple):
    """What a link holds."""

    scenario: str
    policy: str | None  # the text of mine.py


def is_link(text: str) -> bool:
    """Return whether the text is a link and not the name of a file."""
    return re.match(r"https?:/", text) is not None


def unpacked(link: str) -> Linked:
    """Return what the link holds. Raises UsageError, which says what is wrong."""
    found = _LINK.fullmatch(link)
    if found is None:
        raise UsageError(
            tr("this link holds no scenario; must be one that the playground's Share made")
        )
    try:
        code = found.group(1)
        packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        content = unpacker.decompress(packed, LONGEST)
        if unpacker.unconsumed_tail:
            raise UsageError(
                tr("this link holds more than {most:,} bytes: save the file instead", most=LONGEST)
            )
        given = json.loads(content)
        scenario, policy = given["scenario"], given.get("policy")
        if not isinstance(scenario, str) or not isinstance(policy, str | None):
            raise TypeError
    except (ValueError, zlib.error, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(tr("this link is damaged: it holds no scenario; copy it whole")) from None
    return Linked(scenario, policy)


def packed(linked: Linked) -> str:
    """Return the fragment of a link that holds this, without `#`."""
    content = {key: text for key, text in linked._asdict().items() if text is not None}
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bytes_ = squeezer.compress(json.dumps(content).encode()) + squeezer.flush()
    return "s=" + base64.urlsafe_b64encode(bytes_).decode().rstrip("=")
