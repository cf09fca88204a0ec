"""Messages that are read by hand say what protobuf finds in them."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import wrappers_pb2
from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.services.modifications import Added, Deleted, read

texts = st.one_of(st.text(max_size=5), st.text("abc/", min_size=120, max_size=140))
contents = st.one_of(st.binary(max_size=5), st.sampled_from([1, 127, 128, 16_383, 16_384]).map(bytes))
additions = st.builds(pfs_pb2.AddFile, path=texts, datum=texts, raw=st.builds(wrappers_pb2.BytesValue, value=contents))
downloads = st.builds(pfs_pb2.AddFile, path=texts, url=st.builds(pfs_pb2.AddFile.URLSource, URL=texts))
deletions = st.builds(pfs_pb2.DeleteFile, path=texts, datum=texts)
copies = st.builds(pfs_pb2.CopyFile, dst=texts, datum=texts, append=st.booleans())
requests = st.one_of(
    st.builds(pfs_pb2.ModifyFileRequest, add_file=additions),
    st.builds(pfs_pb2.ModifyFileRequest, delete_file=deletions),
    st.builds(pfs_pb2.ModifyFileRequest, add_file=downloads),
    st.builds(pfs_pb2.ModifyFileRequest, copy_file=copies),
)


def by_protobuf(data: bytes) -> Any:
    """What ``data`` say, in the form that ``read`` gives."""
    message = pfs_pb2.ModifyFileRequest.FromString(data)
    kind = message.WhichOneof("body")
    if kind == "add_file" and message.add_file.WhichOneof("source") != "url":
        return Added(message.add_file.path, message.add_file.datum, message.add_file.raw.value)
    if kind == "delete_file":
        return Deleted(message.delete_file.path, message.delete_file.datum)
    return message


@given(request=requests)
def test_a_message_is_read_as_protobuf_reads_it(request: Any) -> None:
    data = request.SerializeToString()
    assert read(data) == by_protobuf(data)


@given(request=requests, more=requests)
def test_of_a_message_in_parts_the_later_ones_add_to_the_earlier(request: Any, more: Any) -> None:
    data = request.SerializeToString() + more.SerializeToString()
    assert read(data) == by_protobuf(data)


@given(request=requests, edit=st.data())
def test_what_protobuf_refuses_is_refused_and_the_rest_read_alike(request: Any, edit: st.DataObject) -> None:
    data = bytearray(request.SerializeToString())
    for _ in range(edit.draw(st.integers(1, 3))):
        place = edit.draw(st.integers(0, len(data)))
        data[place : place + edit.draw(st.integers(0, 2))] = edit.draw(st.binary(max_size=2))
    try:
        pfs_pb2.ModifyFileRequest.FromString(bytes(data))
    except Exception as refusal:  # noqa: BLE001 -- protobuf raises many kinds
        with pytest.raises(type(refusal)):
            read(bytes(data))
    else:
        assert read(bytes(data)) == by_protobuf(bytes(data))
