*** Settings ***
Documentation    Publishers and subscribers; nothing is lost and nothing sleeps.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     1 minute


*** Test Cases ***
A Subscriber Gets Its Topics
    Open Sockets    PUB    feed    SUB    reader    subscribe=weather.
    Wait For Subscriber    weather.paris    socket=feed
    Send Multipart    traffic.paris    jam    socket=feed
    Send Multipart    weather.paris    sunny    socket=feed
    ${message}=    Receive Multipart    socket=reader
    Should Be Equal    ${message}    ${{['weather.paris', 'sunny']}}
    ${nothing}=    Try To Receive Multipart    socket=reader
    Should Be Equal    ${nothing}    ${None}

Several Topics
    VAR    @{topics}=    weather.    traffic.
    Open Sockets    PUB    feed    SUB    reader    subscribe=${topics}
    Wait For Subscriber    weather.    socket=feed
    Wait For Subscriber    traffic.    socket=feed
    ${subscribers}=    Get Subscribers    socket=feed
    Should Be Equal    ${subscribers}    ${{{'weather.': 1, 'traffic.': 1}}}

No Topic Means Everything
    Open Sockets    PUB    feed    SUB    reader
    Subscribe To Topics
    Wait For Subscriber    socket=feed
    Send Message    anything    socket=feed
    ${text}=    Receive Message    socket=reader
    Should Be Equal    ${text}    anything

Topics Are Text Or Bytes
    Open Sockets    PUB    feed    SUB    reader
    Subscribe To Topics    é    ${{b'\x00\xff'}}
    Wait For Subscriber    é    socket=feed
    Wait For Subscriber    ${{b'\x00\xff'}}    socket=feed
    Send Message    ${{b'\x00\xff!'}}    socket=feed
    ${data}=    Receive Message    format=BYTES    socket=reader
    Should Be Equal    ${data}    ${{b'\x00\xff!'}}

A Subscription Set As An Option Counts
    Open Sockets    PUB    feed    SUB    reader
    Set Zmq Socket Option    subscribe    news
    Wait For Subscriber    news    socket=feed
    Unsubscribe From Topics    news    socket=reader

Unsubscribing
    Open Sockets    PUB    feed    SUB    reader
    Subscribe To Topics    a    b
    Wait For Subscriber    b    socket=feed
    Unsubscribe From Topics    a
    Subscribe To Topics    c
    Wait For Subscriber    c    socket=feed
    Send Message    a1    socket=feed
    Send Message    b1    socket=feed
    ${text}=    Receive Message    socket=reader
    Should Be Equal    ${text}    b1

Two Subscribers
    ${address}=    Open Sockets    PUB    feed    SUB    one    subscribe=news
    Connect Zmq Socket    ${address}    SUB    two    subscribe=news
    Wait For Subscriber    news    count=2    socket=feed
    Send Message    news!    socket=feed
    ${text}=    Receive Message    socket=one
    Should Be Equal    ${text}    news!
    ${text}=    Receive Message    socket=two
    Should Be Equal    ${text}    news!

A Bound Subscriber
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    SUB    reader    subscribe=news
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUB    feed
    Wait For Subscriber    news
    Send Message    news!
    ${text}=    Receive Message    socket=reader
    Should Be Equal    ${text}    news!

An Xpub Receives Subscriptions And An Xsub Sends Them
    Open Sockets    XPUB    feed    XSUB    reader
    Subscribe To Topics    news    socket=reader
    ${subscription}=    Receive Message    format=BYTES    socket=feed
    Should Be Equal    ${subscription}    ${{b'\x01news'}}
    Send Message    news!    socket=feed
    ${text}=    Receive Message    socket=reader
    Should Be Equal    ${text}    news!
    Unsubscribe From Topics    news    socket=reader
    ${subscription}=    Receive Message    format=BYTES    socket=feed
    Should Be Equal    ${subscription}    ${{b'\x00news'}}

Another Process Subscribes
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PUB    feed
    ${address}=    Get Zmq Endpoint
    FOR    ${n}    IN RANGE    5
        Start Peer    subscribe    ${address}    weather.
        Wait For Subscriber    weather.
        Send Multipart    weather.paris    ${n}
        ${printed}=    Next Line Of Peer    subscribe
        Should Be Equal    ${printed}    weather.paris ${n}
        Kill Peer    subscribe
        Wait Until Disconnected
        Wait Until Keyword Succeeds    20s    1ms    Nobody Should Be Subscribed
    END

Another Process Publishes
    [Tags]    peer
    ${endpoint}=    Free Endpoint
    ${address}=    Start Peer    publish    ${endpoint}    traffic.paris    jam    weather.paris    sunny
    Connect Zmq Socket    ${address}    SUB    reader    subscribe=weather.
    Receive Multipart
    Received Message Should Equal    weather.paris    sunny

A Subscriber Without A Subscription Is Told So
    Open Sockets    PUB    feed    SUB    reader
    Run Keyword And Expect Error    No message from 'reader' (SUB, *) in 100 milliseconds.*Use `Subscribe To Topics`.*
    ...    Receive Message    timeout=100ms
