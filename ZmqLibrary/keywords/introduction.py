"""The introduction of the keyword documentation, in Robot's documentation format."""

INTRODUCTION = """ZmqLibrary tests systems that speak [https://zeromq.org|ZeroMQ].

It opens sockets, sends and receives messages and checks them. It waits for events instead of sleeping, explains what
failed, and closes at the end of a test what was opened in it.

| =What you want to do= | =Keywords to begin with= |
| talk to a command service | `Connect Zmq Socket`, `Send Request`, `Received Message Should Equal`, \
`Received Json Should Contain` |
| watch a feed | `Connect Zmq Socket` with ``subscribe``, `Subscribe To Topics`, `Wait For Message`; while the test \
acts: `Start Collecting Messages`, `Wait For Collected Message`, `Collected Messages Should Be In Order` |
| test a data pipeline | `Start Sink`, `Start Pump`, `Wait For Sink`, `Sink Should Be Complete`, `Latency Should Be`, \
`Find Maximum Rate`; message by message: `Receive Messages`, `Start Sequence Check`, `Sequence Should Be Complete` |
| prove that a secured service refuses strangers | `Connect Zmq Socket` with ``lazy=yes``, `Handshake Should Fail`; \
the service itself: `Generate Curve Keypair`, `Start Authenticator`, `Allow Curve Client` |
| test a client without its server | `Start Mock Server`, `When Mock Receives`, `Wait For Mock Request`, \
`Mock Should Have Received`, `Mock Should Have No Unexpected Requests` |
| find out what a broken network does to a system | `Start Proxy`, `Proxy Adds Latency`, `Proxy Cuts Connections`, \
`Proxy Drops Messages`, `Proxy Fault Should Have Acted`, `Proxy Should Have Seen` |
| see a service survive peers that speak badly | `Start Odd Peer`, `Wait For Zmq Event`, `Stop Odd Peer` |
| record what is said, look at it, play it again | `Start Recording`, `Load Recording`, `Recording Should Contain`, \
`Recordings Should Be Equal`, `Replay Recording`, `Mock Replies From Recording`, `Log Message Flow` |
| play a broker with several workers | `Start Mock Server` with ``ROUTER``, `Wait For Mock Peer`, `Mock Sends` with \
``to``, `Mock Forwards To`; in the test itself: `Get Envelope`, `Reply`, `Received Message Should Come From` |
| check JSON, msgpack, binary and signed messages | `Received Json Should Match Schema`, `Get Received Json`, \
`Received Frame Should Equal` with ``format``, `Define Message Layout`, `Register Zmq Format` |
| wait instead of sleep | `Wait Until Connected`, `Wait For Subscriber`, `Wait For Message`, `Wait For Zmq Event`, \
`No Message Should Be Received` |
| find out why nothing comes | `Get Connection State`, `Get Zmq Events`, `Get Subscribers`, \
`Get Authentication Requests`, `Get Workers`; see also `Log` |
| share sockets between tests and suites | the import argument ``auto_close``, `Switch Zmq Socket`, \
`Get Zmq Sockets`, `Close All Zmq Sockets` |
| tune a socket | `Open Zmq Socket`, `Set Zmq Socket Option`, `Get Zmq Socket Option`, `Connect To Endpoint` |

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

A ROUTER fails when it sends to a routing id that it does not know (``ROUTER_MANDATORY``); set
``router_mandatory=no`` to have such messages dropped silently. A peer that comes with the routing id of
another one takes its place (``ROUTER_HANDOVER``), so that peers can reconnect; with ``router_handover=no`` libzmq
ignores the second one silently. A PUB is an XPUB inside, so that it knows its subscribers.

= Endpoints =

| ``tcp://127.0.0.1:5555``    | TCP. To connect, a host name or an IPv6 address in brackets works, too. |
| ``tcp://127.0.0.1:*``       | Binds a free port, as does port 0. `Get Zmq Endpoint` returns it. |
| ``tcp://*:5555``            | Binds all network interfaces. |
| ``ipc:///tmp/service``      | A Unix domain socket; on Linux also ``ipc://@name``, which needs no file. |
| ``inproc://name``           | Within this library, between its own sockets. |

= Messages =

A message has one or more frames, numbered from 0. `Receive Multipart` and others return a ``Message``: it indexes and
unpacks to its values, equals a list of the same values, and cannot be changed. It also has the attributes ``frames``
(list of bytes), ``received_at`` (date and time at which the library took it from libzmq, which is later than it came if
no keyword had asked for it; a collector takes messages at once), ``socket``, ``peer_address`` and ``user_id``.

A message that cannot be decoded is never lost: `Get Received Message` returns it in any other format.

= Formats =

``format`` says how the bytes of a frame become a value and back. It names one format for all frames, or one for each
frame: ``format=TEXT,JSON``; ``...`` repeats the one before it: ``format=TEXT,BYTES,...``. Default is ``TEXT``.

| =Format=            | =Going in=                                                  | =Coming out= |
| ``TEXT``            | text, numbers, bytes; in the ``encoding`` of the library    | text |
| ``BYTES``           | bytes, text                                                 | bytes |
| ``HEX``             | ``00 ff a1``; spaces and case do not matter                 | ``00 ff a1`` |
| ``BASE64``          | Base64 text                                                 | Base64 text |
| ``JSON``            | JSON text, sent as it is; everything else is serialised     | objects, lists, numbers, … |
| ``U8 U16LE … I64BE`` | whole numbers or their digits                              | integers |
| ``F32LE … F64BE``   | numbers or their text                                       | floats |
| ``STRUCT:<IHH``     | a list of values, for Python's ``struct``; JSON text of one | a list |
| ``MSGPACK``         | any value, JSON text of one; extra ``msgpack``              | the value |
| ``CBOR``            | any value, JSON text of one; extra ``cbor``                 | the value |
| ``PROTOBUF:package.module.Message`` | a dictionary, JSON text, a message object; extra ``protobuf`` | a dictionary |
| ``EMPTY``           | nothing                                                     | empty text; nothing else fits |
| ``SKIP``            | anything                                                    | bytes; the frame does not matter |
| ``ROUTING_ID``      | text, bytes                                                 | text, or bytes if libzmq made it |
| ``LITERAL:text``    | this text                                                   | this text, and no other |

White space in the text of a ``LITERAL`` counts; at its end not where formats are separated by commas, but in a list.

`Register Zmq Format` adds further ones, and `Set Default Zmq Format` sets the default of a socket.

On ROUTER and STREAM sockets the default is ``ROUTING_ID,TEXT,...``: the first frame is text where the peer has chosen
its routing id, and bytes where libzmq has made it.

In structured formats text that is the JSON of an object or a list stands for that value: in what is sent, in what mock
servers reply, and in patterns. So ``{"id": 7}`` is one dictionary with ``format=MSGPACK``, and other text is text. To
send such text as it is, say so: ``format=MSGPACK:TEXT``, and likewise ``CBOR:TEXT`` and ``JSON:TEXT``. A format that a
suite has registered gets the text as it stands.

A list that is the only frame of a keyword with ``frames`` is the list of the frames: ``Send Request    ${list}`` sends
as many frames as it has items. One frame that holds a list is ``${{[$list]}}``, a list with one item, or JSON text.

A value that does not fit its format is an error, and nothing is sent. A Robot ``Secret`` is sent by its value and shown
as ``<secret>``.

= Layouts =

`Define Message Layout` names the frames of a message: ``id=BYTES``, ``delimiter=EMPTY``, ``header=JSON``. ``layout``
takes its name, and so does ``format`` in every keyword. Sending takes ``field=value`` pairs, and a received message has
its values under their names, too: ``${msg.header}[type]``.

| =Field=                                    | =Meaning= |
| ``header=JSON``                            | One frame in any format. |
| ``buffers=BYTES...``                       | Any number of frames, also none; the value is a list. |
| ``delimiter=LITERAL:<IDS|MSG>``            | Exactly this text. It is filled in when sending, as is ``EMPTY``. |
| ``signature=HMAC-SHA256:header..content``  | The hex digest of these fields with the layout's ``hmac_key``. |

Mock servers with a layout also reply by field, with a dictionary or its JSON: ``reply={"header": {"id": "$id"}}``. A
field cannot have the name of an argument of the keywords that take fields, such as ``times``.

A signature is computed when sending and checked when receiving. A message that does not fit its layout fails with
the field, and is kept as any other. Patterns that are given with the layout check the signature, too: a message with a
wrong one matches none, and a mock server takes it by no such rule.

= Sequences =

`Start Sequence Check` watches a counter in each message that a socket receives, for each topic by itself, and
`Sequence Should Be Complete` fails with the gaps, duplicates and messages out of order.

= Waiting =

``timeout`` takes times in Robot's form, such as ``2s`` or ``200 ms``; ``0`` means not to wait, and without it the
``timeout`` of the library applies (default 5 seconds). Each keyword has one deadline for all that it does.

= States =

| ``CONNECTED``    | The ZeroMQ handshake with at least one peer is done. |
| ``CONNECTING``   | There is no connection yet; libzmq keeps trying. |
| ``HANDSHAKING``  | There is a connection, but no handshake yet, or with ZMTP 2.0 and older no message was read. |
| ``FAILED``       | The last handshake failed, or libzmq was told to try no more. |
| ``DISCONNECTED`` | There was a peer and it is gone; a connecting socket tries again. |
| ``LISTENING``    | Bound, and no peer has come yet. |

= Security =

A server with ``curve_keypair`` takes only encrypted connections (CURVE): its clients need its public key as
``curve_server_key``, and prove who they are with a ``curve_keypair`` of their own. A server with ``plain_server=yes``
asks for user name and password (PLAIN). All others take everybody (NULL). Security that does not go together, or of
which a part is missing, is refused, whether it is given by these arguments or as socket options.

Who may come in is decided by the authenticator (the ZAP handler of the library's servers), by key, user, address and
``zap_domain``. `Start Authenticator` comes before the server is bound: without it, a CURVE server lets in every client
that knows its public key. NULL peers are asked about only where the server has a ``zap_domain``; addresses are checked
with all mechanisms. Over inproc there is no security, and who asks for it gets an error.

Example:
| ${server keys}=          Generate Curve Keypair
| ${alice}=                Generate Curve Keypair
| Start Authenticator
| Allow Curve Client       ${alice.public}    user_id=Alice
| Bind Zmq Socket          tcp://127.0.0.1:*    PULL    server    curve_keypair=${server keys}
| ${address}=              Get Zmq Endpoint
| Connect Zmq Socket       ${address}    PUSH    curve_server_key=${server keys.public}    curve_keypair=${alice}
| Send Message             hello
| Receive Message          socket=server
| Received Message Should Come From User    Alice
| Connect Zmq Socket       ${address}    PUSH    curve_server_key=${server keys.public}    lazy=yes
| Handshake Should Fail    reason=AUTH 400

The two sides see different things when a handshake fails:

| =Case=                                     | =The server sees=          | =The client sees= |
| wrong server key                           | ``CRYPTOGRAPHIC``          | ``CLOSED_BY_PEER``, and tries again |
| one uses CURVE or PLAIN, the other does not  | ``MECHANISM_MISMATCH``     | ``MECHANISM_MISMATCH`` |
| key, password or address refused           | ``AUTH 400``               | ``AUTH 400`` |
| the authenticator has a temporary error    | ``AUTH 300``               | nothing, or that the connection was closed |
| the authenticator has an internal error    | ``AUTH 500``               | ``AUTH 500`` |
| the authenticator does not answer          | nothing, ``HANDSHAKING``   | nothing, ``HANDSHAKING`` |

Keys and passwords are given as text or as Robot ``Secret``; the library shows neither in any log, but Robot shows text
that stands in the suite itself.

= Mock servers =

`Start Mock Server` starts a server in the background that plays the part of the one that the system under test needs.
Keywords about it take its alias as ``mock``, or as ``socket``, which means the same; without it they use the mock
server that was started or switched to last.

Example:
| Start Mock Server      tcp://127.0.0.1:*    REP    stock    format=JSON
| When Mock Receives     {"item": "apple"}    reply={"item": "$item", "count": 3}
| Mock Replies By Default    {"error": "unknown item"}
| ${address}=            Get Mock Endpoint
| Connect Zmq Socket     ${address}    REQ
| ${reply}=              Send Request    {"item": "apple"}    format=JSON
| Should Be Equal        ${reply}[0][count]    ${3}
| Mock Should Have Received    {"item": "apple"}    times=1

Rules are tried in order: those of `When Mock Receives`, and of `Mock Calls`, `Mock Forwards To`, `Mock Keeps Silent`
and `Mock Disconnects` with patterns. Without patterns the first two of these, like `Mock Replies By Default`, are for
what no rule takes, and the last two are failures that go before the rules. A request that nothing takes is kept, gets
no answer, and makes `Mock Should Have No Unexpected Requests` fail; at the end of the test it is a warning in the log,
unless `Wait For Mock Request` has returned it.

On ROUTER and REP the frames of a request are those after its envelope, which replies get back: the routing id, and what
a REQ or a broker sends up to the first empty frame. Of a DEALER an empty frame may also be content: then a rule with
patterns for the frames as it sends them takes the request so, or a layout in ``format`` that begins with ROUTING_ID
says which frames the envelope has. A mock REP answers each client on its own: one that waits for a slow reply or for
none does not hold up the others. Other types have no envelope. On an XPUB subscriptions are requests: byte 1 and the
topic; a reply goes to all subscribers.

= Templates =

In what mock servers reply, publish and send as heartbeats, ``$`` marks what is filled in for each message, in the style
of Python's ``string.Template``. A text that is nothing but ``$name`` becomes the value itself, in JSON with its type.
`Mock Sends` fills in nothing.

| ``$1``, ``$2``        | Groups of the REGEXP patterns, counted over all frames. |
| ``$name``             | A named group, a field of the layout, or a field of a request that is a JSON object. |
| ``\\${order.id}``      | A field inside of a field, and where a letter follows. The backslash is for Robot. |
| ``$frame0``, ``$frames`` | A frame of the request as it came; all its frames, in a list of frames. |
| ``$n``, ``$time``     | How often the rule was used or the message sent, from 1; local time in ISO 8601. |
| ``$$``                | A dollar sign. |

= Collectors =

`Start Collecting Messages` has the messages of a socket kept in the background. Keywords about them take the alias of
the collector as ``collector``, or the name of its socket as ``socket``; without either they use the collector that was
started last.

Example:
| Bind Zmq Socket       inproc://feed    PULL    feed
| Start Collecting Messages
| Connect Zmq Socket    inproc://feed    PUSH    source
| Send Message          {"price": 42, "at": "noon"}
| Wait For Collected Message    {"price": 42}    format=JSON    socket=feed

= Broken networks =

`Start Proxy` puts a proxy between a client and its service, over tcp or ipc, for sockets of any type. It reads the
protocol of ZeroMQ and passes everything as it is, until a keyword breaks something: faults of connections
(`Proxy Adds Latency`, `Proxy Goes Silent`, …) and of messages (`Proxy Drops Messages`, `Proxy Delays Messages`, …).
Without ``proxy``, keywords use the proxy that was used or started last.

Example:
| Start Mock Server      tcp://127.0.0.1:*    REP    orders
| When Mock Receives     order *    reply=accepted
| ${service}=            Get Mock Endpoint
| Start Proxy            ${service}
| ${address}=            Get Proxy Endpoint
| Connect Zmq Socket     ${address}    REQ    client
| Proxy Drops Messages    accepted    direction=TO_CLIENT    times=1    name=lost
| Send Message           order 1
| No Message Should Be Received    within=200ms
| Proxy Fault Should Have Acted    lost

All faults act from now on, on connections that are there and on new ones, and end with the test that made them, also on
a proxy of the suite. They act in the order in which they were made, but those on bytes (`Proxy Limits Bandwidth`,
`Proxy Slices Data`, `Proxy Closes After`) behind all others. A fault that never acted is a warning in the log. All
take (two without ``direction``: `Proxy Refuses Connections` and `Proxy Delays Close`):

| ``direction``   | ``TO_TARGET``, ``TO_CLIENT`` or ``BOTH``. |
| ``lasting``     | A time after which the fault is over; default is until the test ends. |
| ``client``      | A glob for the address or the routing id of the clients that it is for; default is all. |
| ``name``        | How other keywords know it; default is a generated name, which is returned. |

Faults of messages take `Patterns`, and choose among the messages that match:

| ``skip``        | So many pass before the fault begins to count. |
| ``every``       | It acts on every n-th of the others. |
| ``times``       | How often it acts at most. |
| ``probability`` | How likely it acts, from 0 (never) to 1 (always). |
| ``seed``        | Makes the same choices again; without one it is random, and shown in the log. |

A message is one unit with all its frames: no fault lets half of it through. Of REQ and REP the envelope is kept as it
is, and patterns are about the frames behind it. Subscriptions, heartbeats and handshakes are no messages. Under CURVE
the content is hidden: patterns, changes of messages, `Proxy Injects Message`, `Proxy Drops Commands` and
`Wait For Subscription At Proxy` are refused, everything else works, and each encrypted frame is a message.

= Pipelines =

`Start Pump` puts messages into a pipeline at the speed of the wire, `Start Sink` takes them out at its end, each in a
process of its own; both are controlled by the test. A pump puts a stamp into each message: its number, the time when it
was planned, and a checksum. So the sink reports exactly what was lost, duplicated, reordered or damaged on the way, and
how long each message took. Latency counts from the planned time: a service that stalls for a second is seen by every
message that should have gone meanwhile, also by those that could not be sent.

Two engines move the messages. WIRE, which is taken where it can, has only the buffers of the system, and as a PUB a
queue for each subscriber. SOCKET is libzmq with its queues: high-water marks need it, so giving one chooses it, but for
``send_hwm`` of a PUB.

A service that makes new messages is followed by its own number and time, with ``sequence`` and ``sent_at``. When the
pump or the sink was too slow itself, its report and the log say so.

Keywords take the name of a pump as ``pump`` and that of a sink as ``sink``; without them they use the one that was used
or started last. Reports can still be asked for after the end.

= Patterns =

Keywords that look for messages take a pattern for each frame; ``match`` says how these are held against the frames,
and ``*`` stands for any frame. By default they are globs, with ``*``, ``?`` and ``[abc]`` for one of these characters.
A text is always like itself, so that ``[1, 2]`` and ``[ERROR]*`` also match texts that have these brackets.
Where bytes are not UTF-8, ``*`` stands for them; with ``format=BYTES`` they are escapes, ``\\xff``.
A ``Secret`` is taken as it stands, and is no regular expression.

With ``format=JSON`` and other structured formats a pattern that is an object matches frames that contain it, and one
that is a list matches lists with as many items, each like the one at its place. Texts in them are globs:
``{"command": "list*"}``, ``["spawn", "*", {"name": "w?"}]``. Inside of an object, the items of a list may be anywhere.

With a layout, patterns are given by field, in any number: ``layout=job    header={"type": "status"}``. Fields that
stand for any number of frames do not shift them; a pattern for such a field matches any of its frames, and a list of
patterns the first ones. What begins with ``name=`` and is for no field is written ``name\\=``, because Robot takes it
for an argument; a field that has the name of another argument, such as ``client`` with proxies, is given by its place.

= Log =

Each message that a keyword sends or receives has a line in the log, with up to ``log_limit`` bytes of a frame. In a
test that moves thousands, the first 200 have one; at its end the log reports how many more there were, and shows the
last 20. The import argument ``log_messages`` sets another number, ``ALL``, or ``0`` for none. With
``robot --loglevel DEBUG`` all have a line.

Lines and failures show the values that frames have in the format that the keyword was given, or in that of the socket
or mock server, and where values differ, the path of the first difference: ``$.seq: expected 6, received 5``.

Assertions take a ``message`` of your own, which is put before theirs. When a keyword fails, its place in the log holds
(folded) the recent messages of its socket with their values and a hex view, and the events of its connections.
"""
