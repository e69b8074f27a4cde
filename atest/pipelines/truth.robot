*** Settings ***
Documentation    What becomes of each message: with a worker in between that loses, doubles, swaps, damages and delays.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     2 minutes


*** Variables ***
${COUNT}    ${10_000}


*** Test Cases ***
A Clean Pipeline Has Nothing But Zeros
    ${report}=    Pump Through Worker
    Should Be Equal As Integers    ${report.received}    ${COUNT}
    Should Be True    ${report.complete}
    Sink Should Be Complete    pump=source    sink=out

Lost Messages Are Counted And Named
    ${report}=    Pump Through Worker    lose=1000
    Should Be Equal As Integers    ${report.lost}    10
    Should Be Equal    ${report.first_lost}[0:3]    ${{[1000, 2000, 3000]}}
    Only Faults Should Be    lost=10
    Run Keyword And Expect Error    *10 lost (first: 1000, 2000*    Sink Should Be Complete    sink=out
    Sink Should Be Complete    sink=out    lost=10

The Tail Is Lost, Too, Once The Pump Has Ended
    ${report}=    Pump Through Worker    swallow=9963
    Should Be Equal As Integers    ${report.lost}    37
    ${later}=    Get Sink Report    out
    Should Be Equal As Integers    ${later.lost}    37

Duplicates Are Counted
    Pump Through Worker    double=777
    Only Faults Should Be    duplicates=12
    Run Keyword And Expect Error    *12 duplicate (first: 777, 1554*    Sink Should Be Complete    sink=out

Swapped Neighbours Are Counted
    Pump Through Worker    swap=501
    Only Faults Should Be    reordered=19
    Run Keyword And Expect Error    *19 reordered (first: 501, 1002*    Sink Should Be Complete    sink=out

A Damaged Byte Makes A Message Corrupt But Not Lost
    Pump Through Worker    damage=1499
    Only Faults Should Be    corrupt=6
    Run Keyword And Expect Error    *6 corrupt (first: 1499, 2998*    Sink Should Be Complete    sink=out

A Damaged Number Makes A Message Corrupt And Lost And Invents Nothing
    Pump Through Worker    damage_number=1499
    Only Faults Should Be    corrupt=6    lost=6

All Faults Together Are Told Apart
    Pump Through Worker    lose=1000    double=777    swap=501    damage=1499    swallow=9963
    Only Faults Should Be    lost=46    duplicates=12    reordered=19    corrupt=6

A Stamp In A Frame Of Its Own Tells The Same
    Start Worker And Sink    lose=100    double=77    swap=51
    Start Pump    ${IN}    PUSH    source    EUR    {"n": $n}    count=1000
    Wait For Sink    pump=source    sink=out    timeout=60s
    Only Faults Should Be    lost=10    duplicates=12    reordered=19

A Worker That Takes 20 ms Shows As 20 ms
    Start Worker And Sink    delay=0.02
    Start Pump    ${IN}    PUSH    source    count=500    rate=200
    Wait For Sink    pump=source    sink=out    timeout=60s
    Latency Should Be    p50    >=    20ms    sink=out
    Latency Should Be    min    <    100ms    sink=out

A Worker That Stops For A Second Is Seen By Every Message Meanwhile
    Start Worker And Sink    stall_at=500    stall=1
    Start Pump    ${IN}    PUSH    source    count=3000    rate=1000
    Wait For Sink    pump=source    sink=out    timeout=60s
    Latency Should Be    p99.9    >    900ms    sink=out
    Latency Should Be    max    >    950ms    sink=out
    Sink Should Be Complete    pump=source    sink=out

A Stall Is Seen When The Pump Is Blocked, Too
    Start Worker And Sink    stall_at=500    stall=1
    Start Pump    ${IN}    PUSH    source    count=1500    rate=1000    size=50000    send_hwm=1
    Wait For Sink    pump=source    sink=out    timeout=60s
    Latency Should Be    max    >    950ms    sink=out
    Sink Should Be Complete    pump=source    sink=out

Kept Messages Are Read Beside Their Stamps
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes    keep=3
    ${address}=    Get Sink Endpoint
    Start Pump    ${address}    PUSH    source    EUR    {"n": $n}    count=5
    Wait For Sink    pump=source    sink=out
    @{messages}=    Get Sink Messages    EUR*    sink=out
    Should Be Equal    ${messages}[-1][1]    {"n": 5}
    Length Should Be    ${messages}[-1][2]    28
    @{messages}=    Get Sink Messages    format=JSON,...    sink=out
    Run Keyword And Expect Error    Frame 0 is not JSON*    Log    ${messages}[0][0]
    @{messages}=    Get Sink Messages    format=HEX    sink=out
    Should Match    ${messages}[0][2]    df 5a 50*
    Start Pump    ${address}    PUSH    bodies    size=60    count=5
    Wait For Sink    pump=bodies    sink=out
    @{messages}=    Get Sink Messages    sink=out
    Length Should Be    ${messages}[0][0]    60
    Connect Zmq Socket    ${address}    PUSH
    Send Message    no stamp
    Wait For Sink    count=11    sink=out
    @{messages}=    Get Sink Messages    no*    sink=out
    Should Be Equal    ${messages}[0][0]    no stamp

A Service With Numbers Of Its Own Is Followed By Them
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes    sequence=$.id    sent_at=$.at    format=JSON
    ${address}=    Get Sink Endpoint
    Connect Zmq Socket    ${address}    PUSH    service
    FOR    ${number}    IN    17    18    20    20    19    22
        ${now}=    Evaluate    time.time()
        Send Message    {"id": ${number}, "at": ${now}}    socket=service
    END
    Wait For Sink    count=6    sink=out
    Only Faults Should Be    lost=1    duplicates=1    reordered=1
    Latency Should Be    max    <    20s    sink=out
    @{messages}=    Get Sink Messages    {"id": 20}    sink=out
    Length Should Be    ${messages}    2
    Should Be Equal As Integers    ${messages}[0][0][id]    20


*** Keywords ***
Pump Through Worker
    [Documentation]    Returns the report of the sink behind a worker with these faults.
    [Arguments]    @{faults}
    Start Worker And Sink    @{faults}
    Start Pump    ${IN}    PUSH    source    count=${COUNT}    size=60
    ${report}=    Wait For Sink    pump=source    sink=out    idle=2s    timeout=60s
    RETURN    ${report}

Start Worker And Sink
    [Arguments]    @{faults}
    ${places}=    Start Peer    worker    tcp://127.0.0.1:*    tcp://127.0.0.1:*    @{faults}
    ${in}    ${out}=    Split String    ${places}
    VAR    ${IN}=    ${in}    scope=TEST    # robocop: off=no-test-variable
    Start Sink    ${out}    PULL    out

Only Faults Should Be
    [Documentation]    The sink has exactly these counts, and zeros otherwise.
    [Arguments]    ${lost}=0    ${duplicates}=0    ${reordered}=0    ${corrupt}=0
    ${report}=    Get Sink Report    out
    VAR    @{found}=    ${report.lost}    ${report.duplicates}    ${report.reordered}    ${report.corrupt}
    Should Be Equal As Strings    ${found}    [${lost}, ${duplicates}, ${reordered}, ${corrupt}]
    Should Be Equal As Integers    ${report.unstamped}    0
