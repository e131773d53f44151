package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/spinner"

	"github.com/openclaw/crabbox-tui/provider"
)

var spinnerFrames = spinner.MiniDot.Frames

func opVerb(k provider.Kind) string {
	switch k {
	case provider.KindResume:
		return "resume"
	case provider.KindRelease:
		return "release"
	}
	return "acquire"
}

func opName(op provider.Progress) string {
	switch {
	case op.Slug != "":
		return clean(op.Slug)
	case op.LeaseID != "":
		return clean(op.LeaseID)
	}
	return "new box"
}

// ladderView draws an operation: its head, how it ended, and its rungs. What
// went wrong comes before the rungs, so that it is never the part that is cut.
func (m *Model) ladderView(op provider.Progress, r rect) []string {
	lines := []string{fit(" "+m.opHead(op), r.w)}
	for _, s := range m.opOutcome(op, r.w-2) {
		lines = append(lines, " "+s)
	}
	steps := op.Steps
	// Where not all rungs fit, those that are over go first.
	for room := max(r.h-len(lines), 0); len(steps) > room && len(steps) > 1 && steps[0].Phase == provider.PhaseDone; {
		steps = steps[1:]
	}
	for _, s := range steps {
		line, why := m.rungView(s, op)
		if why != "" && r.w >= narrowList {
			line, why = line+"  "+why, ""
		}
		lines = append(lines, " "+clip(line, r.w-2))
		// In a narrow column the reason has lines of its own.
		for _, part := range wrap(why, r.w-4) {
			lines = append(lines, "   "+part)
		}
	}
	return lines[:min(len(lines), max(r.h, 0))]
}

func (m *Model) opHead(op provider.Progress) string {
	head := m.st.strong.Render(opVerb(op.Kind) + " " + opName(op))
	if op.Done() {
		took := m.st.muted.Render(" after " + duration(op.Ended.Sub(op.Started)))
		if op.Err != nil {
			return head + "  " + m.st.bad.Render("✕ failed") + took + m.st.muted.Render("  x dismisses")
		}
		return head + "  " + m.st.good.Render("✓ done") + took + m.st.muted.Render("  x dismisses")
	}
	head += "  " + m.st.muted.Render(duration(m.now.Sub(op.Started)))
	switch {
	case errors.Is(op.Abandoned, provider.AbandonKeep):
		head += m.st.warn.Render("  stopping, keeps what is there")
	case errors.Is(op.Abandoned, provider.AbandonRollback):
		head += m.st.warn.Render("  rolling back")
	case op.Kind != provider.KindRelease:
		head += m.st.muted.Render("  goes on in the background; esc offers more")
	}
	return head
}

// opOutcome says in full how an operation ended.
func (m *Model) opOutcome(op provider.Progress, w int) []string {
	var out []string
	if op.Err != nil {
		for _, s := range wrap(errorText(op.Err), w) {
			out = append(out, m.st.bad.Render(s))
		}
	}
	if op.Done() && op.Err == nil && op.Receipt != nil {
		for _, s := range wrap(receiptText(*op.Receipt), w) {
			out = append(out, m.st.good.Render(s))
		}
	}
	return out
}

// errorText is an error as a sentence to a person, with what to do next.
func errorText(err error) string {
	var e *provider.Error
	if !errors.As(err, &e) {
		return clean(err.Error())
	}
	parts := []string{}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.State != "" {
		parts = append(parts, e.State)
	}
	if e.RetryAfter > 0 {
		parts = append(parts, "retry after "+duration(e.RetryAfter))
	}
	s := strings.Join(parts, "; ")
	if e.Next != "" {
		s += ". Next: " + e.Next
	}
	return clean(s)
}

func receiptText(r provider.Receipt) string {
	s := "Released"
	if r.AlreadyGone {
		s = "Was already gone"
	}
	if n := len(r.Evidence); n > 0 {
		s += fmt.Sprintf(", absence proven by %d answers", n)
	}
	if r.Cost.Known {
		s += "; cost " + money(r.Cost)
		if !r.CreatedAt.IsZero() && r.ReleasedAt.After(r.CreatedAt) {
			s += " for " + duration(r.ReleasedAt.Sub(r.CreatedAt))
		}
		s += " (estimate)"
	}
	return s + "."
}

// rungView is one rung, symbol, name and time, and what it waits for.
func (m *Model) rungView(s provider.StepProgress, op provider.Progress) (line, why string) {
	name := fit(stepName(s.Step), 22)
	elapsed := func(until time.Time) string {
		if s.Started.IsZero() {
			return fitRight("", 8)
		}
		return fitRight(duration(until.Sub(s.Started)), 8)
	}
	switch s.Phase {
	case provider.PhaseDone:
		return m.st.good.Render("✓") + " " + name + m.st.muted.Render(elapsed(s.Ended)), ""
	case provider.PhaseFailed:
		if s.Err != nil && op.Err == nil {
			why = clean(s.Err.Error())
		}
		return m.st.bad.Render("✕ "+name) + m.st.muted.Render(elapsed(s.Ended)), why
	case provider.PhaseActive, provider.PhaseWaiting:
		if op.Done() {
			return m.st.muted.Render("· " + name), ""
		}
		line = m.st.accent.Render(spinnerFrames[m.spin%len(spinnerFrames)]) + " " + m.st.strong.Render(name) + elapsed(m.now)
		if why := m.waitText(s); why != "" {
			return line, m.st.warn.Render(why)
		}
		return line, ""
	}
	return m.st.muted.Render("· " + name), ""
}

// waitText says what a rung waits for, and when it tries again.
func (m *Model) waitText(s provider.StepProgress) string {
	if s.Phase != provider.PhaseWaiting {
		return clean(s.Detail)
	}
	why := s.Reason.String()
	// Some reasons have the detail in them already.
	if d := clean(s.Detail); d != "" && !strings.Contains(why, d) {
		if why != "" {
			why += ": "
		}
		why += d
	}
	if left := s.RetryAt.Sub(m.now); !s.RetryAt.IsZero() && left > 0 {
		why += ", next try in " + duration(left+time.Second-1)
	}
	if s.Attempt > 1 {
		why += fmt.Sprintf(" (try %d)", s.Attempt)
	}
	return why
}
