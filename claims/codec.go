package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// MaxClaimBytes bounds a claim file; a larger one is not a claim.
const MaxClaimBytes = 1 << 20

// knownKeys are the top-level keys that Claim has fields for.
var knownKeys = func() map[string]bool {
	keys := map[string]bool{}
	t := reflect.TypeFor[Claim]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "" {
			keys[strings.ToLower(name)] = true
		}
	}
	return keys
}()

// Decode reads a claim file. It never panics, whatever the bytes.
func Decode(data []byte) (Claim, error) {
	if len(data) > MaxClaimBytes {
		return Claim{}, fmt.Errorf("larger than %d bytes", MaxClaimBytes)
	}
	var c Claim
	if err := json.Unmarshal(data, &c); err != nil {
		return Claim{}, err
	}
	unknown, err := unknownFields(data)
	if err != nil {
		return Claim{}, err
	}
	c.unknown = unknown
	return c, nil
}

// unknownFields returns the top-level fields that Claim does not know, in the
// file's order. encoding/json matches keys whatever their case, so does this.
func unknownFields(data []byte) ([]unknownField, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	start, err := d.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var fields []unknownField
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, errors.New("a key that is no string")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if !knownKeys[strings.ToLower(key)] {
			fields = append(fields, unknownField{key, value})
		}
	}
	return fields, nil
}

// Encode writes the claim as crabbox does: two spaces, HTML escaped, sorted
// labels, one newline at the end; then the fields that are not known here.
func (c Claim) Encode() ([]byte, error) {
	known, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode claim of lease %s: %w", c.LeaseID, err)
	}
	var b bytes.Buffer
	b.Write(known[:len(known)-1])
	for _, f := range c.unknown {
		key, err := json.Marshal(f.key)
		if err != nil {
			return nil, fmt.Errorf("encode claim of lease %s: %w", c.LeaseID, err)
		}
		b.WriteByte(',')
		b.Write(key)
		b.WriteByte(':')
		b.Write(f.value)
	}
	b.WriteByte('}')
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("encode claim of lease %s: %w", c.LeaseID, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// Clone returns a copy that shares nothing with c.
func (c Claim) Clone() Claim {
	c.Labels = maps.Clone(c.Labels)
	c.TailscaleTags = slices.Clone(c.TailscaleTags)
	c.CacheVolumes = slices.Clone(c.CacheVolumes)
	c.unknown = slices.Clone(c.unknown)
	return c
}

// Equal compares as crabbox does: every known field, an absent map or list
// being another thing than an empty one; fields not known take no part.
func (c Claim) Equal(o Claim) bool {
	c.unknown, o.unknown = nil, nil
	return reflect.DeepEqual(c, o)
}

// readAll reads at most what a claim may have.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxClaimBytes+1))
	if err == nil && len(data) > MaxClaimBytes {
		err = fmt.Errorf("larger than %d bytes", MaxClaimBytes)
	}
	return data, err
}
