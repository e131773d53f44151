package term

import "fmt"

// Operating system commands, and strings that are skipped.

var conformOSC = []conformance{
	{"OSC 0 ; Pt ST (icon name and title)", "ctlseqs, Operating System Commands", "\x1b]0;both\x1b\\", want{state: title, is: "both"}},
	{"OSC 1 ; Pt ST (icon name)", "ctlseqs, Operating System Commands: there are no icons", "\x1b]2;title\x07\x1b]1;icon\x1b\\", want{state: title, is: "title", inert: true}},
	{"OSC 2 ; Pt ST (title)", "ctlseqs, Operating System Commands", "\x1b]2;a;b\x1b\\", want{state: title, is: "a;b"}},
	{"OSC 2 ; Pt ST (title, ended by BEL)", "ctlseqs, Operating System Commands: xterm's other end", "\x1b]2;title\x07x", want{screen: "x", state: title, is: "title"}},
	{"OSC 4 ; Pc ; Pt ST (palette, asked)", "ctlseqs, Operating System Commands", "\x1b]4;1;?\x1b\\", want{replies: "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"}},
	{"OSC 4 ; Pc ; Pt ST (palette, set)", "ctlseqs, Operating System Commands", "\x1b]4;1;rgb:12/34/56;2;#abcdef\x1b\\\x1b]4;1;?;2;?\x1b\\", want{replies: "\x1b]4;1;rgb:1212/3434/5656\x1b\\\x1b]4;2;rgb:abab/cdcd/efef\x1b\\"}},
	{"OSC 7 ; Pt ST (working directory)", "freedesktop.org/wiki/Specifications/file-uri-spec; VTE's OSC 7", "\x1b]7;file://box/home/a%20b\x1b\\", want{state: func(t *Terminal) any { return t.WorkingDirectory() }, is: "/home/a b"}},
	{"OSC 8 ; Pt ; Pt ST (link)", "gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda", "\x1b]8;id=1;http://a/b;c\x1b\\x\x1b]8;;\x1b\\y", want{screen: "xy", state: links, is: "http://a/b;c "}},
	{"OSC 9 ; Pt ST (notification)", "iterm2.com/documentation-escape-codes.html", "\x1b]9;done\x1b\\", want{state: notice, is: "done"}},
	{"OSC 9 ; 4 ; Ps ; Pn ST (progress)", "learn.microsoft.com/windows/terminal/tutorials/progress-bar-sequences", "\x1b]9;4;1;50\x1b\\", want{state: func(t *Terminal) any { return t.Progress() }, is: Progress{ProgressNormal, 50}}},
	{"OSC 10 ; Pt ST (foreground)", "ctlseqs, Operating System Commands", "\x1b]10;?\x1b\\", want{replies: "\x1b]10;rgb:0101/0202/0303\x1b\\"}},
	{"OSC 10 ; Pt ST (foreground and what follows)", "ctlseqs, Operating System Commands", "\x1b]10;#111111;#222222\x1b\\\x1b]10;?;?\x1b\\", want{replies: "\x1b]10;rgb:1111/1111/1111\x1b\\\x1b]11;rgb:2222/2222/2222\x1b\\"}},
	{"OSC 11 ; Pt ST (background)", "ctlseqs, Operating System Commands", "\x1b]11;rgb:1234/5678/9abc\x1b\\\x1b]11;?\x1b\\", want{replies: "\x1b]11;rgb:1212/5656/9a9a\x1b\\"}},
	{"OSC 11 ; Pt ST (background by name)", "ctlseqs, Operating System Commands; XParseColor", "\x1b]11;Dark Orange\x1b\\\x1b]11;?\x1b\\", want{replies: "\x1b]11;rgb:ffff/8c8c/0000\x1b\\"}},
	{"OSC 12 ; Pt ST (cursor colour)", "ctlseqs, Operating System Commands; terminfo Cs", "\x1b]12;#abcdef\x1b\\", want{state: func(t *Terminal) any { return t.Cursor().Color }, is: RGB(0xab, 0xcd, 0xef)}},
	{"OSC 52 ; Pc ; Pd ST (clipboard, set)", "ctlseqs, Operating System Commands; terminfo Ms", "\x1b]52;c;aGk=\x1b\\", want{state: clipboard, is: "hi"}},
	{"OSC 52 ; Pc ; Pd ST (clipboard, asked)", "ctlseqs, Operating System Commands: never told", "\x1b]52;c;?\x1b\\", want{state: clipboard, is: "", inert: true}},
	{"OSC 104 ; Pc ST (palette, one reset)", "ctlseqs, Operating System Commands", "\x1b]4;1;#123456;2;#123456\x1b\\\x1b]104;1\x1b\\\x1b]4;1;?;2;?\x1b\\", want{replies: "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]4;2;rgb:1212/3434/5656\x1b\\", xterm: "resets the others too"}},
	{"OSC 104 ST (palette, all reset)", "ctlseqs, Operating System Commands; terminfo oc", "\x1b]4;1;#123456\x1b\\\x1b]104\x07\x1b]4;1;?\x1b\\", want{replies: "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"}},
	{"OSC 110 ST (foreground, reset)", "ctlseqs, Operating System Commands", "\x1b]10;#111111\x1b\\\x1b]110\x1b\\\x1b]10;?\x1b\\", want{replies: "\x1b]10;rgb:0101/0202/0303\x1b\\"}},
	{"OSC 111 ST (background, reset)", "ctlseqs, Operating System Commands", "\x1b]11;#222222\x1b\\\x1b]111\x1b\\\x1b]11;?\x1b\\", want{replies: "\x1b]11;rgb:1111/1212/1313\x1b\\"}},
	{"OSC 112 ST (cursor colour, reset)", "ctlseqs, Operating System Commands; terminfo Cr", "\x1b]12;#222222\x1b\\\x1b]112\x07\x1b]12;?\x1b\\", want{replies: "\x1b]12;rgb:2121/2222/2323\x1b\\"}},
	{"OSC 133 ; A ST (prompt)", "freedesktop.org Per_Bothner/specifications, semantic-prompts", "\x1b]133;A\x1b\\$ ", want{screen: "$", state: func(t *Terminal) any { return t.RowPrompt(0) }, is: true}},
	{"OSC 133 ; C ST (output)", "freedesktop.org Per_Bothner/specifications, semantic-prompts", "\x1b]133;A\x1b\\$ a\r\n\x1b]133;C\x1b\\out\r\n\x1b]133;A\x1b\\$", want{screen: "$ a\nout\n$", state: func(t *Terminal) any { return t.rowFlags(1) }, is: rowOutput}},
	{"OSC 133 ; D ; Ps ST (command ended)", "freedesktop.org Per_Bothner/specifications, semantic-prompts", "out\r\n\x1b]133;D;1\x1b\\$", want{screen: "out\n$", state: func(t *Terminal) any { return t.rowFlags(1) }, is: rowEnd}},
	{"OSC 133 ; Pt ST (marks)", "freedesktop.org Per_Bothner/specifications, semantic-prompts", "\x1b]133;A;cl=m;aid=7\x1b\\$ ", want{screen: "$", state: func(t *Terminal) any { return t.RowPrompt(0) }, is: true}},
	{"OSC 777 ; Pt ST (notification)", "rxvt-unicode, notify", "\x1b]777;notify;build;done\x1b\\", want{state: notice, is: "build: done"}},
	{"OSC 1337 ; Pt ST (iTerm2)", "iterm2.com/documentation-escape-codes.html: not ours, taken whole", "a\x1b]1337;File=inline=1:AAAA\x07b", want{screen: "ab", inert: true}},
}

