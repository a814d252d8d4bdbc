# SPDX-License-Identifier: GPL-2.0-or-later
# The fault catalogue as labs that run.
#   catalogue.py compile CATALOGUE DIRECTORY    a lab file DIRECTORY/TEMPLATE.yaml for each template
#   catalogue.py judge CATALOGUE TEMPLATE <JSON what is not as its entries say, a line each; the JSON
#                                               is that of hublab test
# A lab has the template's states, of which those that entries begin at expect all their flows to
# pass; behind each such state "fault NAME", where the flows of that entry fail, and "mend NAME",
# where they pass again.
import json
import os
import sys

import yaml

KEYS = {"template", "step", "set", "cause", "breaks"}
FLOW_KEYS = {"from", "to", "protocol", "port"}


class Entry:
    def __init__(self, directory, file):
        self.name = file[: -len(".yaml")]
        with open(os.path.join(directory, file), encoding="utf-8") as text:
            entry = yaml.safe_load(text)
        self.template = entry["template"]
        self.step = entry.get("step", 1)
        self.set = entry["set"]
        self.cause = entry["cause"]
        self.flows = entry["breaks"]
        if not (set(entry) <= KEYS and set(self.cause) == {"at", "words", "mend"} and self.flows):
            sys.exit(f"{self.name}: not what an entry has")
        if not all(set(flow) <= FLOW_KEYS for flow in self.flows):
            sys.exit(f"{self.name}: 'breaks' has flows: {', '.join(sorted(FLOW_KEYS))}")
        # what mends nothing at the cause mends something else
        at = self.cause["at"]
        if not any((path + "/").startswith(at + "/") for path in self.cause["mend"]):
            sys.exit(f"{self.name}: the mend leaves '{at}' as it is")

    def failing(self):
        return [dict(flow, result="fails") for flow in self.flows]


def entries_of(directory):
    return [Entry(directory, file) for file in sorted(os.listdir(directory))]


def compile_lab(template, entries):
    with open(f"templates/{template}/lab.yaml", encoding="utf-8") as text:
        lab = yaml.safe_load(text)
    lab.pop("expect", None)
    steps = lab.setdefault("steps", [{"name": "as it is"}])
    for step in steps:
        step["expect"] = []
    for entry in entries:
        places = [s for i, s in enumerate(steps) if entry.step in (i + 1, s["name"])]
        if not places:
            sys.exit(f"{entry.name}: '{template}' has no step '{entry.step}'")
        base = places[0]
        base["expect"] += [flow for flow in entry.flows if flow not in base["expect"]]
        fault, mend = f"fault {entry.name}", f"mend {entry.name}"
        steps += [
            {"name": fault, "after": base["name"], "set": entry.set, "expect": entry.failing()},
            {"name": mend, "after": fault, "set": entry.cause["mend"], "expect": entry.flows},
        ]
    return lab


def compile_all(catalogue, directory):
    entries = entries_of(catalogue)
    for template in sorted({entry.template for entry in entries}):
        lab = compile_lab(template, [e for e in entries if e.template == template])
        with open(f"{directory}/{template}.yaml", "w", encoding="utf-8") as file:
            json.dump(lab, file, indent=1)


WRONG = {"": "does not pass in the template", "fault": "is not broken", "mend": "is not mended"}


def judge(catalogue, template):
    """A line for each verdict that is not "pass", and for each entry that was not looked at."""
    tests = json.load(sys.stdin)["tests"]
    seen = {test["step_name"]: test["verdicts"] for test in tests}
    for entry in entries_of(catalogue):
        if entry.template != template:
            continue
        for kind in ("fault", "mend"):
            if len(seen.get(f"{kind} {entry.name}", [])) != len(entry.flows):
                yield f"{entry.name}: the step '{kind} {entry.name}' was not looked at"
    for name, verdicts in seen.items():
        kind = name.split(" ")[0] if name.startswith(("fault ", "mend ")) else ""
        for v in verdicts:
            if v["verdict"] != "pass":
                yield f"{name}: {WRONG[kind]}: {v['verdict']}: {v['text']}: {v['seen']}"


if sys.argv[1] == "compile":
    compile_all(*sys.argv[2:])
else:
    for line in judge(*sys.argv[2:]):
        print(line)
