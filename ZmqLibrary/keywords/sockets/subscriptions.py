"""Keywords about subscriptions and subscribers."""

from __future__ import annotations

from datetime import timedelta

from robot.api.deco import keyword

from ...errors import WaitTimeout
from ...log import logger
from ...report.words import count_of
from ...sockets import diagnosis
from ...sockets import peers as connections
from ..arguments import listed_topics, require_count, topic_of
from ..base import KeywordGroup


class SubscriptionKeywords(KeywordGroup):
    """Topics: who wants what."""

    @keyword
    def subscribe_to_topics(self, *topics: object, socket: str | None = None) -> None:
        """Subscribes a SUB or XSUB socket to all messages whose first frame begins with one of these topics.

        Args:
            topics: Text or bytes, or a single list of them; none means all messages.

        Example:
        | Bind Zmq Socket        inproc://feed    PUB    feed
        | Connect Zmq Socket     inproc://feed    SUB    reader
        | Subscribe To Topics    weather.    traffic.

        Tags: Subscription
        """
        zmq_socket = self.session.socket(socket)
        zmq_socket.subscribe(*(listed_topics(topics) or [b""]))

    @keyword
    def unsubscribe_from_topics(self, *topics: object, socket: str | None = None) -> None:
        """Ends subscriptions of a SUB or XSUB socket.

        Args:
            topics: As with `Subscribe To Topics`; none means all subscriptions of the socket. A topic that was
                subscribed to twice has to be cancelled twice: the log says what is left.

        Raises:
            InvalidValue: The socket has no such subscription; the message lists those it has.

        Example:
        | Connect Zmq Socket         inproc://feed    SUB    reader    subscribe=weather.    lazy=yes
        | Unsubscribe From Topics    weather.

        Tags: Subscription
        """
        zmq_socket = self.session.socket(socket)
        cancelled = listed_topics(topics) or list(zmq_socket.subscriptions.topics) or [b""]
        zmq_socket.unsubscribe(*cancelled)
        if left := diagnosis.still_subscribed(zmq_socket, cancelled):
            logger.info(left)

    @keyword
    def wait_for_subscriber(
        self,
        topic: object = None,
        *,
        count: int = 1,
        timeout: timedelta | None = None,
        socket: str | None = None,
    ) -> None:
        """Waits until peers have subscribed, so that the next message reaches them all.

        For PUB and XPUB sockets. A handshake is not enough: a publisher drops what it sends before the subscription
        has come.

        Args:
            topic: Text or bytes; subscribers that get messages of this topic count. Default is any subscription.
            count: How many subscribers. Over inproc, where they cannot be told apart, each of their matching
                subscriptions counts.

        Raises:
            WaitTimeout: They did not come in time; the message lists the subscriptions that there are.

        Example:
        | Bind Zmq Socket        tcp://127.0.0.1:*    PUB    feed
        | ${address}=            Get Zmq Endpoint
        | Connect Zmq Socket     ${address}    SUB    reader    subscribe=weather.
        | Wait For Subscriber    weather.paris    socket=feed
        | Send Multipart         weather.paris    sunny    socket=feed
        | Receive Multipart      socket=reader

        Tags: Subscription, Waiting
        """
        zmq_socket = self.session.socket(socket)
        wanted = topic_of(topic) if topic is not None else None
        deadline = self._deadline(timeout)
        require_count(count)
        if not connections.wait_for_subscribers(zmq_socket, wanted, count, deadline):
            raise WaitTimeout(diagnosis.too_few_subscribers(zmq_socket, wanted, count, deadline.seconds))
        logger.info(f"Socket {zmq_socket.title} has {count_of(zmq_socket.subscribers.count(wanted), 'subscriber')}.")

    @keyword
    def get_subscribers(self, *, socket: str | None = None) -> dict[str, int]:
        """Returns a dictionary from each subscribed topic to its number of subscribers.

        For PUB and XPUB sockets. Topics are text; bytes that are not UTF-8 are shown as escapes.

        Example:
        | Bind Zmq Socket        inproc://feed    PUB    feed
        | Connect Zmq Socket     inproc://feed    SUB    reader    subscribe=weather.
        | Wait For Subscriber    socket=feed
        | &{subscribers}=        Get Subscribers    socket=feed
        | Should Be Equal        ${subscribers}[weather.]    ${1}

        Tags: Getter, Subscription
        """
        zmq_socket = self.session.socket(socket)
        zmq_socket.ask(zmq_socket.read_subscriptions)
        topics = zmq_socket.subscribers.topics()
        return {topic.decode("utf-8", "backslashreplace"): count for topic, count in topics.items()}
