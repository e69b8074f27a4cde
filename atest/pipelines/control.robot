*** Settings ***
Documentation    Pumps and sinks under the control of a test: rates, pauses, backpressure, requests, and their end.

Resource         ../resources/zmq.resource

Test Teardown    Stop Peers
Test Timeout     2 minutes


*** Test Cases ***
A Rate Is Kept
    Keyword Should Pass Once In Several Tries    Rate Should Be Kept

A Profile Has Its Number Of Messages And Its End
    Start Pipeline    rate=1000:500ms,1000..3000:500ms,100/250ms:500ms
    ${report}=    Wait For Pump    timeout=50s
    Should Be Equal As Integers    ${report.sent}    ${{500 + 1000 + 200}}
    Should Be Equal    ${report.state}    DONE

A Duration Ends A Pump
    Start Pipeline    rate=1000    duration=500ms
    ${report}=    Wait For Pump    timeout=50s
    Should Be Equal As Integers    ${report.sent}    500

A Pause Is Not Made Up For
    Start Pipeline    rate=500
    Wait For Sink    count=50
    Pause Pump    source
    ${before}=    Get Pump Report    source
    Should Be Equal    ${before.state}    PAUSED
    Wait For Sink    idle=500ms
    ${after}=    Get Pump Report    source
    Should Be Equal    ${after.sent}    ${before.sent}
    Resume Pump    source
    Wait For Sink    count=${{$before.sent + 50}}
    Sink Should Be Complete    sink=out

A Rate Can Be Changed And The Old One Is Returned
    Start Pipeline    rate=100
    ${old}=    Set Pump Rate    500    pump=source
    Should Be Equal As Numbers    ${old}    100
    ${old}=    Set Pump Rate    1000:1s,200    pump=source
    Should Be Equal As Numbers    ${old}    500
    ${old}=    Set Pump Rate    MAX
    Should Be Equal    ${old}    1000:1s,200
    ${old}=    Set Pump Rate    ${old}
    Should Be Equal    ${old}    MAX

A Consumer That Stalls Blocks The Pump And Loses Nothing
    Start Pipeline    count=20000    size=1000    send_hwm=10    receive_hwm=10    paused=yes
    Wait Until Pump Is Blocked    lasting=300ms    pump=source
    ${report}=    Get Pump Report
    Should Be Equal    ${report.state}    BLOCKED
    Run Keyword And Expect Error    *has sent * of 20,000 messages and is blocked for *takes no more*
    ...    Wait For Pump    source    timeout=200ms
    Resume Sink    out
    Wait For Sink    pump=source    sink=out    timeout=50s
    Sink Should Be Complete    pump=source    sink=out
    ${report}=    Get Pump Report
    Should Be True    ${report.blocked} > 0.3

A Slow Consumer Reads At Its Rate
    Start Pipeline    count=3000    sink_rate=500
    Wait For Sink    count=300
    Throughput Should Be    <    600    sink=out
    ${old}=    Set Sink Rate    MAX    sink=out
    Should Be Equal As Integers    ${old}    500
    Wait For Sink    pump=source

What A Publisher Drops For A Slow Subscriber Is Counted
    Start Sink    tcp://127.0.0.1:*    SUB    out    bind=yes    subscribe=${EMPTY}    receive_hwm=10
    Pause Sink    out
    ${address}=    Get Sink Endpoint    out
    Start Pump    ${address}    PUB    source    size=2000    count=20000    send_hwm=10
    ${pumped}=    Wait For Pump    source    timeout=50s
    Should Be Equal As Integers    ${pumped.sent}    20000
    Should Be True    ${pumped.dropped} > 0
    Resume Sink    out
    ${report}=    Wait For Sink    pump=source    sink=out    idle=2s    timeout=50s
    Should Be Equal As Integers    ${report.lost}    ${pumped.dropped}
    Should Be Equal As Integers    ${report.received}    ${{20000 - $pumped.dropped}}

