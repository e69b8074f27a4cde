"""The introduction of the keyword documentation, in Robot's documentation format."""

INTRODUCTION = """ZmqLibrary tests systems that speak [https://zeromq.org|ZeroMQ].

It opens sockets, sends and receives messages and checks them. It waits for events instead of sleeping, explains what
failed, and closes at the end of a test what was opened in it.

== Table of contents ==

%TOC%

= Sockets =

`Connect Zmq Socket` and `Bind Zmq Socket` open a socket and return its name: the alias, or a generated one such as
``PUSH-1``. All keywords about a socket take this name as ``socket``. Without it they use the current socket, the one
that was opened or switched to last. When the current socket is closed, the one before it is current again.

Keywords about the *received* message use, without ``socket``, the message that was received last, on whichever socket.

Example:
| Bind Zmq Socket       tcp://127.0.0.1:*    REP    server
| ${address}=           Get Zmq Endpoint
| Connect Zmq Socket    ${address}           REQ    client
| Send Message          ping
| Receive Message       socket=server
| Reply                 pong
| Receive Message       socket=client
| Received Message Should Equal    pong

Sockets are closed at the end of the test or suite in which they were opened; see the import argument ``auto_close``.

A ROUTER fails when it is told to send to a routing id that it does not know (``ROUTER_MANDATORY``); set
``router_mandatory=no`` to let libzmq drop such messages without a word. A PUB is an XPUB inside, so that it knows its
subscribers.

= Endpoints =

| ``tcp://127.0.0.1:5555``    | TCP. To connect, a host name or an IPv6 address in brackets will do as well. |
| ``tcp://127.0.0.1:*``       | Binds a free port, as does port 0. `Get Zmq Endpoint` tells which. |
| ``tcp://*:5555``            | Binds all network interfaces. |
| ``ipc:///tmp/service``      | A Unix domain socket; on Linux also ``ipc://@name``, which needs no file. |
| ``inproc://name``           | Within this library, between its own sockets. |

= Messages =

A message has one or more frames, numbered from 0. `Receive Multipart` and others return a ``Message``: it indexes and
unpacks to its values, equals a list of the same values, and cannot be changed. It also has the attributes ``frames``
(list of bytes), ``received_at`` (date and time), ``socket``, ``peer_address`` and ``user_id``.

A message that cannot be decoded is never lost: `Get Received Message` returns it in any other format.

= Formats =

``format`` says how the bytes of a frame become a value and back. It names one format for all frames, or one for each
frame: ``format=TEXT,JSON``; ``...`` repeats the one before it: ``format=TEXT,BYTES,...``. Default is ``TEXT``.

| =Format=   | =Going in=                                                  | =Coming out= |
| ``TEXT``   | text, numbers, bytes; in the ``encoding`` of the library      | text |
| ``BYTES``  | bytes, text                                                 | bytes |
| ``HEX``    | ``00 ff a1``; spaces and case do not matter                   | ``00 ff a1`` |
| ``BASE64`` | Base64 text                                                 | Base64 text |
| ``JSON``   | JSON text, sent as it is; everything else is serialised     | objects, lists, numbers, … |

On ROUTER and STREAM sockets the default is ``ROUTING_ID,TEXT,...``: the first frame is text where the peer has chosen
its routing id, and bytes where libzmq has made it.

A value that does not fit its format is an error, and nothing is sent. A Robot ``Secret`` is sent by its value and shown
as ``<secret>``.

= Waiting =

``timeout`` takes times in Robot's form, such as ``2s`` or ``200 ms``; ``0`` means not to wait, and without it the
``timeout`` of the library applies (default 5 seconds). Each keyword has one deadline for all that it does.

= States =

| ``CONNECTED``    | The ZeroMQ handshake with at least one peer is done. |
| ``CONNECTING``   | There is no connection yet; libzmq keeps trying. |
| ``HANDSHAKING``  | There is a connection, but no handshake yet. Peers of ZMTP 2.0 and older stay here. |
| ``FAILED``       | The last handshake failed. |
| ``DISCONNECTED`` | There was a peer and it is gone; a connecting socket tries again. |
| ``LISTENING``    | Bound, and no peer has come yet. |

= Failures =

Assertions take a ``message`` of your own, which is put before theirs. When a keyword fails, its place in the log holds
(folded) the recent messages of its socket with a hex view, and the events of its connections.
"""
