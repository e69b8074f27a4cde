*** Settings ***
Documentation    A collector answers to the name of its socket, and tells what sequence checks know.

Resource         ../resources/zmq.resource

Test Setup       Open Sockets    PULL    sink    PUSH    source
Test Timeout     1 minute


*** Test Cases ***
A Collector Answers To The Name Of Its Socket
    Bind Zmq Socket    inproc://other    PULL    other
    Start Collecting Messages    sink
    Start Collecting Messages    other
    Send Message    one    socket=source
    Wait For Collected Message    one    collector=sink
    Collected Message Count Should Be    ==    1    collector=sink
    ${count}=    Clear Collected Messages    sink
    Should Be Equal    ${count}    ${1}
    Collected Messages Should Not Contain    collector=sink
    Stop Collecting Messages    sink
    Send Message    two    socket=source
    ${text}=    Receive Message    socket=sink
    Should Be Equal    ${text}    two

An Alias Comes Before The Name Of A Socket
    Bind Zmq Socket    inproc://other    PULL    other
    Start Collecting Messages    other    alias=sink
    Start Collecting Messages    sink    alias=mine
    Send Message    one    socket=source
    Wait For Collected Message    one    collector=mine
    Collected Message Count Should Be    ==    0    collector=sink

A Count That Ends Short Says What The Sequence Check Knows
    Start Collecting Messages    sink
    Start Sequence Check    ticks    format=TEXT    socket=sink
    Send Messages    ${{ [1, 2, 5, 5, 4] }}    socket=source
    Collected Message Count Should Be    ==    5    collector=sink
    ${error}=    Run Keyword And Expect Error    *
    ...    Collected Message Count Should Be    ==    6    collector=sink    timeout=50ms
    Should Contain    ${error}    Sequence 'ticks' is not complete, in 5 messages:
    Should Contain    ${error}    1 message missing: 3; 1 duplicate: 5; 1 message out of order: 4.
