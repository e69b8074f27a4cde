*** Settings ***
Documentation    Where sockets listen and what they are connected to.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Free Port Is Told
    [Tags]    tcp
    [Template]    Binding Gives An Address Like
    tcp://127.0.0.1:*    tcp://127.0.0.1:[1-9]*
    tcp://127.0.0.1:0    tcp://127.0.0.1:[1-9]*
    tcp://*:*    tcp://127.0.0.1:[1-9]*
    tcp://*:0    tcp://127.0.0.1:[1-9]*
    tcp://0.0.0.0:*    tcp://127.0.0.1:[1-9]*
    tcp://localhost:*    tcp://127.0.0.1:[1-9]*
    inproc://here    inproc://here

An IPv6 Address Can Be Bound And Connected
    [Tags]    tcp
    IF    not ${{__import__('socket').has_ipv6}}
        Skip    This machine has no IPv6.
    END
    Bind Zmq Socket    tcp://[::1]:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Should Start With    ${address}    tcp://[::1]:    Not an IPv6 address: ${address}
    Connect Zmq Socket    ${address}    PUSH
    Send Message    hello
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    hello

A Host Name Can Be Connected
    [Tags]    tcp
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    sink
    ${address}=    Get Zmq Endpoint
    ${address}=    Replace String    ${address}    127.0.0.1    localhost
    Connect Zmq Socket    ${address}    PUSH
    Zmq Socket Should Be Connected To    ${address}

An Ipc Path Is Removed At Close
    [Tags]    ipc
    Zmq Should Support    ipc
    VAR    ${path}=    ${{tempfile.gettempdir()}}/zmq-${{uuid.uuid4().hex}}
    Bind Zmq Socket    ipc://${path}    PULL    sink
    Should Exist    ${path}
    Connect Zmq Socket    ipc://${path}    PUSH
    Send Message    hello
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    hello
    Close All Zmq Sockets
    Should Not Exist    ${path}

An Abstract Ipc Name Needs No File
    [Tags]    ipc
    IF    ${{sys.platform != 'linux'}}    Skip    Only Linux has abstract names.
    VAR    ${name}=    ipc://@zmq-${{uuid.uuid4().hex}}
    Bind Zmq Socket    ${name}    PULL    sink
    Connect Zmq Socket    ${name}    PUSH
    Send Message    hello
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    hello

Any Free Ipc Path Is Told
    [Tags]    ipc
    Bind Zmq Socket    ipc://*    PULL    sink
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH
    Send Message    hello
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    hello

One Socket Has Several Endpoints
    ${first}=    Free Endpoint
    ${second}=    Free Endpoint
    Bind Zmq Socket    ${first}    PULL    sink
    ${first}=    Get Zmq Endpoint
    ${second}=    Bind To Endpoint    ${second}
    ${address}=    Get Zmq Endpoint
    Should Be Equal    ${address}    ${second}
    &{endpoints}=    Get Zmq Endpoints
    Should Be Equal    ${endpoints.bound}    ${{[$first, $second]}}
    Should Be Empty    ${endpoints.connected}
    Connect Zmq Socket    ${first}    PUSH    source
    Connect To Endpoint    ${second}
    &{endpoints}=    Get Zmq Endpoints
    Should Be Equal    ${endpoints.connected}    ${{[$first, $second]}}
    Zmq Socket Should Be Connected To    ${first}
    Zmq Socket Should Be Connected To    ${second}

A Disconnected Endpoint Gets No Messages
    ${first}=    Open Sockets    PULL    first    PUSH    source
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    second
    ${second}=    Get Zmq Endpoint
    Connect To Endpoint    ${second}    socket=source
    Disconnect From Endpoint    ${first}    socket=source
    FOR    ${n}    IN RANGE    4
        Send Message    ${n}    socket=source
    END
    Receive Messages    4    socket=second
    ${nothing}=    Try To Receive Message    socket=first
    Should Be Equal    ${nothing}    ${None}
    &{endpoints}=    Get Zmq Endpoints    socket=source
    Should Be Equal    ${endpoints.connected}    ${{[$second]}}

An Endpoint That Was Connected Twice Is Left Twice
    ${address}=    Open Sockets    PULL    sink    PUSH    source
    Connect To Endpoint    ${address}
    Disconnect From Endpoint    ${address}
    Disconnect From All Endpoints
    &{endpoints}=    Get Zmq Endpoints
    Should Be Empty    ${endpoints.connected}

