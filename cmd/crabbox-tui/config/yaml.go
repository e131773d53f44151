package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// maxFile bounds a configuration file; a larger one is a mistake.
const maxFile = 1 << 20

// file is one parsed YAML file, kept as nodes so that an error can name its line.
type file struct {
	path string
	root *node
}

// node is a YAML value with the key that leads to it.
type node struct {
	*yaml.Node
	file *file
	key  string
}

// open parses a file. A file that does not exist, or is empty, is nil.
func open(path string) (*file, error) {
	if path == "" {
		return nil, nil
	}
	r, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", path, err)
	}
	if len(data) > maxFile {
		return nil, &Error{File: path, Msg: "is larger than 1 MiB"}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, &Error{File: path, Msg: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if doc.Kind == 0 || len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	f := &file{path: path}
	f.root = &node{Node: doc.Content[0], file: f}
	if f.root.Kind != yaml.MappingNode {
		return nil, f.root.bad("must be a mapping of keys to values")
	}
	return f, nil
}

func (n *node) bad(msg string) error {
	return &Error{File: n.file.path, Line: n.Line, Key: n.key, Msg: msg}
}

// get returns the value below a mapping's key, or nil. Null counts as absent.
func (n *node) get(path ...string) *node {
	at := n
	for _, key := range path {
		if at == nil || at.Kind != yaml.MappingNode {
			return nil
		}
		var found *node
		for i := 0; i+1 < len(at.Content); i += 2 {
			if at.Content[i].Value == key && at.Content[i+1].Tag != "!!null" {
				found = &node{Node: at.Content[i+1], file: n.file, key: strings.Trim(at.key+"."+key, ".")}
			}
		}
		at = found
	}
	return at
}

// each calls the handler of every key of a mapping and refuses other keys.
func (f *file) each(n *node, prefix string, handlers map[string]func(*node) error) error {
	if n.Kind != yaml.MappingNode {
		return n.bad("must be a mapping of keys to values")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		key := strings.Trim(prefix+"."+k.Value, ".")
		handle, ok := handlers[k.Value]
		if !ok {
			return &Error{File: f.path, Line: k.Line, Key: key, Msg: "no such setting"}
		}
		v := &node{Node: n.Content[i+1], file: f, key: key}
		if v.Tag == "!!null" {
			continue
		}
		if err := handle(v); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) text(into *string, check func(string) string) error {
	if n.Kind != yaml.ScalarNode {
		return n.bad("must be a single value")
	}
	if check != nil {
		if msg := check(n.Value); msg != "" {
			return n.bad(msg)
		}
	}
	*into = n.Value
	return nil
}

func (n *node) texts(into *[]string) error {
	if n.Kind != yaml.SequenceNode {
		return n.bad("must be a list")
	}
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Value == "" {
			return (&node{Node: item, file: n.file, key: n.key}).bad("must be a list of names")
		}
		*into = append(*into, item.Value)
	}
	return nil
}

func (n *node) boolean(into *bool) error {
	if n.Tag != "!!bool" {
		return n.bad("must be true or false")
	}
	v, err := strconv.ParseBool(strings.ToLower(n.Value))
	if err != nil {
		return n.bad("must be true or false")
	}
	*into = v
	return nil
}

func (n *node) duration(into *time.Duration, least, most time.Duration) error {
	d, err := time.ParseDuration(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode {
		return n.bad(`must be a duration with its unit, for example "10s"`)
	}
	if d < least || d > most {
		return n.bad(fmt.Sprintf("must be between %s and %s", least, most))
	}
	*into = d
	return nil
}

func (n *node) count(into *int, least, most int) error {
	v, err := strconv.Atoi(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || v < least || v > most {
		return n.bad(fmt.Sprintf("must be a whole number between %d and %d", least, most))
	}
	*into = v
	return nil
}

// mebibytes takes a size that is written with its unit, and gives it in bytes.
func (n *node) mebibytes(into *int, least, most int) error {
	digits, unit := strings.CutSuffix(n.Value, "MiB")
	v, err := strconv.Atoi(strings.TrimSpace(digits))
	if !unit || err != nil || n.Kind != yaml.ScalarNode || v < least || v > most {
		return n.bad(fmt.Sprintf(`must be between "%dMiB" and "%dMiB"`, least, most))
	}
	*into = v << 20
	return nil
}

func (n *node) prices(into *map[string]float64) error {
	if n.Kind != yaml.MappingNode {
		return n.bad("must map instance types to dollars an hour")
	}
	table := map[string]float64{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := &node{Node: n.Content[i+1], file: n.file, key: n.key + "." + n.Content[i].Value}
		price, err := strconv.ParseFloat(v.Value, 64)
		if err != nil || v.Kind != yaml.ScalarNode || !(price >= 0 && price < 1e6) {
			return v.bad("must be dollars an hour, for example 1.89")
		}
		table[n.Content[i].Value] = price
	}
	*into = table
	return nil
}
