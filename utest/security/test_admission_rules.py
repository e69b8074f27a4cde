from __future__ import annotations

import pytest

from ZmqLibrary.errors import InvalidValue
from ZmqLibrary.formats import HiddenBytes
from ZmqLibrary.security.admission_rules import AddressPattern, AdmissionRules, ScriptedAnswer, scripted_answer
from ZmqLibrary.security.zap import WayBack, ZapRequest
from ZmqLibrary.security.zap_names import Mechanism, SpecialAnswer

ALICE, BOB = "a" * 40, "b" * 40
BACK = WayBack((b"x", b""), b"1")


def null(address: str = "127.0.0.1") -> ZapRequest:
    return ZapRequest(BACK, "test", address, b"", Mechanism.NULL)


def curve(key: str, domain: str = "", address: str = "127.0.0.1") -> ZapRequest:
    return ZapRequest(BACK, domain, address, b"", Mechanism.CURVE, key=key)


def plain(username: str, password: bytes, domain: str = "") -> ZapRequest:
    return ZapRequest(
        BACK, domain, "127.0.0.1", b"", Mechanism.PLAIN, username=username, password=HiddenBytes(password)
    )


def status(rules: AdmissionRules, request: ZapRequest) -> int | None:
    return rules.judge(request)[0].status


def test_without_rules_only_null_comes_in():
    rules = AdmissionRules()
    assert status(rules, null()) == 200
    assert (status(rules, curve(ALICE)), status(rules, plain("alice", b""))) == (400, 400)


def test_a_key_comes_in_under_its_user_id():
    rules = AdmissionRules()
    rules.allow_key(ALICE, "Alice", "*")
    rules.allow_key(BOB, None, "*")
    assert rules.judge(curve(ALICE))[0].user_id == "Alice"
    assert rules.judge(curve(BOB))[0].user_id == BOB


def test_a_key_of_one_domain_does_not_come_into_another():
    rules = AdmissionRules()
    rules.allow_key(ALICE, "Alice", "orders")
    assert status(rules, curve(ALICE, "orders")) == 200
    answer, _ = rules.judge(curve(ALICE, "billing"))
    assert (answer.status, answer.text) == (400, "Key is not allowed in this domain")


def test_any_lets_every_key_in_and_tells_which():
    rules = AdmissionRules()
    rules.allow_key("any", None, "*")
    assert rules.judge(curve(ALICE))[0].user_id == ALICE


def test_a_denied_key_stays_out_where_any_is_allowed_until_it_is_allowed_again():
    rules = AdmissionRules()
    rules.allow_key("any", None, "*")
    rules.deny_key(ALICE)
    assert (status(rules, curve(ALICE)), status(rules, curve(BOB))) == (400, 200)
    rules.allow_key(ALICE, None, "*")
    assert status(rules, curve(ALICE)) == 200


def test_a_denied_key_that_is_allowed_in_one_domain_stays_out_of_the_others():
    rules = AdmissionRules()
    rules.allow_key("any", None, "*")
    rules.deny_key(ALICE)
    rules.allow_key(ALICE, None, "orders")
    assert (status(rules, curve(ALICE, "orders")), status(rules, curve(ALICE, "billing"))) == (200, 400)
    rules.deny_key(ALICE)
    assert status(rules, curve(ALICE, "orders")) == 400


def test_denying_any_leaves_those_that_are_allowed_by_name():
    rules = AdmissionRules()
    rules.allow_key("any", None, "*")
    rules.allow_key(ALICE, None, "*")
    rules.deny_key("any")
    assert (status(rules, curve(ALICE)), status(rules, curve(BOB))) == (200, 400)


def test_a_user_needs_the_password():
    rules = AdmissionRules()
    rules.allow_user("alice", b"sesame", None, "*")
    assert rules.judge(plain("alice", b"sesame"))[0].user_id == "alice"
    assert rules.judge(plain("alice", b"Sesame"))[0].text == "Password is wrong"
    assert rules.judge(plain("bob", b"sesame"))[0].text == "User is not known"


def test_a_user_has_a_password_for_each_domain():
    rules = AdmissionRules()
    rules.allow_user("alice", b"one", "Alice 1", "first")
    rules.allow_user("alice", b"two", "Alice 2", "second")
    assert rules.judge(plain("alice", b"one", "first"))[0].user_id == "Alice 1"
    assert rules.judge(plain("alice", b"two", "first"))[0].status == 400
    assert rules.judge(plain("alice", b"one", "third"))[0].text == "User is not known in this domain"


