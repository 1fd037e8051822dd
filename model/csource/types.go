package csource

import (
	"modernc.org/cc/v4"

	"github.com/ownercheck/ownercheck/model/program"
)

// isScalar says whether a value of type t fits a register.
func isScalar(t cc.Type) bool { return isInteger(t) || t.Kind() == cc.Ptr }

func isInteger(t cc.Type) bool { return cc.IsIntegerType(t) && t.Size() <= 8 }

func isAggregate(t cc.Type) bool {
	switch t.Kind() {
	case cc.Struct, cc.Union, cc.Array:
		return true
	}
	return false
}

func isSigned(t cc.Type) bool {
	switch x := t.(type) {
	case *cc.EnumType:
		return true // as Microsoft's compiler has it
	case *cc.PredefinedType:
		return cc.IsSignedInteger(x)
	}
	return false
}

func sizeOf(t cc.Type) int32 {
	if t.Kind() == cc.Function || t.Kind() == cc.Array {
		return 8 // as a value: an address
	}
	return int32(t.Size())
}

func pointee(t cc.Type) cc.Type {
	if p, ok := t.(*cc.PointerType); ok {
		return p.Elem()
	}
	if a, ok := t.(*cc.ArrayType); ok {
		return a.Elem()
	}
	return nil
}

// truncate gives v as a value of the size and sign.
func truncate(v int64, size int32, signed bool) int64 {
	switch {
	case size >= 8 || size <= 0:
		return v
	case signed:
		shift := 64 - 8*uint(size)
		return v << shift >> shift
	}
	return v & (1<<(8*uint(size)) - 1)
}

// constant gives the value of e if it is an integer or a pointer that the
// compiler can compute, and computing it has no effect.
func constant(e cc.ExpressionNode) (int64, bool) {
	t := e.Type()
	if t == nil || !isScalar(t) {
		return 0, false
	}
	v, ok := number(e.Value(), t)
	return v, ok && (e.Pure() || isSizeof(e))
}

func number(v cc.Value, t cc.Type) (int64, bool) {
	switch x := v.(type) {
	case cc.Int64Value:
		return truncate(int64(x), sizeOf(t), isSigned(t)), true
	case cc.UInt64Value:
		return truncate(int64(x), sizeOf(t), isSigned(t)), true
	}
	return 0, false
}

// isSizeof says whether e only measures: its operand is not evaluated.
func isSizeof(e cc.ExpressionNode) bool {
	u, ok := unparen(e).(*cc.UnaryExpression)
	return ok && (u.Case == cc.UnaryExpressionSizeofExpr || u.Case == cc.UnaryExpressionSizeofType)
}

// unparen removes the layers of grammar that mean nothing.
func unparen(e cc.ExpressionNode) cc.ExpressionNode {
	for {
		var inner cc.ExpressionNode
		switch x := e.(type) {
		case *cc.PrimaryExpression:
			if x.Case == cc.PrimaryExpressionExpr {
				inner = x.ExpressionList
			}
		case *cc.PostfixExpression:
			if x.Case == cc.PostfixExpressionPrimary {
				inner = x.PrimaryExpression
			}
		case *cc.UnaryExpression:
			if x.Case == cc.UnaryExpressionPostfix {
				inner = x.PostfixExpression
			}
		case *cc.CastExpression:
			if x.Case == cc.CastExpressionUnary {
				inner = x.UnaryExpression
			}
		case *cc.ExpressionList:
			if x.ExpressionList == nil {
				inner = x.AssignmentExpression
			}
		case *cc.AssignmentExpression:
			if x.Case == cc.AssignmentExpressionCond {
				inner = x.ConditionalExpression
			}
		case *cc.ConditionalExpression:
			if x.Case == cc.ConditionalExpressionLOr {
				inner = x.LogicalOrExpression
			}
		case *cc.ConstantExpression:
			inner = x.ConditionalExpression
		}
		if inner == nil {
			return e
		}
		e = inner
	}
}

// named gives the declarator that e names, or nil.
func named(e cc.ExpressionNode) *cc.Declarator {
	p, ok := unparen(e).(*cc.PrimaryExpression)
	if !ok || p.Case != cc.PrimaryExpressionIdent {
		return nil
	}
	d, _ := p.ResolvedTo().(*cc.Declarator)
	return d
}

// callOf gives the call that e is if it calls the function named name.
func callOf(e cc.ExpressionNode, name string) *cc.PostfixExpression {
	p, ok := unparen(e).(*cc.PostfixExpression)
	if !ok || p.Case != cc.PostfixExpressionCall {
		return nil
	}
	if d := named(p.PostfixExpression); d == nil || d.Name() != name {
		return nil
	}
	return p
}

// value is what an expression gives: an operand, for an address with bytes yet
// to be added.
type value struct {
	op   program.Operand
	off  int32
	typ  cc.Type
	bit  bool // known to be 0 or 1
	role int  // 1 + index in Program.Roles, when the value names a function
}

func intValue(v int64, t cc.Type) value { return value{op: program.Int(v), typ: t} }

func (v value) constant() (int64, bool) { return v.op.V, v.op.Kind == program.OperandInt && v.off == 0 }

// place is where an lvalue lives: a register, or memory at base+off.
type place struct {
	reg   program.Reg // NoReg when in memory
	base  program.Operand
	off   int32
	typ   cc.Type
	field *cc.Field // the member named last
	index int64     // the constant index used last, or -1
}
