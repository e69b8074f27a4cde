*** Settings ***
Documentation    The loop on a hand-written library that is documented and logs.

Library          Documented.py

Suite Setup      Open


*** Test Cases ***
Send And Receive
    FOR    ${_}    IN RANGE    2000
        Send Multipart    topic    42    socket=out
        Receive Multipart
    END
