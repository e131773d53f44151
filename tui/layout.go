package tui

// rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

func (r rect) empty() bool { return r.w <= 0 || r.h <= 0 }

func (r rect) has(x, y int) bool {
	return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h
}

// screenKind is which of the big arrangements is on screen.
type screenKind int

const (
	screenTiny  screenKind = iota // too small for anything but saying so
	screenFleet                   // the fleet alone
	screenSplit                   // fleet at the left, pane at the right
	screenPane                    // pane with a one-line fleet strip
	screenZoom                    // pane alone
)

const (
	minWidth, minHeight = 40, 10
	// splitWidth is where fleet and pane fit side by side.
	splitWidth = 100
	// paneColumns is what a split leaves the pane where it can.
	paneColumns = 80
)

// layoutInput is what the arrangement depends on beside the size.
type layoutInput struct {
	panes     bool // at least one pane is open
	paneFocus bool
	zoom      bool
}

// layout says where everything is. Rectangles that are not on screen are empty.
type layout struct {
	kind   screenKind
	w, h   int
	header rect // program, totals, freshness
	note   rect // a warning about the data, else blank
	list   rect // column headings and rows
	rule   rect
	detail rect // selected lease or operation
	strip  rect // the fleet in one line
	tabs   rect
	screen rect // the terminal itself
	status rect // notice
	footer rect // keys
}

// layOut arranges a screen of w by h cells. It is pure and total.
func layOut(w, h int, in layoutInput) layout {
	l := layout{w: max(w, 0), h: max(h, 0)}
	if w < minWidth || h < minHeight {
		return l
	}
	switch {
	case !in.panes, w < splitWidth && !in.paneFocus:
		l.kind = screenFleet
	case in.paneFocus && in.zoom:
		l.kind = screenZoom
	case w < splitWidth:
		l.kind = screenPane
	default:
		l.kind = screenSplit
	}
	l.footer = rect{0, h - 1, w, 1}
	switch l.kind {
	case screenFleet:
		l.header = rect{0, 0, w, 1}
		l.note = rect{0, 1, w, 1}
		l.status = rect{0, h - 2, w, 1}
		l.column(rect{0, 2, w, h - 4})
	case screenSplit:
		left := min(max(w-paneColumns-1, 28), 48)
		l.header = rect{0, 0, w, 1}
		l.note = rect{0, 1, left, 1}
		l.column(rect{0, 2, left, h - 3})
		l.tabs = rect{left + 1, 1, w - left - 1, 1}
		l.screen = rect{left + 1, 2, w - left - 1, h - 3}
	case screenPane:
		l.strip = rect{0, 0, w, 1}
		l.tabs = rect{0, 1, w, 1}
		l.screen = rect{0, 2, w, h - 3}
	case screenZoom:
		l.tabs = rect{0, 0, w, 1}
		l.screen = rect{0, 1, w, h - 2}
	}
	return l
}

// column stacks list, rule and detail in r. The list keeps three lines at
// least; the detail takes what a ladder needs where there is room.
func (l *layout) column(r rect) {
	detail := 0
	switch {
	case r.h >= 20:
		detail = min(9+(r.h-20)/3, 15)
	case r.h >= 7:
		detail = (r.h - 3) / 2
	case r.h >= 6:
		detail = 1
	}
	if detail == 0 {
		l.list = r
		return
	}
	l.list = rect{r.x, r.y, r.w, r.h - detail - 1}
	l.rule = rect{r.x, r.y + l.list.h, r.w, 1}
	l.detail = rect{r.x, l.rule.y + 1, r.w, detail}
}
