package falsim

import (
	"encoding/json"
	"maps"
	"net/http"
)

// match finds the fault for a request and counts it. A request that is held
// waits here.
func (s *Server) match(kind, id string) *RequestFault {
	s.mu.Lock()
	var found *RequestFault
	for _, f := range s.scenario.Requests {
		if f.On != "" && f.On != kind || f.Instance != "" && f.Instance != id {
			continue
		}
		f.seen++
		if f.seen <= f.Skip || f.Times > 0 && f.done >= f.Times {
			continue
		}
		if f.Probability > 0 && s.random.Float64() >= f.Probability {
			continue
		}
		f.done++
		copied := *f
		found = &copied
		break
	}
	s.mu.Unlock()
	if found != nil && found.Hold != nil {
		<-found.Hold
	}
	return found
}

// effect says whether the request does its work all the same.
func (f *RequestFault) effect() bool {
	switch f.Action {
	case "drop-before":
		return false
	case "status":
		return f.AfterEffect
	}
	return true
}

// apply harms the answer; false cuts the connection instead.
func (f *RequestFault) apply(x *exchange) bool {
	switch f.Action {
	case "drop-before", "drop-after":
		return false
	case "status":
		kind, message := f.Type, f.Message
		if kind == "" {
			kind = map[int]string{401: "authentication_error", 403: "authorization_error", 429: "rate_limit_error"}[f.Status]
		}
		if kind == "" {
			kind = "internal_error"
		}
		if message == "" {
			message = "injected: " + http.StatusText(f.Status)
		}
		x.fail(f.Status, kind, message)
		if f.RetryAfter != "" {
			x.header.Set("Retry-After", f.RetryAfter)
		}
	case "malformed":
		x.body = []byte(`{"instances": [}`)
	case "truncated":
		x.body = x.body[:len(x.body)/2]
	case "wrong-id":
		x.edit(func(o map[string]any) { o["id"] = "inst_0000000000000000" })
	case "repeat-cursor":
		x.editTop(func(o map[string]any) { o["next_cursor"], o["has_more"] = "again", true })
	case "missing-field":
		x.editTop(func(o map[string]any) { delete(o, "has_more"); delete(o, "id") })
	case "unknown-status":
		x.edit(func(o map[string]any) { o["status"] = "hibernating" })
	case "control-chars":
		x.edit(func(o map[string]any) {
			o["region"] = "eu\x1b[31m\x07\u202egnorw\x9b2J"
			o["creator_user_nickname"] = "\x1b]0;owned\x07\x00mallory"
		})
	}
	return true
}

// editTop changes the answer as an object.
func (x *exchange) editTop(change func(map[string]any)) {
	var o map[string]any
	if json.Unmarshal(x.body, &o) == nil && o != nil {
		change(o)
		x.body, _ = json.Marshal(o)
	}
}

// edit changes every instance in the answer.
func (x *exchange) edit(change func(map[string]any)) {
	x.editTop(func(o map[string]any) {
		list, ok := o["instances"].([]any)
		if !ok {
			if _, isInstance := o["id"]; isInstance {
				change(o)
			}
			return
		}
		for i, v := range list {
			if inst, ok := v.(map[string]any); ok {
				inst = maps.Clone(inst)
				change(inst)
				list[i] = inst
			}
		}
	})
}
