/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts: for each shell a fixed part, and between its pieces what the table of commands says.
 * They all work alike: the word behind `hublab` is the command; from there the words are walked to
 * see in which argument's place the cursor is, or whether an option waits for its value.
 */
#include "tui/cli/cli_completion.h"

#include <string.h>

static void put_opening(const char *shell, FILE *out)
{
	(void)fprintf(out,
		      "# SPDX-License-Identifier: GPL-2.0-or-later\n"
		      "# Completes hublab in %s. Written from its table of commands by: "
		      "hublab completion %s\n\n",
		      shell, shell);
}

/* `text` for between the single quotes of a shell, with a backslash before what is special there.
 */
static void put_text(const char *text, const char *special, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\'", out); /* ends the quotes; the quote begins them again */
		else if (strchr(special, *text))
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

static const char *kind_name(enum arg arg)
{
	return arg == ARG_NONE ? "" : arg_kinds[arg].name;
}

/* The kinds of a command's arguments, with blanks between. */
static void put_kinds(const struct command *command, FILE *out)
{
	for (int i = 0; i < CLI_ARGUMENTS_MAX && command->completes[i] != ARG_NONE; i++)
		(void)fprintf(out, "%s%s", i ? " " : "", kind_name(command->completes[i]));
}

/* ---- bash ---- */

/* "options" and "values", with `set` (= or +=) for what begins here, each on a line. */
static void put_bash_options(const struct cli_option *options, const char *indent, const char *set,
			     FILE *out)
{
	bool has_values = false;

	(void)fprintf(out, "%soptions%s'", indent, set);
	for (const struct cli_option *option = options; option->name; option++) {
		if (option->letter)
			(void)fprintf(out, " -%c", option->letter);
		(void)fprintf(out, " --%s", option->name);
		has_values |= option->argument != NULL;
	}
	(void)fputs("'\n", out);
	if (!has_values)
		return;
	(void)fprintf(out, "%svalues%s' ", indent, set);
	for (const struct cli_option *option = options; option->name; option++) {
		const char *kind = kind_name(option_arg(option));

		if (option->argument && option->letter)
			(void)fprintf(out, "-%c=%s ", option->letter, kind);
		if (option->argument)
			(void)fprintf(out, "--%s=%s ", option->name, kind);
	}
	(void)fputs("'\n", out);
}

static void put_bash_command(const struct command *command, FILE *out)
{
	(void)fprintf(out, "\t%s)\n", command->name);
	if (command->options[0].name)
		put_bash_options(command->options, "\t\t", "+=", out);
	(void)fputs("\t\tkinds=(", out);
	put_kinds(command, out);
	(void)fprintf(out, ")\n%s\t\t;;\n", command->is_raw ? "\t\tis_raw=yes\n" : "");
}

static const char bash_head[] =
	"# What a command takes: its options, the kinds of their values, the kinds of its\n"
	"# arguments; and are options behind the first argument another program's?\n"
	"_hublab_command()\n"
	"{\n";

static const char bash_middle[] =
	"\t*)\n"
	"\t\treturn 1\n"
	"\t\t;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"# Reply with those of the words that begin like the one at the cursor.\n"
	"_hublab_words()\n"
	"{\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\")\n"
	"}\n"
	"\n"
	"_hublab_files()\n"
	"{\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen \"$@\" -- \"$current\")\n"
	"}\n"
	"\n"
	"# Reply with what may stand in the place of a kind of argument.\n"
	"_hublab_kind()\n"
	"{\n"
	"\t[[ $1 ]] || return\n"
	"\t_hublab_words \"$(\"$program\" __complete ${lab:+-l \"$lab\"} \"$1\" "
	"\"${COMP_WORDS[1]}\" 2>/dev/null)\"\n"
	"\tif [[ $1 == file ]]; then\n"
	"\t\t_hublab_files -d\n"
	"\t\t_hublab_files -f -X '!*.y*ml'\n"
	"\telif [[ $1 == bundle ]]; then\n"
	"\t\t_hublab_files -d\n"
	"\t\t_hublab_files -f -X '!*.json'\n"
	"\tfi\n"
	"}\n"
	"\n"
	"_hublab()\n"
	"{\n"
	"\tlocal program=${1/#'~'/$HOME} current=${COMP_WORDS[COMP_CWORD]}\n"
	"\tlocal options='' values='' is_raw='' lab='' option='' behind='' word kind i\n"
	"\tlocal -a kinds=() arguments=()\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\t_hublab_words '";

static const char bash_tail[] =
	"'\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t_hublab_command \"${COMP_WORDS[1]}\" || return 0\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $behind ]]; then\n"
	"\t\t\tbehind=argument\n"
	"\t\telif [[ $option && $word == = ]]; then\n"
	"\t\t\tcontinue # bash makes three words of --option=value\n"
	"\t\telif [[ $option ]]; then\n"
	"\t\t\t[[ $option == -l || $option == --lab ]] && lab=$word\n"
	"\t\t\toption=''\n"
	"\t\telif [[ $word == -- && $is_raw ]]; then\n"
	"\t\t\tbehind=program\n"
	"\t\telif [[ $word == -* && ! ($is_raw && ${#arguments[@]} -gt 0) ]]; then\n"
	"\t\t\t[[ $values == *\" $word=\"* ]] && option=$word\n"
	"\t\t\t[[ $word == -l?* ]] && lab=${word#-l}\n"
	"\t\telse\n"
	"\t\t\targuments+=(\"$word\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ $behind == program ]]; then\n"
	"\t\t_hublab_files -c\n"
	"\telif [[ $behind ]]; then\n"
	"\t\t_hublab_files -f\n"
	"\telif [[ $option ]]; then\n"
	"\t\t[[ $current == = ]] && current=''\n"
	"\t\tkind=${values#*\" $option=\"}\n"
	"\t\t_hublab_kind \"${kind%% *}\"\n"
	"\telif [[ $current == -* && ! ($is_raw && ${#arguments[@]} -gt 0) ]]; then\n"
	"\t\t_hublab_words \"$options\"\n"
	"\telse\n"
	"\t\t_hublab_kind \"${kinds[${#arguments[@]}]-}\"\n"
	"\tfi\n"
	"\treturn 0\n"
	"}\n"
	"\n"
	"complete -F _hublab hublab\n";

void completion_write_bash(FILE *out)
{
	put_opening("bash", out);
	(void)fputs(bash_head, out);
	put_bash_options(common_options, "\t", "=", out);
	(void)fputs("\tcase $1 in\n", out);
	for (int i = 0; commands[i]; i++)
		if (!commands[i]->is_hidden)
			put_bash_command(commands[i], out);
	(void)fputs(bash_middle, out);
	for (int i = 0; commands[i]; i++)
		if (!commands[i]->is_hidden)
			(void)fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
	(void)fputs(bash_tail, out);
}

/* ---- zsh ---- */

/* What fills a place: a function and the kind it is to offer; nothing for what is not known. */
static void put_zsh_action(enum arg arg, FILE *out)
{
	if (arg == ARG_NONE)
		(void)fputc(' ', out);
	else
		(void)fprintf(out, "_hublab_%s %s",
			      arg == ARG_FILE     ? "file"
			      : arg == ARG_BUNDLE ? "bundle"
						  : "ask",
			      kind_name(arg));
}

/* One spelling of an option, as _arguments wants it. */
static void put_zsh_spelling(const struct cli_option *option, const char *spelling,
			     const char *value_mark, FILE *out)
{
	(void)fputc('\'', out);
	if (option->letter)
		(void)fprintf(out, "(-%c --%s)", option->letter, option->name);
	(void)fprintf(out, "%s%s[", spelling, option->argument ? value_mark : "");
	put_text(option->words, "\\[]:", out);
	(void)fputc(']', out);
	if (option->argument) {
		(void)fprintf(out, ":%s:", option->argument);
		put_zsh_action(option_arg(option), out);
	}
	(void)fputc('\'', out);
}

static void put_zsh_options(const struct cli_option *options, const char *before, FILE *out)
{
	char spelling[64];

	for (; options->name; options++) {
		if (options->letter) {
			(void)snprintf(spelling, sizeof(spelling), "-%c", options->letter);
			(void)fputs(before, out);
			put_zsh_spelling(options, spelling, "+", out);
		}
		(void)snprintf(spelling, sizeof(spelling), "--%s", options->name);
		(void)fputs(before, out);
		put_zsh_spelling(options, spelling, "=", out);
	}
}

static void put_zsh_command(const struct command *command, FILE *out)
{
	static const char next[] = " \\\n\t\t\t";

	(void)fprintf(out, "\t(%s)\n\t\t%s_arguments -s%s $common", command->name,
		      command->is_raw ? "_hublab_behind_dashes || " : "",
		      command->is_raw ? " -A '-*'" : "");
	put_zsh_options(command->options, next, out);
	for (int i = 0; i < CLI_ARGUMENTS_MAX && command->completes[i] != ARG_NONE; i++) {
		(void)fprintf(out, "%s'%d:%s:", next, i + 1, kind_name(command->completes[i]));
		put_zsh_action(command->completes[i], out);
		(void)fputc('\'', out);
	}
	(void)fputs("\n\t\t;;\n", out);
}

static const char zsh_head[] =
	"# Offer what may stand in the place of a kind of argument, which is the last\n"
	"# parameter; those before it are for compadd.\n"
	"_hublab_ask()\n"
	"{\n"
	"\tlocal lab=${(Q)opt_args[-l]:-${(Q)opt_args[--lab]}}\n"
	"\tlocal -a found\n"
	"\n"
	"\tfound=(${(f)\"$($program __complete ${lab:+-l} $lab -o tsv $argv[-1] $command "
	"2>/dev/null)\"})\n"
	"\tfound=(${found/$'\\t'/:})\n"
	"\t_describe $argv[-1] found $argv[1,-2]\n"
	"}\n"
	"\n"
	"_hublab_file()\n"
	"{\n"
	"\t_alternative 'templates:template:_hublab_ask file' \\\n"
	"\t\t'files:lab file:_files -g \"*.(yaml|yml)\"'\n"
	"}\n"
	"\n"
	"_hublab_bundle()\n"
	"{\n"
	"\t_files -g '*.json'\n"
	"}\n"
	"\n"
	"# What stands behind -- is a command line of its own.\n"
	"_hublab_behind_dashes()\n"
	"{\n"
	"\tlocal dashes=${words[(i)--]}\n"
	"\n"
	"\t((dashes < CURRENT)) || return 1\n"
	"\tshift $dashes words\n"
	"\t((CURRENT -= dashes))\n"
	"\t_normal\n"
	"\treturn 0\n"
	"}\n"
	"\n"
	"_hublab()\n"
	"{\n"
	"\tlocal program=${${(Q)words[1]}/#\\~\\//$HOME/} line\n"
	"\tlocal -A opt_args\n"
	"\tlocal command=$words[2]\n"
	"\tlocal -a every=(";

static const char zsh_middle[] = "\n\t)\n"
				 "\n"
				 "\tif ((CURRENT == 2)); then\n"
				 "\t\t_describe -t commands command every\n"
				 "\t\treturn\n"
				 "\tfi\n"
				 "\tshift words\n"
				 "\t((CURRENT--))\n"
				 "\tcase $words[1] in\n";

static const char zsh_tail[] = "\t(*)\n"
			       "\t\treturn 1\n"
			       "\t\t;;\n"
			       "\tesac\n"
			       "}\n"
			       "\n"
			       "# as a file of fpath this is the body of _hublab itself\n"
			       "if [[ $funcstack[1] == _hublab ]]; then\n"
			       "\t_hublab \"$@\"\n"
			       "else\n"
			       "\tcompdef _hublab hublab\n"
			       "fi\n";

void completion_write_zsh(FILE *out)
{
	(void)fputs("#compdef hublab\n", out);
	put_opening("zsh", out);
	(void)fputs(zsh_head, out);
	for (int i = 0; commands[i]; i++) {
		if (commands[i]->is_hidden)
			continue;
		(void)fprintf(out, "\n\t\t'%s:", commands[i]->name);
		put_text(commands[i]->words, "\\", out);
		(void)fputc('\'', out);
	}
	(void)fputs("\n\t)\n\tlocal -a common=(", out);
	put_zsh_options(common_options, "\n\t\t", out);
	(void)fputs(zsh_middle, out);
	for (int i = 0; commands[i]; i++)
		if (!commands[i]->is_hidden)
			put_zsh_command(commands[i], out);
	(void)fputs(zsh_tail, out);
}

/* ---- fish ---- */

/* Those that a value follows. */
static void put_fish_valued(const struct cli_option *options, const char *before, FILE *out)
{
	bool is_first = true;

	for (; options->name; options++) {
		if (!options->argument)
			continue;
		(void)fputs(is_first ? before : "", out);
		if (options->letter)
			(void)fprintf(out, " -%c", options->letter);
		(void)fprintf(out, " --%s", options->name);
		is_first = false;
	}
	(void)fputs(is_first ? "" : "\n", out);
}

static void put_fish_command(const struct command *command, FILE *out)
{
	(void)fprintf(out, "\t\tcase %s\n", command->name);
	put_fish_valued(command->options, "\t\t\tset -a valued", out);
	if (command->completes[0] != ARG_NONE) {
		(void)fputs("\t\t\tset kinds ", out);
		put_kinds(command, out);
		(void)fputc('\n', out);
	}
	if (command->is_raw)
		(void)fputs("\t\t\tset is_raw yes\n", out);
}

/* `name` is that of the command they belong to, with a blank before it; "" for all commands. */
static void put_fish_options(const struct cli_option *options, const char *name, FILE *out)
{
	for (; options->name; options++) {
		enum arg arg = option_arg(options);

		(void)fprintf(out, "complete -c hublab -n '__hublab_options%s'", name);
		if (options->letter)
			(void)fprintf(out, " -s %c", options->letter);
		(void)fprintf(out, " -l %s%s", options->name, options->argument ? " -x" : "");
		if (arg != ARG_NONE)
			(void)fprintf(out, " -a '(__hublab_kind %s)'", kind_name(arg));
		(void)fputs(" -d '", out);
		put_text(options->words, "\\", out);
		(void)fputs("'\n", out);
	}
}

static const char fish_head[] =
	"# Where the cursor is: first \"options\" if hublab's own may stand here, then the\n"
	"# kind of the argument, or \"behind\" and the words behind --.\n"
	"function __hublab_place\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l at 1\n"
	"\tset -l is_value\n"
	"\tset -l kinds\n"
	"\tset -l is_raw\n";

static const char fish_middle[] =
	"\t\tcase '*'\n"
	"\t\t\treturn\n"
	"\tend\n"
	"\tset -e words[1..2]\n"
	"\twhile set -q words[1]\n"
	"\t\tset -l word $words[1]\n"
	"\t\tset -e words[1]\n"
	"\t\tif test -n \"$is_value\"\n"
	"\t\t\tset is_value\n"
	"\t\telse if test \"$word\" = --; and test -n \"$is_raw\"\n"
	"\t\t\tprintf '%s\\n' behind $words\n"
	"\t\t\treturn\n"
	"\t\telse if string match -q -- '-*' $word; and test -z \"$is_raw\" -o $at = 1\n"
	"\t\t\tcontains -- $word $valued; and set is_value yes\n"
	"\t\telse\n"
	"\t\t\tset at (math $at + 1)\n"
	"\t\tend\n"
	"\tend\n"
	"\ttest -z \"$is_raw\" -o $at = 1; and echo options\n"
	"\tset -q kinds[$at]; and echo $kinds[$at]\n"
	"end\n"
	"\n"
	"function __hublab_is_first\n"
	"\ttest (count (commandline -opc)) = 1\n"
	"end\n"
	"\n"
	"# May hublab's own options stand here, and is the command NAME, if that is given?\n"
	"function __hublab_options --argument-names name\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest -z \"$name\" -o \"$words[2]\" = \"$name\"; and contains options (__hublab_place)\n"
	"end\n"
	"\n"
	"# What may stand in the place of a kind of argument, in the lab that the words mean.\n"
	"function __hublab_kind --argument-names kind\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l program (string replace -r '^~/' \"$HOME/\" -- $words[1])\n"
	"\tset -l command $words[2]\n"
	"\tset -l lab\n"
	"\twhile set -q words[1]\n"
	"\t\tswitch $words[1]\n"
	"\t\t\tcase -l --lab\n"
	"\t\t\t\tset -q words[2]; and set lab -l $words[2]\n"
	"\t\t\tcase '--lab=*'\n"
	"\t\t\t\tset lab -l (string replace -- --lab= '' $words[1])\n"
	"\t\t\tcase '-l*'\n"
	"\t\t\t\tset lab -l (string sub -s 3 -- $words[1])\n"
	"\t\tend\n"
	"\t\tset -e words[1]\n"
	"\tend\n"
	"\t$program __complete $lab -o tsv $kind $command 2>/dev/null\n"
	"\ttest $kind = file; and __fish_complete_suffix .yaml\n"
	"\ttest $kind = bundle; and __fish_complete_suffix .json\n"
	"end\n"
	"\n"
	"function __hublab_argument\n"
	"\tset -l place (__hublab_place)\n"
	"\tif test \"$place[1]\" = behind\n"
	"\t\tset -e place[1]\n"
	"\t\tcomplete -C (string join ' ' -- (string escape -- $place) (commandline -ct))\n"
	"\telse if set -q place[1]; and test $place[-1] != options\n"
	"\t\t__hublab_kind $place[-1]\n"
	"\tend\n"
	"end\n"
	"\n"
	"complete -c hublab -f\n"
	"complete -c hublab -a '(__hublab_argument)'\n";

void completion_write_fish(FILE *out)
{
	char name[64];

	put_opening("fish", out);
	(void)fputs(fish_head, out);
	put_fish_valued(common_options, "\tset -l valued", out);
	(void)fputs("\tswitch \"$words[2]\"\n", out);
	for (int i = 0; commands[i]; i++)
		if (!commands[i]->is_hidden)
			put_fish_command(commands[i], out);
	(void)fputs(fish_middle, out);
	for (int i = 0; commands[i]; i++) {
		if (commands[i]->is_hidden)
			continue;
		(void)fprintf(out, "complete -c hublab -n __hublab_is_first -a %s -d '",
			      commands[i]->name);
		put_text(commands[i]->words, "\\", out);
		(void)fputs("'\n", out);
		(void)snprintf(name, sizeof(name), " %s", commands[i]->name);
		put_fish_options(commands[i]->options, name, out);
	}
	put_fish_options(common_options, "", out);
}
