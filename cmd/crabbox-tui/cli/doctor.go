package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/guard"
	"github.com/openclaw/crabbox-tui/session"
)

const (
	// priceTableAge is when a table of prices is worth a second look.
	priceTableAge = 180 * 24 * time.Hour
	reachWithin   = 10 * time.Second
	// reachAtOnce bounds how many boxes are tried at the same time.
	reachAtOnce = 8
)

type findingJSON struct {
	Check    string `json:"check"`
	Severity string `json:"severity"` // ok, warning or problem
	Message  string `json:"message"`
	Advice   string `json:"advice"`
}

var severityWords = map[provider.Severity]string{
	provider.SeverityOK: "ok", provider.SeverityWarning: "warning", provider.SeverityProblem: "problem",
}

func newDoctor(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("doctor", "Look at everything that could be wrong, and change nothing",
		"doctor exits 1 when it finds a problem. Each finding says what to do about it.", cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			findings := h.examine(cmd.Context(), stdio)
			j := struct {
				envelope
				OK       bool          `json:"ok"`
				Findings []findingJSON `json:"findings"`
			}{head("doctor"), true, []findingJSON{}}
			for _, f := range findings {
				word := severityWords[f.Severity]
				j.OK = j.OK && f.Severity != provider.SeverityProblem
				j.Findings = append(j.Findings, findingJSON{f.Check, word, f.Message, f.Advice})
				if asJSON {
					continue
				}
				fmt.Fprintf(stdio.Out, "%-8s %-12s %s\n", word, f.Check, f.Message)
				if f.Advice != "" {
					fmt.Fprintf(stdio.Out, "%-21s   -> %s\n", "", f.Advice)
				}
			}
			var err error
			if asJSON {
				err = printJSON(stdio.Out, j)
			}
			if err == nil && !j.OK {
				err = errors.New("there are problems")
			}
			return err
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (h *here) examine(ctx context.Context, stdio Stdio) []provider.Finding {
	findings := h.examineConfig()
	findings = append(findings, h.leases.Doctor(ctx)...)
	findings = append(findings, h.examineClock()...)
	findings = append(findings, h.examineFolders(ctx)...)
	findings = append(findings, h.examineOurs()...)
	findings = append(findings, examineTerminal(stdio)...)
	return append(findings, h.reach(ctx)...)
}

func ok(check, format string, args ...any) provider.Finding {
	return provider.Finding{Check: check, Message: fmt.Sprintf(format, args...)}
}

func warning(check, message, advice string) provider.Finding {
	return provider.Finding{Check: check, Severity: provider.SeverityWarning, Message: message, Advice: advice}
}

func (h *here) examineConfig() []provider.Finding {
	findings := []provider.Finding{ok("config", "%s can be read", h.places.Own)}
	if _, err := os.Stat(h.places.Own); err != nil {
		findings[0] = ok("config", "no file of ours; everything has its default")
	}
	for _, w := range h.config.Warnings {
		findings = append(findings, warning("config", w, "mend the value; until then the default is used"))
	}
	if info, err := os.Stat(h.places.User); err == nil && info.Mode().Perm()&0o077 != 0 {
		findings = append(findings, warning("config", h.places.User+" can be read by others", "chmod 600 "+h.places.User))
	}
	dated, err := time.Parse("2006-01", h.prices.Dated)
	switch {
	case err != nil:
		findings = append(findings, warning("prices", fmt.Sprintf("the price table is dated %q", h.prices.Dated), "write its date as 2006-01 under prices.dated"))
	case time.Since(dated) > priceTableAge:
		findings = append(findings, warning("prices", "the price table is of "+h.prices.Dated, "compare it with the provider's price page, and set prices in the configuration"))
	default:
		findings = append(findings, ok("prices", "the price table is of %s; all costs are estimates", h.prices.Dated))
	}
	return findings
}

func (h *here) examineClock() []provider.Finding {
	skew, known := h.leases.Skew()
	switch {
	case !known:
		return []provider.Finding{warning("clock", "the provider did not tell its time", "nothing can be said of this clock; make sure that it is set by the network")}
	case skew.Abs() > 30*time.Second:
		return []provider.Finding{{Check: "clock", Severity: provider.SeverityProblem,
			Message: fmt.Sprintf("this clock is %s from the provider's", skew.Round(time.Second)),
			Advice:  "set the clock by the network: deadlines and the replay of lost creates are judged by it"}}
	}
	return []provider.Finding{ok("clock", "within %s of the provider's", max(skew.Abs(), time.Second).Round(time.Second))}
}

func (h *here) examineFolders(ctx context.Context) []provider.Finding {
	audit, err := h.store.Audit(ctx)
	var findings []provider.Finding
	for _, f := range audit.Folders {
		switch {
		case f.Err != nil:
			findings = append(findings, provider.Finding{Check: "folders", Severity: provider.SeverityProblem, Message: f.Path + ": " + f.Err.Error(), Advice: "make it readable and writable for you alone"})
		case f.Missing:
			findings = append(findings, ok("folders", "%s is made when it is needed", f.Path))
		case f.Loose:
			findings = append(findings, warning("folders", fmt.Sprintf("%s has mode %o", f.Path, f.Mode), "chmod 700 "+f.Path))
		default:
			findings = append(findings, ok("folders", "%s, mode %o", f.Path, f.Mode))
		}
	}
	if err != nil {
		return append(findings, provider.Finding{Check: "folders", Severity: provider.SeverityProblem, Message: err.Error(), Advice: "make the folders readable for you"})
	}
	for _, key := range audit.LooseKeys {
		findings = append(findings, provider.Finding{Check: "keys", Severity: provider.SeverityProblem, Message: key + " can be read by others", Advice: "chmod 600 " + key})
	}
	for _, dir := range audit.OrphanedKeys {
		findings = append(findings, warning("keys", dir+" belongs to no claim", "if no box of that lease exists on the provider's page, the folder can be removed"))
	}
	for _, l := range audit.Held {
		who := fmt.Sprintf("process %d", l.PID)
		if l.PID == os.Getpid() {
			continue
		}
		findings = append(findings, ok("locks", "%s is held by %s", provider.Clean(l.Name, 128), who))
	}
	if audit.HeldUnknown {
		findings = append(findings, ok("locks", "this system does not tell who holds a lock"))
	}
	return findings
}

func (h *here) examineOurs() []provider.Finding {
	var findings []provider.Finding
	if h.ledger == nil {
		findings = append(findings, warning("ledger", "it cannot be read", "see crabbox-tui ledger; foreign boxes have no least age until it can"))
	}
	if _, err := h.receipts.List(); err != nil {
		findings = append(findings, warning("receipts", err.Error(), "move the file away"))
	}
	s, err := guard.Look(h.home)
	switch {
	case err != nil:
		findings = append(findings, warning("guard", err.Error(), "move the file away"))
	case s.Running && s.Doubt != "":
		findings = append(findings, warning("guard", guardLine(s), "mend what it says; until then nothing is released at its deadline"))
	default:
		findings = append(findings, ok("guard", "%s", guardLine(s)))
	}
	return findings
}

func examineTerminal(stdio Stdio) []provider.Finding {
	if !term.IsTerminal(stdio.Out.Fd()) {
		return []provider.Finding{ok("terminal", "none on standard output; the commands work, the screens need one")}
	}
	width, height, err := term.GetSize(stdio.Out.Fd())
	name := os.Getenv("TERM")
	switch {
	case err != nil:
		return []provider.Finding{warning("terminal", "its size cannot be told: "+err.Error(), "use a terminal emulator")}
	case name == "dumb" || name == "":
		return []provider.Finding{warning("terminal", fmt.Sprintf("TERM is %q", name), "run the screens in a terminal emulator")}
	case width < 60 || height < 15:
		return []provider.Finding{warning("terminal", fmt.Sprintf("%dx%d is small", width, height), "80x24 is comfortable")}
	}
	color := "256 colours or fewer"
	if c := os.Getenv("COLORTERM"); strings.Contains(c, "truecolor") || strings.Contains(c, "24bit") {
		color = "truecolour"
	}
	if os.Getenv("NO_COLOR") != "" {
		color = "no colour, as NO_COLOR asks"
	}
	return []provider.Finding{ok("terminal", "%s, %dx%d, %s", name, width, height, color)}
}

// reach logs in to each ready box and out again. It pins no host key: where
// there is none yet, it says so and leaves it.
func (h *here) reach(ctx context.Context) []provider.Finding {
	s, err := h.look(ctx, false)
	if err != nil || s.InventoryErr != nil {
		return nil
	}
	var ready []provider.Lease
	for _, l := range s.Rows {
		if l.Standing == provider.StandingReady {
			ready = append(ready, l)
		}
	}
	findings := make([]provider.Finding, len(ready))
	slots := make(chan struct{}, reachAtOnce)
	var all sync.WaitGroup
	for i, l := range ready {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			findings[i] = h.reachOne(ctx, l)
		})
	}
	all.Wait()
	return findings
}

func (h *here) reachOne(ctx context.Context, l provider.Lease) provider.Finding {
	check := "ssh " + l.Name()
	if info, err := os.Stat(l.KnownHostsPath); err != nil || info.Size() == 0 {
		return warning(check, "no host key is pinned yet", "open a pane, or ssh to it, to pin one")
	}
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	began := time.Now()
	client, err := h.dialer.Dial(ctx, session.Endpoint{Host: l.Host, Port: l.Port, User: l.User, KeyFile: l.KeyPath, KnownHosts: l.KnownHostsPath})
	if err != nil {
		return provider.Finding{Check: check, Severity: provider.SeverityProblem, Message: provider.Clean(err.Error(), 300),
			Advice: "the box may be down or its address may have changed; release it if it is of no use"}
	}
	client.Close()
	return ok(check, "logged in within %s", time.Since(began).Round(time.Millisecond))
}
