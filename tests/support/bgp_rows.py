# SPDX-License-Identifier: GPL-2.0-or-later
# What speakers of BGP said in real Azure, beside what those of a running lab say.
#   bgp_rows.py FILE            "N STEP WORDS" of each table: WORDS are what hublab bgp is asked for
#   bgp_rows.py FILE N <JSON    1 when the answer is another than table N, with both
# A file has tables with an empty line behind each:
#     WORDS [all] [ordered] [step=STEP] | KEY ...
#     VALUE ...
# A value '-' is null or empty, '*' is one that the source does not tell. Without "all" the source
# shows a part. Blanks in values are '_'. Of the next hops of a network one is marked where one is in
# the source, whichever it is.
import json
import sys


class Table:
    def __init__(self, lines):
        words, keys = lines[0].split(" | ")
        words = words.split()
        self.keys = keys.split()
        self.rows = [tuple(line.split()) for line in lines[1:]]
        self.is_all = "all" in words
        self.is_ordered = "ordered" in words
        self.step = next((word[5:] for word in words if word.startswith("step=")), "1")
        self.words = [w for w in words if w not in ("all", "ordered") and "step=" not in w]
        assert self.rows and all(len(row) == len(self.keys) for row in self.rows), lines[0]

    def unmarked(self, rows):
        """Without the marks of next hops, and the networks that have one."""
        if "nextHop" not in self.keys:
            return rows, []
        hop = self.keys.index("nextHop")
        plain = [row[:hop] + (row[hop].rstrip("*") or "*",) + row[hop + 1 :] for row in rows]
        return plain, sorted(row[0] for row in rows if len(row[hop]) > 1 and row[hop][-1] == "*")

    def row(self, item):
        """A row of an answer, as text."""
        values = (item[key] for key in self.keys)
        return tuple("-" if v in (None, "") else str(v).replace(" ", "_") for v in values)


def is_row(wanted, row):
    return all(w in ("*", value) for w, value in zip(wanted, row))


def tables_of(path):
    with open(path, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    for block in blocks:
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            yield Table(lines)


def is_same(table, rows):
    rows, marked = table.unmarked(rows)
    all_wanted, wanted_marks = table.unmarked(table.rows)
    if marked != wanted_marks:
        return False
    if table.is_ordered:
        return len(rows) == len(all_wanted) and all(map(is_row, all_wanted, rows))
    left = list(rows)
    # the exact ones first, so that '*' takes nobody's place
    for wanted in sorted(all_wanted, key=lambda row: row.count("*")):
        found = next((row for row in left if is_row(wanted, row)), None)
        if not found:
            return False
        left.remove(found)
    return not (table.is_all and left)


tables = list(tables_of(sys.argv[1]))
assert tables
if len(sys.argv) == 2:
    for number, table in enumerate(tables):
        print(number, table.step, *table.words)
    sys.exit(0)
table = tables[int(sys.argv[2])]
rows = [table.row(item) for item in json.load(sys.stdin)["value"]]
if is_same(table, rows):
    # a comparison that cannot fail says nothing
    assert not is_same(table, rows[:-1]) or not (table.is_all or table.is_ordered)
    sys.exit(0)
print("wanted:", *(" ".join(row) for row in table.rows), sep="\n  ")
print("is:", *(" ".join(row) for row in rows), sep="\n  ")
sys.exit(1)
