"""What can be asked to be forgotten, and what is refused with a clear word."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.forgetting.request import MOST_BYTES, BadRequest, make_request

ADDRESS = "at://did:plc:abc/app.bsky.feed.post/3kabc"


def test_ids_in_every_form_that_a_form_gets() -> None:
    request = make_request(ids=f' 12,13\n"14" ; {ADDRESS} 12', author="did:plc:abc", by="ann")
    assert (request.posts, request.authors) == (("12", "13", "14", ADDRESS), ("did:plc:abc",))


def test_a_file_of_ids(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(f"\ufeff12\r\n{ADDRESS}\n\n13\n", encoding="utf-8")
    assert make_request(file=str(file), ids="12", by="ann").posts == ("12", ADDRESS, "13")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"ids": ""}, "no id is given"),
        ({"ids": " , "}, "no id is given"),
        ({"ids": "12 1.24e18"}, r"'1.24e18': no id of a post"),
        ({"ids": "@somebody"}, "no id of a post"),
        ({"ids": "https://x.com/a/status/12"}, "no id of a post"),
        ({"ids": " ".join("abcdefg")}, "and 2 more"),
        ({"ids": "-1"}, "no id of a post"),
        ({"ids": "12' OR true--"}, "no id of a post"),
        ({"author": "@somebody"}, "no @name"),
        ({"author": ""}, "no id of an account"),
        ({"file": "no/such"}, "no such file"),
        ({"file": "."}, "no such file"),
    ],
)
def test_what_is_no_request(asked: dict[str, str], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        make_request(**asked, by="ann")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no id"),
        (b"\n \n", "holds no id"),
        (b"12\nseven\n", "'seven': no id of a post"),
        (b"\xff\xfe1\x002\x00", "is no text"),
        (b"1" * 10_000_000, f"10,000,000 bytes, the most is {MOST_BYTES:,}"),
    ],
)
def test_a_file_that_is_none_of_ids(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "ids"
    file.write_bytes(content)
    with pytest.raises(BadRequest, match=says):
        make_request(file=str(file), by="ann")
