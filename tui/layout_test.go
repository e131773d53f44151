package tui

import "testing"

func TestLayout(t *testing.T) {
	fleet, pane, zoom := layoutInput{}, layoutInput{panes: true, paneFocus: true}, layoutInput{panes: true, paneFocus: true, zoom: true}
	beside := layoutInput{panes: true}
	for _, c := range []struct {
		name         string
		w, h         int
		in           layoutInput
		kind         screenKind
		list, screen rect
	}{
		{"nothing", 0, 0, fleet, screenTiny, rect{}, rect{}},
		{"tiny", 20, 5, fleet, screenTiny, rect{}, rect{}},
		{"tiny with a pane", 20, 5, pane, screenTiny, rect{}, rect{}},
		{"one too narrow", 39, 24, fleet, screenTiny, rect{}, rect{}},
		{"one too low", 80, 9, fleet, screenTiny, rect{}, rect{}},
		{"smallest", 40, 10, fleet, screenFleet, rect{0, 2, 40, 4}, rect{}},
		{"fleet", 80, 24, fleet, screenFleet, rect{0, 2, 80, 10}, rect{}},
		{"pane takes a narrow screen", 80, 24, pane, screenPane, rect{}, rect{0, 2, 80, 21}},
		{"fleet takes a narrow screen back", 80, 24, beside, screenFleet, rect{0, 2, 80, 10}, rect{}},
		{"zoomed", 80, 24, zoom, screenZoom, rect{}, rect{0, 1, 80, 22}},
		{"fleet", 120, 36, fleet, screenFleet, rect{0, 2, 120, 18}, rect{}},
		{"side by side", 120, 36, pane, screenSplit, rect{0, 2, 39, 19}, rect{40, 2, 80, 33}},
		{"focus does not move the pane", 120, 36, beside, screenSplit, rect{0, 2, 39, 19}, rect{40, 2, 80, 33}},
		{"narrowest split", 100, 30, pane, screenSplit, rect{0, 2, 28, 15}, rect{29, 2, 71, 27}},
		{"wide", 200, 50, pane, screenSplit, rect{0, 2, 48, 31}, rect{49, 2, 151, 47}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layOut(c.w, c.h, c.in)
			if l.kind != c.kind || l.list != c.list || l.screen != c.screen {
				t.Errorf("%dx%d: kind %d list %v screen %v", c.w, c.h, l.kind, l.list, l.screen)
			}
		})
	}
}

// Whatever the size, parts lie on the screen and on no other part.
func TestLayoutIsTotal(t *testing.T) {
	for _, in := range []layoutInput{{}, {panes: true}, {panes: true, paneFocus: true}, {panes: true, paneFocus: true, zoom: true}} {
		for w := -1; w < 210; w += 3 {
			for h := -1; h < 60; h++ {
				l := layOut(w, h, in)
				taken := map[[2]int]bool{}
				for _, r := range []rect{l.header, l.note, l.list, l.rule, l.detail, l.strip, l.tabs, l.screen, l.status, l.footer} {
					if r.x < 0 || r.y < 0 || r.w < 0 || r.h < 0 || r.x+r.w > max(w, 0) || r.y+r.h > max(h, 0) {
						t.Fatalf("%dx%d %+v: %v is not on the screen", w, h, in, r)
					}
					if r.empty() {
						continue
					}
					for y := r.y; y < r.y+r.h; y++ {
						for _, x := range []int{r.x, r.x + r.w - 1} {
							if r.w > 1 && taken[[2]int{x, y}] {
								t.Fatalf("%dx%d %+v: %v overlaps", w, h, in, r)
							}
							taken[[2]int{x, y}] = true
						}
					}
				}
			}
		}
	}
}
