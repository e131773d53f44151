package falsim

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCreateRefusesWhatTheAPIPagesDoNotAllow(t *testing.T) {
	s := newServer(t, Options{})
	key := newPublicKey(t)
	blob := strings.Fields(key)[1]
	for name, c := range map[string]struct {
		body   map[string]any
		status int
	}{
		"1x":                       {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key}, 200},
		"8x":                       {map[string]any{"instance_type": "gpu_8x_h100_sxm5", "ssh_key": key}, 200},
		"8x with a sector":         {map[string]any{"instance_type": "gpu_8x_h100_sxm5", "ssh_key": key, "sector": "sector_3"}, 200},
		"a null sector":            {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key, "sector": nil}, 200},
		"a member we do not know":  {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key, "name": "x"}, 200},
		"a key with newline":       {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key + "\n"}, 200},
		"1x with a sector":         {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key, "sector": "sector_1"}, 422},
		"1x with an empty sector":  {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key, "sector": ""}, 422},
		"a sector that is not":     {map[string]any{"instance_type": "gpu_8x_h100_sxm5", "ssh_key": key, "sector": "sector_4"}, 422},
		"a type that is not":       {map[string]any{"instance_type": "gpu_1x_b200", "ssh_key": key}, 422},
		"no type":                  {map[string]any{"ssh_key": key}, 422},
		"no key":                   {map[string]any{"instance_type": "gpu_1x_h100_sxm5"}, 422},
		"a key that is none":       {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": "ssh-ed25519 hello"}, 422},
		"a key of another type":    {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": "ssh-rsa " + blob}, 422},
		"a key without its blob":   {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": "ssh-ed25519 AAAA"}, 422},
		"two keys":                 {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": key + "\n" + key}, 422},
		"a private key":            {map[string]any{"instance_type": "gpu_1x_h100_sxm5", "ssh_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n"}, 422},
		"a member of another kind": {map[string]any{"instance_type": 8, "ssh_key": key}, 422},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(c.body)
			if err != nil {
				t.Fatal(err)
			}
			before := len(s.Books().Instances)
			r := ask(t, s, "POST", instancesPath, string(body))
			if r.status != c.status {
				t.Errorf("%d %s, want %d", r.status, r.body, c.status)
			}
			if made := len(s.Books().Instances) > before; made != (c.status == 200) {
				t.Errorf("made an instance: %v", made)
			}
			if strings.Contains(string(r.body), "ssh-") {
				t.Errorf("the answer echoes the key: %s", r.body)
			}
		})
	}
	for body, want := range map[string]int{"": 400, "{": 400, "{}{}": 400, "[]": 422, `"x"`: 422, strings.Repeat(" ", maxBody+1): 413} {
		if r := ask(t, s, "POST", instancesPath, body); r.status != want {
			t.Errorf("%.10q: %d, want %d", body, r.status, want)
		}
	}
}

func TestIdsAreOpaqueAndNeverTheSame(t *testing.T) {
	s := newServer(t, Options{Scenario: &Scenario{Seed: 1}})
	other := newServer(t, Options{Scenario: &Scenario{Seed: 1}})
	seen := map[string]bool{}
	for range 20 {
		for _, id := range []string{create(t, s), create(t, other)} {
			if seen[id] || !strings.HasPrefix(id, "inst_") || len(id) != len("inst_")+16 {
				t.Errorf("id %q", id)
			}
			seen[id] = true
		}
	}
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestAReplayGetsTheSameAnswerForTenMinutes(t *testing.T) {
	c := newClock()
	s := newServer(t, Options{Now: c.Now})
	body := createBody(newPublicKey(t))
	first := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "cbx_1")
	id := first.object(t)["id"].(string)

	c.add(10*time.Minute - 1)
	again := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "cbx_1")
	if again.status != 200 || string(again.body) != string(first.body) {
		t.Errorf("a replay in the window got %d %s, first %s", again.status, again.body, first.body)
	}
	books := s.Books()
	if len(books.Instances) != 1 {
		t.Fatalf("%d instances", len(books.Instances))
	}
	e := books.Requests[1]
	if !e.Replayed || e.Effect || e.Instance != id || e.IdempotencyKey != "cbx_1" || e.BodySHA256 != books.Requests[0].BodySHA256 {
		t.Errorf("the replay is in the books as %+v", e)
	}

	c.add(1)
	late := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "cbx_1")
	if late.status != 200 || late.object(t)["id"] == id || len(s.Books().Instances) != 2 {
		t.Errorf("after ten minutes the same key must bill a second box, got %s", late.body)
	}
}

