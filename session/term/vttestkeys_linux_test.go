package term

import (
	"fmt"
	"regexp"
	"testing"
)

// vttestKeys are keys, and what vttest calls them by their codes.
type vttestKeys []struct {
	key  Key
	name string
}

var (
	vttestCursor = vttestKeys{
		{Key{Code: KeyUp}, "Up arrow key"}, {Key{Code: KeyDown}, "Down arrow key"},
		{Key{Code: KeyLeft}, "Left arrow key"}, {Key{Code: KeyRight}, "Right arrow key"},
	}
	vttestNumeric = vttestKeys{
		{Key{Code: KeyKP0}, "Numeric 0 key"}, {Key{Code: KeyKP0 + 5}, "Numeric 5 key"},
		{Key{Code: KeyKPSubtract}, "Minus key"}, {Key{Code: KeyKPDecimal}, "Point key"},
		{Key{Code: KeyKPEnter}, "ENTER key"},
	}
	vttestEditing = vttestKeys{
		{Key{Code: KeyInsert}, "Insert Here key"}, {Key{Code: KeyDelete}, "Remove key"},
		{Key{Code: KeyPageUp}, "Prev key"}, {Key{Code: KeyPageDown}, "Next key"},
	}
	vttestFunction = vttestKeys{
		{Key{Code: KeyF1 + 5}, "F6 key"}, {Key{Code: KeyF1 + 7}, "F8 key"}, {Key{Code: KeyF1 + 11}, "F12 key"},
		{Key{Code: KeyF1 + 4}, "F5 (xterm) key"},
	}
)

// TestVttestKeyboard types on vttest's keyboard, encoded for the mode that it
// has set, and it must know each key. What it calls VT52 mode is not there.
func TestVttestKeyboard(t *testing.T) {
	for _, c := range []struct {
		name, menu string
		rounds     []vttestKeys // each ended by TAB
	}{
		{"cursor keys, normal and application", "4", []vttestKeys{vttestCursor, vttestCursor}},
		{"numeric keypad, numeric and application", "5", []vttestKeys{vttestNumeric, vttestNumeric}},
		{"editing keypad", "6", []vttestKeys{vttestEditing}},
		{"function keys", "7", []vttestKeys{vttestFunction}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newOwnDisplay()
			v := startVttest(t, d)
			v.tour("5", nil, func(string) {})
			v.send(c.menu + "\r")
			for _, keys := range c.rounds {
				v.until("the keyboard", regexp.MustCompile("Finish with TAB"))
				for _, k := range keys {
					v.send(string(d.EncodeKey(nil, k.key)))
					got := v.until(k.name, regexp.MustCompile(`\x1b\[7m +\((.* key)\) `))[1]
					if got != k.name {
						t.Errorf("%+v is %q to vttest, want %q", k.key, got, k.name)
					}
				}
				v.send("\t")
			}
		})
	}
	t.Run("control keys", func(t *testing.T) {
		t.Parallel()
		d := newOwnDisplay()
		v := startVttest(t, d)
		v.tour("5", nil, func(string) {})
		v.send("9\r")
		v.until("the keys", regexp.MustCompile("or wait 1 minute"))
		for r := 'a'; r <= 'z'; r++ {
			v.send(string(d.EncodeKey(nil, Key{Rune: r, Mods: ModCtrl})))
			v.until(fmt.Sprintf("control %c", r), regexp.MustCompile(fmt.Sprintf(`\(CTRL-%c\)`, r-'a'+'A')))
		}
	})
}
