package term

import (
	_ "embed"
	"os"
	"regexp"
	"strings"
)

// sourceText is a file to look at: keywords, tabs, wide characters, long lines.
const sourceText = `/* Counts what it is given: 数える, größer, naïve. */
#include <stdio.h>

static int count(const char *s, int n)
{
	int total = 0;
	for (int i = 0; i < n; i++)
		total += s[i] == 'x'; /* a comment that is rather long, so that it does not fit into eighty columns */
	return total;
}

int main(void)
{
	printf("%d\n", count("xyzzy", 5));
	return 0;
}
`

// tqdmScript writes what tqdm does: bars that are drawn over after a carriage
// return, of eighths of a block, and a second bar a line below.
const tqdmScript = `import sys
blocks = " ▏▎▍▌▋▊▉█"
def bar(part, width):
    eighths = int(part * width * 8)
    full = eighths // 8
    return ("█" * full + (blocks[eighths % 8] if full < width else "")).ljust(width)
for i in range(101):
    sys.stderr.write(f"\rtrain: {i:3d}%|{bar(i / 100, 30)}| {i}/100 [00:{i // 10:02d}<00:{(100 - i) // 10:02d}, 10.00it/s]")
    if i == 37:
        sys.stderr.write("\n")
for i in range(50):
    sys.stderr.write(f"\router: {i:3d}%|{bar(i / 100, 20)}|\n\rinner: {(i * 7) % 100:3d}%|\x1b[32m{bar(i * 7 % 100 / 100, 20)}\x1b[0m|\x1b[A")
sys.stderr.write("\n\n\x1b[38;2;255;135;0mdone\x1b[0m\n")
input()
`

//go:embed testdata/programs/config.fish
var fishConfig string

//go:embed testdata/programs/zshrc
var zshConfig string

// smiScript is the nvidia-smi of simulated boxes, with two GPUs.
func smiScript() string {
	b, err := os.ReadFile("../boxsim/nvidia-smi.sh")
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(string(b), "@GPUS@", "2")
}

