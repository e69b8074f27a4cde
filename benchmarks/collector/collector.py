"""The same with the library's keywords."""

import sys
from datetime import timedelta

from assertionengine import AssertionOperator
from measuring import Measurement

from ZmqLibrary import ZmqLibrary
from ZmqLibrary.sockets.socket_types import SocketType

COUNT, QUEUED = int(sys.argv[1]), sys.argv[2] == "queued"
library = ZmqLibrary(timeout=timedelta(minutes=5))
library.bind_zmq_socket("tcp://127.0.0.1:*", SocketType.PULL, receive_hwm=0 if QUEUED else None)
with Measurement(library.get_zmq_endpoint(), COUNT, QUEUED):
    library.start_collecting_messages(limit=COUNT)
    library.collected_message_count_should_be(AssertionOperator["=="], COUNT)
library.session.end()