A File That Is No Socket Is Not Replaced By A Bind
    [Tags]    ipc
    VAR    ${path}=    ${{tempfile.gettempdir()}}/zmq-${{uuid.uuid4().hex}}
    Create File    ${path}    precious
    Run Keyword And Expect Error    Cannot bind 'PULL-1' (PULL) to ipc://${path}: *
    ...    Bind Zmq Socket    ipc://${path}    PULL
    File Should Exist    ${path}
    [Teardown]    Remove File    ${path}

A Reserved Endpoint Is Nobody Else's And Can Be Bound
    [Template]    Reserved Endpoint Can Be Bound
    tcp://127.0.0.1:[1-9]*
    tcp://127.0.0.1:[1-9]*    TCP    127.0.0.1
    tcp://localhost:[1-9]*    host=localhost
    tcp://[*]:[1-9]*    host=*
    ipc://*/zmq-*    transport=ipc

What Cannot Be Reserved Is Told
    [Template]    Run Keyword And Expect Error
    *Argument 'transport' got value 'inproc' that cannot be converted to ReservableTransport*
    ...    Reserve Zmq Endpoint    inproc
    Cannot bind to 'tcp://a b:[*]': 'a b' is not a host name or address.*    Reserve Zmq Endpoint    host=a b
    Cannot reserve a port of 192.0.2.1: *Use 127.0.0.1 or an address of this machine.
    ...    Reserve Zmq Endpoint    host=192.0.2.1

Leaving All Endpoints Is Safe When There Are None
    Open Zmq Socket    PUSH
    Disconnect From All Endpoints
    Unbind From All Endpoints
    ${endpoint}=    Free Endpoint
    Bind To Endpoint    ${endpoint}
    Unbind From All Endpoints
    Unbind From All Endpoints
    &{endpoints}=    Get Zmq Endpoints
    Should Be Empty    ${endpoints.bound}

An Unbound Address Is Free At Once
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    first
    FOR    ${_}    IN RANGE    20
        ${address}=    Get Zmq Endpoint
        Unbind From Endpoint    ${address}
        Bind To Endpoint    ${address}
    END

An Endpoint Is Unbound As It Was Given
    [Tags]    tcp
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL
    ${address}=    Get Zmq Endpoint
    Close Zmq Socket
    ${anywhere}=    Replace String    ${address}    127.0.0.1    *
    Bind Zmq Socket    ${anywhere}    PULL
    Unbind From Endpoint    ${anywhere}
    &{endpoints}=    Get Zmq Endpoints
    Should Be Empty    ${endpoints.bound}

A Lazy Connect Does Not Wait For The Peer
    Open Zmq Socket    PULL    sink
    ${endpoint}=    Free Endpoint
    Bind To Endpoint    ${endpoint}
    ${address}=    Get Zmq Endpoint
    Close Zmq Socket    sink
    Connect Zmq Socket    ${address}    PUSH    source    lazy=yes
    Send Message    early
    Bind Zmq Socket    ${address}    PULL    sink
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    early

Being Connected To Is Told With The Endpoints There Are
    ${address}=    Open Sockets    PULL    sink    PUSH    source
    Zmq Socket Should Be Connected To    ${address}
    Run Keyword And Expect Error
    ...    Socket 'source' (PUSH) is not connected to tcp://127.0.0.1:1. Connected to: ${address}.
    ...    Zmq Socket Should Be Connected To    tcp://127.0.0.1:1

A Peer In Another Process Is Connected And Disconnected
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    echo    REP    ${endpoint}
    Connect Zmq Socket    ${address}    REQ    client
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}    ${{['ping']}}
    Kill Peer    echo
    Wait Until Disconnected
    Start Peer    echo    REP    ${address}
    Wait Until Connected
    ${reply}=    Send Request    ping again
    Should Be Equal    ${reply}    ${{['ping again']}}


*** Keywords ***
Reserved Endpoint Can Be Bound
    [Arguments]    ${pattern}    @{arguments}    &{named}
    ${endpoint}=    Reserve Zmq Endpoint    @{arguments}    &{named}
    Should Match    ${endpoint}    ${pattern}
    ${other}=    Reserve Zmq Endpoint    @{arguments}    &{named}
    Should Not Be Equal    ${endpoint}    ${other}
    Bind Zmq Socket    ${endpoint}    PULL    sink
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    source
    Close All Zmq Sockets

Binding Gives An Address Like
    [Arguments]    ${endpoint}    ${pattern}
    ${name}=    Bind Zmq Socket    ${endpoint}    PULL
    ${address}=    Get Zmq Endpoint
    Should Match    ${address}    ${pattern}
    Connect Zmq Socket    ${address}    PUSH
    Send Message    hello
    ${text}=    Receive Message    socket=${name}
    Should Be Equal    ${text}    hello
