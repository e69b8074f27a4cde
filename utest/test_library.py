"""The class is imported when it is asked for, and looks to everybody as if it were there."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from robot.libdoc import LibraryDocumentation
from robot.running import TestLibrary as RobotLibrary

import ZmqLibrary
from ZmqLibrary.errors import InvalidValue

MISSING = """
import sys

sys.modules["assertionengine"] = None
"""


def python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("module", ["ZmqLibrary", "ZmqLibrary.errors", "ZmqLibrary.frontends.command_line"])
def test_what_does_not_need_the_class_does_not_import_robot(module):
    done = python(f"import sys, {module}; print(ZmqLibrary.__version__, *sys.modules)")
    assert done.stdout.startswith(f"{ZmqLibrary.__version__} "), done.stderr
    assert not {"robot", "zmq", "ZmqLibrary.library"} & set(done.stdout.split())


@pytest.mark.parametrize(
    "program",
    [
        "from ZmqLibrary import ZmqLibrary; print(ZmqLibrary.__name__)",
        "from ZmqLibrary import *; print(ZmqLibrary.__name__)",
        "import ZmqLibrary; print(ZmqLibrary.ZmqLibrary.__name__)",
        "import ZmqLibrary; print('ZmqLibrary' in dir(ZmqLibrary) and 'ZmqLibrary')",
        "import robot.api, ZmqLibrary; print(vars(ZmqLibrary)['ZmqLibrary'].__name__)",
        "import pickle; print(pickle.loads(b'cZmqLibrary\\nZmqLibrary\\n.').__name__)",
    ],
)
def test_python_finds_the_class(program):
    done = python(program)
    assert done.stdout == "ZmqLibrary\n", done.stderr


def test_there_is_no_other_attribute():
    done = python("import ZmqLibrary; ZmqLibrary.nothing")
    assert done.stderr.endswith("AttributeError: module 'ZmqLibrary' has no attribute 'nothing'\n")


def test_the_class_can_be_pickled():
    assert pickle.loads(pickle.dumps(ZmqLibrary.ZmqLibrary)) is ZmqLibrary.ZmqLibrary


def test_robot_finds_the_class_and_where_it_is():
    library = RobotLibrary.from_name("ZmqLibrary", args=[])
    assert library.code is ZmqLibrary.ZmqLibrary
    assert library.source.name == "library.py"
    assert library.source.read_text("utf-8").splitlines()[library.lineno - 1].startswith("class ZmqLibrary")
    assert (library.scope.name, library.version, library.doc_format) == ("GLOBAL", ZmqLibrary.__version__, "ROBOT")


def test_robot_goes_on_when_the_library_cannot_be_imported(tmp_path):
    suite = tmp_path / "suite.robot"
    suite.write_text("*** Settings ***\nLibrary    ZmqLibrary\n*** Test Cases ***\nOne\n    No Operation\n", "utf-8")
    done = python(f"{MISSING}import robot; sys.exit(robot.run({str(suite)!r}, output=None, log=None, report=None))")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Importing library 'ZmqLibrary' failed: ModuleNotFoundError" in done.stderr
    assert "PYTHONPATH:" in done.stderr


EXTENDED = '''
from robot.api.deco import keyword
from ZmqLibrary import ZmqLibrary


class OrdersLibrary(ZmqLibrary):
    @keyword(tags=["Orders"])
    def send_order(self, item, count: int = 1, *, twice=False):
        """Sends an order.

        Tags: Sending
        """
        for _ in range(2 if twice else 1):
            self.send_message({"item": item, "count": count}, format="JSON")

    @keyword("Receive Order")
    def received_item(self) -> str:
        return self.receive_message(format="JSON", socket="orders")["item"]

    @keyword
    def get_zmq_version(self):
        return "replaced"

    def no_keyword(self):
        pass
'''
ORDERS = """
*** Settings ***
Library    OrdersLibrary.py

*** Test Cases ***
An Order
    Bind Zmq Socket       inproc://orders    PULL    orders
    Connect Zmq Socket    inproc://orders    PUSH
    Send Order            tea    2    twice=True
    ${item}=              Receive Order
    Should Be Equal       ${item}    tea
    ${rest}=              Receive Messages    1    format=JSON    socket=orders
    Should Be Equal       ${rest}[0][0][count]    ${2}
    ${version}=           Get Zmq Version
    Should Be Equal       ${version}    replaced
"""


def test_a_library_that_extends_it_has_the_keywords_of_both(tmp_path):
    (tmp_path / "OrdersLibrary.py").write_text(EXTENDED, "utf-8")
    (tmp_path / "suite.robot").write_text(ORDERS, "utf-8")
    command = [sys.executable, "-m", "robot", "--output", "NONE", "suite.robot"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    documented = {
        keyword.name: keyword for keyword in LibraryDocumentation(str(tmp_path / "OrdersLibrary.py")).keywords
    }
    own = {keyword.name for keyword in LibraryDocumentation("ZmqLibrary").keywords}
    assert documented.keys() == own | {"Send Order", "Receive Order"}
    assert documented["Send Order"].short_doc == "Sends an order."
    assert list(documented["Send Order"].tags) == ["Orders", "Sending"]


def test_a_linger_that_libzmq_does_not_take_is_refused():
    with pytest.raises(InvalidValue, match="linger cannot be 30 days: libzmq keeps messages for 24 days at most"):
        ZmqLibrary.ZmqLibrary(linger="30 days")
    assert ZmqLibrary.ZmqLibrary(linger="24 days").session.settings.linger == 24 * 24 * 3600
