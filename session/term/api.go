// Package term is the terminal behind the pane: it takes the bytes that a
// remote program writes and holds the screen that they make. It knows nothing
// of SSH or of Bubble Tea.
//
// The remote end is hostile until proven otherwise: whatever the bytes, Write
// takes time linear in their number and memory under a fixed ceiling, and
// neither panics nor blocks. What the terminal answers to queries waits in a
// bounded queue for Replies and never holds anything up.
//
// A Terminal is not safe for concurrent use; its owner serialises all calls.
package term

// Options of a Terminal; zero fields mean the default in brackets.
type Options struct {
	ScrollbackBytes int // memory for lines that left the screen [16 MiB]
	ScrollbackLines int // and their number [10000]; negative: none
}

// Terminal is an emulated xterm-256color.
type Terminal struct{}

// New returns a terminal of at least 1x1 cells (larger than 1000x1000 is clamped).
func New(cols, rows int, o Options) *Terminal { panic("not implemented") }

// Write feeds output of the remote program. It always takes all of p.
func (t *Terminal) Write(p []byte) (int, error) { panic("not implemented") }

// Resize changes the size, reflowing wrapped lines of the primary screen.
func (t *Terminal) Resize(cols, rows int) { panic("not implemented") }

// Size returns columns and rows.
func (t *Terminal) Size() (cols, rows int) { panic("not implemented") }

// Reset is what ESC c does; scrollback goes too.
func (t *Terminal) Reset() { panic("not implemented") }

// Replies returns the answers queued since the last call and forgets them.
// The slice is valid until the next Write.
func (t *Terminal) Replies() []byte { panic("not implemented") }

// Generation grows whenever anything that can be seen changes.
func (t *Terminal) Generation() uint64 { panic("not implemented") }

// RowGeneration grows whenever row y of the screen changes (0 is the top): it is the
// damage by which a caller knows a cached row to be stale. Scrolling changes
// the generations of the rows that moved.
func (t *Terminal) RowGeneration(y int) uint64 { panic("not implemented") }

// Color is a colour of a cell: default, one of 256, or RGB.
type Color uint32

// DefaultColor is what the outer terminal uses by itself.
const DefaultColor Color = 0

// Indexed returns palette colour i.
func Indexed(i uint8) Color { return 1<<24 | Color(i) }

// RGB returns a direct colour.
func RGB(r, g, b uint8) Color { return 2<<24 | Color(r)<<16 | Color(g)<<8 | Color(b) }

// Attr is a set of text attributes.
type Attr uint16

const (
	AttrBold Attr = 1 << iota
	AttrFaint
	AttrItalic
	AttrBlink
	AttrInverse
	AttrHidden
	AttrStrike
	AttrOverline
)

// Underline is an underline style.
type Underline uint8

const (
	UnderlineNone Underline = iota
	UnderlineSingle
	UnderlineDouble
	UnderlineCurly
	UnderlineDotted
	UnderlineDashed
)

// Style is how a cell looks.
type Style struct {
	Fg, Bg, UnderlineColor Color
	Attrs                  Attr
	Underline              Underline
}

// Cell is one place of the grid, unpacked.
type Cell struct {
	Text  string // a grapheme cluster; " " if blank; "" in the right half of a wide one
	Width int    // 1, 2, or 0 in the right half of a wide one
	Style Style
	Link  string // OSC 8 target, cleaned; empty if none
}

// Cell returns the cell at column x, row y of the screen; a blank one outside.
func (t *Terminal) Cell(x, y int) Cell { panic("not implemented") }

// AppendRow appends row y as text with SGR sequences and OSC 8 links, exactly
// cols cells wide, ending in a reset state, and returns the extended slice.
// y from -ScrollbackLen() to -1 are the lines above the screen, newest last.
func (t *Terminal) AppendRow(dst []byte, y int) []byte { panic("not implemented") }

// ScrollbackLen is the number of lines above the screen, 0 on the alternate
// screen.
func (t *Terminal) ScrollbackLen() int { panic("not implemented") }

// ScrollbackCell is Cell for line i above the screen; 0 is the oldest.
func (t *Terminal) ScrollbackCell(x, i int) Cell { panic("not implemented") }

// CursorShape is a DECSCUSR shape.
type CursorShape uint8

const (
	CursorBlock CursorShape = iota
	CursorUnderline
	CursorBar
)

// Cursor is where and how the cursor is.
type Cursor struct {
	X, Y    int
	Visible bool
	Shape   CursorShape
	Blink   bool
}

func (t *Terminal) Cursor() Cursor { panic("not implemented") }

// Modes are those that matter to whoever sends keys, mouse and paste.
type Modes struct {
	AltScreen         bool
	ApplicationCursor bool // DECCKM
	ApplicationKeypad bool // DECKPAM
	BracketedPaste    bool
	FocusEvents       bool
	Mouse             MouseMode
	MouseSGR          bool
	Sync              bool // synchronized output 2026 is open
}

// MouseMode is which mouse events the remote wants.
type MouseMode uint8

const (
	MouseOff MouseMode = iota
	MouseX10
	MouseButtons // 1000
	MouseDrag    // 1002
	MouseAll     // 1003
)

func (t *Terminal) Modes() Modes { panic("not implemented") }

// Title is the window title, cleaned of control characters and bounded.
func (t *Terminal) Title() string { panic("not implemented") }

// Bells is how many bells have rung.
func (t *Terminal) Bells() uint64 { panic("not implemented") }

// Text returns the screen as lines without trailing blanks, for tests and
// for copying.
func (t *Terminal) Text() []string { panic("not implemented") }

// Mod is a set of modifiers.
type Mod uint8

const (
	ModShift Mod = 1 << iota
	ModAlt
	ModCtrl
	ModMeta
)

// KeyCode is a key without text of its own.
type KeyCode uint8

const (
	KeyNone KeyCode = iota // the key is its Text or Rune
	KeyUp
	KeyDown
	KeyRight
	KeyLeft
	KeyHome
	KeyEnd
	KeyInsert
	KeyDelete
	KeyPageUp
	KeyPageDown
	KeyEnter
	KeyTab
	KeyBackspace
	KeyEscape
	KeySpace
	KeyF1 // to KeyF1+19 for F20
)

// Key is a key press. With Code KeyNone it is Rune with Mods (ctrl+c is Rune
// 'c' with ModCtrl), or, with no modifier but shift, the Text it produced.
type Key struct {
	Code KeyCode
	Rune rune
	Text string
	Mods Mod
}

// EncodeKey appends what an xterm sends for k in the current modes.
func (t *Terminal) EncodeKey(dst []byte, k Key) []byte { panic("not implemented") }

// EncodePaste appends s as a paste in the current modes; an end-of-paste
// marker inside s, and other controls than newline and tab, are taken out.
func (t *Terminal) EncodePaste(dst []byte, s string) []byte { panic("not implemented") }

// EncodeFocus appends the focus report, if the remote asked for it.
func (t *Terminal) EncodeFocus(dst []byte, focused bool) []byte { panic("not implemented") }

// MouseButton numbers as xterm's: 0 left, 1 middle, 2 right, 3 none, 4 and 5
// the wheel up and down.
type Mouse struct {
	X, Y   int // 0-based cell
	Button int
	Kind   MouseKind
	Mods   Mod
}

// MouseKind is what the mouse did.
type MouseKind uint8

const (
	MousePress MouseKind = iota
	MouseRelease
	MouseMotion
)

// EncodeMouse appends the report of m, if the remote asked for such events.
func (t *Terminal) EncodeMouse(dst []byte, m Mouse) []byte { panic("not implemented") }
