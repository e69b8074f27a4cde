*** Settings ***
Documentation    The order service of service.py, tested end to end: its command interface, its event feed, and what it
...              does when the stock service behind it dies. The stock service is a mock server, behind a proxy that can
...              break the connection to it.

Library          Process
Library          ZmqLibrary    timeout=20s

Test Setup       Start Everything
Test Teardown    Terminate All Processes    kill=True
Test Timeout     1 minute


*** Variables ***
${PYTHON}    ${{sys.executable}}


*** Test Cases ***
An Order Is Accepted
    ${answer}=    Order    apple    3    id=7
    Should Be Equal    ${answer}    ${{{'id': 7, 'status': 'accepted', 'order': 1}}}
    Mock Should Have Received    reserve    {"item": "apple", "count": 3}    times=1    format=TEXT,JSON
    Wait For Message    order.accepted    {"order": 1, "item": "apple", "count": 3}    match=EXACT    format=TEXT,JSON
    ...    socket=events

What Is Sold Out Is Rejected
    When Mock Receives    reserve    {"item": "plum"}    format=TEXT,JSON
    ...    reply={"order": $order, "reserved": false}    reply_format=JSON
    Mock Replies By Default    {"order": $order, "reserved": true}    format=JSON
    ${answer}=    Order    plum    1
    Should Be Equal    ${answer}[reason]    sold out
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted

Bad Commands Do Not Reach The Stock Service
    ${answer}=    Command    {"command": "order", "item": "apple"}
    Should Be Equal    ${answer}[reason]    bad command: 'count'
    ${answer}=    Command    {"command": "steal"}
    Should Be Equal    ${answer}[reason]    bad command: there is no command steal
    ${answer}=    Command    no json
    Should Be Equal    ${answer}[status]    rejected
    Mock Should Not Have Received

A Slow Stock Service Holds Up No Other Order
    When Mock Receives    reserve    {"item": "slow"}    format=TEXT,JSON    delay=2s
    ...    reply={"order": $order, "reserved": true}    reply_format=JSON
    Mock Replies By Default    {"order": $order, "reserved": true}    format=JSON
    Send Message    {"id": 1, "command": "order", "item": "slow", "count": 1}    socket=client
    Send Message    {"id": 2, "command": "order", "item": "fast", "count": 1}    socket=client
    ${first}=    Receive Message    format=JSON    socket=client
    Should Be Equal    ${first}[id]    ${2}
    ${second}=    Receive Message    format=JSON    socket=client
    Should Be Equal    ${second}[id]    ${1}

The Stock Service Keeps Silent
    [Setup]    Start Everything    patience=2
    Mock Keeps Silent    times=2
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    Wait For Message    stock.down    socket=events
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted
    # The second silence is no news.
    ${event}=    Receive Multipart    socket=events
    Should Be Equal    ${event}[0]    stock.up

The Stock Service Dies And Comes Back
    [Setup]    Start Everything    patience=2
    ${address}=    Get Mock Endpoint    mock=stock
    Order    apple    1
    Stop Mock Server    mock=stock
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    Wait For Message    stock.down    socket=events
    Start Stock Service    ${address}
    Wait For Mock Peer
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted
    Wait For Message    stock.up    socket=events

The Connection To The Stock Service Breaks
    [Setup]    Start Everything    patience=2
    Mock Disconnects    times=1
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted

The Answer Of The Stock Service Is Lost
    [Setup]    Start Everything    patience=2
    Proxy Drops Messages    direction=TO_CLIENT    times=1    name=lost
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    Proxy Fault Should Have Acted    lost    times=1
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted

An Answer That Comes Too Late Is Not Taken For The Next One
    [Setup]    Start Everything    patience=2
    Mock Replies By Default    {"order": $order, "reserved": false}    format=JSON
    When Mock Receives    reserve    {"order": 1}    format=TEXT,JSON
    ...    reply={"order": $order, "reserved": true}    reply_format=JSON
    Proxy Holds Messages    direction=TO_CLIENT    times=1    name=late
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    Proxy Releases Messages    name=late
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    sold out

The Connection To The Stock Service Is There But Dead
    [Setup]    Start Everything    patience=2
    Proxy Goes Silent    name=dark
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[reason]    stock is down
    Remove Proxy Fault    dark
    ${answer}=    Order    apple    1
    Should Be Equal    ${answer}[status]    accepted


*** Keywords ***
Start Everything
    [Documentation]    Takes for how many seconds the service waits for the stock service.
    [Arguments]    ${patience}=15
    ${stock}=    Start Stock Service    tcp://127.0.0.1:*
    Start Proxy    ${stock}    alias=upstream
    ${upstream}=    Get Proxy Endpoint
    ${process}=    Start Process    ${PYTHON}    -u    ${CURDIR}/service.py    tcp://127.0.0.1:*    tcp://127.0.0.1:*
    ...    ${upstream}    ${patience}    stderr=STDOUT
    ${line}=    Call Method    ${process.stdout}    readline
    ${_}    ${commands}    ${events}=    Evaluate    $line.decode().split()
    Connect Zmq Socket    ${commands}    DEALER    client
    Connect Zmq Socket    ${events}    SUB    events    subscribe=${EMPTY}
    Wait For Message    welcome    socket=events
    Wait For Mock Peer    mock=stock

Start Stock Service
    [Arguments]    ${endpoint}
    Start Mock Server    ${endpoint}    REP    stock
    Mock Replies By Default    {"order": $order, "reserved": true}    format=JSON
    ${address}=    Get Mock Endpoint
    RETURN    ${address}

Order
    [Arguments]    ${item}    ${count}    ${id}=1
    ${answer}=    Command    {"id": ${id}, "command": "order", "item": "${item}", "count": ${count}}
    RETURN    ${answer}

Command
    [Arguments]    ${command}
    ${answer}=    Send Request    ${command}    reply_format=JSON    socket=client
    RETURN    ${answer}[0]