Requests Are Answered And Timed
    Start Mock Server    tcp://127.0.0.1:*    REP    service
    Mock Replies By Default    done
    ${address}=    Get Mock Endpoint    service
    Start Pump    ${address}    REQ    clients    {"n": $n}    count=200    connections=4
    ${report}=    Wait For Pump    clients    timeout=50s
    Should Be Equal As Integers    ${report.replies}    200
    Should Be Equal As Integers    ${report.lost}    0
    Latency Should Be    max    <    20s    pump=clients
    @{requests}=    Get Mock Requests    mock=service
    Length Should Be    ${requests}    200

Replies That Never Come Are Lost
    Start Mock Server    tcp://127.0.0.1:*    REP    service
    Mock Keeps Silent
    ${address}=    Get Mock Endpoint    service
    Start Pump    ${address}    REQ    client    count=2    connections=2    timeout=4s
    ${report}=    Wait For Pump    client
    Should Be Equal As Integers    ${report.lost}    2
    Should Be Equal    ${report.latency}    ${None}

A Sink Answers Each Message With Itself
    Start Sink    tcp://127.0.0.1:*    REP    echo    bind=yes
    ${address}=    Get Sink Endpoint    echo
    Connect Zmq Socket    ${address}    REQ
    ${reply}=    Send Request    hello    again
    Should Be Equal    ${reply}    ${{['hello', 'again']}}

A Pump That Listens Begins With Its First Peer
    Start Pump    tcp://127.0.0.1:*    PUSH    source    EUR    n\=$n    bind=yes    count=3    stamp=NONE
    ${report}=    Get Pump Report
    Should Be Equal As Integers    ${report.asked}    0
    ${address}=    Get Pump Endpoint
    Connect Zmq Socket    ${address}    PULL
    @{messages}=    Receive Messages    3
    Should Be Equal    ${messages}[2]    ${{['EUR', 'n=3']}}

A Wildcard Is Told As An Address To Connect To
    Start Pump    tcp://*:*    PUSH    source    bind=yes    count=3    timeout=500ms
    ${address}=    Get Pump Endpoint
    Should Match Regexp    ${address}    ^tcp://127\\.0\\.0\\.1:\\d+$
    Start Sink    ${address}    PULL    out
    Wait For Sink    pump=source

A File Is Pumped Line By Line
    VAR    ${path}=    ${TEMPDIR}/lines-${{uuid.uuid4().hex}}.txt
    Create File    ${path}    one\ntwo\nthree\n
    Start Pump    tcp://127.0.0.1:*    PUSH    source    source=${path}    bind=yes    stamp=NONE
    ${address}=    Get Pump Endpoint
    Connect Zmq Socket    ${address}    PULL
    @{messages}=    Receive Messages    3
    Should Be Equal    ${messages}[2][0]    three
    Wait For Pump    source
    [Teardown]    Remove File    ${path}

Lines Of A File Are Values Of The Format
    VAR    ${path}=    ${TEMPDIR}/lines-${{uuid.uuid4().hex}}.txt
    Create File    ${path}    6869\n6f6b\n
    Start Pump    tcp://127.0.0.1:*    PUSH    source    source=${path}    format=HEX    bind=yes    stamp=NONE
    ${address}=    Get Pump Endpoint
    Connect Zmq Socket    ${address}    PULL
    @{messages}=    Receive Messages    2
    Should Be Equal    ${messages}[0][0]    hi
    Wait For Pump    source
    [Teardown]    Remove File    ${path}

The Highest Rate That Holds Is Found
    Keyword Should Pass Once In Several Tries    Highest Rate Should Be Found

Over Inproc Pump And Sink Share The Context Of The Library
    Bind Zmq Socket    inproc://in    PULL    service
    Start Pump    inproc://in    PUSH    source    n\=$n    count=5    stamp=NONE
    @{messages}=    Receive Messages    5    socket=service
    Should Be Equal    ${messages}[4][0]    n=5

Over Curve They Talk With Secured Peers
    ${server}=    Generate Curve Keypair
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes    curve_keypair=${server}
    ${address}=    Get Sink Endpoint
    Start Pump    ${address}    PUSH    source    count=500    curve_server_key=${server.public}
    Wait For Sink    pump=source    timeout=50s
    Sink Should Be Complete    pump=source

