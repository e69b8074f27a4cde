"""Common arguments get their line in Libdoc, wherever the docs of a keyword say nothing of them."""

from __future__ import annotations

from ZmqLibrary.keywords.argument_docs import complete_docs

SOCKET = "    socket: Name of the socket; default is the current one.\n"


def test_a_line_is_added_to_the_section():
    def keyword(endpoint, socket=None):
        """Does it.

        Args:
            endpoint: Where
                to.

        Tags: Opening
        """

    assert complete_docs(keyword) == f"Does it.\n\nArgs:\n    endpoint: Where\n        to.\n{SOCKET}\nTags: Opening"


def test_the_section_is_made_where_there_is_none():
    def keyword(socket=None):
        """Does it.

        Returns:
            It.

        Tags: Opening
        """

    assert complete_docs(keyword) == f"Does it.\n\nArgs:\n{SOCKET}\nReturns:\n    It.\n\nTags: Opening"


def test_a_line_of_its_own_stays():
    def keyword(socket=None):
        """Does it.

        Args:
            socket: Any.
        """

    assert complete_docs(keyword) == "Does it.\n\nArgs:\n    socket: Any."


def test_arguments_that_are_not_common_get_no_line():
    def keyword(whatever, *frames):
        """Does it."""

    assert complete_docs(keyword) == "Does it."


def test_the_name_of_the_keyword_decides_what_the_line_says():
    def stop_mock_server(socket=None):
        """Stops it."""

    assert complete_docs(stop_mock_server) == "Stops it.\n\nArgs:\n    socket: The same as ``mock``."
