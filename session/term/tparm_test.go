package term

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// tparm fills in the parameters of a terminfo string, padding left out.
func tparm(t *testing.T, s string, args ...any) string {
	t.Helper()
	var out bytes.Buffer
	var stack []any
	args = append(args, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	push := func(v any) { stack = append(stack, v) }
	pop := func() any { v := stack[len(stack)-1]; stack = stack[:len(stack)-1]; return v }
	num := func() int {
		switch v := pop().(type) {
		case int:
			return v
		case rune:
			return int(v)
		}
		return 0
	}
	flag := func(b bool) {
		push(map[bool]int{true: 1}[b])
	}
	// skip passes over a branch of %? to its %e or %; and returns where it ends.
	skip := func(i int, toElse bool) int {
		for depth := 0; i < len(s); i++ {
			if s[i] != '%' {
				continue
			}
			switch i++; s[i] {
			case '?':
				depth++
			case ';':
				if depth--; depth < 0 {
					return i
				}
			case 'e':
				if toElse && depth == 0 {
					return i
				}
			}
		}
		return i
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '$' && strings.HasPrefix(s[i:], "$<") {
			i += strings.IndexByte(s[i:], '>')
			continue
		}
		if s[i] != '%' {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case '%':
			out.WriteByte('%')
		case 'i':
			args[0], args[1] = args[0].(int)+1, args[1].(int)+1
		case 'p':
			i++
			push(args[s[i]-'1'])
		case 'd':
			fmt.Fprint(&out, num())
		case 'c':
			out.WriteByte(byte(num()))
		case 's':
			fmt.Fprint(&out, pop())
		case '2': // %2.2X
			i += len("2.2X") - 1
			fmt.Fprintf(&out, "%02X", num())
		case '{':
			end := i + strings.IndexByte(s[i:], '}')
			n, _ := strconv.Atoi(s[i+1 : end])
			push(n)
			i = end
		case '+', '-', '*', '/', '<', '>', '=', '&', '|':
			b, a := num(), num()
			switch c {
			case '+':
				push(a + b)
			case '-':
				push(a - b)
			case '*':
				push(a * b)
			case '/':
				push(a / b)
			case '<':
				flag(a < b)
			case '>':
				flag(a > b)
			case '=':
				flag(a == b)
			case '&':
				push(a & b)
			case '|':
				push(a | b)
			}
		case '?', ';':
		case 't':
			if num() == 0 {
				i = skip(i+1, true)
			}
		case 'e':
			i = skip(i+1, false)
		default:
			t.Fatalf("%q has %%%c", s, c)
		}
	}
	return out.String()
}
