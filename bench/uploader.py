"""``python -m bench.uploader ADDRESS TOKEN``: upload 128 MB files without end; a line is printed after the first."""

from __future__ import annotations

import io
import os
import sys

from bench.cluster import connect

FILE_BYTES = 128 * 2**20


def main() -> None:
    """Upload until killed."""
    client = connect(*sys.argv[1:3])
    data = bytearray(os.urandom(FILE_BYTES))
    for number in range(10**6):
        for start in range(0, FILE_BYTES, 2**14):  # no chunk is known from the file before
            data[start : start + 4] = os.urandom(4)
        client.put_file_bytes(("big", "master"), "/upload", io.BytesIO(data))
        if not number:
            print("uploading", flush=True)


if __name__ == "__main__":
    main()
