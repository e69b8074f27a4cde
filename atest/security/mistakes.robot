*** Settings ***
Documentation    Wrong use of keys, files and authenticators fails with what to do instead.

Resource         ../resources/zmq.resource

Test Teardown    Remove Directory    ${FILES}    recursive=True
Test Timeout     1 minute


*** Variables ***
${FILES}    ${{tempfile.gettempdir()}}/zmq-mistakes-${{uuid.uuid4().hex}}


*** Test Cases ***
A Curve Server Without Authenticator Gives A Warning
    [Documentation]    LOG 2.1 WARN GLOB:Socket 'server' (PULL) is a CURVE server without an authenticator*
    ${keys}=    Generate Curve Keypair
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server    curve_keypair=${keys}

A Zap Domain Without Authenticator Gives A Warning
    [Documentation]    LOG 1.1 WARN GLOB:Socket 'server' (PULL) has a ZAP domain, but *
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server    zap_domain=orders

A Plain Server Without Authenticator Is Refused
    Run Keyword And Expect Error    Cannot use 'server' (PULL) as a PLAIN server*`Start Authenticator`*
    ...    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server    plain_server=yes

Rules Without Authenticator Are Refused
    Run Keyword And Expect Error    No authenticator is open. Use `Start Authenticator` first.
    ...    Allow Curve Client    any

Keys Of A Wrong Length Or Alphabet Are Refused
    Start Authenticator
    Run Keyword And Expect Error    public_key: a CURVE key has 40 characters of Z85 text, and this one has 3.*
    ...    Allow Curve Client    abc
    ${key}=    Evaluate    'a' * 39 + ','
    Run Keyword And Expect Error    public_key: this is not a CURVE key: character 40 of 40 *
    ...    Allow Curve Client    ${key}

A Secret Key Is Refused Where A Public One Belongs
    ${keys}=    Generate Curve Keypair
    Start Authenticator
    Run Keyword And Expect Error    public_key: this is a secret key, and a public key belongs here.
    ...    Allow Curve Client    ${keys.secret}
    Run Keyword And Expect Error    curve_server_key: this is a secret key, and a public key belongs here.
    ...    Connect Zmq Socket    tcp://127.0.0.1:9    PUSH    curve_server_key=${keys.secret.value}

Curve Options After The Bind Are Refused
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server
    Run Keyword And Expect Error    Option CURVE_SERVER does nothing for the endpoints*
    ...    Set Zmq Socket Option    curve_server    yes

Security Over Inproc Is Refused
    Run Keyword And Expect Error    Security does nothing at inproc://x*
    ...    Bind Zmq Socket    inproc://x    PULL    plain_server=yes

A Missing File Is Refused
    Run Keyword And Expect Error    Certificate file *nobody.key_secret does not exist.
    ...    Load Curve Keypair    ${FILES}/nobody.key_secret

A File Without Secret Is Refused
    ${keys}=    Generate Curve Keypair
    ${saved}=    Save Curve Keypair    ${keys}    ${FILES}/alice.key
    ${again}=    Load Curve Keypair    ${FILES}/alice.key
    Should Be Equal    ${again.public}    ${keys.public}
    Evaluate    os.remove($saved[1])
    Run Keyword And Expect Error    Certificate file * has no secret key, and there is no alice.key_secret beside it.*
    ...    Load Curve Keypair    ${FILES}/alice.key

A Secret File That Others May Read Gives A Warning
    [Documentation]    LOG 4.1 WARN GLOB:Certificate file *alice.key_secret has a secret key and others may read it*
    ${keys}=    Generate Curve Keypair
    ${saved}=    Save Curve Keypair    ${keys}    ${FILES}/alice.key
    Evaluate    os.chmod($saved[1], 0o644)
    Load Curve Keypair    ${saved}[1]

A Missing Directory Is Refused
    Start Authenticator
    Run Keyword And Expect Error    Directory * with CURVE certificates does not exist.
    ...    Allow Curve Clients From    ${FILES}

A Second Authenticator Is Refused
    Start Authenticator    first
    Run Keyword And Expect Error    Authenticator 'first' is running, and there is one at a time. Stop it first.
    ...    Start Authenticator    second
    Stop Authenticator
    Start Authenticator    second

An Exception In The Authenticator Is Shown By The Next Keyword
    Start Authenticator
    ${library}=    Get Library Instance    ZmqLibrary
    ${authenticator}=    Evaluate    $library.session.workers.all[-1]
    Evaluate    $authenticator.post(lambda: 1 // 0)
    Run Keyword And Expect Error    Authenticator 'authenticator-1' has failed: ZeroDivisionError*
    ...    Wait For Authentication Request
    Run Keyword And Expect Error    Authenticator 'authenticator-1' has failed: ZeroDivisionError*
    ...    Stop Authenticator

A Request That Does Not Come Tells Those That Came
    Start Authenticator
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=open sesame    lazy=yes
    Handshake Should Fail    reason=AUTH 400
    Run Keyword And Expect Error
    ...    No PLAIN authentication request about user bob in *PLAIN request of user 'alice' from 127.0.0.1: 400 User *
    ...    Wait For Authentication Request    mechanism=PLAIN    username=bob    timeout=100ms

A Message Of Another User Tells Whose It Is
    Start Authenticator
    Allow Plain User    alice    open sesame
    Bind Zmq Socket    tcp://127.0.0.1:*    PULL    server    plain_server=yes
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    plain_username=alice    plain_password=open sesame
    Send Message    hello
    Receive Message    socket=server
    Run Keyword And Expect Error    *User-Id: 'alice', not 'bob'.
    ...    Received Message Should Come From User    bob
