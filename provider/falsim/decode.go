package falsim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxScenario bounds a scenario's text in bytes.
const maxScenario = 1 << 20

// ParseScenario reads a scenario. It is strict: a key that there is not, a
// value of another kind, or one that makes no sense is an error, which names
// file, line and key.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	if len(text) > maxScenario {
		return nil, fmt.Errorf("%s: a scenario has %d bytes at most", name, maxScenario)
	}
	var document, more yaml.Node
	source := yaml.NewDecoder(bytes.NewReader(text))
	if err := source.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := source.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: it is more than one document, or not YAML to its end", name)
	}
	s := new(Scenario)
	d := decoder{lines: map[string]int{}}
	err := error(nil)
	if len(document.Content) > 0 {
		err = d.decode(document.Content[0], reflect.ValueOf(s).Elem(), "")
	}
	if err == nil {
		err = s.check()
	}
	if p, ok := errors.AsType[problem](err); ok {
		if p.path == "" {
			return nil, fmt.Errorf("%s:%d: %s", name, d.line(p.path), p.text)
		}
		return nil, fmt.Errorf("%s:%d: %w", name, d.line(p.path), p)
	}
	return s, err
}

// decoder fills structs from YAML nodes. The library can do that too, but its
// errors name no keys.
type decoder struct {
	lines map[string]int // by path
}

// line returns the line of a path, or of the nearest one above it that the
// text has.
func (d *decoder) line(path string) int {
	for {
		if n, ok := d.lines[path]; ok || path == "" {
			return max(n, 1)
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

var (
	spanType = reflect.TypeFor[Span]()
	anyType  = reflect.TypeFor[any]()
)

func (d *decoder) decode(n *yaml.Node, into reflect.Value, path string) error {
	if _, ok := d.lines[path]; !ok {
		d.lines[path] = n.Line
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return problem{path, "anchors and aliases are not supported"}
	}
	switch kind := into.Kind(); {
	case into.Type() == spanType:
		if n.Kind != yaml.ScalarNode {
			return problem{path, "it takes a duration"}
		}
		span, err := parseSpan(n.Value)
		if err != nil {
			return problem{path, err.Error()}
		}
		into.Set(reflect.ValueOf(span))
		return nil
	case kind == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return d.decode(n, into.Elem(), path)
	case into.Type() == anyType:
		if n.Kind != yaml.ScalarNode {
			return problem{path, "it takes a single value"}
		}
		return d.scalar(n, into, path, "a single value")
	case kind == reflect.Struct || kind == reflect.Map:
		return d.mapping(n, into, path)
	case kind == reflect.Slice:
		return d.sequence(n, into, path)
	case kind == reflect.String:
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			return problem{path, "it takes text"}
		}
		into.SetString(n.Value)
		return nil
	case kind == reflect.Bool:
		return d.scalar(n, into, path, "true or false")
	case kind == reflect.Float64:
		return d.scalar(n, into, path, "a number")
	default:
		return d.scalar(n, into, path, "a whole number")
	}
}

func (d *decoder) scalar(n *yaml.Node, into reflect.Value, path, what string) error {
	null := n.Tag == "!!null" && into.Type() != anyType
	if null || n.Kind != yaml.ScalarNode || n.Decode(into.Addr().Interface()) != nil {
		return problem{path, fmt.Sprintf("it takes %s, not %.60q", what, n.Value)}
	}
	return nil
}

func (d *decoder) sequence(n *yaml.Node, into reflect.Value, path string) error {
	if n.Tag == "!!null" {
		return nil // a list whose entries are commented out
	}
	if n.Kind != yaml.SequenceNode {
		return problem{path, "it takes a list"}
	}
	list := reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		if err := d.decode(c, list.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

func (d *decoder) mapping(n *yaml.Node, into reflect.Value, path string) error {
	if n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return problem{path, "it takes keys and values"}
	}
	var fields map[string]int
	var known []string
	if into.Kind() == reflect.Struct {
		fields, known = keysOf(into.Type())
	} else {
		into.Set(reflect.MakeMap(into.Type()))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		d.lines[at] = key.Line
		if seen[key.Value] {
			return problem{at, "the key is there twice"}
		}
		seen[key.Value] = true
		if into.Kind() == reflect.Map {
			element := reflect.New(into.Type().Elem()).Elem()
			if err := d.decode(value, element, at); err != nil {
				return err
			}
			into.SetMapIndex(reflect.ValueOf(key.Value), element)
			continue
		}
		field, ok := fields[key.Value]
		if !ok {
			return problem{at, "there is no such key; there are " + strings.Join(known, ", ")}
		}
		if err := d.decode(value, into.Field(field), at); err != nil {
			return err
		}
	}
	return nil
}

// keysOf returns the keys that a struct takes, with their fields.
func keysOf(t reflect.Type) (fields map[string]int, known []string) {
	fields = map[string]int{}
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" && key != "-" {
			fields[key] = i
			known = append(known, key)
		}
	}
	return fields, known
}
