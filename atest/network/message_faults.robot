*** Settings ***
Documentation    A proxy loses, delays, doubles, reorders, damages, replaces and holds messages, over tcp and ipc.

Resource         ../resources/zmq.resource

Test Setup       Start Service Behind Proxy
Test Timeout     1 minute


*** Test Cases ***
Messages That Match Are Dropped
    Proxy Drops Messages    job    4?    times=1    name=lost
    Send Multipart    job    41
    Send Multipart    job    42
    Next Job Should Be    42
    Proxy Fault Should Have Acted    lost    times=1
    Proxy Should Have Seen    job    41    times=1
    Proxy Should Not Have Seen    job    43

Patterns Are In Any Format
    Proxy Drops Messages    {"kind": "tick"}    format=JSON    name=json
    Send Message    {"kind": "tick", "n": 1}
    Send Message    {"kind": "trade", "n": 2}
    ${trade}=    Receive Message    socket=service    format=JSON
    Should Be Equal    ${trade}[n]    ${2}
    Proxy Fault Should Have Acted    json    times=1

Patterns Are In Formats Of The Suite
    Register Zmq Format
    ...    SHOUTED
    ...    encode=${{lambda value: value.upper().encode()}}
    ...    decode=${{lambda frame: frame.decode().lower()}}
    Proxy Drops Messages    secret*    format=SHOUTED    name=custom
    Send Message    SECRET 1
    Send Message    OPEN 2
    ${text}=    Receive Message    socket=service
    Should Be Equal    ${text}    OPEN 2
    Proxy Fault Should Have Acted    custom    times=1

Patterns Are In Layouts
    Define Message Layout    order    name=TEXT    body=JSON
    Proxy Drops Messages    order    {"item": "apple"}    format=order
    Send Multipart    order    {"item": "apple"}
    Send Multipart    order    {"item": "plum"}
    ${order}=    Receive Multipart    socket=service    format=order
    Should Be Equal    ${order.body}[item]    plum

Patterns Are Given By Field
    Define Message Layout    order    id=TEXT...    body=JSON
    Proxy Drops Messages    layout=order    body={"item": "apple"}    name=lost
    Proxy Replaces Messages
    ...    format=order
    ...    body={"item": "pear"}
    ...    replacement=${{{'id': ['3'], 'body': {'item': 'fig'}}}}
    Send Multipart    1    2    {"item": "apple"}
    Send Multipart    3    {"item": "plum"}
    Send Multipart    3    {"item": "pear"}
    FOR    ${item}    IN    plum    fig
        ${order}=    Receive Multipart    socket=service    format=order
        Should Be Equal    ${order.body}[item]    ${item}
    END
    Proxy Fault Should Have Acted    lost    times=1
    Proxy Should Have Seen    layout=order    body={"item": "apple"}    times=1
    Proxy Should Not Have Seen    body={"item": "fig"}    format=order
    ${plum}=    Wait For Proxy Message    layout=order    id=3    body={"item": "plum"}
    Should Be Equal    ${plum.body}    ${{{'item': 'plum'}}}
    @{all}=    Get Proxy Messages    layout=order    id=3
    Length Should Be    ${all}    2
    Proxy Injects Message    layout=order    id=${{['4', '5']}}    body={"item": "kiwi"}
    ${order}=    Receive Multipart    socket=service    format=order
    Should Be Equal    ${order.id}    ${{['4', '5']}}

A Text With An Equals Sign Is A Pattern Where There Is No Layout
    Send Multipart    key\=1    rest
    ${text}=    Wait For Proxy Message    key=1
    Should Be Equal    ${text}[1]    rest
    Proxy Should Not Have Seen    key=2
    Define Message Layout    order    id=TEXT    body=TEXT
    Run Keyword And Expect Error    *body*    Proxy Should Not Have Seen    x    layout=order    body=y

What Is Not Known Is Not Decided
    Send Multipart    job    ${{'x' * 3_000_000}}    secret
    Receive Multipart    socket=service
    Run Keyword And Expect Error
    ...    It is not certain that *1 message may match*not enough is kept*
    ...    Proxy Should Not Have Seen    job    *secret
    ${error}=    Run Keyword And Expect Error
    ...    *has seen 0 such messages for certain*3,000,009 bytes, not kept whole*
    ...    Proxy Should Have Seen    job    *secret
    Should Not Contain    ${error}    1048576
    Proxy Should Have Seen    job    *    secret    times=1
    Proxy Should Not Have Seen    other

A Function That Fails Matches Nothing
    Register Zmq Format    BROKEN    encode=${{lambda value: 1 / 0}}    decode=${{lambda frame: 1 / 0}}
    Proxy Drops Messages    x*    format=BROKEN
    Send Message    xyz
    ${text}=    Receive Message    socket=service
    Should Be Equal    ${text}    xyz

Messages Wait And Are Released In Any Order
    Proxy Holds Messages    job    name=held
    FOR    ${number}    IN RANGE    3
        Send Multipart    job    ${number}
    END
    Send Multipart    other    9
    Next Job Should Be    9
    ${count}=    Proxy Releases Messages    count=2    order=REVERSED    name=held
    Should Be Equal    ${count}    ${2}
    Next Job Should Be    1
    Next Job Should Be    0
    Remove Proxy Fault    held
    Next Job Should Be    2

Messages Tell Which Faults Acted On Them
    Proxy Duplicates Messages    job    name=twice
    Proxy Delays Messages    10ms    job    name=late
    Send Multipart    job    1
    Next Job Should Be    1
    Next Job Should Be    1
    @{messages}=    Get Proxy Messages    job
    Should Be Equal    ${messages[0].faults}    ${{['twice', 'late']}}
    Should Be Equal    ${messages[0].direction}    TO_TARGET
    ${message}=    Wait For Proxy Message    job    1
    Should Be Equal    ${message}[1]    1

Numbers That Mean Nothing Are Refused
    [Template]    Fault Should Be Refused
    probability    2    *0 (never) to 1 (always)*
    times    0    times=0*
    every    0    every=0*
    skip    -1    skip=-1*
    lasting    0s    lasting=0*
    direction    UP    *TO_TARGET*
    match    SOMEHOW    *GLOB*
    format    NOTHING    *NOTHING*

A Name Is Given Once
    Proxy Drops Messages    never    name=one
    Run Keyword And Expect Error    *has a fault 'one' already*    Proxy Goes Silent    name=one
    @{faults}=    Get Proxy Faults
    Length Should Be    ${faults}    1


*** Keywords ***
Start Service Behind Proxy
    ${endpoint}=    Free Endpoint
    Bind Zmq Socket    ${endpoint}    PULL    service
    ${target}=    Get Zmq Endpoint
    ${listen}=    Free Endpoint
    Start Proxy    ${target}    ${listen}    link
    ${address}=    Get Proxy Endpoint
    Connect Zmq Socket    ${address}    PUSH    client

Next Job Should Be
    [Arguments]    ${number}
    ${frames}=    Receive Multipart    socket=service
    Should Be Equal    ${frames}[1]    ${number}

Fault Should Be Refused
    [Arguments]    ${argument}    ${value}    ${error}
    VAR    &{named}=    ${argument}=${value}
    Run Keyword And Expect Error    ${error}    Proxy Drops Messages    job    &{named}
    @{faults}=    Get Proxy Faults
    Should Be Empty    ${faults}
