"""All packaging metadata of robotframework-zmqlibrary."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'^__version__ = "(.+)"', (ROOT / "ZmqLibrary/version.py").read_text("utf-8"), re.M)[1]

FORMATS = {
    "json": ["deepdiff>=8.1", "jsonpath-ng>=1.6", "jsonschema>=4.18"],
    "msgpack": ["msgpack>=1.0.4"],
    "cbor": ["cbor2>=6.3"],
    "protobuf": ["protobuf>=5"],
}
OTHERS = {
    "pcap": ["dpkt>=1.9.8"],
    "cli": ["argcomplete>=3", "rich>=13"],
}
LOAD = {"locust": ["locust>=2.32"]}
ALL = [package for packages in (*FORMATS.values(), *OTHERS.values()) for package in packages]
TEST = [
    *ALL,
    *LOAD["locust"],
    "circus>=0.19",
    "hypothesis>=6.100",
    "invoke>=2.2",
    "ipykernel>=6.29",
    "pytest>=8",
    "pytest-xdist>=3.8",
    "robotframework-pabot>=5",
    "robotstatuschecker>=4.1",
    "setuptools>=70.1",
    "zerorpc>=0.6.3",
]
# Formatters and linters are held at one minor version: their next one may want other code.
DEV = [
    *TEST,
    "build>=1.2",
    "mypy==2.4.*",
    "robotframework>=7.5",
    "robotframework-robocop==9.1.*",
    "robotremoteserver>=1.1",
    "ruff==0.17.*",
]

setup(
    name="robotframework-zmqlibrary",
    version=VERSION,
    description="Robot Framework library for testing systems that speak ZeroMQ",
    long_description=(ROOT / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    author="ZmqLibrary developers",
    license="Apache-2.0",
    keywords="robotframework testing testautomation zeromq zmq messaging",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: Robot Framework",
        "Framework :: Robot Framework :: Library",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Topic :: Software Development :: Testing",
        "Topic :: Software Development :: Testing :: Acceptance",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["ZmqLibrary", "ZmqLibrary.*"]),
    # Said although it is the default: only so does `pip install -e` write a path, instead of a finder whose imports
    # cost every start of Python in that environment 25 ms.
    package_dir={"": "."},
    package_data={"ZmqLibrary": ["py.typed", "resources/*.resource"]},
    include_package_data=False,
    zip_safe=False,
    python_requires=">=3.10",
    # `.ci/run` tests with exactly these lower bounds too.
    install_requires=[
        "robotframework>=7.4",
        "pyzmq>=26",
        "robotframework-assertion-engine>=4.0",
        "regex>=2023.12.25",
    ],
    entry_points={"console_scripts": ["zmqlibrary=ZmqLibrary.__main__:main"]},
    extras_require={**FORMATS, **LOAD, **OTHERS, "all": ALL, "test": TEST, "dev": DEV},
)
