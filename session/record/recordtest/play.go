// Package recordtest plays recordings into a terminal, for the tests of those
// who make them.
package recordtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openclaw/crabbox-tui/session/term"
)

// Played is a recording that was played to its end.
type Played struct {
	Term    *term.Terminal // what it shows at the end
	Output  string         // all output
	Marks   []string
	Seconds float64 // of the last event
}

// Play plays the asciicast v2 in file. Whatever is not as the format has it is
// an error.
func Play(file []byte) (*Played, error) {
	if !bytes.HasSuffix(file, []byte("\n")) {
		return nil, errors.New("the last line is cut")
	}
	lines := bytes.Split(bytes.TrimSuffix(file, []byte("\n")), []byte("\n"))
	var h struct{ Version, Width, Height int }
	if err := json.Unmarshal(lines[0], &h); err != nil || h.Version != 2 || h.Width < 1 || h.Height < 1 {
		return nil, fmt.Errorf("header %q: %w", lines[0], err)
	}
	p := &Played{Term: term.New(h.Width, h.Height, term.Options{})}
	for _, l := range lines[1:] {
		if err := p.event(l); err != nil {
			return nil, fmt.Errorf("%.200q: %w", l, err)
		}
	}
	return p, nil
}

func (p *Played) event(line []byte) error {
	var at float64
	var code, data string
	if err := json.Unmarshal(line, &[]any{&at, &code, &data}); err != nil {
		return err
	}
	if at < p.Seconds {
		return fmt.Errorf("time goes back from %v", p.Seconds)
	}
	p.Seconds = at
	switch code {
	case "o":
		p.Output += data
		_, _ = p.Term.Write([]byte(data))
	case "r":
		var cols, rows int
		if _, err := fmt.Sscanf(data, "%dx%d", &cols, &rows); err != nil {
			return err
		}
		p.Term.Resize(cols, rows)
	case "m":
		p.Marks = append(p.Marks, data)
	default:
		return fmt.Errorf("an event of code %q", code)
	}
	return nil
}
