"""Loading: a file as a recording, recognised by its content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from .capture_file import PCAP_MAGICS, PCAPNG_MAGIC, BadCapture
from .tape import BEGINNING, BadTape, load_tape

if TYPE_CHECKING:
    from ..formats import FrameFormats
    from .recording import Recording

_PEEKED = 64


def load_recording(path: Path, port: int | None, formats: FrameFormats) -> Recording:
    """Reads a recording or a capture.

    Args:
        path: The file.
        port: Only connections of this port; None for all.
        formats: Of the values of messages.

    Raises:
        InvalidValue: It cannot be read, or is neither.
        MissingPackage: It is a capture, and dpkt is not installed.
    """
    if port is not None and not 0 < port < 65536:
        raise InvalidValue(f"port={port} cannot be used: ports are 1 to 65535.")
    try:
        with path.open("rb") as file:
            beginning = file.read(_PEEKED)
            file.seek(0)
            if not beginning:
                raise InvalidValue(f"{path} is empty: neither a recording nor a capture.")
            if beginning[:4] in PCAP_MAGICS or beginning[:4] == PCAPNG_MAGIC:
                # Imported here, because few recordings are captures.
                from .capture import load_capture

                return load_capture(file, str(path), port, formats)
            if beginning.lstrip()[:1] == b"{":
                return load_tape(file, str(path), port, formats)
    except OSError as error:
        raise InvalidValue(f"{path} cannot be read: {error.strerror or error}.") from None
    except BadTape as problem:
        raise InvalidValue(f"{path} is not a recording that can be read; {problem}.") from None
    except BadCapture as problem:
        raise InvalidValue(f"{path} is not a capture that can be read: {problem}.") from None
    shown = beginning[:8].hex(" ")
    raise InvalidValue(
        f"{path} is neither a recording nor a capture: it begins with {shown}. A recording begins with "
        f"{BEGINNING.decode()}; a capture is a pcap or pcapng file, as tcpdump and Wireshark write."
    )
