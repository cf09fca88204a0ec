"""Stands for edge detection: where neighbouring letters differ."""

from pathlib import Path

for image in Path("/pfs/images").rglob("*.jpg"):
    text = image.read_text().strip()
    edges = ["|" if text[at] != text[at + 1] else " " for at in range(len(text) - 1)]
    Path("/pfs/out", image.stem + ".png").write_text("".join(edges))
