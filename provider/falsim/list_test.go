package falsim

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
)

func TestPagesAreWholeWhateverTheLimit(t *testing.T) {
	s := newServer(t, Options{PageSize: 7})
	var want []string
	for range 20 {
		want = append(want, create(t, s))
	}
	for _, limit := range []string{"", "1", "3", "7", "20", "100"} {
		var got, cursors []string
		for cursor := ""; ; {
			query := "?x=y"
			if limit != "" {
				query += "&limit=" + limit
			}
			if cursor != "" {
				query += "&cursor=" + cursor
			}
			r := ask(t, s, "GET", instancesPath+query, "")
			page := r.instances(t)
			if n, err := strconv.Atoi(limit); len(page) > 7 || err == nil && len(page) > n {
				t.Errorf("limit %q: a page of %d", limit, len(page))
			}
			for _, inst := range page {
				got = append(got, inst["id"].(string))
			}
			o := r.object(t)
			if more := o["has_more"].(bool); more != (o["next_cursor"] != nil) {
				t.Errorf("has_more %v, next_cursor %v", more, o["next_cursor"])
			}
			if o["next_cursor"] == nil {
				break
			}
			cursor = o["next_cursor"].(string)
			if slices.Contains(cursors, cursor) {
				t.Fatalf("cursor %q twice", cursor)
			}
			cursors = append(cursors, cursor)
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %q: %v, want %v", limit, got, want)
		}
	}
}

func TestAPageIsNotDisturbedByDeletesBeforeIt(t *testing.T) {
	s := newServer(t, Options{})
	ids := []string{create(t, s), create(t, s), create(t, s)}
	first := ask(t, s, "GET", instancesPath+"?limit=2", "").object(t)
	ask(t, s, "DELETE", instancesPath+"/"+ids[0], "")
	rest := ask(t, s, "GET", fmt.Sprintf("%s?limit=2&cursor=%s", instancesPath, first["next_cursor"]), "").instances(t)
	if len(rest) != 1 || rest[0]["id"] != ids[2] {
		t.Errorf("second page %v", rest)
	}
}

func TestListRefusesWhatIsNoLimitAndNoCursorOfIts(t *testing.T) {
	s := newServer(t, Options{PageSize: 1})
	create(t, s)
	create(t, s)
	cursor := list(t, s).object(t)["next_cursor"].(string)
	foreign := newServer(t, Options{PageSize: 1})
	for query, want := range map[string]int{
		"": 200, "limit=1": 200, "limit=9999": 200, "cursor=" + cursor: 200,
		"limit=0": 422, "limit=-1": 422, "limit=": 422, "limit=ten": 422, "limit=1.5": 422,
		"cursor=": 422, "cursor=1": 422, "cursor=2": 422, "cursor=" + cursor + "A": 422, "cursor=" + cursor[1:]: 422,
		"cursor=" + foreign.cursor(1): 422,
	} {
		if r := ask(t, s, "GET", instancesPath+"?"+query, ""); r.status != want {
			t.Errorf("%s: %d, want %d", query, r.status, want)
		}
	}
}
