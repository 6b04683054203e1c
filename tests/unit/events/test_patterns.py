"""The examples of EventBridge's documentation on comparison operators, and what it refuses."""

import json
from typing import Any

import pytest

from local.events.patterns import EventPattern, PatternError

EC2 = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "111122223333",
    "time": "2017-12-22T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"},
}


def detail(**members: Any) -> dict[str, Any]:
    return {**EC2, "detail": members}


MATCHING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"source": ["aws.ec2"]}, EC2),
    ({"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}, EC2),
    ({"resources": [{"prefix": "arn:aws:ec2:"}]}, EC2),
    ({"source": [{"prefix": ""}]}, EC2),
    ({"time": [{"prefix": "2017-12-22"}]}, EC2),
    ({"detail": {"FileName": [{"suffix": ".png"}]}}, detail(FileName="a.png")),
    ({"detail": {"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}}, detail(service="EVENTBRIDGE")),
    ({"detail": {"FileName": [{"suffix": {"equals-ignore-case": ".png"}}]}}, detail(FileName="a.PNG")),
    ({"detail-type": [{"equals-ignore-case": "ec2 instance state-change notification"}]}, EC2),
    ({"detail": {"state": [{"anything-but": "initializing"}]}}, EC2),
    ({"detail": {"x-limit": [{"anything-but": 123}]}}, detail(**{"x-limit": 124})),
    ({"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}, EC2),
    ({"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}}, detail(**{"x-limit": "100"})),
    ({"detail": {"state": [{"anything-but": {"prefix": "init"}}]}}, EC2),
    ({"detail": {"FileName": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}}, detail(FileName="a.png")),
    ({"detail": {"state": [{"anything-but": {"equals-ignore-case": ["INITIALIZING", "stopped"]}}]}}, EC2),
    ({"detail": {"FilePath": [{"anything-but": {"wildcard": "*/lib/*"}}]}}, detail(FilePath="/usr/bin/x")),
    ({"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}]}}, detail(**{"c-count": 5})),
    ({"detail": {"d-count": [{"numeric": ["<", 10]}]}}, detail(**{"d-count": 9.5})),
    ({"detail": {"x-limit": [{"numeric": ["=", 3.018e2]}]}}, detail(**{"x-limit": 301.8})),
    ({"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}, detail(**{"source-ip": "10.0.0.255"})),
    ({"detail": {"source-ip": [{"cidr": "2001:db8::/32"}]}}, detail(**{"source-ip": "2001:db8::1"})),
    ({"detail": {"state": [{"exists": True}]}}, EC2),
    ({"detail": {"c-count": [{"exists": False}]}}, EC2),
    ({"detail": {"a": {"b": [{"exists": False}]}}}, EC2),
    ({"detail": {"c-count": [{"exists": False}, "x"]}}, detail(**{"c-count": "x"})),
    ({"detail": {"EventBusArn": [{"wildcard": "arn:aws:events:us-east-1:*:event-bus/*"}]}},
     detail(EventBusArn="arn:aws:events:us-east-1:123456789012:event-bus/x")),
    ({"detail": {"FilePath": [{"wildcard": "dir/*.p*g"}]}}, detail(FilePath="dir/a/b.png")),
    ({"detail": {"price": [{"wildcard": "\\*cheap\\\\"}]}}, detail(price="*cheap\\")),
    ({"detail": {"eTag": [""]}}, detail(eTag="")),
    ({"detail": {"UserID": [None]}}, detail(UserID=None)),
    ({"detail": {"done": [True]}}, detail(done=True)),
    ({"resources": ["arn:b", "arn:c"]}, {**EC2, "resources": ["arn:a", "arn:b"]}),
    ({"detail": {"UpdatedModelPackageFields": ["ModelApprovalStatus"]}},
     detail(UpdatedModelPackageFields=["ApprovalDescription", "ModelApprovalStatus"])),
    ({"detail": {"$or": [{"c-count": [{"numeric": [">", 0]}]}, {"d-count": [{"numeric": ["<", 10]}]}]}},
     detail(**{"c-count": -1, "d-count": 3})),
    ({"source": ["aws.ec2"], "$or": [{"region": ["eu-west-1"]}, {"detail": {"state": ["terminated"]}}]}, EC2),
    ({"detail": {"employees": {"name": ["Ann"], "role": ["dev"]}}},
     detail(employees=[{"name": "Bob", "role": "ops"}, {"name": "Ann", "role": "dev"}])),
    ({"detail": {"$or": ["a"]}}, detail(**{"$or": "a"})),
]  # fmt: skip

NOT_MATCHING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"source": ["aws.s3"]}, EC2),
    ({"detail": {"state": ["Terminated"]}}, EC2),
    ({"detail": {"instance-id": [{"exists": False}]}}, EC2),
    ({"detail": [{"exists": True}]}, EC2),
    ({"detail": {"missing": [{"anything-but": "x"}]}}, EC2),
    ({"detail": {"state": [{"anything-but": ["terminated", "stopped"]}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"prefix": ["term", "init"]}}]}}, EC2),
    ({"detail": {"FilePath": [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}]}}, detail(FilePath="/a/lib/x")),
    ({"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}]}}, detail(**{"c-count": 0})),
    ({"detail": {"c-count": [{"numeric": [">", 0]}]}}, detail(**{"c-count": "5"})),
    ({"detail": {"n": [1]}}, detail(n=True)),
    ({"detail": {"n": ["1"]}}, detail(n=1)),
    ({"detail": {"n": [{"prefix": "1"}]}}, detail(n=12)),
    ({"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}, detail(**{"source-ip": "10.0.1.0"})),
    ({"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}, detail(**{"source-ip": "nowhere"})),
    ({"detail": {"employees": {"name": ["Bob"], "role": ["dev"]}}},
     detail(employees=[{"name": "Bob", "role": "ops"}, {"name": "Ann", "role": "dev"}])),
    ({"detail": {"list": [{"exists": True}]}}, detail(list=[])),
    ({"detail": {"list": {"b": [{"exists": False}]}}}, detail(list=[{"b": 1}, {"c": 2}])),
    ({"detail": {"FilePath": [{"wildcard": "dir/*.png"}]}}, detail(FilePath="other/a.png")),
]  # fmt: skip


@pytest.mark.parametrize("pattern,event", MATCHING, ids=lambda value: json.dumps(value)[:80])
def test_pattern_matches(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert EventPattern(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize("pattern,event", NOT_MATCHING, ids=lambda value: json.dumps(value)[:80])
def test_pattern_does_not_match(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    assert not EventPattern(json.dumps(pattern)).matches(event)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"source": "aws.ec2"}',
        '{"source": []}',
        '{"detail": {}}',
        '{"source": [["a"]]}',
        '{"source": [{"regex": "a"}]}',
        '{"source": [{"prefix": "a", "suffix": "b"}]}',
        '{"source": [{"prefix": 1}]}',
        '{"source": [{"exists": "yes"}]}',
        '{"source": [{"wildcard": "a**b"}]}',
        '{"source": [{"wildcard": "a\\\\b"}]}',
        '{"n": [{"numeric": [">"]}]}',
        '{"n": [{"numeric": ["~", 1]}]}',
        '{"n": [{"numeric": [">", 5, "<", 1]}]}',
        '{"n": [{"numeric": ["<", 1, ">", 5]}]}',
        '{"n": [{"numeric": ["=", 6000000000]}]}',
        '{"n": [{"anything-but": []}]}',
        '{"n": [{"anything-but": ["a", 1]}]}',
        '{"n": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}',
        '{"n": [{"anything-but": {"prefix": ""}}]}',
        '{"n": [{"cidr": "10.0.0"}]}',
        json.dumps({"a": ["x" * 4096]}),
    ],
)
def test_pattern_is_refused(text: str) -> None:
    with pytest.raises(PatternError, match="Event pattern is not valid"):
        EventPattern(text)
