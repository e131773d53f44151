package falsim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// oversize is more than a client should be willing to read: 16 MiB and one.
const oversize = 16<<20 + 1

// apply harms the answer; false cuts the connection instead.
func (f *armed) apply(x *exchange) bool {
	if f.wrong != nil {
		x.fail(http.StatusInternalServerError, "simulator_error", "a fault was injected that makes no sense: "+f.wrong.Error())
		return true
	}
	switch f.Action {
	case "drop-before", "drop-after":
		return false
	case "cut":
		x.cut = true
	case "status":
		f.refuse(x)
	case "redirect":
		x.reply(f.Status, nil)
		if f.Status == 0 {
			x.status = http.StatusTemporaryRedirect
		}
		x.header.Set("Location", f.Location)
	case "malformed":
		x.replaceBody([]byte(`{"instances": [}`))
	case "truncated":
		x.replaceBody(x.body[:len(x.body)/2])
	case "oversized":
		x.replaceBody(append(bytes.Repeat([]byte(" "), oversize), x.body...))
	case "repeat-cursor":
		x.top(func(o map[string]any) { o["next_cursor"], o["has_more"] = x.cursor, true })
	case "hide":
		f.hide(x)
	case "missing-field":
		f.edit(x, f.Field, func(o map[string]any, key string) { delete(o, key) })
	default:
		f.edits(x)
	}
	return true
}

func (f *armed) refuse(x *exchange) {
	kind, message := f.Type, f.Message
	if kind == "" {
		kind = map[int]string{
			401: "authentication_error", 403: "authorization_error", 404: "not_found", 422: "validation_error", 429: "rate_limit_error",
		}[f.Status]
	}
	if kind == "" {
		kind = "internal_error"
		if f.Status < 500 {
			kind = "invalid_request_error"
		}
	}
	if message == "" {
		message = "injected: " + http.StatusText(f.Status)
	}
	x.fail(f.Status, kind, message)
	if f.RetryAfter != "" {
		x.header.Set("Retry-After", f.RetryAfter)
	}
}

// hide takes instances out of a list, or denies one.
func (f *armed) hide(x *exchange) {
	if x.kind == "get" {
		x.fail(http.StatusNotFound, "not_found", "instance not found")
		return
	}
	x.top(func(o map[string]any) {
		list, _ := o["instances"].([]any)
		o["instances"] = slices.DeleteFunc(list, func(v any) bool {
			inst, _ := v.(map[string]any)
			return f.target == "" || inst["id"] == f.target
		})
	})
}

// edits are the actions that set something in the answer.
func (f *armed) edits(x *exchange) {
	set := f.Set
	switch f.Action {
	case "wrong-id":
		// Each gets one of its own: an id twice would be another fault.
		f.edit(x, "id", func(o map[string]any, key string) { o[key] = newID() })
	case "unknown-status":
		set = map[string]any{"status": "hibernating"}
	case "control-chars":
		set = map[string]any{
			"region":                "eu\x1b[31m\x07\u202egnorw\u009b2J",
			"creator_user_nickname": "\x1b]0;owned\x07\x00mallory\x7f",
		}
	}
	for key, value := range set {
		f.edit(x, key, func(o map[string]any, key string) { o[key] = value })
	}
}

// edit changes a member of the answer: of the page if it is one of a page,
// else of the instances that the fault is about. "" is the member that no
// client can do without.
func (f *armed) edit(x *exchange, key string, change func(map[string]any, string)) {
	x.top(func(o map[string]any) {
		list, isPage := o["instances"].([]any)
		switch {
		case isPage && (key == "" || key == "instances" || key == "has_more" || key == "next_cursor"):
			if key == "" {
				key = "has_more"
			}
			change(o, key)
		case isPage:
			for _, v := range list {
				if inst, ok := v.(map[string]any); ok && (f.target == "" || inst["id"] == f.target) {
					change(inst, key)
				}
			}
		case o["id"] != nil:
			if key == "" {
				key = "id"
			}
			change(o, key)
		}
	})
}

// top changes the answer as an object.
func (x *exchange) top(change func(map[string]any)) {
	var o map[string]any
	if json.Unmarshal(x.body, &o) != nil || o == nil {
		return
	}
	change(o)
	if body, err := json.Marshal(o); err == nil {
		x.body = body
	}
}

func (x *exchange) replaceBody(b []byte) {
	x.body = b
	if len(b) > 0 && x.status == http.StatusNoContent {
		x.status = http.StatusOK // the one before can have no body
	}
}

// send writes the answer. An answer that is cut announces all of itself, sends
// half, and ends the connection.
func (x *exchange) send(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range x.header {
		h[k] = v
	}
	if x.cut && x.status == http.StatusNoContent {
		x.replaceBody([]byte(`{}`))
	}
	if x.status != http.StatusNoContent {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(x.body)))
	}
	w.WriteHeader(x.status)
	if x.cut {
		_, _ = w.Write(x.body[:len(x.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(x.body)
}
