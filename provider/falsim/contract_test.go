package falsim

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// matches says how a value differs from one that was written down; "" if not.
// "<...>" stands for any text.
func matches(want, got any, at string) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, not an object", at, got)
		}
		for key := range w {
			if _, ok := g[key]; !ok {
				return at + "." + key + " is missing"
			}
			if text := matches(w[key], g[key], at+"."+key); text != "" {
				return text
			}
		}
		for key := range g {
			if _, ok := w[key]; !ok {
				return at + "." + key + " is in no page of the API"
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s is %v, not a list of %d", at, got, len(w))
		}
		for i := range w {
			if text := matches(w[i], g[i], fmt.Sprintf("%s[%d]", at, i)); text != "" {
				return text
			}
		}
	case string:
		g, ok := got.(string)
		if strings.HasPrefix(w, "<") && ok && g != "" {
			return ""
		}
		if g != w {
			return fmt.Sprintf("%s is %v, not %q", at, got, w)
		}
	default:
		if !reflect.DeepEqual(want, got) {
			return fmt.Sprintf("%s is %v, not %v", at, got, want)
		}
	}
	return ""
}

func TestAnswersAreThoseOfTheAPIPages(t *testing.T) {
	empty := newServer(t, Options{})
	key := newPublicKey(t)
	up := newServer(t, Options{})
	id := create(t, up)
	slow := newServer(t, Options{Scenario: &Scenario{Boxes: []BoxScript{{Phases: map[string]Span{"provisioning": Forever}}}}})
	two := newServer(t, Options{})
	if _, err := two.Seed(t.Context(), "gpu_8x_h100_sxm5", "eu-north", "sector_1", "rosa", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Seed(t.Context(), "gpu_1x_h100_sxm5", "us-west", "", "", ""); err != nil {
		t.Fatal(err)
	}
	first := ask(t, two, "GET", instancesPath+"?limit=1", "")
	cursor, _ := first.object(t)["next_cursor"].(string)

	for name, c := range map[string]struct {
		status int
		got    reply
		file   string
	}{
		"create, still provisioning": {200, ask(t, slow, "POST", instancesPath, payload(t, "create-1x.request.json", key)), "instance-provisioning.json"},
		"create with a sector":       {200, ask(t, newServer(t, Options{}), "POST", instancesPath, payload(t, "create-8x.request.json", key)), "instance-8x.json"},
		"get":                        {200, get(t, up, id), "instance-ready.json"},
		"list of nothing":            {200, list(t, empty), "list-empty.json"},
		"list, first page":           {200, first, "list-first.json"},
		"list, last page":            {200, ask(t, two, "GET", instancesPath+"?limit=1&cursor="+cursor, ""), "list-last.json"},
		"no key":                     {401, ask(t, up, "GET", instancesPath, "", "Authorization", ""), "error-401.json"},
		"no permission":              {403, list(t, newServer(t, Options{Scenario: &Scenario{NoPermission: true}})), "error-403.json"},
		"unknown instance":           {404, get(t, up, "inst_none"), "error-404.json"},
		"unknown endpoint":           {404, ask(t, up, "GET", "/v1/serverless/apps", ""), "error-404.json"},
		"no id":                      {404, ask(t, up, "GET", instancesPath+"/", ""), "error-404.json"},
		"method of an instance":      {405, ask(t, up, "PATCH", instancesPath+"/"+id, ""), "error-405.json"},
		"method of the instances":    {405, ask(t, up, "DELETE", instancesPath, ""), "error-405.json"},
		"create with nothing":        {422, ask(t, up, "POST", instancesPath, `{}`), "error-422.json"},
		"create that is not JSON":    {400, ask(t, up, "POST", instancesPath, `{`), "error-400.json"},
		"limit of nothing":           {422, ask(t, up, "GET", instancesPath+"?limit=0", ""), "error-422.json"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got.status != c.status {
				t.Errorf("status %d, want %d", c.got.status, c.status)
			}
			var want any
			if err := json.Unmarshal([]byte(payload(t, c.file, "")), &want); err != nil {
				t.Fatal(err)
			}
			if text := matches(want, c.got.object(t), c.file); text != "" {
				t.Errorf("%s\n%s", text, c.got.body)
			}
			if got := c.got.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}

func TestDeleteAnswersWithoutABodyThenNotFound(t *testing.T) {
	s := newServer(t, Options{})
	id := create(t, s)
	if r := ask(t, s, "DELETE", instancesPath+"/"+id, ""); r.status != 204 || len(r.body) != 0 {
		t.Errorf("delete: %d %q", r.status, r.body)
	}
	for _, method := range []string{"GET", "DELETE"} {
		if r := ask(t, s, method, instancesPath+"/"+id, ""); r.status != 404 || r.errorType(t) != "not_found" {
			t.Errorf("%s after the delete: %d %s", method, r.status, r.body)
		}
	}
	if left := list(t, s).instances(t); len(left) != 0 {
		t.Errorf("the list still has %v", left)
	}
}

func TestDeletedInstancesLingerAsTheScenarioSays(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := newServer(t, Options{Now: func() time.Time { return now }, Scenario: &Scenario{Linger: Exactly(5 * time.Second)}})
	id := create(t, s)
	ask(t, s, "DELETE", instancesPath+"/"+id, "")
	now = now.Add(5*time.Second - 1)
	if r := get(t, s, id); r.status != 200 {
		t.Errorf("get while it lingers: %d", r.status)
	}
	if n := len(list(t, s).instances(t)); n != 1 {
		t.Errorf("%d listed while it lingers", n)
	}
	if r := ask(t, s, "DELETE", instancesPath+"/"+id, ""); r.status != 204 {
		t.Errorf("second delete while it lingers: %d", r.status)
	}
	now = now.Add(1)
	if r := get(t, s, id); r.status != 404 {
		t.Errorf("get afterwards: %d", r.status)
	}
	if n := len(list(t, s).instances(t)); n != 0 {
		t.Errorf("%d listed afterwards", n)
	}
	effects := 0
	for _, e := range s.Books().Requests {
		if e.Method == "DELETE" && e.Effect {
			effects++
		}
	}
	if effects != 1 {
		t.Errorf("%d deletes had an effect", effects)
	}
}

func TestKeys(t *testing.T) {
	s := newServer(t, Options{Key: "right", NoPermissionKey: "powerless"})
	for header, want := range map[string]int{
		"Key right": 200, "Key powerless": 403, "Key wrong": 401, "Key ": 401, "": 401, "right": 401, "Bearer right": 401,
		"Key right ": 401, "Key rightx": 401,
	} {
		if r := ask(t, s, "GET", instancesPath, "", "Authorization", header); r.status != want {
			t.Errorf("%q: %d, want %d", header, r.status, want)
		}
	}
	s.SetKey("next")
	if r := ask(t, s, "GET", instancesPath, "", "Authorization", "Key right"); r.status != 401 {
		t.Errorf("a revoked key: %d", r.status)
	}
	if r := ask(t, s, "GET", instancesPath, "", "Authorization", "Key next"); r.status != 200 {
		t.Errorf("the new key: %d", r.status)
	}
	if r := ask(t, newServer(t, Options{}), "GET", instancesPath, "", "Authorization", "Key "); r.status != 401 {
		t.Errorf("an empty key where no key lacks permission: %d", r.status)
	}
}

func TestNothingHappensWithoutAKey(t *testing.T) {
	s := newServer(t, Options{})
	id := create(t, s)
	ask(t, s, "POST", instancesPath, createBody(newPublicKey(t)), "Authorization", "Key wrong")
	ask(t, s, "DELETE", instancesPath+"/"+id, "", "Authorization", "Key wrong")
	if n := len(list(t, s).instances(t)); n != 1 {
		t.Errorf("%d instances, want the one that there was", n)
	}
}

func TestOnlyLoopbackNamesAreAnswered(t *testing.T) {
	s := newServer(t, Options{})
	for host, want := range map[string]int{
		"127.0.0.1:80": 200, "127.8.8.8": 200, "localhost:1": 200, "LocalHost": 200, "[::1]:80": 200, "[::1]": 200,
		"rebound.example:80": 403, "localhost.example": 403, "10.0.0.1": 403, "": 403, "127.0.0.1.example": 403, "0.0.0.0:80": 403,
	} {
		for _, path := range []string{instancesPath, "/sim/books"} {
			req := httptest.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1"+path, nil)
			req.Host = host
			req.Header.Set("Authorization", "Key sim-key")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)
			if w.Code != want {
				t.Errorf("Host %q, %s: %d, want %d", host, path, w.Code, want)
			}
		}
	}
}

func TestAnswersAreDatedByTheClock(t *testing.T) {
	s := newServer(t, Options{Now: func() time.Time { return time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC) }})
	if got := list(t, s).header.Get("Date"); got != "Mon, 03 Feb 2031 04:05:06 GMT" {
		t.Errorf("Date %q", got)
	}
}

func TestMethodsThatThereAreNotSayWhichThereAre(t *testing.T) {
	s := newServer(t, Options{})
	if r := ask(t, s, "PUT", instancesPath, ""); r.header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow %q", r.header.Get("Allow"))
	}
	if r := ask(t, s, "HEAD", instancesPath, ""); r.status != 405 {
		t.Errorf("HEAD: %d", r.status)
	}
}
