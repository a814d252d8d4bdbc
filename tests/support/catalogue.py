# SPDX-License-Identifier: GPL-2.0-or-later
# The fault catalogue as labs that run.
#   catalogue.py compile CATALOGUE DIRECTORY    a lab file DIRECTORY/TEMPLATE.yaml for each template
#   catalogue.py ask CATALOGUE DIRECTORY HUBLAB what `hublab why` says of each fault goes into those
#                                               lab files; a line for each cause that it does not name
#   catalogue.py apply CATALOGUE TEMPLATE LAB HUBLAB
#                                               every fault, its mend and what `hublab why` says of it by
#                                               `hublab whatif --apply`, in a lab
#                                               that runs the template; what it said where another thing
#                                               changed, and in the last line the number of changes
#   catalogue.py judge CATALOGUE TEMPLATE <JSON what is not as its entries say, a line each; the JSON
#                                               is that of hublab test
# A lab has the template's states, of which those that entries begin at expect all their flows to
# pass; behind each such state "fault NAME", where the flows of that entry fail, and "mend NAME",
# where they pass again; "said NAME" is the fault with the change that `hublab why` suggests.
import json
import os
import subprocess
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


def call(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def question_of(flow):
    protocol = flow.get("protocol", "icmp").lower()
    if "port" in flow:
        protocol = f"{protocol}:{flow['port']}"
    return [flow["from"], flow["to"], protocol]


def why(hublab, file, step, flow):
    """What it says of a flow that fails: None when it is at a loss."""
    run = call(hublab, "why", "--file", file, "--step", step, *question_of(flow), "-o", "json")
    if run.returncode not in (0, 4):
        sys.exit(f"{step}: {flow}: {run.stderr}")
    answer = json.loads(run.stdout)
    return {"at": "", "other": None, "changes": []} if run.returncode == 0 else answer["mend"]


def is_within(path, other):
    return (path + "/").startswith(other + "/")


def is_named(entry, mend):
    """The place itself, a part of it or what it is a part of; of what was taken away nobody knows
    the name, so its collection is enough."""
    at = entry.cause["at"]
    is_gone = at in entry.set and entry.set[at] is None
    said = [path for path in (mend["at"], mend["other"]) if path]
    return any(
        is_within(path, at)
        or is_within(at, path)
        or (is_gone and os.path.dirname(path) == os.path.dirname(at))
        for path in said
    )


def ask_entry(entry, lab, file, hublab):
    """Flow after flow, as somebody would: what mends one may mend the next. False: not named."""
    step = {"name": f"said {entry.name}", "after": f"fault {entry.name}", "set": {}}
    step["expect"] = entry.flows
    lab["steps"].append(step)
    is_right = True
    for flow in entry.flows:
        with open(file, "w", encoding="utf-8") as out:
            json.dump(lab, out, indent=1)
        mend = why(hublab, file, step["name"], flow)
        if mend is None or (mend["at"] and not is_named(entry, mend)):
            print(f"{entry.name}: {flow['from']} -> {flow['to']}: {mend and mend['at']}")
            is_right = False
        for change in mend["changes"] if mend else []:
            value = change["value"]
            step["set"][change["path"]] = None if value is None else yaml.safe_load(value)
    if not step["set"]:
        lab["steps"].pop()
    with open(file, "w", encoding="utf-8") as out:
        json.dump(lab, out, indent=1)
    return is_right


def ask(catalogue, directory, hublab):
    for entry in entries_of(catalogue):
        file = f"{directory}/{entry.template}.yaml"
        with open(file, encoding="utf-8") as text:
            lab = json.load(text)
        ask_entry(entry, lab, file, hublab)


def words_of(changes):
    words = []
    for path, value in changes.items():
        words += [path, json.dumps(value)]
    return words


def must(entry, *words):
    run = call(*words)
    if run.returncode not in (0, 4):
        sys.exit(f"{entry.name}: {' '.join(words)}: {run.stderr}")


def foretell(entry, lab, hublab, words):
    """1, after having said where another thing changed than was foretold."""
    run = call(hublab, "whatif", "-l", lab, *words, "--apply")
    if run.returncode not in (0, 4) or "Exactly this changed" not in run.stdout:
        print(f"{entry.name}: {words}: {run.returncode}: {run.stdout}{run.stderr}")
    return 1


def suggestion(entry, lab, hublab):
    question = question_of(entry.flows[0])
    run = call(hublab, "why", "-l", lab, *question, "--no-packet", "-o", "json")
    mend = json.loads(run.stdout)["mend"]
    words = []
    for change in mend["changes"] if mend else []:
        words += [change["path"], "null" if change["value"] is None else change["value"]]
    return words


def apply(catalogue, template, lab, hublab):
    count = 0
    for entry in entries_of(catalogue):
        if entry.template != template:
            continue
        if call(hublab, "step", "-l", lab, str(entry.step)).returncode == 1:
            sys.exit(f"{entry.name}: step {entry.step} was refused")
        count += foretell(entry, lab, hublab, words_of(entry.set))
        count += foretell(entry, lab, hublab, words_of(entry.cause["mend"]))
        must(entry, hublab, "undo", "-l", lab, "all")
        must(entry, hublab, "set", "-l", lab, *words_of(entry.set))
        words = suggestion(entry, lab, hublab)
        if words:
            count += foretell(entry, lab, hublab, words)
        must(entry, hublab, "undo", "-l", lab, "all")
    print(count)


WRONG = {
    "": "does not pass in the template",
    "fault": "is not broken",
    "mend": "is not mended",
    "said": "is not mended by what hublab why says",
}


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
        kind = name.split(" ")[0] if name.startswith(("fault ", "mend ", "said ")) else ""
        for v in verdicts:
            if v["verdict"] != "pass":
                yield f"{name}: {WRONG[kind]}: {v['verdict']}: {v['text']}: {v['seen']}"


if sys.argv[1] == "compile":
    compile_all(*sys.argv[2:])
elif sys.argv[1] == "ask":
    ask(*sys.argv[2:])
elif sys.argv[1] == "apply":
    apply(*sys.argv[2:])
else:
    for line in judge(*sys.argv[2:]):
        print(line)
