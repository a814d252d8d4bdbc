# SPDX-License-Identifier: GPL-2.0-or-later
# A printed screen as a picture: hublab screen --print vms --ansi | awk -f docs/svg.awk >picture.svg
# Knows what hublab prints: SGR sequences with bold, dim, underline, reverse and eight colours.

function look(codes,    n, code, i) {
	n = split(codes, code, ";")
	for (i = 1; i <= n; i++) {
		if (code[i] == 0) { fg = 9; bg = 9; bold = dim = underline = reverse = 0 }
		else if (code[i] == 1) bold = 1
		else if (code[i] == 2) dim = 1
		else if (code[i] == 4) underline = 1
		else if (code[i] == 7) reverse = 1
		else if (code[i] >= 30 && code[i] <= 37) fg = code[i] - 30
		else if (code[i] >= 40 && code[i] <= 47) bg = code[i] - 40
	}
}

# Columns: characters, not the bytes behind the first of each.
function columns(text) {
	gsub(/[\200-\277]/, "", text)
	return length(text)
}

function put(text,    width, x, y, ink, paper, swap) {
	width = columns(text)
	x = col * W; y = row * H
	ink = fg == 9 ? "#d8dee9" : colour[fg + 1]
	paper = bg == 9 ? "#1d2129" : colour[bg + 1]
	if (reverse) { swap = ink; ink = paper; paper = swap }
	if (paper != "#1d2129")
		body = body sprintf("<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, y, width * W, H, paper)
	col += width
	if (text ~ /^ *$/)
		return
	gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text)
	body = body sprintf("<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" fill=\"%s\"%s%s%s>%s</text>\n", x, y + H - 5, width * W, ink, bold ? " font-weight=\"bold\"" : "", dim ? " opacity=\"0.6\"" : "", underline ? " text-decoration=\"underline\"" : "", text)
}

BEGIN {
	W = 8.4; H = 19
	split("#3b4252 #e06c75 #98c379 #e5c07b #4b74b8 #c678dd #56b6c2 #e5e9f0", colour, " ")
	look("0")
}
{
	col = 0
	n = split($0, part, "\033\\[")
	for (i = 1; i <= n; i++) {
		if (i > 1) {
			at = index(part[i], "m")
			look(substr(part[i], 1, at - 1))
			part[i] = substr(part[i], at + 1)
		}
		if (part[i] != "") put(part[i])
	}
	if (col > cols) cols = col
	row++
}
END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-8 -8 %d %d\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" xml:space=\"preserve\">\n", cols * W + 16, row * H + 16
	printf "<rect x=\"-8\" y=\"-8\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#1d2129\"/>\n%s</svg>\n", cols * W + 16, row * H + 16, body
}
