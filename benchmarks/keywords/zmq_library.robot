*** Settings ***
Documentation    The loop on ZmqLibrary.

Library          ZmqLibrary

Suite Setup      Open


*** Test Cases ***
Send And Receive
    FOR    ${_}    IN RANGE    2000
        Send Multipart    topic    42    socket=out
        Receive Multipart
    END


*** Keywords ***
Open
    Bind Zmq Socket    tcp://127.0.0.1:*    PAIR    in
    ${endpoint}=    Get Zmq Endpoint
    Connect Zmq Socket    ${endpoint}    PAIR    out
    Switch Zmq Socket    in
