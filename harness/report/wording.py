"""How the report words ids, sizes, times and links. Everything here is a pure function of its arguments."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from harness.evidence import moments, refs

SHORT = 8
NOTHING = "\N{EN DASH}"


def short(id_: str) -> str:
    """The first characters of an id or a hash; its permalink has them all."""
    return id_.removeprefix("sha256:")[:SHORT]


def repo(ref: str) -> str:
    """The repo of a commit's name as people say it: ``model.spec``; with its project unless that is the default."""
    return refs.parse(ref).label


def anchor(ref: str) -> str:
    """The fragment that leads to a commit: ``commit-<repo>-<id>``."""
    parsed = refs.parse(ref)
    return f"commit-{_fragment(parsed.label)}-{parsed.id}"


def job_anchor(pipeline: str, id_: str) -> str:
    """The fragment that leads to a job: ``job-<pipeline>-<id>``."""
    return f"job-{_fragment(pipeline.removeprefix(f'{refs.DEFAULT_PROJECT}/'))}-{id_}"


def _fragment(label: str) -> str:
    return re.sub(r"[^\w.-]", "-", label)


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a whole number before the point: ``20.5 MiB``."""
    if count < 1024:
        return f"{count} B"
    power = min((count.bit_length() - 1) // 10, 4)
    return f"{count / 1024**power:.1f} {'KMGT'[power - 1]}iB"


def seconds(value: float | None) -> str:
    """A duration: ``12 ms``, ``3.4 s``, ``2 min 5 s``; a dash where it is unknown."""
    if value is None:
        return NOTHING
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def when(moment: str | None) -> str:
    """A time to the second, in UTC; a dash where it is unknown."""
    return moment[:19].replace("T", " ") + " UTC" if moment else NOTHING


def clock(moment: str | None) -> str:
    """The time of day to the hundredth of a second, in UTC; a dash where it is unknown."""
    return moment[11:22] if moment else NOTHING


def took(start: str | None, end: str | None) -> str:
    """The time from ``start`` to ``end``."""
    return seconds(moments.between(start, end))


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 file``, ``2 files``, ``1,200 files``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def value(data: Any) -> str:
    """A check's value: texts as they are, all else as JSON."""
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, sort_keys=True)


def prose(text: str) -> Markup:
    """A docstring's text; what stands in backquotes is code."""
    words = re.split(r"(`+)(.+?)\1", text)
    plain, code = words[::3], words[2::3]
    parts = [escape(plain[0])]
    for inside, after in zip(code, plain[1:], strict=True):
        parts.append(Markup("<code>{}</code>{}").format(inside, after))
    return Markup("").join(parts)


def case(nodeid: str) -> str:
    """The parameters of a parametrised test, as pytest words them: what ``test_ids[W]`` has in brackets."""
    return nodeid.partition("[")[2].removesuffix("]")


def pretty(data: Any) -> str:
    """A specification as indented JSON."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2)
