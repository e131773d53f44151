package term

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// maxCapabilityQuery bounds the names of one question; there is an answer for
// none beyond it.
const maxCapabilityQuery = 1 << 10

// reportCapabilities is XTGETTCAP: names of terminfo or termcap in hexadecimal,
// parted by semicolons. They are answered together, up to the first that is not
// known (ctlseqs, Device-Control functions). A name is sent back only if it is
// in our own tables, as the hexadecimal digits that it came in.
func (t *Terminal) reportCapabilities(data []byte) {
	data = data[:min(len(data), maxCapabilityQuery)]
	var out []byte
	for len(data) > 0 {
		var digits []byte
		digits, data, _ = bytes.Cut(data, []byte{';'})
		name, err := hex.DecodeString(string(digits))
		if err != nil {
			break
		}
		value, ok := t.capability(string(name))
		if !ok {
			break
		}
		if len(out) > 0 {
			out = append(out, ';')
		}
		out = append(out, digits...)
		if value != "" {
			out = hex.AppendEncode(append(out, '='), []byte(value))
		}
	}
	if len(out) == 0 {
		t.reply([]byte("\x1bP0+r\x1b\\"))
		return
	}
	t.reply(append(append([]byte("\x1bP1+r"), out...), "\x1b\\"...))
}

// capability is the value of a capability: of a key what it sends at present,
// nothing of one that is only there or not.
func (t *Terminal) capability(name string) (value string, ok bool) {
	if k, ok := capabilityKey(name); ok {
		return string(t.legacyKey(nil, k)), true
	}
	value, ok = capabilities[name]
	return value, ok
}

// keyCapabilities are terminfo's names of keys, and termcap's of the same;
// those of function keys are made by capabilityKey.
var keyCapabilities = func() map[string]Key {
	m := map[string]Key{}
	for _, k := range []struct {
		names string
		key   Key
	}{
		{"kcuu1 ku", Key{Code: KeyUp}}, {"kcud1 kd", Key{Code: KeyDown}},
		{"kcuf1 kr", Key{Code: KeyRight}}, {"kcub1 kl", Key{Code: KeyLeft}},
		{"khome kh", Key{Code: KeyHome}}, {"kend @7", Key{Code: KeyEnd}},
		{"kich1 kI", Key{Code: KeyInsert}}, {"kdch1 kD", Key{Code: KeyDelete}},
		{"kpp kP", Key{Code: KeyPageUp}}, {"knp kN", Key{Code: KeyPageDown}},
		{"kbs kb", Key{Code: KeyBackspace}}, {"kcbt kB", Key{Code: KeyTab, Mods: ModShift}},
		{"kbeg @1 kp5", Key{Code: KeyBegin}}, {"kent @8", Key{Code: KeyKPEnter}},
		{"kri kR", Key{Code: KeyUp, Mods: ModShift}}, {"kind kF", Key{Code: KeyDown, Mods: ModShift}},
		{"ka1 K1", Key{Code: KeyKP0 + 7}}, {"ka2", Key{Code: KeyKP0 + 8}}, {"ka3 K3", Key{Code: KeyKP0 + 9}},
		{"kb1", Key{Code: KeyKP0 + 4}}, {"kb2 K2", Key{Code: KeyKP0 + 5}}, {"kb3", Key{Code: KeyKP0 + 6}},
		{"kc1 K4", Key{Code: KeyKP0 + 1}}, {"kc2", Key{Code: KeyKP0 + 2}}, {"kc3 K5", Key{Code: KeyKP0 + 3}},
		{"kpZRO", Key{Code: KeyKP0}}, {"kpDOT", Key{Code: KeyKPDecimal}}, {"kpDIV", Key{Code: KeyKPDivide}},
		{"kpMUL", Key{Code: KeyKPMultiply}}, {"kpSUB", Key{Code: KeyKPSubtract}}, {"kpADD", Key{Code: KeyKPAdd}},
		{"kpCMA", Key{Code: KeyKPSeparator}},
	} {
		for name := range strings.FieldsSeq(k.names) {
			m[name] = k.key
		}
	}
	// Keys with modifiers: kLFT is with shift, kLFT5 with what 5 means to xterm.
	for _, k := range []struct {
		name, termcap string
		code          KeyCode
	}{
		{"kUP", "", KeyUp}, {"kDN", "", KeyDown}, {"kRIT", "%i", KeyRight}, {"kLFT", "#4", KeyLeft},
		{"kHOM", "#2", KeyHome}, {"kEND", "*7", KeyEnd}, {"kIC", "#3", KeyInsert}, {"kDC", "*4", KeyDelete},
		{"kPRV", "%e", KeyPageUp}, {"kNXT", "%c", KeyPageDown},
	} {
		m[k.name] = Key{Code: k.code, Mods: ModShift}
		if k.termcap != "" {
			m[k.termcap] = m[k.name]
		}
		for n := 3; n <= 8; n++ {
			m[k.name+strconv.Itoa(n)] = Key{Code: k.code, Mods: Mod(n - 1)}
		}
	}
	return m
}()

