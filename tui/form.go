package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// formField is a field of the acquire form.
type formField int

const (
	fieldType formField = iota
	fieldSector
	fieldSlug
	fieldTTL
	fieldIdle
	fieldKeep
	fieldCount
)

var fieldNames = [...]string{"type", "sector", "name", "TTL", "idle", "keep"}

var fieldHints = [...]string{
	"← → chooses", "← → chooses", "empty: one is made up",
	"longest life, 24h at most", "without a pane or a run", "space toggles",
}

// maxSlug is the longest slug that crabbox takes.
const maxSlug = 41

// acquireForm is what a person fills in to rent a box.
type acquireForm struct {
	types, sectors   []string
	hasSectors       func(string) bool
	prices           provider.Prices
	typeAt, sectorAt int
	text             [fieldCount]lineEdit
	keep             bool
	at               formField
	wrong            [fieldCount]string
	// stray: a key came that the form has no use for, as when somebody types a
	// command in the belief that a pane has the keyboard. The next enter is then
	// taken for a part of that, since it costs money.
	stray  bool
	opened time.Time
}

func newAcquireForm(d Deps, now time.Time) *acquireForm {
	f := &acquireForm{opened: now, types: d.Types, sectors: d.Sectors, hasSectors: d.HasSectors, prices: d.Prices, keep: d.Defaults.Keep}
	if i := slices.Index(f.types, d.Defaults.Type); i >= 0 {
		f.typeAt = i
	} else if d.Defaults.Type != "" {
		f.types = append([]string{d.Defaults.Type}, f.types...)
	}
	f.sectorAt = max(slices.Index(f.sectors, d.Defaults.Sector), 0)
	f.text[fieldSlug] = newLineEdit(d.Defaults.Slug, maxSlug)
	ttl, idle := d.Defaults.TTL, d.Defaults.Idle
	if ttl == 0 {
		ttl = 90 * time.Minute
	}
	if idle == 0 {
		idle = 30 * time.Minute
	}
	f.text[fieldTTL] = newLineEdit(setting(ttl), 12)
	f.text[fieldIdle] = newLineEdit(setting(idle), 12)
	return f
}

func (f *acquireForm) instanceType() string {
	if f.typeAt < len(f.types) {
		return f.types[f.typeAt]
	}
	return ""
}

// shown says whether a field is there for the chosen type.
func (f *acquireForm) shown(i formField) bool {
	return i != fieldSector || len(f.sectors) > 0 && f.hasSectors != nil && f.hasSectors(f.instanceType())
}

// step moves to the next field shown.
func (f *acquireForm) step(n int) {
	for {
		f.at = (f.at + formField(n) + fieldCount) % fieldCount
		if f.shown(f.at) {
			return
		}
	}
}

// formResult is how a key left the form.
type formResult int

const (
	formOpen formResult = iota
	formCancelled
	formSubmitted
)

// key handles a key press. With formSubmitted, request returns what to ask for.
func (f *acquireForm) key(k tea.KeyPressMsg, now time.Time) formResult {
	b, _ := lookup(viewForm, k.String(), "")
	switch b.act {
	case actEscape:
		return formCancelled
	case actNextField:
		f.check()
		f.step(1)
		return formOpen
	case actPrevField:
		f.check()
		f.step(-1)
		return formOpen
	case actSubmit:
		if now.Sub(f.opened) < dialogGrace {
			return formOpen
		}
		if !f.check() {
			return formOpen
		}
		if f.stray {
			f.stray, f.wrong[f.at] = false, "no choice; enter again acquires"
			return formOpen
		}
		return formSubmitted
	}
	switch f.at {
	case fieldType:
		f.turn(&f.typeAt, len(f.types), k.String())
	case fieldSector:
		f.turn(&f.sectorAt, len(f.sectors), k.String())
	case fieldKeep:
		switch k.String() {
		case "space", "left", "right", "y", "n":
			f.keep = !f.keep
		default:
			f.stray = true
		}
	default:
		f.text[f.at].key(k)
		f.wrong[f.at] = ""
	}
	return formOpen
}

// turn goes through the n choices of a field.
func (f *acquireForm) turn(at *int, n int, key string) {
	switch {
	case n == 0:
	case key == "left":
		*at = (*at + n - 1) % n
	case key == "right" || key == "space":
		*at = (*at + 1) % n
	default:
		f.stray = true
	}
}

// paste puts text into the field with the cursor.
func (f *acquireForm) paste(s string) {
	if f.at == fieldSlug || f.at == fieldTTL || f.at == fieldIdle {
		f.text[f.at].insert(s)
	}
}