An Authenticator Decides About The Peers Of A Sink
    Start Authenticator
    Allow Plain User    alice    secret
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes    plain_server=yes
    ${address}=    Get Sink Endpoint
    Start Pump    ${address}    PUSH    source    count=100    plain_username=alice    plain_password=secret
    Wait For Sink    pump=source    timeout=50s
    Run Keyword And Expect Error    Cannot connect*
    ...    Start Pump    ${address}    PUSH    count=1    plain_username=mallory    plain_password=guess    timeout=1s

Workers Are Listed And Stopped Together
    Start Pipeline    rate=10
    @{workers}=    Get Workers
    Should Be Equal    ${{[(w.name, w.kind, w.state) for w in $workers]}}
    ...    ${{[('out', 'sink', 'RUNNING'), ('source', 'pump', 'RUNNING')]}}
    Stop All Workers
    @{workers}=    Get Workers
    Should Be Empty    ${workers}
    ${report}=    Get Pump Report    source
    Should Be Equal    ${report.state}    STOPPED

An Alias That Is Used Again Stops The Older Pump
    [Documentation]    LOG 4:* WARN Pump 'source' is still running: stopping it, because its alias is used again.
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes
    ${address}=    Get Sink Endpoint
    Start Pump    ${address}    PUSH    source    rate=10
    Start Pump    ${address}    PUSH    source    rate=10
    @{workers}=    Get Workers
    Length Should Be    ${workers}    2

A Pump Whose Process Was Killed Is Told By The Next Keyword
    Start Pipeline    rate=100
    ${pids}=    Run    pgrep -P ${{os.getpid()}} -f "pump source"
    Run    kill -9 ${pids}
    Wait Until Keyword Succeeds    20s    100ms    Pump Should Have Failed
    Run Keyword And Expect Error
    ...    Pump 'source' has failed: its process was killed by signal 9*
    ...    Stop Pump
    ...    source

A Peer That Is Killed And Comes Back Is Served Again
    ${places}=    Start Peer    worker    tcp://127.0.0.1:*    tcp://127.0.0.1:*    alias=first
    ${in}    ${out}=    Split String    ${places}
    Start Sink    ${out}    PULL    out
    Start Pump    ${in}    PUSH    source    count=3000    rate=1000
    Wait For Sink    count=200
    Kill Peer    first
    Start Peer    worker    ${in}    ${out}    alias=second
    Wait For Pump    source    timeout=50s
    ${report}=    Wait For Sink    pump=source    idle=2s    timeout=50s
    Should Be Equal As Integers    ${report.lost}    ${{3000 - $report.received}}
    Should Be True    ${report.received} > 500


*** Keywords ***
Start Pipeline
    [Documentation]    A pump `source` that sends to a sink `out`.
    [Arguments]    ${paused}=no    ${sink_rate}=MAX    ${receive_hwm}=1000    &{options}
    Start Sink    tcp://127.0.0.1:*    PULL    out    bind=yes    rate=${sink_rate}    receive_hwm=${receive_hwm}
    IF    '${paused}' == 'yes'    Pause Sink    out
    ${address}=    Get Sink Endpoint    out
    Start Pump    ${address}    PUSH    source    &{options}

Highest Rate Should Be Found
    Start Pipeline    rate=100    sink_rate=1500    receive_hwm=10    send_hwm=10    size=20000
    ${rate}=    Find Maximum Rate    start=50    step=3000    time=1s    latency=2s
    Should Be True    50 <= ${rate} < 3000
    [Teardown]    Stop All Workers

Rate Should Be Kept
    Start Pipeline    count=2000    rate=2000
    ${report}=    Wait For Pump    timeout=50s
    Should Be Equal As Integers    ${report.lag.count}    2000
    Should Be True    1500 < ${report.rate} < 2100
    [Teardown]    Stop All Workers

Pump Should Have Failed
    Run Keyword And Expect Error    Pump 'source' has failed*    Get Pump Report    source