var screenplays = []screenplay{
	{
		name: "vim", version: []string{"vim", "--version"}, files: map[string]string{"count.c": sourceText},
		command: `exec vim -u NONE -N -i NONE --cmd 'set nu ruler hlsearch showmode laststatus=2 termguicolors nomodeline ttimeout ttimeoutlen=1' -c 'syntax on' count.c`,
		steps: []step{
			{ready: "count.c +1,1", screen: "opened"},
			{keys: "/total\r", screen: "searched"},
			{keys: ":vsplit\r:set list\r\x1b", screen: "split"},
			{keys: "Goint 数;\x1b", screen: "changed"},
			{resize: [2]int{50, 15}, screen: "smaller"},
		},
	},
	{
		name: "nvim", version: []string{"nvim", "--version"}, files: map[string]string{"count.c": sourceText},
		command: `exec nvim -u NONE -i NONE --cmd 'set nu termguicolors nomodeline' -c 'syntax on' -c 'colorscheme desert' count.c`,
		steps: []step{
			{ready: "count.c +1,1", screen: "opened"},
			{keys: "/total\r", screen: "searched"},
			{keys: ":split\rGoint 数;\x1b", screen: "split and changed"},
			{resize: [2]int{50, 15}, screen: "smaller"},
		},
	},
	{
		name: "emacs", version: []string{"emacs", "--version"}, files: map[string]string{"count.c": sourceText},
		command: `exec emacs -nw -Q count.c`,
		steps: []step{
			{ready: "For information about GNU Emacs", screen: "opened"},
			{keys: "\x13total", screen: "searched"},
			{keys: "\r\x183\x1b>数\x01", screen: "split and changed"},
			{resize: [2]int{60, 16}, screen: "smaller"},
		},
	},
	{
		name: "less", version: []string{"less", "--version"}, files: map[string]string{"count.c": strings.Repeat(sourceText, 4)},
		command: `exec env LESSHISTFILE=- less -N -P 'line %lb of %L' count.c`,
		steps: []step{
			{ready: "line 22 of", screen: "opened"},
			{keys: "/total\r", screen: "searched"},
			{keys: " ", screen: "next page"},
			{keys: "kkk", screen: "three lines back"},
			{keys: "-S\rg", screen: "chopped lines"},
		},
	},
	{
		name: "mc", version: []string{"mc", "--version"},
		files: map[string]string{
			"left/count.c": sourceText, "left/日本.txt": "x", "left/larger.tar": strings.Repeat("x", 12345), "right/a.sh": "x",
			".config/mc/ini": "[Midnight-Commander]\nshow_mini_info=true\nfree_space=false\nverbose=true\n[Layout]\nfree_space=false\nmessage_visible=false\n",
		},
		command: `exec mc -u left right`,
		steps: []step{
			{ready: "1Help", screen: "opened"},
			{keys: "\x1bOB\x1bOB", screen: "moved"},
			{keys: "\x1b[20~\r", screen: "menu"},
			{keys: "\x1b\x1b", ready: "File listing"},
			{resize: [2]int{60, 16}, screen: "smaller"},
		},
		masks: []*regexp.Regexp{regexp.MustCompile(`(?m)^\|[#$]$`), regexp.MustCompile(`[A-Za-z]* +\d+ \d\d:\d\d`)},
	},
	{
		name: "tmux", version: []string{"tmux", "-V"},
		files: map[string]string{"conf": "set -s exit-unattached on\nset -g status-right ''\nset -g status-left '[inner] '\nset -g default-command 'env PS1=\"$ \" sh'\nset -g escape-time 0\nset -g assume-paste-time 0\nset -g allow-rename off\nset -g automatic-rename off\n"},
		// The server goes with its only client.
		command: `exec tmux -u -S "$HOME/s" -f "$HOME/conf" new-session -n work`,
		steps: []step{
			{ready: `\[inner\] 0:work`, screen: "opened"},
			{keys: "\x02%", screen: "split"},
			{keys: "printf '\\033[3%dm数%d\\n' 1 1 2 2 3 3; seq 20\r", screen: "output"},
			{keys: "\x02\"", screen: "split again"},
			{keys: "\x02[", ready: "(?s)\\$.*\\$.*\\$", screen: "copy mode"},
			{keys: "q\x02z", screen: "zoomed"},
			{keys: "\x02z", screen: "not zoomed"},
			{resize: [2]int{60, 16}, screen: "smaller"},
		},
	},
	{
		name: "fish", version: []string{"fish", "--version"},
		files:   map[string]string{".config/fish/config.fish": fishConfig, "a file": "", "another": ""},
		command: `exec env XDG_CONFIG_HOME="$HOME/.config" fish`,
		steps: []step{
			{ready: "main", screen: "prompt"},
			{keys: "echo 数 | cat\r", screen: "a command"},
			{keys: "echo 'not closed", screen: "highlighting"},
			{keys: "\x15", screen: "cleared"},
			{keys: "cat a\t", screen: "completion"},
			{resize: [2]int{50, 12}, screen: "smaller"},
		},
	},
	{
		name: "zsh", version: []string{"zsh", "--version"},
		files:   map[string]string{".zshrc": zshConfig, "a file": "", "another": ""},
		command: `exec zsh`,
		steps: []step{
			{ready: "✔", screen: "prompt"},
			{keys: "echo 数 | cat\r", screen: "a command"},
			{keys: "cat a\t\t", screen: "completion"},
			{keys: "\x15", screen: "cancelled"},
			{keys: "echo " + strings.Repeat("long ", 14), screen: "over the right prompt"},
		},
	},
	{
		name: "tqdm", version: []string{"python3", "-c", "print('bars')"}, files: map[string]string{"tqdm.py": tqdmScript},
		command: `exec python3 tqdm.py`,
		steps:   []step{{ready: "done", screen: "bars"}},
	},
	{
		name: "nvidia-smi", version: []string{"echo", "nvidia-smi of the simulated boxes"},
		size:    [2]int{100, 24},
		files:   map[string]string{"smi": smiScript(), "bin/date": "#!/bin/sh\ncase $1 in +%s) echo 1600000000 ;; *) echo 'Sun Sep 13 12:26:40 2020' ;; esac\n"},
		command: `PATH="$HOME/bin:$PATH" exec sh smi -l 3600`,
		steps:   []step{{ready: "No running processes", screen: "table"}},
	},
}
