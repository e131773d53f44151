package term

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// dispatched are the controls that the emulator acts on, by the names that the
// cases of conformance have: they are read from the switches in its source, so
// that none can be added without a case.
func dispatched(t *testing.T) []string {
	t.Helper()
	src := parseSource(t)
	var out []string
	add := func(format string, values []value) {
		for _, v := range values {
			out = append(out, fmt.Sprintf(format, v.text()))
		}
	}
	for _, v := range src.cases("execute") {
		out = append(out, c0Names[byte(v.n)])
	}
	out = append(out, "APC", "PM", "SOS", "C1", "CAN", "SUB") // the parser's own
	add("ESC %s", src.cases("escapePlain"))
	for _, v := range src.cases("escape") {
		if strings.ContainsRune("()*+", rune(v.n)) {
			out = append(out, "ESC "+v.text())
		}
	}
	add("ESC ( %s", src.cases("designate"))
	out = append(out, "ESC # 8")
	for _, v := range src.cases("csi") {
		out = append(out, csiName(v.n))
	}
	add("CSI %s", src.cases("csiPlain"))
	for _, f := range []string{"flag", "mouseModeOf", "private"} {
		add("CSI ? %s h", src.cases(f))
	}
	for n := range fixedModes {
		out = append(out, fmt.Sprintf("CSI ? %d $ p", n))
	}
	add("CSI %s h", src.cases("setANSIModes"))
	add("CSI %s $ p", src.cases("reportANSIMode"))
	add("CSI %s m", src.cases("sgrOne"))
	add("CSI %s n", src.cases("status"))
	add("CSI ? %s n", src.cases("privateStatus"))
	add("CSI %s t", src.cases("windowOp"))
	add("OSC %s", src.cases("osc"))
	add("OSC 133 %s", src.cases("shellMark"))
	for _, v := range src.cases("reportSetting") {
		out = append(out, "DCS $ q "+spaced(v.s))
	}
	out = append(out, "DCS + q")
	sort.Strings(out)
	return out
}

// csiName is what a case calls the control with the number of csiKey.
func csiName(key int) string {
	words := []string{"CSI"}
	for _, b := range []byte{byte(key >> 16), byte(key >> 8), byte(key)} {
		switch b {
		case 0:
		case ' ':
			words = append(words, "SP")
		default:
			words = append(words, string(rune(b)))
		}
	}
	return strings.Join(words, " ")
}

// value is a constant in a case of a switch.
type value struct {
	n    int
	s    string
	char bool
}

func (v value) text() string {
	if v.char {
		return string(rune(v.n))
	}
	return strconv.Itoa(v.n)
}

type source struct {
	t      *testing.T
	consts map[string]ast.Expr
	funcs  map[string]*ast.FuncDecl
}

func parseSource(t *testing.T) *source {
	t.Helper()
	src := &source{t, map[string]ast.Expr{}, map[string]*ast.FuncDecl{}}
	for _, name := range []string{"control.go", "charset.go", "csi.go", "mode.go", "sgr.go", "report.go", "osc.go", "prompt.go", "dcs.go"} {
		f, err := goparser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				src.funcs[n.Name.Name] = n
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if i < len(n.Values) {
						src.consts[id.Name] = n.Values[i]
					}
				}
			}
			return true
		})
	}
	return src
}

// cases are the constants of the switches of a function that stand in no other.
func (src *source) cases(name string) []value {
	src.t.Helper()
	f := src.funcs[name]
	if f == nil {
		src.t.Fatalf("the source has no function %s", name)
	}
	var out []value
	ast.Inspect(f, func(n ast.Node) bool {
		sw, ok := n.(*ast.SwitchStmt)
		if !ok {
			return true
		}
		for _, clause := range sw.Body.List {
			for _, e := range clause.(*ast.CaseClause).List {
				out = append(out, src.eval(e))
			}
		}
		return false
	})
	if len(out) == 0 {
		src.t.Fatalf("%s has no switch", name)
	}
	return out
}

func (src *source) eval(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.BasicLit:
		switch e.Kind {
		case token.CHAR:
			r, _, _, _ := strconv.UnquoteChar(e.Value[1:], '\'')
			return value{n: int(r), char: true}
		case token.STRING:
			s, _ := strconv.Unquote(e.Value)
			return value{s: s}
		}
		n, err := strconv.ParseInt(e.Value, 0, 32)
		if err != nil {
			src.t.Fatal(err)
		}
		return value{n: int(n)}
	case *ast.Ident:
		return src.eval(src.consts[e.Name])
	case *ast.BinaryExpr:
		x, y := src.eval(e.X), src.eval(e.Y)
		if e.Op == token.SHL {
			return value{n: x.n << y.n}
		}
		return value{n: x.n | y.n}
	}
	src.t.Fatalf("cannot read %T", e)
	return value{}
}
