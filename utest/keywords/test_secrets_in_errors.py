"""What was given as a secret is in no error, also not in one that it came of, and works like the value itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from robot.api.types import Secret

from ZmqLibrary.errors import ZmqLibraryError

NOW = timedelta(0)
WORD = "swordfish-7"
SECRET = Secret(WORD)


def chain(error: BaseException | None) -> str:
    """The texts of an error and of those that it came of, with what Python's own ones carry."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error), repr(vars(error)), repr(getattr(error, "object", ""))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(texts)


def fails(use: Callable[[], object]) -> str:
    with pytest.raises(ZmqLibraryError) as caught:
        use()
    assert WORD not in chain(caught.value)
    return str(caught.value)


@pytest.fixture
def came(library, jobs):
    """Has `jobs` receive a frame."""

    def receive(frame: str) -> None:
        jobs(frame)
        library.receive_message(socket="jobs")

    return receive


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"properties": {"p": {"const": SECRET}}}, "$.p: it does not fit the schema, which has a secret in it"),
        ({"properties": {"p": {"type": SECRET}}}, "The schema is not a JSON schema: $.properties.p.type: <secret>"),
        ({"$ref": Secret(f"file:///{WORD}")}, "The schema refers to what cannot be read: <secret>"),
        ({"properties": {"p": {"pattern": Secret(f"(x+x+)+{WORD}")}}}, "<secret>"),
    ],
)
def test_a_secret_in_a_schema_is_not_shown(library, came, schema, text):
    came('{"p": "' + "x" * 40 + '"}')
    assert text in fails(lambda: library.received_json_should_match_schema(schema))
