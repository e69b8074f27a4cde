*** Settings ***
Documentation    Socket options and what libzmq can do.

Resource         ../resources/zmq.resource

Test Timeout     1 minute


*** Test Cases ***
Names Are Written In Many Ways
    [Template]    Option Should Be 1000
    sndhwm
    SNDHWM
    ZMQ_SNDHWM
    zmq sndhwm
    snd_hwm
    Snd Hwm

Options Are Typed
    [Template]    Option Keeps Its Value
    linger    50ms    50 milliseconds
    linger    ${2}    2 seconds
    linger    -1    ${-1}
    reconnect_ivl    0.25 s    250 milliseconds
    ipv6    yes    ${True}
    ipv6    off    ${False}
    immediate    ${True}    ${True}
    sndhwm    10    ${10}
    rcvhwm    ${7}    ${7}
    routing_id    client-7    ${{b'client-7'}}
    zap_domain    global    global

Setting Returns The Old Value
    Open Zmq Socket    DEALER    sndhwm=10
    ${old}=    Set Zmq Socket Option    sndhwm    20
    Should Be Equal    ${old}    ${10}
    ${old}=    Set Zmq Socket Option    probe_router    yes
    Should Be Equal    ${old}    ${None}

Options Are Set When Opening
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    sink    receive_hwm=5    linger=10ms
    ${address}=    Get Zmq Endpoint
    Connect Zmq Socket    ${address}    PUSH    source    send_hwm=6    routing_id=me    reconnect_ivl=50ms
    Option Of Socket Should Be    sink    rcvhwm    ${5}
    Option Of Socket Should Be    sink    linger    10 milliseconds
    Option Of Socket Should Be    source    sndhwm    ${6}
    Option Of Socket Should Be    source    routing id    ${{b'me'}}
    Option Of Socket Should Be    source    reconnect ivl    50 milliseconds

Setting An Option Too Late Warns
    [Documentation]    LOG 2.1 WARN Option RECONNECT_IVL acts only on later binds and connects of socket 'sink' (PULL).
    Bind Zmq Socket    inproc://options    PULL    sink
    Set Zmq Socket Option    reconnect_ivl    50ms

Setting An Option In Time Does Not Warn
    [Documentation]    LOG 2.1 INFO Set RECONNECT_IVL of 'sink' (PULL) to 50 milliseconds.
    ...    LOG 2.2 NONE
    ...    LOG 4.1 INFO Set LINGER of 'sink' (PULL) to 50 milliseconds.
    ...    LOG 4.2 NONE
    Open Zmq Socket    PULL    sink
    Set Zmq Socket Option    reconnect_ivl    50ms
    Bind To Endpoint    inproc://options
    Set Zmq Socket Option    linger    50ms

Secret Options Are Never Logged
    [Documentation]    LOG 2.1 INFO Set PLAIN_PASSWORD of 'client' (DEALER) to <secret>.
    ...    LOG 2.2 NONE
    ...    LOG 3.1 INFO Set PLAIN_PASSWORD of 'client' (DEALER) to <secret>.
    Open Zmq Socket    DEALER    client
    Set Zmq Socket Option    plain_password    ${{robot.api.types.Secret('sesame')}}
    ${old}=    Set Zmq Socket Option    plain_password    sesame2
    Should Be Equal    ${old}    ${None}

A Secret Can Be Given For Any Option
    Open Zmq Socket    DEALER    plain_username=${{robot.api.types.Secret('alice')}}
    ${name}=    Get Zmq Socket Option    plain_username
    Should Be Equal    ${name}    alice

The Endpoint Can Be Read As An Option
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL
    ${address}=    Get Zmq Endpoint
    ${option}=    Get Zmq Socket Option    LAST_ENDPOINT
    Should Be Equal    ${option}    ${address}

Versions Are Told
    &{version}=    Get Zmq Version
    Should Be Equal    ${version.libzmq}    ${{zmq.zmq_version()}}
    Should Be Equal    ${version.pyzmq}    ${{zmq.pyzmq_version()}}

Capabilities Are Checked
    Zmq Should Support    libzmq>=4.2    pyzmq>=26
    Run Keyword And Expect Error    libzmq is *, but >=99 is required.    Zmq Should Support    libzmq>=99
    Run Keyword And Expect Error    *pgm*    Zmq Should Support    pgm

A High-Water Mark Limits What Is Queued
    [Tags]    tcp
    Open Zmq Socket    PUSH    source    sndhwm=3    linger=0
    Connect To Endpoint    tcp://127.0.0.1:9    lazy=yes
    FOR    ${n}    IN RANGE    3
        ${sent}=    Try To Send Message    ${n}
        Should Be True    ${sent}
    END
    ${sent}=    Try To Send Message    one too many
    Should Not Be True    ${sent}


*** Keywords ***
Option Should Be 1000
    [Arguments]    ${name}
    Open Zmq Socket    DEALER
    ${value}=    Get Zmq Socket Option    ${name}
    Should Be Equal    ${value}    ${1000}

Option Keeps Its Value
    [Arguments]    ${name}    ${value}    ${expected}
    Open Zmq Socket    DEALER
    Set Zmq Socket Option    ${name}    ${value}
    ${actual}=    Get Zmq Socket Option    ${name}
    Should Be Equal    ${actual}    ${expected}

Option Of Socket Should Be
    [Arguments]    ${socket}    ${name}    ${expected}
    ${actual}=    Get Zmq Socket Option    ${name}    socket=${socket}
    Should Be Equal    ${actual}    ${expected}
