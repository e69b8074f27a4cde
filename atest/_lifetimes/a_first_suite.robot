*** Comments ***
# robocop: off=VAR05


*** Settings ***
Documentation     Sockets across tests.

Resource          ../resources/zmq.resource
Resource          lifetimes.resource

Suite Setup       Open In Each Library    suite1
Suite Teardown    Open In Each Library    teardown1


*** Variables ***
${NUMBER}    3


*** Test Cases ***
What A Suite Setup Opened Is There
    Open Should Be    directory suite1    directory suite1    directory suite1
    Open In Each Library    test1

What A Test Opened Lives As Long As Said
    Open Should Be    directory suite1    directory suite1 test1    directory suite1 test1
    [Teardown]    Open In Each Library    test2

What A Test Teardown Opened Lives As Long As Said
    Open Should Be    directory suite1    directory suite1 test1 test2    directory suite1 test1 test2
    Test.Close Zmq Socket    suite1
    Test.Open Zmq Socket    PULL    suite1

A Test Can Replace A Socket Of The Suite
    Open Should Be    directory    directory suite1 test1 test2    directory suite1 test1 test2

The Name Of Test ${NUMBER} Has A Variable In It
    Open In Each Library    test${NUMBER}

What A Test With A Variable In Its Name Opened Is Closed
    Open Should Be    directory    directory suite1 test1 test2 test3    directory suite1 test1 test2 test3

A Message Received In A Test Is Gone With It
    Test.Connect Zmq Socket    inproc://suite1    PUSH    source    lazy=yes
    Test.Bind Zmq Socket    inproc://gone    PULL    sink
    Test.Connect Zmq Socket    inproc://gone    PUSH    other
    Test.Send Message    hello
    Test.Receive Message    socket=sink

No Message Of An Earlier Test Is Checked
    Run Keyword And Expect Error    No message has been received yet.*    Test.Received Message Should Equal    hello

Addresses Of An Earlier Test Are Free 1
    Test.Bind Zmq Socket    tcp://127.0.0.1:*    REP
    ${address}=    Test.Get Zmq Endpoint
    VAR    ${ADDRESS}=    ${address}    scope=SUITE

Addresses Of An Earlier Test Are Free 2
    Test.Bind Zmq Socket    ${ADDRESS}    REP
