"""HTML for the log; all that is put into it is escaped here."""

from __future__ import annotations

from collections.abc import Sequence


def as_html(text: str) -> str:
    """Text as it stands in HTML."""
    from html import escape  # with its table of entities it takes a millisecond, and most logs have no HTML

    return escape(text)


def as_text(text: str) -> str:
    """Text as it stands between the tags of HTML and XML, where quotation marks are nothing but that."""
    from html import escape

    return escape(text, quote=False)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<p>{title}: none</p>"
    header = "".join(f"<th>{name}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<p>{title}</p><table border="1" cellpadding="3"><tr>{header}</tr>{body}</table>'
