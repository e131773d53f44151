package record

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// The codes of events.
const (
	output = 'o'
	input  = 'i'
	resize = 'r'
	mark   = 'm'
)

type header struct {
	Version   int               `json:"version"`
	Width     int               `json:"width"`
	Height    int               `json:"height"`
	Timestamp int64             `json:"timestamp"`
	Env       map[string]string `json:"env,omitempty"`
}

// encodeHeader returns the first line of a recording.
func encodeHeader(o *Options, at time.Time) []byte {
	env := map[string]string{"TERM": o.Term}
	if o.Shell != "" {
		env["SHELL"] = o.Shell
	}
	// A map of strings and numbers has no way to fail.
	b, _ := json.Marshal(header{2, o.Cols, o.Rows, at.Unix(), env})
	return append(b, '\n')
}

// text makes valid UTF-8 of bytes that come in pieces.
type text struct {
	carry [utf8.UTFMax]byte // the beginning of a character whose rest is to come
	n     int
}

// appendEvent appends one line: the data of an event, as far as it is whole.
// Nothing is appended when there is nothing to say yet.
func (t *text) appendEvent(dst []byte, at time.Duration, code byte, data []byte) []byte {
	start := len(dst)
	dst = append(dst, '[')
	dst = strconv.AppendFloat(dst, at.Seconds(), 'f', 6, 64)
	dst = append(dst, `, "`...)
	dst = append(dst, code)
	dst = append(dst, `", "`...)
	empty := len(dst)
	dst = t.append(dst, data)
	if len(dst) == empty && len(data) > 0 {
		return dst[:start]
	}
	return append(dst, "\"]\n"...)
}

// append appends data as the inside of a JSON string.
func (t *text) append(dst, data []byte) []byte {
	for t.n > 0 && len(data) > 0 {
		// The carried bytes and one more: either a character, or still a part
		// of one, or a part that nothing can complete.
		var joined [utf8.UTFMax + 1]byte
		n := copy(joined[:], t.carry[:t.n])
		joined[n] = data[0]
		switch r, size := utf8.DecodeRune(joined[:n+1]); {
		case !utf8.FullRune(joined[:n+1]):
			t.n, data = copy(t.carry[:], joined[:n+1]), data[1:]
		case r != utf8.RuneError || size > 1:
			dst = append(dst, joined[:size]...)
			t.n, data = 0, data[1:]
		default:
			dst = utf8.AppendRune(dst, utf8.RuneError)
			t.n = 0
		}
	}
	for i := 0; i < len(data); {
		b := data[i]
		if b < utf8.RuneSelf {
			dst = appendASCII(dst, b)
			i++
			continue
		}
		if !utf8.FullRune(data[i:]) {
			t.n = copy(t.carry[:], data[i:])
			break
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			// As a terminal does, one for all that could have begun a character.
			for k := 1; k < len(data)-i && !utf8.FullRune(data[i:i+k]); k++ {
				size = k
			}
		}
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

func appendASCII(dst []byte, b byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case b == '"', b == '\\':
		return append(dst, '\\', b)
	case b == '\n':
		return append(dst, '\\', 'n')
	case b == '\r':
		return append(dst, '\\', 'r')
	case b < 0x20:
		return append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
	}
	return append(dst, b)
}
