"""Which formats a keyword means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formats import FormatTable, FrameFormats
    from ..sockets.zmq_socket import ZmqSocket

DEFAULT_FORMAT = "TEXT"
_ROUTED_FORMAT = "ROUTING_ID,TEXT,..."


def chosen_formats(
    table: FormatTable, socket: ZmqSocket, format: str | Sequence[str] | None, layout: str | None, enveloped: bool
) -> FrameFormats:
    """The formats that a keyword was given, or else the default ones of the socket.

    Args:
        table: All formats.
        socket: Whose messages.
        format: What the keyword was given.
        layout: The name of a layout, if the keyword was given one.
        enveloped: Whether messages of a ROUTER or STREAM begin with a routing id, which is often not text.

    Raises:
        InvalidValue: The format or layout is not known, or there are both.
    """
    if layout is not None:
        return table.layout(layout, format)
    if format is not None:
        return table.get(format)
    if enveloped and socket.type.routes and socket.formats.spec == DEFAULT_FORMAT:
        return table.get(_ROUTED_FORMAT)
    return socket.formats
