package falsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// healthy checks an answer that no fault has touched.
func healthy(t *testing.T, r reply, err error) {
	t.Helper()
	if err != nil || r.status != 200 || !json.Valid(r.body) {
		t.Errorf("after the fault: %d %q, %v", r.status, r.body, err)
	}
}

func TestEachActionHarmsOneAnswerAndNotTheNext(t *testing.T) {
	cases := map[string]struct {
		fault RequestFault
		check func(t *testing.T, id string, r reply, err error)
	}{
		"drop-before": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if err == nil {
				t.Errorf("an answer came: %d %q", r.status, r.body)
			}
		}},
		"drop-after": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if err == nil {
				t.Errorf("an answer came: %d %q", r.status, r.body)
			}
		}},
		"cut": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if !errors.Is(err, io.ErrUnexpectedEOF) || r.status != 200 || len(r.body) == 0 {
				t.Errorf("%d, %d bytes, %v", r.status, len(r.body), err)
			}
		}},
		"status": {RequestFault{Status: 429, RetryAfter: "3", Message: "slow\x1b down"}, func(t *testing.T, _ string, r reply, _ error) {
			if r.status != 429 || r.errorType(t) != "rate_limit_error" || r.header.Get("Retry-After") != "3" ||
				r.object(t)["error"].(map[string]any)["message"] != "slow\x1b down" {
				t.Errorf("%d %q %v", r.status, r.body, r.header)
			}
		}},
		"redirect": {RequestFault{Location: "http://elsewhere.example/v1"}, func(t *testing.T, _ string, r reply, _ error) {
			if r.status != 307 || r.header.Get("Location") != "http://elsewhere.example/v1" {
				t.Errorf("%d %v", r.status, r.header)
			}
		}},
		"malformed": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if err != nil || r.status != 200 || json.Valid(r.body) {
				t.Errorf("%d %q %v", r.status, r.body, err)
			}
		}},
		"truncated": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if err != nil || r.status != 200 || json.Valid(r.body) || !bytes.HasPrefix(r.body, []byte("{")) {
				t.Errorf("%d %q %v", r.status, r.body, err)
			}
		}},
		"oversized": {RequestFault{}, func(t *testing.T, _ string, r reply, err error) {
			if err != nil || len(r.body) <= 16<<20 || !json.Valid(r.body) {
				t.Errorf("%d bytes, %v", len(r.body), err)
			}
		}},
		"wrong-id": {RequestFault{}, func(t *testing.T, id string, r reply, _ error) {
			if got := r.instances(t)[0]["id"]; got == id || got == "" {
				t.Errorf("id %v", got)
			}
		}},
		"repeat-cursor": {RequestFault{}, func(t *testing.T, _ string, r reply, _ error) {
			if o := r.object(t); o["has_more"] != true || o["next_cursor"] == nil {
				t.Errorf("%s", r.body)
			}
		}},
		"missing-field": {RequestFault{}, func(t *testing.T, _ string, r reply, _ error) {
			if _, ok := r.object(t)["has_more"]; ok {
				t.Errorf("%s", r.body)
			}
		}},
		"unknown-status": {RequestFault{}, func(t *testing.T, _ string, r reply, _ error) {
			if got := r.instances(t)[0]["status"]; got != "hibernating" {
				t.Errorf("status %v", got)
			}
		}},
		"control-chars": {RequestFault{}, func(t *testing.T, _ string, r reply, _ error) {
			inst := r.instances(t)[0]
			text := inst["region"].(string) + inst["creator_user_nickname"].(string)
			for _, c := range []string{"\x1b", "\x07", "\x00", "\x7f", "\u009b", "\u202e"} {
				if !strings.Contains(text, c) {
					t.Errorf("no %q in %q", c, text)
				}
			}
		}},
		"hide": {RequestFault{}, func(t *testing.T, _ string, r reply, _ error) {
			if n := len(r.instances(t)); n != 0 {
				t.Errorf("%d instances", n)
			}
		}},
		"set": {RequestFault{Set: map[string]any{"ip": "-oProxyCommand=x", "has_more": true}}, func(t *testing.T, _ string, r reply, _ error) {
			if got := r.instances(t)[0]["ip"]; got != "-oProxyCommand=x" {
				t.Errorf("ip %v", got)
			}
			if o := r.object(t); o["has_more"] != true || o["next_cursor"] != nil {
				t.Errorf("%s", r.body)
			}
		}},
		"delay": {RequestFault{Delay: Exactly(time.Millisecond)}, healthyCase},
	}
	for _, action := range actions {
		t.Run(action, func(t *testing.T) {
			c, ok := cases[action]
			if !ok {
				t.Fatal("no case for the action")
			}
			w := newWire(t, Options{})
			id := create(t, w.Server)
			c.fault.On, c.fault.Action, c.fault.Times = "list", action, 1
			w.Inject(c.fault)
			r, err := w.do(t, "GET", instancesPath, "")
			c.check(t, id, r, err)
			r, err = w.do(t, "GET", instancesPath, "")
			healthy(t, r, err)
			entries := w.Books().Requests
			if e := entries[len(entries)-2]; e.Fault != action || e.Status != wantStatus(action) {
				t.Errorf("in the books: %+v", e)
			}
			if e := entries[len(entries)-1]; e.Fault != "" || e.Status != 200 {
				t.Errorf("the healthy one in the books: %+v", e)
			}
		})
	}
}

