# SPDX-License-Identifier: GPL-2.0-or-later
# What was seen, the cases and the rules: docs/conformance.md. Ends with 1 when a case that should
# pass did not.
function trim(text)
{
	gsub(/^ +| +$/, "", text)
	return text
}
function fail(words)
{
	print "conformance: " words >"/dev/stderr"
	has_failed = 1
}
FNR == 1 { file++ }
/^#/ { next }
file == 1 && $1 == "case" { case_passes[$2] = 1 }
file == 1 && $1 == "test" { names_case[$2, $3] = 1 }
file == 1 && $1 == "rule" { tests[$2] = tests[$2] (tests[$2] ? ", " : "") $3 }
file == 2 {
	split($0, part, "|")
	id = trim(part[1]); how = trim(part[3])
	test = how
	sub(/; open: .*/, "", test)
	if (how == "") {
		if (!case_passes[id])
			fail(id " does not pass")
		how = "pass"
	} else if (test ~ /^tests\//) {
		if (!names_case[id, test])
			fail(test " does not name " id)
		how = "pass: " how
	} else if (how !~ /^open: /) {
		fail(id ": " how "?")
	}
	cases[++case_count] = "| " id " | " trim(part[2]) " | " how " |"
	cases_passed += how !~ /open: /
}
file >= 3 {
	split($0, part, "|")
	id = trim(part[1]); why = trim(part[3])
	if (id !~ /[.-]/) {
		chapter_why[id] = trim(part[2])
		next
	}
	chapter = id
	sub(/[.-].*/, "", chapter)
	if (why == "")
		why = chapter_why[chapter]
	else if (why == "-")
		why = ""
	if (why == "" && tests[id] == "")
		why = "no test quotes it yet"
	rules[++rule_count] = "| " id " | " trim(part[2]) " | " (why ? "open: " why : "pass") \
		" | " tests[id] " |"
	rules_passed += !why
	is_rule[id] = 1
}
END {
	for (id in tests)
		if (!is_rule[id])
			fail("there is no rule " id ", which is quoted by " tests[id])
	print "# Conformance"
	print ""
	print "How far labs are as Azure. Written by `make conformance`: the reasons stand in"
	print "`tests/conformance`, and `make check` fails when this is not what it would write."
	print ""
	print "## Worked cases"
	print ""
	print "Tables that real Azure printed (`tests/golden/azure/*.rows` and `*.bgp`), each with a lab:"
	print cases_passed " of " case_count " pass."
	print ""
	print "| Case | What it is | Result |"
	print "|---|---|---|"
	for (i = 1; i <= case_count; i++)
		print cases[i]
	print ""
	print "## Rules"
	print ""
	print rules_passed " of " rule_count " pass: tests quote them, and nothing of them is known to be open."
	print ""
	print "| Rule | What it is about | Result | Tests |"
	print "|---|---|---|---|"
	for (i = 1; i <= rule_count; i++)
		print rules[i]
	exit has_failed
}