// check validates all fields, puts the cursor on the first wrong one, and
// says whether the form can be sent.
func (f *acquireForm) check() bool {
	f.wrong = [fieldCount]string{}
	if f.instanceType() == "" {
		f.wrong[fieldType] = "no instance type is configured"
	}
	f.wrong[fieldSlug] = slugTrouble(f.text[fieldSlug].String())
	_, f.wrong[fieldTTL] = parseClock(f.text[fieldTTL].String())
	_, f.wrong[fieldIdle] = parseClock(f.text[fieldIdle].String())
	for i, w := range f.wrong {
		if w != "" {
			f.at = formField(i)
			return false
		}
	}
	return true
}

// slugTrouble says what is wrong with a slug, "" if nothing is.
func slugTrouble(s string) string {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return "letters, digits and hyphens only"
		}
	}
	if s != "" && strings.Trim(s, "-") == "" {
		return "needs a letter or a digit"
	}
	return ""
}

// parseClock reads a TTL or idle timeout.
func parseClock(s string) (time.Duration, string) {
	d, err := time.ParseDuration(strings.ReplaceAll(strings.TrimSpace(s), " ", ""))
	switch {
	case err != nil:
		return 0, "a duration, like 45m, 2h or 1h30m"
	case d < time.Minute:
		return 0, "a minute at least"
	case d > provider.MaxTTL:
		return 0, "24h at most"
	}
	return d.Truncate(time.Second), ""
}

// request is the filled-in form; it holds after check.
func (f *acquireForm) request() provider.AcquireRequest {
	ttl, _ := parseClock(f.text[fieldTTL].String())
	idle, _ := parseClock(f.text[fieldIdle].String())
	r := provider.AcquireRequest{
		Type: f.instanceType(), Slug: strings.ToLower(strings.TrimSpace(f.text[fieldSlug].String())),
		TTL: ttl, Idle: idle, Keep: f.keep,
	}
	if f.shown(fieldSector) {
		r.Sector = f.sectors[f.sectorAt]
	}
	return r
}

// estimate says what the box will cost for its whole TTL.
func (f *acquireForm) estimate() string {
	ttl, wrong := parseClock(f.text[fieldTTL].String())
	if wrong != "" {
		return ""
	}
	c := f.prices.Cost(f.instanceType(), ttl)
	if !c.Known {
		return "no price known for this type; it bills all the same"
	}
	return fmt.Sprintf("~%s for %s at %s, estimate", dollars(c.SoFar), setting(ttl), rate(c))
}

// view draws the form, and says where in it the cursor is (-1: nowhere).
func (f *acquireForm) view(st *styles, w, h int) (lines []string, cx, cy int) {
	inner := min(w-4, 72)
	cx, cy = -1, -1
	// A low screen has no room for the air between the parts.
	airy := h >= 16
	var body []string
	if airy {
		body = append(body, "")
	}
	for i := range fieldCount {
		if !f.shown(i) {
			continue
		}
		label := st.muted.Render(fit(fieldNames[i], 8))
		mark := "  "
		if i == f.at {
			mark = st.accent.Render("› ")
			label = st.strong.Render(fit(fieldNames[i], 8))
		}
		value, cursor := f.value(i)
		if i == f.at && cursor >= 0 {
			cx, cy = 2+2+8+cursor, 1+len(body)
		}
		shown := st.text.Render(fit(value, 24))
		if i == f.at {
			shown = st.field.Render(fit(value, 24))
		}
		line := mark + label + shown
		if f.wrong[i] != "" {
			line += " " + st.bad.Render("✕ "+f.wrong[i])
		} else if i == f.at && inner > 56 {
			line += " " + st.muted.Render(fieldHints[i])
		}
		body = append(body, line)
	}
	if airy {
		body = append(body, "")
	}
	if e := f.estimate(); e != "" {
		body = append(body, "  "+st.strong.Render(clip(e, inner-2)))
	}
	if airy {
		for _, s := range wrap(f.keepText(), inner-2) {
			body = append(body, "  "+st.muted.Render(s))
		}
		body = append(body, "")
	}
	body = append(body, st.key.Render("  enter")+" acquires   "+st.key.Render("tab")+" next   "+st.key.Render("esc")+" cancels")
	return boxed(st, "Acquire a box", body[:min(len(body), max(h-2, 0))], inner, false), cx, cy
}

func (f *acquireForm) keepText() string {
	if f.keep {
		return keptText
	}
	return notKeptText
}

// value is what a field shows, and where its cursor is.
func (f *acquireForm) value(i formField) (string, int) {
	switch i {
	case fieldType:
		return "‹ " + f.instanceType() + " ›", -1
	case fieldSector:
		return "‹ " + f.sectors[f.sectorAt] + " ›", -1
	case fieldKeep:
		if f.keep {
			return "[x] keep", -1
		}
		return "[ ] do not keep", -1
	}
	return f.text[i].String(), f.text[i].cursor()
}