func healthyCase(t *testing.T, _ string, r reply, err error) { healthy(t, r, err) }

// wantStatus is what the books have for an action of the test above.
func wantStatus(action string) int {
	switch action {
	case "drop-before", "drop-after", "cut":
		return 0
	case "status":
		return 429
	case "redirect":
		return 307
	}
	return 200
}

func TestWhetherAHarmedMutationHasItsEffect(t *testing.T) {
	for name, c := range map[string]struct {
		fault  RequestFault
		effect bool
	}{
		"drop-before":         {RequestFault{Action: "drop-before"}, false},
		"drop-after":          {RequestFault{Action: "drop-after"}, true},
		"status":              {RequestFault{Action: "status", Status: 500}, false},
		"status after effect": {RequestFault{Action: "status", Status: 500, AfterEffect: true}, true},
		"redirect":            {RequestFault{Action: "redirect", Location: "/"}, false},
		"malformed":           {RequestFault{Action: "malformed"}, true},
		"truncated":           {RequestFault{Action: "truncated"}, true},
		"cut":                 {RequestFault{Action: "cut"}, true},
	} {
		for _, on := range []string{"create", "delete"} {
			t.Run(name+" "+on, func(t *testing.T) {
				w := newWire(t, Options{})
				id := create(t, w.Server)
				c.fault.On = on
				w.Inject(c.fault)
				want := 1
				if on == "create" {
					_, _ = w.do(t, "POST", instancesPath, createBody(newPublicKey(t)))
					if c.effect {
						want = 2
					}
				} else {
					_, _ = w.do(t, "DELETE", instancesPath+"/"+id, "")
					if c.effect {
						want = 0
					}
				}
				if n := len(list(t, w.Server).instances(t)); n != want {
					t.Errorf("%d instances, want %d", n, want)
				}
				entries := w.Books().Requests
				if e := entries[len(entries)-2]; e.Effect != c.effect || e.Fault != c.fault.Action {
					t.Errorf("in the books: %+v", e)
				}
			})
		}
	}
}

func TestAHarmedCreateIsReplayedUnharmed(t *testing.T) {
	for _, action := range []string{"drop-after", "truncated", "malformed", "wrong-id", "missing-field"} {
		s := newServer(t, Options{})
		s.Inject(RequestFault{On: "create", Nth: 1, Action: action})
		body := createBody(newPublicKey(t))
		ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "k")
		r := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "k")
		books := s.Books()
		if r.status != 200 || r.object(t)["id"] != books.Instances[0].ID || len(books.Instances) != 1 {
			t.Errorf("%s: the replay got %d %s, instances %v", action, r.status, r.body, books.Instances)
		}
	}
}

func TestRepeatCursorLeadsNowhereUntilItEnds(t *testing.T) {
	s := newServer(t, Options{PageSize: 2})
	for range 3 {
		create(t, s)
	}
	s.Inject(RequestFault{On: "list", Action: "repeat-cursor", Times: 2})
	first := list(t, s).object(t)
	cursor := first["next_cursor"].(string)
	second := ask(t, s, "GET", instancesPath+"?cursor="+cursor, "").object(t)
	if second["next_cursor"] != cursor {
		t.Errorf("cursor %v, then %v", cursor, second["next_cursor"])
	}
	third := ask(t, s, "GET", instancesPath+"?cursor="+cursor, "").object(t)
	if third["next_cursor"] == cursor {
		t.Errorf("the cursor came again")
	}
}

func TestMissingFieldTakesTheOneThatIsNamed(t *testing.T) {
	for field, on := range map[string]string{"": "get", "instances": "list", "next_cursor": "list", "status": "list", "ip": "get"} {
		s := newServer(t, Options{})
		id := create(t, s)
		s.Inject(RequestFault{On: on, Action: "missing-field", Field: field})
		var o map[string]any
		switch {
		case on == "get":
			o = get(t, s, id).object(t)
		case field == "status":
			o = list(t, s).instances(t)[0]
		default:
			o = list(t, s).object(t)
		}
		if field == "" {
			field = "id"
		}
		if _, ok := o[field]; ok || len(o) == 0 {
			t.Errorf("%s of %s is still in %v", field, on, o)
		}
	}
}

