"""Specs in the shapes and spellings of Pachyderm's public examples, which are not changed to run here."""

from __future__ import annotations

EDGES = """\
{
  "pipeline": {
    "name": "edges"
  },
  "description": "A pipeline that performs image edge detection by using the OpenCV library.",
  "transform": {
    "cmd": [ "python3", "/edges.py" ],
    "image": "pachyderm/opencv:1.0"
  },
  "input": {
    "pfs": {
      "repo": "images",
      "glob": "/*"
    }
  }
}
{
  "pipeline": { "name": "montage" },
  "input": {
    "cross": [
      { "pfs": { "glob": "/", "repo": "images" } },
      { "pfs": { "glob": "/", "repo": "edges" } }
    ]
  },
  "transform": {
    "cmd": [ "sh" ],
    "image": "ubuntu",
    "stdin": [ "cat $(find -L /pfs/images /pfs/edges -type f | sort) > /pfs/out/montage.png" ]
  }
}
"""

COUNT = """\
pipeline:
  name: map
transform:
  image: alpine
  cmd: ["/bin/sh"]
  stdin:
    - for book in $(ls /pfs/books); do
    - "  for word in $(cat /pfs/books/$book); do echo 1 >> /pfs/out/$word-$book; done"
    - done
input:
  pfs:
    repo: books
    glob: "/*"
parallelismSpec:
  constant: "2"
enableStats: true
resourceRequests:
  cpu: 0.1
  memory: 64M
---
pipeline:
  name: reduce
transform:
  image: library/debian:bullseye-slim
  cmd: ["bash"]
  stdin: ["awk '{ n += $1 } END { print n }' /pfs/map/* > /pfs/out/$PACH_DATUM_map_GROUP_BY"]
input:
  group:
  - pfs:
      repo: map
      glob: "/(*)-*"
      groupBy: "$1"
"""

SHUFFLE = """\
{
  "pipeline": {"name": "lazy_shuffle"},
  "transform": {
    "image": "ubuntu:18.04",
    "cmd": ["sh"],
    "stdin": [
      "mkdir -p /pfs/out/apple /pfs/out/pear",
      "for kind in apple pear; do for f in /pfs/fruits/$kind*; do ln -s $f /pfs/out/$kind/$(basename $f); done; done"
    ],
    "accept_return_code": [1]
  },
  "input": {
    "union": [
      {"pfs": {"name": "fruits", "repo": "fruits", "glob": "/", "lazy": true}}
    ]
  },
  "datum_timeout": "60s",
  "chunk_spec": {"number": 1},
  "standby": true
}
"""

ERR_CMD = """\
{
  "pipeline": {"name": "error_test"},
  "transform": {
    "image": "python:3.7-slim-buster",
    "cmd": ["bash"],
    "stdin": ["if", "[ -a /pfs/words/fail ]", "then", "exit 1", "fi", "cp /pfs/words/* /pfs/out/"],
    "err_cmd": ["bash"],
    "err_stdin": ["if", "[ -a /pfs/words/fail ]", "then", "exit 0", "fi", "exit 1"]
  },
  "input": {"pfs": {"repo": "words", "glob": "/*"}}
}
"""

OLD = """\
{
  "pipeline": {"name": "join"},
  "transform": {
    "image": "python:3.6",
    "cmd": ["python3", "-c", "import os, shutil; shutil.copy(os.environ['a'], '/pfs/out')"]
  },
  "parallelism_spec": {"strategy": "CONSTANT", "constant": "1"},
  "cache_size": "100M",
  "input": {"atom": {"repo": "a", "glob": "/*"}}
}
"""

MISSING = """\
{
  "pipeline": {"name": "montage"},
  "transform": {"image": "v4tech/imagemagick", "cmd": ["sh"], "stdin": ["montage /pfs/a/* /pfs/out/montage.png"]},
  "input": {"pfs": {"repo": "a", "glob": "/"}}
}
"""
