*** Settings ***
Documentation    Opening, switching and closing sockets.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Variables ***
@{TYPES}    PAIR    PUB    SUB    REQ    REP    DEALER    ROUTER    PULL    PUSH    XPUB    XSUB    STREAM


*** Test Cases ***
Every Stable Type Can Be Opened
    FOR    ${type}    IN    @{TYPES}
        ${name}=    Open Zmq Socket    ${type}
        Should Be Equal    ${name}    ${type}-1
    END
    ${names}=    Get Zmq Sockets
    ${expected}=    Evaluate    [f'{type}-1' for type in $TYPES]
    Should Be Equal    ${names}    ${expected}

Old Names Of Types Mean The New Ones
    Open Zmq Socket    XREQ    old dealer
    ${type}=    Get Zmq Socket Option    TYPE
    Should Be Equal    ${type}    ${{zmq.DEALER}}
    Open Zmq Socket    XREP    old router
    ${type}=    Get Zmq Socket Option    TYPE
    Should Be Equal    ${type}    ${{zmq.ROUTER}}

Types Are Written In Any Case
    ${name}=    Open Zmq Socket    push
    Should Be Equal    ${name}    PUSH-1

Sockets Without An Alias Get Numbered Names
    ${first}=    Open Zmq Socket    PUSH
    ${second}=    Open Zmq Socket    PUSH
    Should Be Equal    ${first}    PUSH-1
    Should Be Equal    ${second}    PUSH-2

A Returned Name Is As Good As An Alias
    ${endpoint}=    Free Endpoint
    ${sink}=    Bind Zmq Socket    ${endpoint}    PULL
    ${address}=    Get Zmq Endpoint    socket=${sink}
    ${source}=    Connect Zmq Socket    ${address}    PUSH
    Send Message    hello    socket=${source}
    ${text}=    Receive Message    socket=${sink}
    Should Be Equal    ${text}    hello

The Socket Opened Last Is Current
    Open Zmq Socket    PUSH    first
    Open Zmq Socket    PULL    second
    ${previous}=    Switch Zmq Socket    first
    Should Be Equal    ${previous}    second
    ${previous}=    Switch Zmq Socket    second
    Should Be Equal    ${previous}    first

After Closing The Current Socket The One Before Is Current
    Open Zmq Socket    PUSH    first
    Open Zmq Socket    PULL    second
    Close Zmq Socket
    ${previous}=    Switch Zmq Socket    first
    Should Be Equal    ${previous}    first

An Alias Can Be Used Again After Closing
    Open Zmq Socket    PUSH    worker
    Close Zmq Socket    worker
    Open Zmq Socket    PULL    worker
    ${names}=    Get Zmq Sockets
    Should Be Equal    ${names}    ${{['worker']}}

An Alias Used Twice Closes The Older Socket With A Warning
    [Documentation]    LOG 3.1 WARN Socket 'worker' is still open: closing it, because its alias is used again.
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PUSH    worker
    Bind Zmq Socket    ${endpoint}    PULL    worker
    ${names}=    Get Zmq Sockets
    Should Be Equal    ${names}    ${{['worker']}}

An Address Can Be Bound Again At Once
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    first
    ${address}=    Get Zmq Endpoint
    FOR    ${_}    IN RANGE    20
        Close Zmq Socket
        Bind Zmq Socket    ${address}    PULL
    END

Closing All Sockets Is Safe Without Any
    Close All Zmq Sockets
    Open Zmq Socket    PUSH
    Open Zmq Socket    PUSH
    Close All Zmq Sockets
    Close All Zmq Sockets
    ${names}=    Get Zmq Sockets
    Should Be Empty    ${names}

Closing Sends What Was Just Sent
    Open Sockets    PULL    sink    PUSH    source
    FOR    ${n}    IN RANGE    50
        Send Message    ${n}
    END
    Close Zmq Socket    source
    ${messages}=    Receive Messages    50    socket=sink
    Should Be Equal    ${messages}[49][0]    49

Unsent Messages To Nobody Cost At Most The Linger Time
    [Tags]    tcp
    Keyword Should Pass Once In Several Tries    An Unsent Message Should Cost At Most The Linger Time

A Socket With Endless Linger Does Not Keep The Run From Ending
    [Tags]    slow
    [Timeout]    2 minutes
    VAR    ${suite}=
    ...    *** Settings ***
    ...    Library${SPACE * 4}ZmqLibrary
    ...    *** Test Cases ***
    ...    Endless Linger
    ...    ${SPACE * 4}Open Zmq Socket${SPACE * 4}PUSH${SPACE * 4}linger=-1
    ...    ${SPACE * 4}Connect To Endpoint${SPACE * 4}tcp://127.0.0.1:9${SPACE * 4}lazy=yes
    ...    ${SPACE * 4}Send Message${SPACE * 4}lost
    ...    separator=\n
    Create File    ${OUTPUT DIR}/endless_linger.robot    ${suite}
    ${result}=    Run Process
    ...    ${PYTHON}
    ...    -m
    ...    robot
    ...    --output
    ...    NONE
    ...    --log
    ...    NONE
    ...    --report
    ...    NONE
    ...    ${OUTPUT DIR}/endless_linger.robot
    ...    stderr=STDOUT
    ...    timeout=100s
    ...    on_timeout=kill
    Should Be Equal As Integers    ${result.rc}    0    The run did not end: ${result.stdout}    values=False

A Failed Connect Leaves No Socket Behind
    [Tags]    tcp
    ${address}=    Address Of Nobody
    Run Keyword And Expect Error
    ...    Cannot connect*
    ...    Connect Zmq Socket
    ...    ${address}
    ...    REQ
    ...    client
    ...    timeout=100ms
    ${names}=    Get Zmq Sockets
    Should Be Empty    ${names}

A Thousand Sockets Leave Nothing Behind
    [Tags]    slow
    [Timeout]    3 minutes
    ${before}=    Descriptors And Threads
    FOR    ${_}    IN RANGE    500
        Open Sockets    PULL    sink    PUSH    source
        Close All Zmq Sockets
    END
    Wait Until Keyword Succeeds    20s    50ms    Descriptors And Threads Should Be As    ${before}


*** Keywords ***
An Unsent Message Should Cost At Most The Linger Time
    Open Zmq Socket    PUSH    source    linger=300ms
    ${address}=    Address Of Nobody
    Connect To Endpoint    ${address}    lazy=yes
    Send Message    lost
    ${start}=    Now
    Close Zmq Socket
    Less Time Should Have Passed Than    1    ${start}

Descriptors And Threads Should Be As
    [Documentation]    libzmq's own thread closes sockets a moment later.
    [Arguments]    ${before}
    ${after}=    Descriptors And Threads
    Should Be True    $after[0] <= $before[0] + 5    File descriptors and threads: ${before} before, ${after} after.
    Should Be True    $after[1] <= $before[1] + 2    File descriptors and threads: ${before} before, ${after} after.

Descriptors And Threads
    [Documentation]    Of this process, after libzmq's own threads have started.
    Open Sockets    PULL    sink    PUSH    source
    Close All Zmq Sockets
    ${process}=    Evaluate    psutil.Process()
    ${numbers}=    Evaluate    ($process.num_fds() if hasattr($process, 'num_fds') else 0, $process.num_threads())
    RETURN    ${numbers}
