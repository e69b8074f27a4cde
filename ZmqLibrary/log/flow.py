"""The message flow in the log: who said what to whom, as a diagram."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidValue
from ..report.words import count_of
from . import logger

if TYPE_CHECKING:
    from ..recording.recorder import RecordableProxy
    from ..recording.secrets import SentSecrets
    from ..report.sequence_diagram import Diagram
    from ..sockets.zmq_socket import ZmqSocket


class FlowFormat(Enum):
    """How a message flow is written.

    - SVG: as a picture, which the log shows and browsers open.
    - MERMAID: as text that tickets and wikis show as a picture.
    """

    SVG = "SVG"
    MERMAID = "MERMAID"


def flow_diagram(
    sockets: Sequence[ZmqSocket],
    proxies: Sequence[RecordableProxy],
    others: Sequence[ZmqSocket],
    secrets: SentSecrets,
    since: float,
    limit: int,
    last: int | None = None,
) -> Diagram:
    """What was said since a time.

    Args:
        sockets: Those that are meant.
        proxies: Those that are meant.
        others: All sockets of the library.
        secrets: What proxies may pass on and must not be shown.
        since: In seconds since the epoch.
        limit: How many bytes of a frame are shown.
        last: Only so many messages.
    """
    # Imported here, because it takes time and most tests pass.
    from ..recording.flow import diagram_of
    from ..recording.witnesses import witnesses_of

    return diagram_of(witnesses_of(sockets, proxies, others, secrets, since), since, limit, last)


def log_flow(diagram: Diagram, format: FlowFormat, path: Path | None) -> str:
    """Logs a diagram and writes it into a file, if one is named.

    Returns:
        The diagram as text.

    Raises:
        InvalidValue: The file cannot be written.
    """
    from ..report.sequence_diagram import as_mermaid, as_svg

    text = as_svg(diagram) if format is FlowFormat.SVG else as_mermaid(diagram)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidValue(f"The diagram {path} cannot be written: {error.strerror or error}.") from None
    if format is FlowFormat.SVG:
        logger.info(f'<div style="overflow-x:auto">{text}</div>', html=True)
    else:
        logger.info(text)
    return text


def log_folded(diagram: Diagram) -> None:
    """Logs a diagram folded, if any message moved."""
    from ..report.sequence_diagram import StepKind, as_svg

    messages = sum(step.kind in (StepKind.MESSAGE, StepKind.LOST) for step in diagram.steps)
    if messages:
        head = f"<summary>Message flow of the test: {count_of(messages, 'message')} shown</summary>"
        body = f'<div style="overflow-x:auto">{as_svg(diagram)}</div>'
        logger.info(f"<details>{head}{body}</details>", html=True)
