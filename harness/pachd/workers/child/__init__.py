"""The program that a worker process runs: standard library only, no site-packages, started in about 20 ms.

It is started by path-less ``python -I -S -c`` and imports nothing of the server but this package. Modules that cost
milliseconds to import (pathlib, dataclasses, typing, shutil) are avoided or imported where rarely needed.
"""
