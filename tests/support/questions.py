# SPDX-License-Identifier: GPL-2.0-or-later
# Random questions to a running lab: is what `hublab why` predicts what its packet gets, and have
# kernels at each place what it says, and does nftables what it says?
#   questions.py HUBLAB LAB COUNT SEED     a line for each answer that is not so twice; the last line
#                                          has how many were asked, and how many of them get a reply
import concurrent.futures
import json
import random
import subprocess
import sys

STRANGERS = ["192.0.2.77", "10.255.255.1", "172.31.0.9"]
PROTOCOLS = ["icmp", "icmp", "http", "http", "tcp:22", "tcp:443", "tcp:1433", "tcp:8080"]
PROTOCOLS += ["udp:53", "udp:1433"]


def ask(hublab, lab, question):
    run = subprocess.run(
        [hublab, "why", "-l", lab, *question, "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in (0, 4):
        sys.exit(f"{question}: {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)


def what_is_wrong(answer):
    evidence = answer["evidence"]
    if not evidence["is_sent"]:
        return f"nothing was sent: {evidence.get('why')}"
    if not answer["is_by_flow"] and evidence["is_reply"] != answer["is_answered"]:
        return f"a reply: {answer['is_answered']} ({answer.get('words')}), seen: {evidence}"
    for kernel in evidence["answers"]:
        if not kernel["agrees"]:
            place = answer[kernel["way"]][kernel["at"]]
            return f"at {place['node']}: {place['words']}; the kernel: {kernel['words']}"
    if evidence.get("untraced"):
        return f"nftables was not asked: {evidence['untraced']}"
    for traced in evidence["filters"]:
        if not traced["agrees"]:
            place = answer[traced["way"]][traced["at"]]
            return f"at {place['node']}: {place['words']}; nftables: {traced}"
    return None


def judge(hublab, lab, question):
    answer = ask(hublab, lab, question)
    wrong = what_is_wrong(answer)
    if wrong and not what_is_wrong(ask(hublab, lab, question)):
        wrong = None  # the machine had no time
    return wrong, answer["evidence"]["is_reply"]


def main(hublab, lab, count, seed):
    chance = random.Random(int(seed))
    show = subprocess.run(
        [hublab, "show", "-l", lab, "-o", "json"], capture_output=True, text=True, check=True
    )
    vms = json.loads(show.stdout)["vms"]["vms"]
    names = sorted({vm["nic"] for vm in vms})
    nodes = json.loads(show.stdout)["nodes"]["nodes"]
    ipv6 = [a.split("/")[0] for node in nodes for a in node["addresses"] if ":" in a]
    targets = names + sorted({vm["address"] for vm in vms}) + STRANGERS
    questions = [
        (chance.choice(names), chance.choice(targets), chance.choice(PROTOCOLS))
        for _ in range(int(count))
    ]
    questions += [
        (chance.choice(names), chance.choice(ipv6), chance.choice(["http", "tcp:22"]))
        for _ in range(int(count) // 4 if ipv6 else 0)
    ]
    replies = 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for question, (wrong, is_reply) in zip(
            questions, pool.map(lambda q: judge(hublab, lab, q), questions)
        ):
            replies += is_reply
            if wrong:
                print(" ".join(question), wrong)
    print(f"{len(questions)} asked, {replies} answered")


main(*sys.argv[1:])
