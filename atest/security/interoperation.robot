*** Comments ***
# robocop: off=VAR06


*** Settings ***
Documentation    Peers with pyzmq's own authenticator and certificate files, in processes of their own.

Resource         ../resources/zmq.resource

Test Setup       Make Directories
Test Teardown    Run Keywords    Stop Peers    AND    Remove Directory    ${FILES}    recursive=True
Test Timeout     1 minute

Test Tags        peer


*** Variables ***
${FILES}    ${EMPTY}


*** Test Cases ***
A Client Gets Into Their Server With Their Files And Ours
    ${alice}=    Generate Curve Keypair
    Save Curve Keypair    ${alice}    ${FILES}/clients/alice.key
    ${address}=    Start Peer    secure_server    curve    ${FILES}/clients    ${FILES}
    ${server}=    Load Curve Public Key    ${FILES}/server.key
    Connect Zmq Socket    ${address}    REQ    curve_server_key=${server}    curve_keypair=${alice}
    Send Request    hello
    Received Message Should Equal    ${alice.public} said hello

Their Server Refuses A Client That It Does Not Know
    Save The Keys Of Somebody
    ${address}=    Start Peer    secure_server    curve    ${FILES}/clients    ${FILES}
    ${server}=    Load Curve Public Key    ${FILES}/server.key_secret
    Connect Zmq Socket    ${address}    REQ    curve_server_key=${server}    lazy=yes
    Handshake Should Fail    reason=AUTH 400

Their Server Refuses A Client Without Curve
    Save The Keys Of Somebody
    ${address}=    Start Peer    secure_server    curve    ${FILES}/clients    ${FILES}
    Connect Zmq Socket    ${address}    REQ    lazy=yes
    ${failure}=    Handshake Should Fail
    Should Match Regexp    ${failure}    ^(MECHANISM_MISMATCH|NOT_ZEROMQ: the peer closed)    The server was faster.

Their Plain Server Takes The Right Password Only
    ${address}=    Start Peer    secure_server    plain    alice    open sesame
    Connect Zmq Socket    ${address}    REQ    plain_username=alice    plain_password=open sesame
    Send Request    hello
    Received Message Should Equal    alice said hello
    Connect Zmq Socket    ${address}    REQ    plain_username=alice    plain_password=open poppy    lazy=yes
    Handshake Should Fail    reason=AUTH 400

Their Client Gets Into Our Server With Their Files
    ${alice}=    Their Certificate    alice
    ${address}=    Start Our Curve Server
    Allow Curve Clients From    ${FILES}
    Start Peer    secure_client    curve    ${address}    ${FILES}/server/server.key    ${alice}
    Receive Message    socket=server
    ${key}=    Load Curve Public Key    ${alice}
    Received Message Should Come From User    ${key}
    Reply    welcome    socket=server
    ${answer}=    Next Line Of Peer    secure_client
    Should Be Equal    ${answer}    welcome

Our Server Refuses Their Client
    ${mallory}=    Their Certificate    mallory
    ${address}=    Start Our Curve Server
    Start Peer    secure_client    curve    ${address}    ${FILES}/server/server.key    ${mallory}
    ${answer}=    Next Line Of Peer    secure_client
    Should Be Equal    ${answer}    refused HANDSHAKE_FAILED_AUTH 400
    Handshake Should Fail    reason=AUTH 400    socket=server

Our Server Refuses Their Client Without Curve
    ${address}=    Start Our Curve Server
    Start Peer    secure_client    null    ${address}    -    -
    ${answer}=    Next Line Of Peer    secure_client
    Should Start With    ${answer}    refused    ${answer}
    Handshake Should Fail    socket=server
    Zmq Event Should Not Have Happened    HANDSHAKE_SUCCEEDED    socket=server

Our Plain Server Takes The Right Password Only
    Start Authenticator
    Allow Plain User    alice    open sesame    user_id=Alice
    Bind Zmq Socket    tcp://127.0.0.1:*    REP    server    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Start Peer    secure_client    plain    ${address}    alice    open poppy    alias=wrong
    ${answer}=    Next Line Of Peer    wrong
    Should Be Equal    ${answer}    refused HANDSHAKE_FAILED_AUTH 400
    Start Peer    secure_client    plain    ${address}    alice    open sesame    alias=right
    Receive Message    socket=server
    Received Message Should Come From User    Alice


*** Keywords ***
Make Directories
    ${name}=    Evaluate    tempfile.mkdtemp(prefix='zmq-security-')
    VAR    ${FILES}=    ${name}    scope=TEST
    Create Directory    ${FILES}/clients

Save The Keys Of Somebody
    ${keys}=    Generate Curve Keypair
    Save Curve Keypair    ${keys}    ${FILES}/clients/somebody.key

Their Certificate
    [Documentation]    Makes certificate files as pyzmq does. Returns the secret one.
    [Arguments]    ${name}
    ${made}=    Evaluate    zmq.auth.create_certificates($FILES, $name)    modules=zmq.auth
    RETURN    ${made}[1]

Start Our Curve Server
    ${keys}=    Generate Curve Keypair
    Save Curve Keypair    ${keys}    ${FILES}/server/server.key
    Start Authenticator
    Bind Zmq Socket    tcp://127.0.0.1:*    REP    server    curve_keypair=${keys}
    ${address}=    Get Zmq Endpoint
    RETURN    ${address}
