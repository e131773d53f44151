package term

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a pattern: what a person types is far below them, and a repetition
// of repetitions beyond them would search for minutes.
const (
	maxPatternBytes = 1 << 10
	maxPatternInsts = 10_000
)

var errPatternTooLarge = errors.New("pattern is too large")

// Pattern is a compiled search expression. It is safe for concurrent use.
type Pattern struct {
	re *regexp.Regexp
	// need is in the text of every match, in lower case if fold; empty where no
	// such text is known. Lines without it are passed over.
	need []byte
	fold bool
}

// CompilePattern compiles a regular expression of Go's syntax (RE2: searching
// takes time linear in the text). It ignores case unless an upper-case letter
// stands in it, as smartcase does in vim; what follows a backslash and names of
// groups do not count. A line of text is searched without its end, so that ^
// and $ stand for its bounds. An empty expression is an error.
func CompilePattern(expr string) (*Pattern, error) {
	if expr == "" {
		return nil, errors.New("pattern is empty")
	}
	if len(expr) > maxPatternBytes {
		return nil, errPatternTooLarge
	}
	p := &Pattern{fold: !hasUpper(expr)}
	flags := syntax.Perl
	if p.fold {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(expr, flags)
	if err != nil {
		var se *syntax.Error
		if errors.As(err, &se) {
			return nil, fmt.Errorf("pattern: %s in %q", se.Code, se.Expr)
		}
		return nil, fmt.Errorf("pattern: %w", err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	if len(prog.Inst) > maxPatternInsts {
		return nil, errPatternTooLarge
	}
	if p.fold {
		expr = "(?i)" + expr
	}
	if p.re, err = regexp.Compile(expr); err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	p.need = needed(tree, p.fold)
	return p, nil
}

// hasUpper reports whether an upper-case letter stands for itself in expr.
func hasUpper(expr string) bool {
	for i := 0; i < len(expr); {
		switch {
		case expr[i] == '\\' && i+1 < len(expr):
			i += patternEscape(expr[i:])
			continue
		case strings.HasPrefix(expr[i:], "(?"):
			// Flags and the name of a group.
			if n := strings.IndexAny(expr[i:], ":)>"); n >= 0 {
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(expr[i:])
		if unicode.IsUpper(r) {
			return true
		}
		i += n
	}
	return false
}

// patternEscape is how long the escape is that s begins with.
func patternEscape(s string) int {
	_, n := utf8.DecodeRuneInString(s[1:])
	n++
	switch s[1] {
	case 'p', 'P', 'x':
		if len(s) > 2 && s[2] == '{' {
			if end := strings.IndexByte(s, '}'); end >= 0 {
				return end + 1
			}
		}
		if s[1] == 'x' {
			return min(n+2, len(s))
		}
		return min(n+1, len(s))
	}
	return n
}

// needed returns a text that every match of re contains, or nothing.
func needed(re *syntax.Regexp, fold bool) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		if !fold && re.Flags&syntax.FoldCase == 0 {
			return []byte(string(re.Rune))
		}
		return foldable(re.Rune, fold)
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0], fold)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0], fold)
		}
	case syntax.OpConcat:
		var longest []byte
		for _, sub := range re.Sub {
			if n := needed(sub, fold); len(n) > len(longest) {
				longest = n
			}
		}
		return longest
	}
	return nil
}

// foldable returns the longest part of a literal, in lower case, for which only
// characters of ASCII can stand. K and S have other forms (the Kelvin sign, the
// long s), and so do letters beyond ASCII.
func foldable(lit []rune, fold bool) []byte {
	if !fold {
		return nil // (?i) within an expression that minds case
	}
	var longest string
	for part := range strings.FieldsFuncSeq(strings.ToLower(string(lit)), func(r rune) bool {
		return r == 'k' || r == 's' || r >= utf8.RuneSelf
	}) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return []byte(longest)
}

// find calls found with the bounds of each match in text, first to last. Empty
// matches are none.
func (p *Pattern) find(text []byte, found func(a, b int)) {
	for _, m := range p.re.FindAllIndex(text, -1) {
		if m[0] < m[1] {
			found(m[0], m[1])
		}
	}
}
