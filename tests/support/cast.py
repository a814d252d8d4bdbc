# SPDX-License-Identifier: GPL-2.0-or-later
"""What a terminal prints, from standard input, as a recording in asciicast v2 with its times.
usage: cast.py COLUMNS ROWS"""
import codecs
import json
import os
import sys
import time

decoder = codecs.getincrementaldecoder("utf-8")("replace")
start = time.monotonic()
print(json.dumps({"version": 2, "width": int(sys.argv[1]), "height": int(sys.argv[2]),
                  "title": "hublab"}))
while data := os.read(0, 65536):
    print(json.dumps([round(time.monotonic() - start, 3), "o", decoder.decode(data)],
                     ensure_ascii=False), flush=True)
