"""The hand-written library with what one for others has besides: docs, tags, types, lines in the log, a listener."""

from HandWritten import HandWritten
from robot.api import logger
from robot.api.deco import keyword


class Documented(HandWritten):
    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self):
        self.ROBOT_LIBRARY_LISTENER = self

    def end_test(self, data, result):
        pass

    def end_suite(self, data, result):
        pass

    @keyword(tags=["Sending"])
    def send_multipart(self, *frames: object, socket: str = "in"):
        """Sends several frames as one message."""
        super().send_multipart(*frames, socket=socket)
        logger.info(f"Sent from '{socket}': {' | '.join(frames)}")

    @keyword(tags=["Receiving"])
    def receive_multipart(self, socket: str = "in"):
        """Receives the next message."""
        message = super().receive_multipart(socket)
        logger.info(f"Received by '{socket}': {' | '.join(message)}")
        return message