func TestAReplayIsRememberedEvenWhenItsInstanceIsGone(t *testing.T) {
	s := newServer(t, Options{})
	body := createBody(newPublicKey(t))
	first := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "cbx_1")
	ask(t, s, "DELETE", instancesPath+"/"+first.object(t)["id"].(string), "")
	again := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "cbx_1")
	if string(again.body) != string(first.body) || len(s.Books().Instances) != 1 {
		t.Errorf("replay %s, first %s", again.body, first.body)
	}
}

func TestKeysAreApartAndCreatesWithoutOneToo(t *testing.T) {
	s := newServer(t, Options{})
	body := createBody(newPublicKey(t))
	for _, key := range []string{"a", "b", "", ""} {
		ask(t, s, "POST", instancesPath, body, "Idempotency-Key", key)
	}
	if n := len(s.Books().Instances); n != 4 {
		t.Errorf("%d instances, want 4", n)
	}
}

func TestAnotherBodyUnderAUsedKeyIsRefused(t *testing.T) {
	for want, scenario := range map[int]*Scenario{422: nil, 409: {Idempotency: Idempotency{OtherBody: 409}}} {
		s := newServer(t, Options{Scenario: scenario})
		ask(t, s, "POST", instancesPath, createBody(newPublicKey(t)), "Idempotency-Key", "cbx_1")
		r := ask(t, s, "POST", instancesPath, createBody(newPublicKey(t)), "Idempotency-Key", "cbx_1")
		if r.status != want || r.errorType(t) != "idempotency_error" || len(s.Books().Instances) != 1 {
			t.Errorf("%d %s, want %d", r.status, r.body, want)
		}
	}
}

func TestFailuresAreRememberedOnlyIfTheScenarioSaysSo(t *testing.T) {
	for _, remembers := range []bool{false, true} {
		s := newServer(t, Options{Scenario: &Scenario{
			Idempotency: Idempotency{RememberFailures: remembers},
			Requests:    []*RequestFault{{On: "create", Nth: 1, Action: "status", Status: 503}},
		}})
		body := createBody(newPublicKey(t))
		first := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "k")
		if first.status != 503 {
			t.Fatalf("first: %d", first.status)
		}
		second := ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "k")
		if remembers && string(second.body) != string(first.body) || !remembers && second.status != 200 {
			t.Errorf("remembers %v: second got %d %s", remembers, second.status, second.body)
		}
	}
}

func TestCreatesAtOnceWithOneKeyMakeOneInstance(t *testing.T) {
	booter := &fakeBooter{gate: make(chan struct{})}
	s := newServer(t, Options{Booter: booter})
	body := createBody(newPublicKey(t))
	answers := make(chan string, 8)
	for range cap(answers) {
		go func() {
			answers <- string(ask(t, s, "POST", instancesPath, body, "Idempotency-Key", "k").body)
		}()
	}
	// The one that makes the instance is in Boot now; the others have come or will.
	if err := s.Await(t.Context(), func(b Books) bool { return len(b.Instances) == 1 }); err != nil {
		t.Fatal(err)
	}
	close(booter.gate)
	first := <-answers
	for range cap(answers) - 1 {
		if a := <-answers; a != first {
			t.Errorf("%s and %s", a, first)
		}
	}
	if n := len(s.Books().Instances); n != 1 {
		t.Errorf("%d instances", n)
	}
}

func TestAKeyThatIsTooLongIsRefused(t *testing.T) {
	s := newServer(t, Options{})
	r := ask(t, s, "POST", instancesPath, createBody(newPublicKey(t)), "Idempotency-Key", strings.Repeat("k", 256))
	if r.status != http.StatusUnprocessableEntity {
		t.Errorf("%d", r.status)
	}
}
