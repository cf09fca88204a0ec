"""Whether the bytes of the store are those that were put there: Fsck's other half, in words."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs.keys import Commit, Repo
from harness.pachd.store.marking import Marks
from harness.pachd.store.verifying import MOST_PLACES, Verification

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.store.marking import Names
    from harness.pachd.store.verifying import Damage, Place


def problems(store: VersionStore) -> Iterator[str]:
    """What is damaged or missing, by file and offset, and which files of which commits need it; nothing if all is well.

    Reads everything. Others read and write meanwhile; garbage is collected afterwards. Where the database file itself
    is damaged, what is in it is not looked at.
    """
    told = [errors.DATABASE_DAMAGED(finding=finding).message for finding in store.db.problems()]
    yield from told or _damages(store)


def _damages(store: VersionStore) -> Iterator[str]:
    with store.collector.kept_away(), closing(Marks()) as marks:
        verification = Verification(store.db, store.objects, marks)
        with store.snapshot() as conn:
            maps, plain = _named(conn, store.content_roots), _named(conn, store.plain_roots)
            contents = _named(conn, store.content_hashes)
        verification.chunks()
        verification.contents()
        verification.nodes()
        for root in maps:
            verification.map(root)
        for root in plain:
            verification.map(root, contents=False)
        for hash_ in contents:
            verification.content(hash_)
    for damage in verification.damages:
        with store.snapshot() as conn:
            text = _told(conn, damage)
        yield text
    if verification.damages.untold:
        yield f"{verification.damages.untold} other chunks, contents or nodes are damaged or missing"


def _named(conn: sqlite3.Connection, providers: list[Names]) -> list[bytes]:
    """In the order in which they are named, so commits before what clients and jobs keep."""
    return list(dict.fromkeys(bytes(id_) for names in providers for id_ in names(conn)))


def _told(conn: sqlite3.Connection, damage: Damage) -> str:
    if not damage.count:
        return f"{damage.text}; nothing needs it"
    needing = ", ".join(dict.fromkeys(_owner(conn, place) for place in damage.places))
    more = f" and {damage.count - MOST_PLACES} more" if damage.count > MOST_PLACES else ""
    return f"{damage.text}; needed by {needing}{more}"


def _owner(conn: sqlite3.Connection, place: Place) -> str:
    """``repo@commit:/path`` where a commit has that root."""
    root, key = place
    path = key.split(b"\0")[0].decode("ascii", "replace")
    row = conn.execute(
        "SELECT r.project, r.name, r.type, c.id FROM commits c JOIN repos r ON r.pk = c.repo"
        " WHERE ? IN (c.root, c.base) ORDER BY c.pk LIMIT 1",
        (root,),
    ).fetchone()
    if row is not None:
        return f"{Commit(Repo(row[0], row[1], row[2]), row[3])}:{path or '/'}"
    if path.startswith("/"):
        return f"a file set:{path}"
    return "a job"
