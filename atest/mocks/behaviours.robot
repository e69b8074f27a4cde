*** Settings ***
Documentation    The resources that are shipped with the library.

Library          Collections
Resource         ../resources/zmq.resource
Resource         ../../ZmqLibrary/resources/echo.resource
Resource         ../../ZmqLibrary/resources/last_value_cache.resource
Resource         ../../ZmqLibrary/resources/majordomo.resource

Test Timeout     1 minute


*** Test Cases ***
Echo
    FOR    ${type}    IN    REP    ROUTER
        ${address}=    Start Echo Server    type=${type}    alias=${type}
        Connect Zmq Socket    ${address}    REQ
        ${answer}=    Send Request    a    ${EMPTY}    ${{b'\xff'}}    format=BYTES
        Should Be Equal    ${answer}    ${{[b'a', b'', b'\xff']}}
    END

Late Subscribers Get The Last Value
    ${address}=    Start Last Value Cache
    Publish And Remember    EUR    1.07
    Publish And Remember    EUR    1.08
    Connect Zmq Socket    ${address}    SUB    dollars    subscribe=USD
    Wait For Mock Peer    topic=USD
    Publish And Remember    USD    0.93    ${{'$1'}}
    ${value}=    Receive Multipart
    Should Be Equal    ${value}    ${{['USD', '0.93', '$1']}}
    Connect Zmq Socket    ${address}    SUB    late dollars    subscribe=USD
    ${value}=    Receive Multipart
    Should Be Equal    ${value}    ${{['USD', '0.93', '$1']}}
    Connect Zmq Socket    ${address}    SUB    late    subscribe=EUR
    ${value}=    Receive Multipart
    Should Be Equal    ${value}    ${{['EUR', '1.08']}}
    Publish And Remember    EUR    1.09
    ${value}=    Receive Multipart
    Should Be Equal    ${value}    ${{['EUR', '1.09']}}
    Connect Zmq Socket    ${address}    SUB    later    subscribe=EUR
    ${value}=    Receive Multipart
    Should Be Equal    ${value}    ${{['EUR', '1.09']}}

A Majordomo Client
    ${address}=    Start Majordomo Broker
    Majordomo Service Replies    echo    $frame2
    Connect Zmq Socket    ${address}    REQ
    ${answer}=    Send Request    MDPC01    echo    hello
    Should Be Equal    ${answer}    ${{['MDPC01', 'echo', 'hello']}}

A Majordomo Worker Against The Broker
    ${address}=    Start Majordomo Broker
    Start Majordomo Worker    ${address}    sums    heartbeat=50ms
    Majordomo Worker Replies    1 2    3    no. $n
    ${worker}=    Wait For Majordomo Worker    sums    heartbeat=50ms
    ${body}=    Send Majordomo Request    ${worker}    1 2
    Should Be Equal    ${body}    ${{['3', 'no. 1']}}
    ${body}=    Send Majordomo Request    ${worker}    1 2    $price    100%
    Should Be Equal    ${body}    ${{['3', 'no. 2']}}
    Mock Should Have Received    ${EMPTY}    MDPW01    \x02    *    ${EMPTY}    1 2    $price    100%    mock=worker
    Majordomo Worker Should Send Heartbeats
    Wait For Mock Request    ${EMPTY}    MDPW01    \x04    mock=worker
    Disconnect Majordomo Worker    ${worker}
    Wait For Mock Request    ${EMPTY}    MDPW01    \x05    mock=worker
    Mock Should Have No Unexpected Requests    mock=broker

A Late Reply Of Another Majordomo Worker Is Not Taken For That Of This One
    ${address}=    Start Majordomo Broker
    Connect Zmq Socket    ${address}    DEALER    slow    routing_id=slow
    Send Multipart    ${EMPTY}    MDPW01    \x01    sums
    Wait For Majordomo Worker    sums
    FOR    ${client}    IN    ${EMPTY}    client-1
        Run Keyword And Expect Error    *no new request*    Send Majordomo Request    slow    1    client=${client}
        ...    timeout=50ms
        ${request}=    Wait For Message    ${EMPTY}    MDPW01    \x02    socket=slow
        Send Multipart    ${EMPTY}    MDPW01    \x03    ${request}[3]    ${EMPTY}    late    socket=slow
    END
    Mock Should Have Received    MDPW01    \x03    times=2    mock=broker
    Start Majordomo Worker    ${address}    sums
    Majordomo Worker Replies    1    in time
    ${other}=    Wait For Majordomo Worker    sums
    FOR    ${client}    IN    ${EMPTY}    client-1
        ${body}=    Send Majordomo Request    ${other}    1    client=${client}
        Should Be Equal    ${body}    ${{['in time']}}
    END
