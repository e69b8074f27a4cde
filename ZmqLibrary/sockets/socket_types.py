"""Socket types and what each can do (libzmq manual, `zmq_socket`)."""

from __future__ import annotations

from enum import Enum
from functools import cached_property

import zmq


class SocketType(Enum):
    """Types of ZeroMQ sockets.

    ``XREQ`` and ``XREP`` are the old names of ``DEALER`` and ``ROUTER``. Draft types (CLIENT, SERVER, RADIO, DISH…)
    are not supported.

    | =Type= | =Talks to=               | =Pattern= |
    | REQ    | REP, ROUTER              | sends a request, then receives the reply |
    | REP    | REQ, DEALER              | receives a request, then sends the reply |
    | DEALER | REP, DEALER, ROUTER      | requests and replies in any order |
    | ROUTER | REQ, DEALER, ROUTER      | the first frame is the routing id of the peer |
    | PUB    | SUB, XSUB                | publishes to all subscribers |
    | SUB    | PUB, XPUB                | receives what it has subscribed to |
    | XPUB   | SUB, XSUB                | PUB that also receives the subscriptions |
    | XSUB   | PUB, XPUB                | SUB that subscribes by sending messages |
    | PUSH   | PULL                     | distributes among peers |
    | PULL   | PUSH                     | collects from all peers |
    | PAIR   | PAIR                     | exactly one peer |
    | STREAM | plain TCP peers          | the first frame is the routing id of the peer |
    """

    PAIR = zmq.PAIR
    PUB = zmq.PUB
    SUB = zmq.SUB
    REQ = zmq.REQ
    REP = zmq.REP
    DEALER = zmq.DEALER
    ROUTER = zmq.ROUTER
    PULL = zmq.PULL
    PUSH = zmq.PUSH
    XPUB = zmq.XPUB
    XSUB = zmq.XSUB
    STREAM = zmq.STREAM
    XREQ = zmq.DEALER  # noqa: PIE796  # an alias
    XREP = zmq.ROUTER  # noqa: PIE796

    @cached_property
    def sends(self) -> bool:
        """Whether sockets of this type send messages."""
        return self not in (SocketType.SUB, SocketType.PULL)

    @cached_property
    def receives(self) -> bool:
        """Whether sockets of this type receive messages."""
        return self not in (SocketType.PUB, SocketType.PUSH)

    @cached_property
    def subscribes(self) -> bool:
        """Whether sockets of this type take subscriptions."""
        return self in (SocketType.SUB, SocketType.XSUB)

    @cached_property
    def publishes(self) -> bool:
        """Whether sockets of this type have subscribers."""
        return self in (SocketType.PUB, SocketType.XPUB)

    @cached_property
    def routes(self) -> bool:
        """Whether the first frame names the peer."""
        return self in (SocketType.ROUTER, SocketType.STREAM)

    @property
    def partners(self) -> tuple[SocketType, ...]:
        """The types that go together with this one."""
        from ..zmtp.handshake import PARTNERS  # for errors only

        return tuple(SocketType[name] for name in PARTNERS.get(self.name, ()))

    @property
    def partner_names(self) -> str:
        """The types that go together with this one, in words: `SUB or XSUB`."""
        return " or ".join(partner.name for partner in self.partners)

    @property
    def libzmq_type(self) -> int:
        """The type that libzmq is asked for: a PUB is an XPUB inside, because only that one reports its subscribers."""
        return zmq.XPUB if self is SocketType.PUB else int(self.value)
