*** Settings ***
Documentation    The order service under load: its command interface with several clients, and every event followed.

Library          Process
Library          ZmqLibrary    timeout=20s

Test Setup       Start Everything
Test Teardown    Terminate All Processes    kill=True
Test Timeout     2 minutes


*** Variables ***
${PYTHON}    ${{sys.executable}}
${ORDER}     {"id": $n, "command": "order", "item": "apple", "count": 1}


*** Test Cases ***
Four Clients Get An Answer To Each Of Their Orders
    Start Pump    ${COMMANDS}    REQ    clients    ${ORDER}    connections=4    rate=200    count=300    stamp=NONE
    ${report}=    Wait For Pump    clients
    Should Be Equal As Integers    ${report.replies}    300
    Should Be Equal As Integers    ${report.lost}    0
    Latency Should Be    p90    <    10s    pump=clients

Every Accepted Order Is Published Once And In Order
    Start Sink    ${EVENTS}    SUB    events    subscribe=${{['order.accepted', 'welcome']}}    sequence=$.order
    Wait For Sink    count=1    sink=events    # the service welcomes who has subscribed
    Start Pump    ${COMMANDS}    REQ    clients    ${ORDER}    connections=2    count=300    stamp=NONE
    Wait For Pump    clients
    Wait For Sink    count=301    sink=events
    Sink Should Be Complete    sink=events


*** Keywords ***
Start Everything
    Start Mock Server    tcp://127.0.0.1:*    REP    stock
    Mock Replies By Default    {"order": $order, "reserved": true}    format=JSON
    ${stock}=    Get Mock Endpoint
    ${process}=    Start Process    ${PYTHON}    -u    ${CURDIR}/service.py    tcp://127.0.0.1:*    tcp://127.0.0.1:*
    ...    ${stock}    20    stderr=STDOUT
    ${line}=    Call Method    ${process.stdout}    readline
    ${_}    ${commands}    ${events}=    Evaluate    $line.decode().split()
    VAR    ${COMMANDS}=    ${commands}    scope=TEST    # robocop: off=no-test-variable
    VAR    ${EVENTS}=    ${events}    scope=TEST    # robocop: off=no-test-variable
    Wait For Mock Peer    mock=stock
