"""FileInfos that are written as bytes are the bytes that protobuf gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs.folders import Node
from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.pfs.records import CommitRow
from harness.pachd.services import pfs_wire
from harness.pachd.services.file_infos import FileInfos, difference

words = st.text("abcxyz-_.0189/", min_size=1, max_size=300)
nodes = st.builds(
    Node,
    path=words.map("/{}".format),
    datum=st.one_of(st.just(""), words),
    is_dir=st.booleans(),
    size=st.one_of(st.sampled_from([0, 1, 127, 128, 2**14, 2**63 - 1]), st.integers(0, 2**63 - 1)),
    hash=st.binary(min_size=32, max_size=32),
)
keys = st.builds(Repo, project=words, name=words, type=st.sampled_from(["user", "meta"]))
times = st.one_of(st.none(), st.integers(1, 2**62))


@st.composite
def rows(draw: st.DrawFn) -> CommitRow:
    repo = draw(keys)
    branch, finishing = Branch(repo, draw(words)), draw(times)
    key = Commit(repo, draw(words))
    return CommitRow(1, key, branch, "USER", "", None, None, 1, finishing, finishing, "", None, None, ())


@given(row=rows(), node=nodes)
def test_a_file_info_is_as_protobuf_writes_it(row: CommitRow, node: Node) -> None:
    assert FileInfos(row).encode(node) == pfs_wire.file_info(row, node).SerializeToString()


@given(row=rows(), new=st.one_of(st.none(), nodes), old=st.one_of(st.none(), nodes))
def test_a_difference_is_as_protobuf_writes_it(row: CommitRow, new: Node | None, old: Node | None) -> None:
    written = difference(*(node and FileInfos(row).encode(node) for node in (new, old)))
    message = pfs_pb2.DiffFileResponse(
        new_file=new and pfs_wire.file_info(row, new), old_file=old and pfs_wire.file_info(row, old)
    )
    assert written == message.SerializeToString()
