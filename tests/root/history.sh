#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The history's lines of ip and nft do what the change did: typed into 'hublab shell' after the change
# was taken back, they make the machine what it was with it.
. tests/support/lab.sh

python=$(command -v python3) || skip python3

cp templates/hub-spoke-nva/lab.yaml "$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB" --step 2

# All that these lines are about, as the kernel has it.
machine() {
	"$H" shell -l "$LAB" -- sh -c '
		for table in $(ip -n fabric rule | sed "s/.*lookup //" | sort -u); do
			echo "table $table"
			ip -n fabric route show table "$table" 2>/dev/null | sed "s/ *$//" | sort
		done
		ip -n fabric rule
		ip netns exec fabric nft -s list table ip hublab
		ip -n nva1 -br link show dev eth0 | cut -d@ -f1
		ip -n nva1 route; ip -n nva1 neighbour show nud permanent' |
		sed 's/[[:space:]]*$//'
}

# lines_of NUMBER KEY: lines of one command of the history, without comments
lines_of() {
	"$H" history -l "$LAB" -o json | "$python" -c '
import json, sys
for command in json.load(sys.stdin)["commands"]:
    if command["number"] == int(sys.argv[1]):
        assert command["state"] == "done" and not command["steps_left"]
        print("\n".join(command[sys.argv[2]]))' "$1" "$2"
}
newest() { "$H" history -l "$LAB" -o tsv | tail -n 1 | cut -f1; }

# replay COMMAND ARGUMENT...: the change, back, and then what the history has of it
replay() {
	machine >"$SCRATCH/before"
	expect 0 "$H" "$1" -l "$LAB" "$2" "$3" ${4:+"$4"}
	number=$(newest)
	machine >"$SCRATCH/with"
	cmp -s "$SCRATCH/before" "$SCRATCH/with" && fail "'$*' changed nothing"
	lines_of "$number" machine >"$SCRATCH/lines"
	[ -s "$SCRATCH/lines" ] || fail "'$*' has no lines"
	case $1 in fault) expect 0 "$H" fault -l "$LAB" clear ;; *) expect 0 "$H" undo -l "$LAB" ;; esac
	machine >"$SCRATCH/back"
	cmp -s "$SCRATCH/before" "$SCRATCH/back" || fail "the way back of '$*' is none"
	"$H" shell -l "$LAB" -- sh -e "$SCRATCH/lines" >"$SCRATCH/out" 2>&1 ||
		fail "the lines of '$*' fail: $(cat "$SCRATCH/out" "$SCRATCH/lines")"
	machine >"$SCRATCH/typed"
	diff "$SCRATCH/with" "$SCRATCH/typed" || fail "the lines of '$*' do something else: $(cat "$SCRATCH/lines")"
	[ "$1" = fault ] || expect 0 "$H" mend -l "$LAB"
}

replay set route_tables/rt-spokes/routes/extra '10.9.0.0/16 VirtualAppliance 10.4.2.101'
replay set route_tables/rt-spokes/routes/private '10.0.0.0/8 None'
replay set virtual_networks/hub/peerings/hub-to-spoke2 null
replay set nvas/nva1/enable_ip_forwarding false

# and that of az is one line of what is the same in Azure
expect 0 "$H" set -l "$LAB" route_tables/rt-spokes/routes/extra '10.9.0.0/16 VirtualAppliance 10.4.2.101'
[ "$(lines_of "$(newest)" az)" = "az network route-table route create --resource-group hub-spoke-nva --route-table-name rt-spokes --name extra --address-prefix 10.9.0.0/16 --next-hop-type VirtualAppliance --next-hop-ip-address 10.4.2.101" ] ||
	fail "not the line of az: $(lines_of "$(newest)" az)"

# a fault that ends by itself is hublab's own command
expect 0 "$H" fault -l "$LAB" --for 50ms drop nva1
ends() { "$H" history -l "$LAB" -o tsv | tail -n 1 | grep -q "hublab: its time is over	hublab fault -l $LAB clear"; }
wait_for 10 ends || fail "it does not end: $("$H" history -l "$LAB")"

# the last one: what is typed on a machine itself stays
replay fault cut nva1
