package falsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
)

func (s *Server) list(x *exchange, r *http.Request, _ []byte) {
	q := r.URL.Query()
	limit := s.pageSize
	if q.Has("limit") {
		n, err := strconv.Atoi(q.Get("limit"))
		if err != nil || n < 1 {
			x.fail(http.StatusUnprocessableEntity, "validation_error", "limit must be at least 1")
			return
		}
		limit = min(n, s.pageSize)
	}
	after := 0
	if q.Has("cursor") {
		var ok bool
		if after, ok = s.readCursor(q.Get("cursor")); !ok {
			x.fail(http.StatusUnprocessableEntity, "validation_error", "cursor is not one of ours")
			return
		}
	}
	x.cursor = s.cursor(after)
	s.mu.Lock()
	defer s.mu.Unlock()
	page := wirePage{Instances: []wireInstance{}}
	now := s.now()
	last := after
	for _, i := range s.instances {
		if i.ordinal <= after || !i.visible(now) {
			continue
		}
		if len(page.Instances) == limit {
			cursor := s.cursor(last)
			page.NextCursor, page.HasMore = &cursor, true
			break
		}
		page.Instances = append(page.Instances, i.wire())
		last = i.ordinal
	}
	x.reply(http.StatusOK, page)
}

// cursorMAC is how much of a cursor vouches for the rest.
const cursorMAC = 16

// cursor names a place in the list in a way that cannot be made up: a client
// that counts pages instead of passing cursors on is refused.
func (s *Server) cursor(after int) string {
	text := strconv.Itoa(after)
	mac := hmac.New(sha256.New, s.cursors)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(append(mac.Sum(nil)[:cursorMAC], text...))
}

func (s *Server) readCursor(c string) (int, bool) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || len(b) <= cursorMAC {
		return 0, false
	}
	n, err := strconv.Atoi(string(b[cursorMAC:]))
	return n, err == nil && hmac.Equal([]byte(s.cursor(n)), []byte(c))
}
