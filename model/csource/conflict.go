package csource

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"modernc.org/cc/v4"
)

// Microsoft's compiler takes a callback that a typedef declares with a PVOID
// parameter and that is defined with a pointer to a structure; the parser does
// not. The later of the two declarations then gets another name of the same
// length, the file is parsed again, and the linker joins the two names after
// checking that a call through one is a call of the other.

// separate renames the declarations that the parser reported as conflicting and
// says whether there were any that can be renamed.
func (s *sources) separate(es Errors) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for _, e := range es {
		if e.conflict == "" {
			continue
		}
		f := s.byName[e.File]
		if f == nil || strings.HasPrefix(e.File, stubFolder) {
			continue
		}
		i := f.wordFrom(f.offset(e.Line, e.Column), e.conflict)
		alias := s.alias(e.conflict)
		if i < 0 || alias == "" {
			continue
		}
		copy(f.text[i:], alias)
		found = true
	}
	return found
}

// alias makes a name of the same length for the function named name, or "" if
// the name is too short.
func (s *sources) alias(name string) string {
	digits := strconv.FormatInt(int64(len(s.aliases)), 36)
	pad := len(name) - 2 - len(digits)
	if pad < 0 {
		return ""
	}
	alias := "_P" + strings.Repeat("0", pad) + digits
	if s.aliases == nil {
		s.aliases = map[string]string{}
	}
	s.aliases[alias] = name
	return alias
}

// wordFrom gives the offset of the first word at or after o that is name, or -1.
func (f *file) wordFrom(o int, name string) int {
	if o < 0 {
		return -1
	}
	for {
		i := bytes.Index(f.text[o:], []byte(name))
		if i < 0 {
			return -1
		}
		i += o
		o = i + len(name)
		if (i == 0 || !isWord(f.text[i-1])) && (o == len(f.text) || !isWord(f.text[o])) {
			return i
		}
	}
}

// nameOf gives the name of d as its file has it.
func (l *linker) nameOf(d *cc.Declarator) string {
	if name, ok := l.src.aliases[d.Name()]; ok {
		return name
	}
	return d.Name()
}

// join checks that the renamed declaration d can stand for the first
// declaration of its function.
func (u *unit) join(d *cc.Declarator) {
	name := u.nameOf(d)
	if name == d.Name() {
		return
	}
	first := u.declared[name]
	if first == nil {
		return
	}
	at := u.prog.Position(u.pos(first.NameTok()))
	if !interchangeable(first.Type(), d.Type()) {
		u.refuse(d.NameTok(), "a declaration of "+name+" that disagrees with the one at "+at,
			"the same result and as many parameters of the same kinds")
		return
	}
	u.remark(u.pos(d.NameTok()), fmt.Sprintf("%s differs from its declaration at %s in the types of pointers; assumed to be the same function", name, at))
}

// interchangeable says whether a call of a function of type s is, to the
// processor, a call of one of type t.
func interchangeable(s, t cc.Type) bool {
	f, ok1 := s.(*cc.FunctionType)
	g, ok2 := t.(*cc.FunctionType)
	if !ok1 || !ok2 || f.IsVariadic() != g.IsVariadic() || !sameKind(f.Result(), g.Result()) {
		return false
	}
	if parameterCount(f) != parameterCount(g) {
		return false
	}
	for i, p := range f.Parameters() {
		if !sameKind(p.Type().Decay(), g.Parameters()[i].Type().Decay()) {
			return false
		}
	}
	return true
}

func sameKind(s, t cc.Type) bool {
	switch {
	case s.Kind() == cc.Void || t.Kind() == cc.Void:
		return s.Kind() == t.Kind()
	case isScalar(s) && isScalar(t):
		return s.Size() == t.Size() && (s.Kind() == cc.Ptr) == (t.Kind() == cc.Ptr)
	}
	return s.IsCompatible(t)
}

// original gives back the names that the user wrote in a message of the parser.
func (s *sources) original(msg string) string {
	for alias, name := range s.aliases {
		msg = strings.ReplaceAll(msg, alias, name)
	}
	for constant, name := range s.consts.names {
		msg = strings.ReplaceAll(msg, name, constant)
	}
	return msg
}