var conformStrings = []conformance{
	{"DCS q (sixel)", "ctlseqs, Sixel Graphics: skipped", "a\x1bP1;2q#0;2;0;0;0~-\x1b\\b", want{screen: "ab", inert: true}},
	{"DCS p (ReGIS)", "ctlseqs, ReGIS Graphics: skipped", "a\x1bP0pS(E)\x1b\\b", want{screen: "ab", inert: true}},
	{"DCS = s (synchronized update, the older form)", "gitlab.com/gnachman/iterm2/-/wikis/synchronized-updates-spec: skipped, 2026 is answered", "a\x1bP=1s\x1b\\b\x1bP=2s\x1b\\c", want{screen: "abc", inert: true}},
	{"DCS | (DECUDK)", "ctlseqs, Device-Control functions: keys stay", "a\x1bP0;1|17/0d\x1b\\b", want{screen: "ab", inert: true}},
	{"DCS + p Pt ST (XTSETTCAP)", "ctlseqs, Device-Control functions: the description stays", "a\x1bP+p544e\x1b\\b", want{screen: "ab", inert: true}},
	{"APC Pt ST (kitty graphics)", "sw.kovidgoyal.net/kitty/graphics-protocol: skipped", "a\x1b_Gf=24,s=1,v=1;AAAA\x1b\\b", want{screen: "ab", inert: true}},
	{"PM Pt ST", "ECMA-48 8.3.94", "a\x1b^text\x1b\\b", want{screen: "ab", inert: true}},
	{"SOS Pt ST", "ECMA-48 8.3.128", "a\x1bXtext\x1b\\b", want{screen: "ab", inert: true}},
}

func notice(t *Terminal) any    { s, _ := t.TakeNotice(); return s }
func clipboard(t *Terminal) any { s, _ := t.TakeClipboard(); return s }

// links are those of the first two cells.
func links(t *Terminal) any { return fmt.Sprint(t.Cell(0, 0).Link, " ", t.Cell(1, 0).Link) }