def test_where_addresses_are_allowed_others_stay_out():
    rules = AdmissionRules()
    rules.allow_addresses([AddressPattern.of("10.0.0.0/8")])
    assert (status(rules, null("10.1.2.3")), status(rules, null("127.0.0.1"))) == (200, 400)


def test_a_denied_address_stays_out_of_an_allowed_network():
    rules = AdmissionRules()
    rules.allow_addresses([AddressPattern.of("10.0.0.0/8")])
    rules.deny_addresses([AddressPattern.of("10.1.2.3")])
    assert (status(rules, null("10.1.2.3")), status(rules, null("10.1.2.4"))) == (400, 200)


def test_the_later_rule_about_the_same_address_counts():
    rules = AdmissionRules()
    rules.deny_addresses([AddressPattern.of("127.0.0.1")])
    rules.allow_addresses([AddressPattern.of("127.0.0.1")])
    assert status(rules, null()) == 200


@pytest.mark.parametrize(
    ("pattern", "address", "fits"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("10.0.0.5/8", "10.9.9.9", True),
        ("10.0.0.0/8", "::ffff:10.1.1.1", True),
        ("10.0.0.0/8", "::1", False),
        ("::ffff:10.0.0.0/104", "10.1.1.1", True),
        ("::ffff:10.0.0.0/104", "::ffff:10.1.1.1", True),
        ("::ffff:10.0.0.1", "10.0.0.2", False),
        ("::/0", "::ffff:10.0.0.1", True),
        ("[::1]", "::1", True),
        ("10.0.0.0/8", "localhost:0:0:77", False),
        ("localhost:0:*", "localhost:0:0:77", True),
        ("localhost:1:*", "localhost:0:0:77", False),
        ("localhost:*", "127.0.0.1", False),
    ],
)
def test_addresses_fit(pattern, address, fits):
    assert AddressPattern.of(pattern).fits(address) is fits


@pytest.mark.parametrize(
    "text",
    [
        *("localhost", "example.com", "10.0.0.0/33", "", "tcp://127.0.0.1"),
        *("localhost:", "localhost:1000", "localhost:root:*:*", "localhost:1000:1000", "localhost:1:2:3:4"),
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InvalidValue, match="not an address"):
        AddressPattern.of(text)


def test_the_newest_script_that_fits_counts():
    rules = AdmissionRules()
    rules.script(ScriptedAnswer(scripted_answer(300)))
    rules.script(ScriptedAnswer(scripted_answer(500), mechanism=Mechanism.CURVE))
    rules.script(ScriptedAnswer(scripted_answer(200), key=BOB, address=AddressPattern.of("127.0.0.1")))
    assert [status(rules, request) for request in (null(), curve(ALICE), curve(BOB))] == [300, 500, 200]
    assert status(rules, curve(BOB, address="10.0.0.1")) == 500


def test_a_scripted_welcome_tells_who_came_and_a_refusal_does_not():
    rules = AdmissionRules()
    rules.script(ScriptedAnswer(scripted_answer(200, "hi", {"Role": "admin"})))
    answer, _ = rules.judge(curve(ALICE))
    assert (answer.user_id, answer.text, answer.metadata) == (ALICE, "hi", {"Role": "admin"})
    rules.script(ScriptedAnswer(scripted_answer(400)))
    assert rules.judge(curve(ALICE))[0].user_id == ""


def test_rules_can_be_late():
    rules = AdmissionRules()
    rules.script(ScriptedAnswer(scripted_answer(SpecialAnswer.RULES), delay=0.2))
    answer, delay = rules.judge(null())
    assert (answer.status, delay) == (200, 0.2)


def test_a_status_that_zap_does_not_have_is_refused():
    with pytest.raises(InvalidValue, match="200, 300, 400, 500, RULES"):
        scripted_answer(404)


def test_only_a_welcome_has_metadata():
    with pytest.raises(InvalidValue, match="status 200"):
        scripted_answer(400, None, {"Role": "admin"})


def test_who_denies_all_that_is_allowed_lets_nobody_in():
    rules = AdmissionRules()
    here = [AddressPattern.of("127.0.0.1")]
    rules.allow_addresses(here)
    rules.deny_addresses(here)
    assert status(rules, null()) == 400
    assert status(rules, null("10.0.0.1")) == 400
    rules.allow_addresses(here)
    assert status(rules, null()) == 200
