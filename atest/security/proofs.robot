*** Comments ***
# robocop: off=VAR06


*** Settings ***
Documentation    Who gets in, who does not, and which side sees what. Also over ipc.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Variables ***
${HERE}    127.0.0.0/8


*** Test Cases ***
The Right Key Gets In And Its User Id Is Seen
    ${server}=    Open Curve Server
    ${alice}=    Generate Curve Keypair
    Allow Curve Client    ${alice}    user_id=Alice
    Connect Zmq Socket    ${ADDRESS}    PUSH    curve_server_key=${server}    curve_keypair=${alice}
    Send Message    hello
    Receive Message    socket=server
    Received Message Should Come From User    Alice

A Secret Key Alone Is An Identity
    ${server}=    Open Curve Server
    ${alice}=    Generate Curve Keypair
    Allow Curve Client    ${alice.public}
    Connect Zmq Socket    ${ADDRESS}    PUSH    curve_server_key=${server.public}    curve_keypair=${alice.secret}
    Wait For Authentication Request    key=${alice.public}

Any Key Gets In Where Any Is Allowed And Is Reported
    ${server}=    Open Curve Server
    Allow Curve Client    any
    ${alice}=    Generate Curve Keypair
    Connect Zmq Socket    ${ADDRESS}    PUSH    curve_server_key=${server}    curve_keypair=${alice}
    Connect Zmq Socket    ${ADDRESS}    PUSH    curve_server_key=${server}
    ${requests}=    Get Authentication Requests
    Length Should Be    ${requests}    2
    Should Be Equal    ${requests[0].key}    ${alice.public}
    Should Be Equal    ${requests[1].status}    ${200}

A Denied Key Is Refused Where Any Is Allowed
    ${server}=    Open Curve Server
    ${mallory}=    Generate Curve Keypair
    Allow Curve Client    any
    Deny Curve Client    ${mallory.public}
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    curve_keypair=${mallory}
    ...    lazy=yes
    Both Should See    AUTH 400

A Key Of Another Domain Is Refused
    ${server}=    Open Curve Server    zap_domain=orders
    ${alice}=    Generate Curve Keypair
    Allow Curve Client    ${alice}    domain=billing
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    curve_keypair=${alice}
    ...    lazy=yes
    Both Should See    AUTH 400

A Wrong Server Key Is Noticed By Both
    Open Curve Server
    Allow Curve Client    any
    ${other}=    Generate Curve Keypair
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${other}    lazy=yes
    Handshake Should Fail    reason=CRYPTOGRAPHIC    socket=server
    Handshake Should Fail    reason=CLOSED_BY_PEER    socket=client

A Client Key That Is Not Allowed Is Refused
    ${server}=    Open Curve Server
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    Both Should See    AUTH 400

A Refused Client Fails To Connect Eagerly At Once
    [Documentation]    An error that has come at its timeout has a time in its first line.
    ${server}=    Open Curve Server
    Run Keyword And Expect Error    Cannot connect 'client' (PUSH) to ${ADDRESS}.\n*AUTH 400: authentication refused.*
    ...    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}

A Client Without Curve Is Refused
    Open Curve Server
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    lazy=yes
    Both Should See    MECHANISM_MISMATCH

A Curve Client Does Not Talk To A Server Without
    Open Server
    ${expected}=    Generate Curve Keypair
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${expected}    lazy=yes
    Both Should See    MECHANISM_MISMATCH

A Wrong Password Is Refused
    Start Authenticator
    Allow Plain User    alice    open sesame
    Open Server    plain_server=yes
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    plain_username=alice    plain_password=open poppy    lazy=yes
    Both Should See    AUTH 400
    ${request}=    Wait For Authentication Request    mechanism=plain    username=alice
    Should Be Equal    ${request.text}    Password is wrong

A User Of Another Domain Is Refused
    Start Authenticator
    Allow Plain User    alice    open sesame    domain=billing
    Open Server    plain_server=yes    zap_domain=orders
    Connect Zmq Socket
    ...    ${ADDRESS}
    ...    PUSH
    ...    client
    ...    plain_username=alice
    ...    plain_password=open sesame
    ...    lazy=yes
    Both Should See    AUTH 400