// functionKeyMods are the modifiers of kf1 to kf12, of the next twelve, and so on.
var functionKeyMods = [...]Mod{0, ModShift, ModCtrl, ModCtrl | ModShift, ModAlt, ModAlt | ModShift}

// capabilityKey is the key that a capability names.
func capabilityKey(name string) (Key, bool) {
	if k, ok := keyCapabilities[name]; ok {
		return k, true
	}
	n := 0
	if digits, ok := strings.CutPrefix(name, "kf"); ok {
		n, _ = strconv.Atoi(digits)
		if strconv.Itoa(n) != digits {
			return Key{}, false
		}
	} else if len(name) == 2 && name[0] == 'k' { // k1 to k9, k; for kf10
		n = strings.IndexByte(" 123456789;", name[1])
	} else if len(name) == 2 && name[0] == 'F' { // F1 for kf11, and on through the letters
		n = 10 + strings.IndexByte(" 123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr", name[1])
	}
	if n < 1 || n > 63 || name[0] == 'F' && n < 11 {
		return Key{}, false
	}
	n--
	return Key{Code: KeyF1 + KeyCode(n%12), Mods: functionKeyMods[n/12]}, true
}

// capabilities are all others of the terminfo entry xterm-256color, and what
// programs ask for besides it. One that is only there or not has no value.
var capabilities = map[string]string{
	"TN": "xterm-256color", "name": "xterm-256color",
	"Co": "256", "colors": "256", "pairs": "65536", "it": "8",
	"RGB": "8",

	"OTbs": "", "am": "", "bce": "", "ccc": "", "km": "", "mc5i": "", "mir": "", "msgr": "", "npc": "", "xenl": "",
	"AX": "", "XT": "", "Tc": "", "Su": "",

	"acsc": "``aaffggiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz{{||}}~~",
	"bel":  "\a", "blink": "\x1b[5m", "bold": "\x1b[1m", "cbt": "\x1b[Z", "civis": "\x1b[?25l", "clear": "\x1b[H\x1b[2J",
	"cnorm": "\x1b[?12l\x1b[?25h", "cr": "\r", "csr": "\x1b[%i%p1%d;%p2%dr", "cub": "\x1b[%p1%dD", "cub1": "\b",
	"cud": "\x1b[%p1%dB", "cud1": "\n", "cuf": "\x1b[%p1%dC", "cuf1": "\x1b[C", "cup": "\x1b[%i%p1%d;%p2%dH",
	"cuu": "\x1b[%p1%dA", "cuu1": "\x1b[A", "cvvis": "\x1b[?12;25h", "dch": "\x1b[%p1%dP", "dch1": "\x1b[P",
	"dim": "\x1b[2m", "dl": "\x1b[%p1%dM", "dl1": "\x1b[M", "ech": "\x1b[%p1%dX", "ed": "\x1b[J", "el": "\x1b[K",
	"el1": "\x1b[1K", "flash": "\x1b[?5h$<100/>\x1b[?5l", "home": "\x1b[H", "hpa": "\x1b[%i%p1%dG", "ht": "\t",
	"hts": "\x1bH", "ich": "\x1b[%p1%d@", "il": "\x1b[%p1%dL", "il1": "\x1b[L", "ind": "\n", "indn": "\x1b[%p1%dS",
	"initc": "\x1b]4;%p1%d;rgb:%p2%{255}%*%{1000}%/%2.2X/%p3%{255}%*%{1000}%/%2.2X/%p4%{255}%*%{1000}%/%2.2X\x1b\\",
	"invis": "\x1b[8m", "is2": softResetText, "mc0": "\x1b[i", "mc4": "\x1b[4i", "mc5": "\x1b[5i",
	"meml": "\x1bl", "memu": "\x1bm", "mgc": "\x1b[?69l", "nel": "\x1bE", "oc": "\x1b]104\a", "op": "\x1b[39;49m",
	"rc": "\x1b8", "rep": "%p1%c\x1b[%p2%{1}%-%db", "rev": "\x1b[7m", "ri": "\x1bM", "rin": "\x1b[%p1%dT",
	"ritm": "\x1b[23m", "rmacs": "\x1b(B", "rmam": "\x1b[?7l", "rmcup": "\x1b[?1049l\x1b[23;0;0t", "rmir": "\x1b[4l",
	"rmkx": "\x1b[?1l\x1b>", "rmm": "\x1b[?1034l", "rmso": "\x1b[27m", "rmul": "\x1b[24m",
	"rs1": "\x1bc\x1b]104\a", "rs2": softResetText, "sc": "\x1b7",
	"setab": setColorText("4", "10", "48"), "setaf": setColorText("3", "9", "38"),
	"sgr":  "%?%p9%t\x1b(0%e\x1b(B%;\x1b[0%?%p6%t;1%;%?%p5%t;2%;%?%p2%t;4%;%?%p1%p3%|%t;7%;%?%p4%t;5%;%?%p7%t;8%;m",
	"sgr0": "\x1b(B\x1b[m", "sitm": "\x1b[3m", "smacs": "\x1b(0", "smam": "\x1b[?7h", "smcup": "\x1b[?1049h\x1b[22;0;0t",
	"smglp": "\x1b[?69h\x1b[%i%p1%ds", "smglr": "\x1b[?69h\x1b[%i%p1%d;%p2%ds", "smgrp": "\x1b[?69h\x1b[%i;%p1%ds",
	"smir": "\x1b[4h", "smkx": "\x1b[?1h\x1b=", "smm": "\x1b[?1034h", "smso": "\x1b[7m", "smul": "\x1b[4m", "tbc": "\x1b[3g",
	"u6": "\x1b[%i%d;%dR", "u7": "\x1b[6n", "u8": "\x1b[?%[;0123456789]c", "u9": "\x1b[c", "vpa": "\x1b[%i%p1%dd",
	"BD": "\x1b[?2004l", "BE": "\x1b[?2004h", "Cr": "\x1b]112\a", "Cs": "\x1b]12;%p1%s\a", "E3": "\x1b[3J",
	"Ms": "\x1b]52;%p1%s;%p2%s\a", "PE": "\x1b[201~", "PS": "\x1b[200~", "Se": "\x1b[2 q", "Ss": "\x1b[%p1%d q",
	"XM": "\x1b[?1006;1000%?%p1%{1}%=%th%el%;", "rmxx": "\x1b[29m", "smxx": "\x1b[9m", "kmous": "\x1b[<",
	"xm": "\x1b[<%i%p3%d;%p1%d;%p2%d;%?%p4%tM%em%;",

	"Smulx": "\x1b[4:%p1%dm", "Smol": "\x1b[53m", "Rmol": "\x1b[55m",
	"Setulc":  "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm",
	"setrgbf": "\x1b[38;2;%p1%d;%p2%d;%p3%dm", "setrgbb": "\x1b[48;2;%p1%d;%p2%d;%p3%dm",
	"Sync": "\x1b[?2026%?%p1%{1}%-%tl%eh%;", "fe": "\x1b[?1004h", "fd": "\x1b[?1004l",
}

const softResetText = "\x1b[!p\x1b[?3;4l\x1b[4l\x1b>"

// setColorText is setaf or setab: the first eight colours, the next, the rest.
func setColorText(low, high, other string) string {
	return fmt.Sprintf("\x1b[%%?%%p1%%{8}%%<%%t%s%%p1%%d%%e%%p1%%{16}%%<%%t%s%%p1%%{8}%%-%%d%%e%s;5;%%p1%%d%%;m", low, high, other)
}
