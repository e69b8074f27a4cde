*** Settings ***
Documentation    Opening a socket and starting a mock server take what binding and connecting take.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Test Cases ***
Options With Arguments Of Their Own
    Open Zmq Socket    SUB    s    subscribe=EUR    send_hwm=5    receive_hwm=6    routing_id=me
    ${send}=    Get Zmq Socket Option    SNDHWM
    ${receive}=    Get Zmq Socket Option    RCVHWM
    Should Be Equal    ${{ [$send, $receive] }}    ${{ [5, 6] }}
    Start Mock Server    tcp://127.0.0.1:*    PUSH    m    send_hwm=5    receive_hwm=7    routing_id=mock

Curve And Plain
    Start Authenticator
    Allow Curve Client    any
    Allow Plain User    anna    secret
    ${server}=    Generate Curve Keypair
    Start Mock Server    tcp://127.0.0.1:*    REP    curve    curve_keypair=${server}
    When Mock Receives    reply=encrypted
    ${address}=    Get Mock Endpoint
    Open Zmq Socket    REQ    client    curve_server_key=${server.public}
    Connect To Endpoint    ${address}
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}[0]    encrypted
    Start Mock Server    tcp://127.0.0.1:*    REP    plain    plain_server=yes    zap_domain=test
    When Mock Receives    reply=hello
    ${address}=    Get Mock Endpoint
    Open Zmq Socket    REQ    user    plain_username=anna    plain_password=secret
    Connect To Endpoint    ${address}
    ${reply}=    Send Request    ping
    Should Be Equal    ${reply}[0]    hello
    Open Zmq Socket    PULL    server    curve_keypair=${server}
    ${address}=    Bind To Endpoint    tcp://127.0.0.1:*
    Start Mock Server    ${address}    PUSH    feeder    connect=yes    curve_server_key=${server.public}
    Mock Sends    from a mock
    ${text}=    Receive Message    socket=server
    Should Be Equal    ${text}    from a mock

What Does Not Go Together
    ${pair}=    Generate Curve Keypair
    Run Keyword And Expect Error    *Give those of one side.
    ...    Open Zmq Socket    REQ    curve_server_key=${pair.public}    plain_server=yes
    Run Keyword And Expect Error    A mock server that listens takes curve_keypair*
    ...    Start Mock Server    tcp://127.0.0.1:*    curve_server_key=${pair.public}
    Run Keyword And Expect Error    A mock server that connects is a client*
    ...    Start Mock Server    tcp://127.0.0.1:1    plain_server=yes    connect=yes
    Run Keyword And Expect Error    Security does nothing at inproc*
    ...    Start Mock Server    inproc://x    curve_keypair=${pair}

A Mock REP Is Called REP
    Start Mock Server    tcp://127.0.0.1:*    REP    m
    Run Keyword And Expect Error    Socket 'm' (REP, tcp*    Wait Until Connected    socket=m    timeout=10ms
