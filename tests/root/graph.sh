#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command graph: of files, of the lab that runs, of a bundle, and what it refuses.
. tests/support/lab.sh

# a file or a template needs no running lab
expect 0 "$H" graph hub-spoke-nva
has "$out" '│ • nva1 NVA 10\.4\.2\.101 │'
expect 0 "$H" graph hub-spoke-nva --ascii
has "$out" '\| \* nva1 NVA 10\.4\.2\.101 \|'
lacks "$out" '[^ -~]'
expect 0 "$H" graph vpner
lacks "$out" 'IPsec tunnel'
expect 0 "$H" graph vpner --step 2
has "$out" '══ IPsec tunnel'
expect 0 "$H" graph vpner -o dot
has "$out" '^graph "vpner" \{$'
expect 0 "$H" graph vpner -o mermaid
has "$out" '^flowchart TB$'
expect 0 "$H" graph vpner -o svg
has "$out" '^<svg xmlns='
python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.stdin)' <<-END || fail "svg is not XML"
	$out
END

# many machines are a count, or all there
"$H" generate --spokes 2 --vms 30 >"$SCRATCH/large.yaml"
expect 0 "$H" graph "$SCRATCH/large.yaml"
has "$out" '• 30 VMs'
expect 0 "$H" graph "$SCRATCH/large.yaml" --all
has "$out" '• spoke2-vm30'
lacks "$out" '30 VMs'

# what is wrong is said
expect 2 "$H" graph vpner -o json
has "$err" 'takes text, dot, mermaid or svg, not'
expect 2 "$H" graph vpner --width 10
has "$err" '--width takes a number from 40 to 1000'
expect 2 "$H" graph vpner --width many
has "$err" '--width takes a number'
expect 2 "$H" graph vpner -l "$LAB"
has "$err" 'a FILE is drawn, or a lab that runs: not both'
expect 2 "$H" graph -l "$LAB" --step 2
has "$err" '--step is about a FILE'
expect 1 "$H" graph "$SCRATCH/none.yaml"
echo 'lab: [' >"$SCRATCH/broken.yaml"
expect 3 "$H" graph "$SCRATCH/broken.yaml"
expect 1 "$H" graph -l "$LAB"

# a lab that runs, and the same from a bundle
expect 0 "$H" up "$ER" --name "$LAB"
expect 0 "$H" graph -l "$LAB"
has "$out" '✓ megaport-mcr AS 65001'
lacks "$out" '✗'
expect 0 "$H" fault cut -l "$LAB" megaport-mcr/branch-er-circuit-primary
down() { "$H" graph -l "$LAB" | grep -q '✗ megaport-mcr AS 65001'; }
wait_for 20 down || fail "the router's session stays"
expect 0 "$H" bundle -l "$LAB" "$SCRATCH/bundle.json"
expect 0 "$H" graph --from "$SCRATCH/bundle.json"
has "$out" '✗ megaport-mcr/branch-er-circuit-primary, .*: fault 1 cut'
for form in dot mermaid svg; do
	expect 0 "$H" graph --from "$SCRATCH/bundle.json" -o $form
	has "$out" '✗ megaport-mcr|✗</text>'
done
expect 2 "$H" graph vpner --from "$SCRATCH/bundle.json"
