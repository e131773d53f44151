package falsim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestABoxBootsPhaseByPhaseAndEndsWithItsInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		booter := &fakeBooter{}
		s := newServer(t, Options{Boot: 10 * time.Second, Booter: booter})
		id := create(t, s)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		box := booter.box(t, 0)
		if got := strings.Join(box.history(), ", "); strings.Contains(got, "up") {
			t.Errorf("halfway it was up: %s", got)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var phases []string
		for _, e := range box.history() {
			phases = append(phases, e[strings.LastIndex(e, " ")+1:])
		}
		if got := strings.Join(phases, " "); !strings.HasSuffix(got, "silent no-key up") {
			t.Errorf("phases: %s", got)
		}
		if got := get(t, s, id); got.status != 200 || !strings.Contains(string(got.body), `"ready"`) || !strings.Contains(string(got.body), "127.9.9.9") {
			t.Errorf("up, and the API says %s", got.body)
		}
		if got := ask(t, s, "DELETE", "/v1/compute/instances/"+id, ""); got.status >= 300 {
			t.Fatalf("delete: %d", got.status)
		}
		synctest.Wait()
		if !box.isClosed() {
			t.Error("the box outlived its instance")
		}
	})
}