func TestFaultsCountTheirOwnMatches(t *testing.T) {
	for name, c := range map[string]struct {
		fault RequestFault
		want  []int // statuses of six lists
	}{
		"all":           {RequestFault{}, []int{500, 500, 500, 500, 500, 500}},
		"nth":           {RequestFault{Nth: 3}, []int{200, 200, 500, 200, 200, 200}},
		"nth and times": {RequestFault{Nth: 2, Times: 3}, []int{200, 500, 500, 500, 200, 200}},
		"times":         {RequestFault{Times: 2}, []int{500, 500, 200, 200, 200, 200}},
		"skip":          {RequestFault{Skip: 4}, []int{200, 200, 200, 200, 500, 500}},
		"skip, times":   {RequestFault{Skip: 1, Times: 1}, []int{200, 500, 200, 200, 200, 200}},
		"another call":  {RequestFault{On: "get"}, []int{200, 200, 200, 200, 200, 200}},
	} {
		s := newServer(t, Options{})
		c.fault.Action, c.fault.Status = "status", 500
		s.Inject(c.fault)
		var got []int
		for range 6 {
			got = append(got, list(t, s).status)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestTheFirstFaultThatMatchesTakesTheRequest(t *testing.T) {
	s := newServer(t, Options{Scenario: &Scenario{Requests: []*RequestFault{
		{On: "list", Times: 2, Action: "status", Status: 500},
		{Times: 1, Action: "status", Status: 503},
	}}})
	var got []int
	for range 4 {
		got = append(got, list(t, s).status)
	}
	if want := []int{500, 500, 503, 200}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFaultsAimAtOneInstance(t *testing.T) {
	for _, byBox := range []bool{false, true} {
		s := newServer(t, Options{})
		if byBox {
			s.Inject(RequestFault{Box: 2, On: "get", Action: "status", Status: 500})
			s.Inject(RequestFault{Box: 2, On: "list", Action: "hide"})
		}
		first, second := create(t, s), create(t, s)
		if !byBox {
			aim := RequestFault{Instance: second}
			for on, action := range map[string]string{"get": "status", "list": "hide"} {
				f := aim
				f.On, f.Action = on, action
				if action == "status" {
					f.Status = 500
				}
				s.Inject(f)
			}
		}
		if a, b := get(t, s, first).status, get(t, s, second).status; a != 200 || b != 500 {
			t.Errorf("get: %d and %d, want 200 and 500", a, b)
		}
		all := list(t, s).instances(t)
		if len(all) != 1 || all[0]["id"] != first {
			t.Errorf("listed: %v", all)
		}
		if r := ask(t, s, "DELETE", instancesPath+"/"+second, ""); r.status != 204 {
			t.Errorf("delete: %d", r.status)
		}
	}
}

func TestHiddenFromGetWhileListed(t *testing.T) {
	s := newServer(t, Options{})
	id := create(t, s)
	s.Inject(RequestFault{On: "get", Action: "hide"})
	if r := get(t, s, id); r.status != 404 || r.errorType(t) != "not_found" {
		t.Errorf("get: %d %s", r.status, r.body)
	}
	if n := len(list(t, s).instances(t)); n != 1 {
		t.Errorf("%d listed", n)
	}
}

func TestChanceIsTheSameWithASeed(t *testing.T) {
	outcomes := func(seed uint64, noise bool) (got []int) {
		s := newServer(t, Options{Scenario: &Scenario{Seed: seed, Requests: []*RequestFault{
			{On: "list", Probability: 0.5, Action: "status", Status: 500},
		}}})
		for range 64 {
			if noise {
				create(t, s)
			}
			got = append(got, list(t, s).status)
		}
		return got
	}
	a := outcomes(3, false)
	if n := slices.Index(a, 500); n < 0 || !slices.Contains(a, 200) {
		t.Errorf("half of the time: %v", a)
	}
	if b := outcomes(3, true); !slices.Equal(a, b) {
		t.Errorf("the same seed:\n%v\n%v", a, b)
	}
	if b := outcomes(4, false); slices.Equal(a, b) {
		t.Errorf("another seed, the same: %v", a)
	}
}

func TestAFaultThatMakesNoSenseIsLoud(t *testing.T) {
	for _, f := range []RequestFault{{Action: "explode"}, {On: "lsit", Action: "malformed"}, {}, {Action: "status"}} {
		s := newServer(t, Options{})
		s.Inject(f)
		if r := list(t, s); r.status != 500 || r.errorType(t) != "simulator_error" {
			t.Errorf("%+v: %d %s", f, r.status, r.body)
		}
		if _, err := New(Options{Scenario: &Scenario{Requests: []*RequestFault{&f}}}); err == nil {
			t.Errorf("%+v was taken in a scenario", f)
		}
	}
}

func TestADelayTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{})
		s.Inject(RequestFault{Delay: Span{time.Minute, 2 * time.Minute}, On: "list"})
		began := time.Now()
		if r := list(t, s); r.status != 200 {
			t.Errorf("%d", r.status)
		}
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestARequestWhoseClientGaveUpIsCarriedOut(t *testing.T) {
	w := newWire(t, Options{})
	w.Inject(RequestFault{On: "create", Delay: Exactly(time.Hour)})
	w.client.Timeout = 20 * time.Millisecond
	if _, err := w.do(t, "POST", instancesPath, createBody(newPublicKey(t))); err == nil {
		t.Fatal("it was answered")
	}
	if err := w.Await(t.Context(), func(b Books) bool { return len(b.Requests) == 1 && b.Requests[0].Effect }); err != nil {
		t.Error(err)
	}
}