A Denied Address Is Refused
    Start Authenticator
    Deny Address    ${HERE}    localhost:*
    Open Server    zap_domain=orders
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    lazy=yes
    Both Should See    AUTH 400

Only Allowed Addresses Get In
    Start Authenticator
    Allow Address    10.0.0.0/8
    Open Server    zap_domain=orders
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    lazy=yes
    Both Should See    AUTH 400
    Allow Address    ${HERE}    localhost:*
    Connect Zmq Socket    ${ADDRESS}    PUSH

A Temporary Error Is Seen By The Server Only
    ${server}=    Open Curve Server
    Set Authenticator Answer    300
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    Handshake Should Fail    reason=AUTH 300    socket=server
    Zmq Event Should Not Have Happened    HANDSHAKE_FAILED_AUTH    socket=client
    Zmq Event Should Not Have Happened    HANDSHAKE_SUCCEEDED    socket=client

An Internal Error Is Seen By Both
    ${server}=    Open Curve Server
    Set Authenticator Answer    500
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    Both Should See    AUTH 500

Without An Answer Both Sides Wait
    ${server}=    Open Curve Server
    Set Authenticator Answer    none
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    Wait For Authentication Request    mechanism=CURVE
    State Should Be    HANDSHAKING    server
    State Should Be    HANDSHAKING    client

A Malformed Answer Is Seen By The Server
    ${server}=    Open Curve Server
    Set Authenticator Answer    malformed    mechanism=CURVE
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    Handshake Should Fail    reason=ZAP_MALFORMED_REPLY    socket=server
    Handshake Should Fail    reason=CLOSED_BY_PEER    socket=client

A Late Answer Is An Answer
    ${server}=    Open Curve Server
    Allow Curve Client    any
    Set Authenticator Answer    rules    delay=200ms
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    lazy=yes
    ${request}=    Wait For Authentication Request
    ${connected}=    Wait For Zmq Event    HANDSHAKE_SUCCEEDED    socket=client
    Should Be True    $connected.time - $request.time.timestamp() >= 0.2

Metadata Of The Authenticator Come With The Messages
    ${server}=    Open Curve Server
    VAR    &{properties}=    Role=admin    Team=operations
    Set Authenticator Answer    200    metadata=${properties}
    ${alice}=    Generate Curve Keypair
    Connect Zmq Socket    ${ADDRESS}    PUSH    curve_server_key=${server}    curve_keypair=${alice}
    Send Message    hello
    Receive Message    socket=server
    Received Message Should Come From User    ${alice.public}    metadata=${properties}

A Replaced Server Is Not Trusted
    ${server}=    Open Curve Server
    Allow Curve Client    any
    Connect Zmq Socket    ${ADDRESS}    PUSH    client    curve_server_key=${server}    reconnect_ivl=20ms
    Close Zmq Socket    server
    ${other}=    Generate Curve Keypair
    Bind Zmq Socket    ${ADDRESS}    PULL    server    curve_keypair=${other}
    Wait For Zmq Event    DISCONNECTED    socket=client
    Handshake Should Fail    reason=CRYPTOGRAPHIC    socket=server
    Handshake Should Fail    reason=CLOSED_BY_PEER    socket=client

The Authenticator Is Stopped At The End Of The Test
    [Documentation]    Every test above has started one, and there is one at a time.
    Start Authenticator


*** Keywords ***
Open Server
    [Arguments]    &{options}
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    server    &{options}
    ${address}=    Get Zmq Endpoint
    VAR    ${ADDRESS}=    ${address}    scope=TEST

Open Curve Server
    [Documentation]    Returns the keys of the server.
    [Arguments]    &{options}
    Start Authenticator
    ${keys}=    Generate Curve Keypair
    Open Server    curve_keypair=${keys}    &{options}
    RETURN    ${keys}

Both Should See
    [Arguments]    ${reason}
    Handshake Should Fail    reason=${reason}    socket=server
    Handshake Should Fail    reason=${reason}    socket=client

State Should Be
    [Arguments]    ${expected}    ${socket}
    ${state}=    Get Connection State    socket=${socket}
    Should Be Equal    ${state}    ${expected}
