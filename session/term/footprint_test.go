package term

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// footprint is the memory that a terminal holds, in bytes: all that can be
// reached from it, whatever fields it has, each thing once. It is quick enough
// to be asked after every input of a fuzz run, which the heap is not.
func footprint(t *Terminal) int {
	return reached(reflect.ValueOf(t).Elem(), map[uintptr]bool{}) + int(reflect.TypeFor[Terminal]().Size())
}

// reached is what v refers to, without v itself.
func reached(v reflect.Value, seen map[uintptr]bool) int {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return 0
		}
		seen[v.Pointer()] = true
		return int(v.Type().Elem().Size()) + reached(v.Elem(), seen)
	case reflect.String:
		return v.Len()
	case reflect.Slice:
		n := 0
		if v.Cap() > 0 && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			n = v.Cap() * int(v.Type().Elem().Size())
		}
		return n + elements(v, seen)
	case reflect.Array:
		return elements(v, seen)
	case reflect.Map:
		n := 0
		for it := v.MapRange(); it.Next(); {
			n += reached(it.Key(), seen) + reached(it.Value(), seen)
		}
		// A table of groups is at least half full; each slot has a byte of control.
		return n + 2*v.Len()*int(v.Type().Key().Size()+v.Type().Elem().Size()+1)
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += reached(v.Field(i), seen)
		}
		return n
	}
	return 0
}

func elements(v reflect.Value, seen map[uintptr]bool) int {
	if !refers(v.Type().Elem()) {
		return 0
	}
	n := 0
	for i := range v.Len() {
		n += reached(v.Index(i), seen)
	}
	return n
}

// refers reports whether values of a type can refer to other memory.
func refers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.String, reflect.Slice, reflect.Map, reflect.Func, reflect.Interface:
		return true
	case reflect.Array:
		return refers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if refers(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// What the footprint says is what the heap says.
func TestFootprintIsWhatTheHeapHolds(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	fill := func(i int) string {
		return fmt.Sprintf("\x1b[38;2;1;2;%dm\x1b]8;;http://example.com/%d\x07line 日本 e\u0301 %s\r\n", i%256, i%500, strings.Repeat("x", i%150))
	}
	before := heapInUse()
	term := New(200, 50, Options{ScrollbackLines: 1 << 20})
	for i := range 40_000 {
		_, _ = term.Write([]byte(fill(i)))
	}
	measured := int(heapInUse() - before)
	counted := footprint(term)
	runtime.KeepAlive(term)
	if counted < measured*9/10 || counted > measured*11/10 {
		t.Errorf("counted %d KiB, the heap holds %d KiB", counted>>10, measured>>10)
	}
}
