package fal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

const maxErrorText = 300

var errTooLarge = fmt.Errorf("larger than %d MiB", maxAnswer>>20)

// apiError is what went wrong with one request: words that are safe to show,
// and the sentinels that it is.
type apiError struct {
	status int // 0: no answer
	text   string
	is     []error
}

func (e *apiError) Error() string   { return e.text }
func (e *apiError) Unwrap() []error { return e.is }

// scrub makes text from outside safe to show, should it even echo the key. It
// is cleaned before the key is looked for, and cut after.
func (c *client) scrub(s string) string {
	s = provider.Clean(s, 16*maxErrorText)
	return provider.Clean(strings.ReplaceAll(s, string(c.key), "[key]"), maxErrorText)
}

func (r request) fail(e *apiError) *provider.Error {
	return &provider.Error{Op: r.op, InstanceID: provider.Clean(r.id, 64), Err: e}
}

// lost is for a request without a whole answer. The cause itself is not
// wrapped: its text may hold whatever the other end sent.
func (c *client) lost(r request, err error) error {
	e := &apiError{text: "the provider could not be reached: " + c.scrub(bare(err)), is: []error{provider.ErrUnreachable}}
	if errors.Is(err, errTooLarge) {
		e.text, e.is = "the provider's answer makes no sense: "+err.Error(), []error{provider.ErrBadAnswer}
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			e.is = append(e.is, ended)
		}
	}
	if r.mutates() {
		e.text = "the outcome is unknown: " + e.text
		e.is = append(e.is, provider.ErrOutcomeUnknown)
	}
	return r.fail(e)
}

// bare drops what net/http puts around an error, which people do not need.
func bare(err error) string {
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return "no answer in time"
	}
	text := err.Error()
	if _, rest, ok := strings.Cut(text, "\": "); ok {
		return rest
	}
	return text
}

// unreadable is for an answer that came and makes no sense.
func (c *client) unreadable(r request, err error) error {
	e := &apiError{text: "the provider's answer makes no sense: " + c.scrub(err.Error()), is: []error{provider.ErrBadAnswer}}
	if r.mutates() {
		e.text = "the outcome is unknown: " + e.text
		e.is = append(e.is, provider.ErrOutcomeUnknown)
	}
	return r.fail(e)
}

// refused is for an answer with an error status.
func (c *client) refused(r request, status int, header http.Header, body []byte) error {
	e := &apiError{status: status}
	switch {
	case status == http.StatusUnauthorized:
		e.is = []error{provider.ErrUnauthorized}
	case status == http.StatusForbidden:
		e.is = []error{provider.ErrForbidden}
	case status == http.StatusNotFound:
		e.is = []error{provider.ErrNotFound}
	case status == http.StatusTooManyRequests:
		e.is = []error{provider.ErrRateLimited}
	case r.mutates() && (status == http.StatusRequestTimeout || status == http.StatusConflict || status >= 500 || status < 400):
		e.is = []error{provider.ErrOutcomeUnknown}
	case status == http.StatusRequestTimeout || status >= 500:
		e.is = []error{provider.ErrUnreachable}
	case status < 400:
		e.is = []error{provider.ErrBadAnswer}
	default:
		e.is = []error{provider.ErrRejected}
	}
	e.text = fmt.Sprintf("the provider answered %d", status)
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests:
		e.text = e.is[0].Error()
	}
	if said := c.scrub(errorMessage(body)); said != "" {
		e.text += ": " + said
	}
	if errors.Is(e, provider.ErrOutcomeUnknown) {
		e.text = "the outcome is unknown: " + e.text
	}
	out := r.fail(e)
	out.RetryAfter = retryAfter(header.Get("Retry-After"), time.Now())
	return out
}

// errorMessage takes the words out of an error envelope; a body that is none
// says nothing.
func errorMessage(body []byte) string {
	var envelope struct {
		Error struct {
			Type      string `json:"type"`
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return ""
	}
	e := envelope.Error
	text := e.Message
	switch {
	case text == "":
		text = e.Type
	case e.Type != "":
		text = e.Type + ": " + text
	}
	if text == "" || e.RequestID == "" {
		return text
	}
	return text + " (request " + e.RequestID + ")"
}

// maxRetryAfter is the longest pause that a provider can ask for: a person is
// waiting, and a wrong clock at the other end must not stop us for a day.
const maxRetryAfter = 5 * time.Minute

// retryAfter reads seconds or an HTTP date; 0 if it is neither.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseUint(s, 10, 63); err == nil {
		return time.Duration(min(n, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), maxRetryAfter)
	}
	return 0
}
