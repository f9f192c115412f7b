package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// log tells whether statements do nothing but log.
func log(list ...ast.Stmt) bool {
	for _, s := range list {
		e, ok := s.(*ast.ExprStmt)
		if !ok {
			return false
		}
		call, ok := e.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		selected, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if pkg, ok := selected.X.(*ast.Ident); !ok || pkg.Name != "slog" {
			return false
		}
	}
	return true
}

// condition negates a condition, or leaves out the check of an error.
func (g *generator) condition(cond ast.Expr) {
	if cond == nil {
		return
	}
	text := g.source(cond)
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || opposite[b.Op] != token.EQL && opposite[b.Op] != token.NEQ {
		g.add(cond, "!("+text+")", "not ("+g.short(cond)+")")
	}
	if strings.Contains(text, "err != nil") {
		g.add(cond, "false && ("+text+")", "unchecked: "+g.short(cond))
	}
}

// cases negates the conditions of a switch without a tag.
func (g *generator) cases(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, clause := range s.Body.List {
		for _, cond := range clause.(*ast.CaseClause).List {
			g.condition(cond)
		}
	}
}

// opposite is what stands in an operator's place.
var opposite = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.LSS: token.LEQ, token.LEQ: token.LSS,
	token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD,
}

// operator swaps a comparison at its boundary, and what joins two conditions.
func (g *generator) operator(b *ast.BinaryExpr) {
	if other, ok := opposite[b.Op]; ok {
		end := b.OpPos + token.Pos(len(b.Op.String()))
		what := fmt.Sprintf("%s in place of %s in %s", other, b.Op, g.short(b))
		g.splice(b.OpPos, end, other.String(), what)
	}
}

// drops leaves out each of the statements in turn.
func (g *generator) drops(list []ast.Stmt) {
	for _, s := range list {
		switch n := s.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				continue
			}
		case *ast.IfStmt:
			if n.Init == nil {
				continue
			}
		case *ast.BranchStmt:
			if n.Tok != token.BREAK && n.Tok != token.CONTINUE {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
		default:
			continue
		}
		was := g.logging
		g.logging = was || log(s)
		g.add(s, "{}", "without "+g.short(s))
		g.logging = was
	}
}

// returnEarly returns zero values before each statement of a function in turn.
func (g *generator) returnEarly() {
	for _, s := range g.function.Body.List {
		if r, ok := s.(*ast.ReturnStmt); ok && !calls(r) {
			continue
		}
		g.splice(s.Pos(), s.Pos(), g.zero()+"; ", "return before "+g.short(s))
	}
}

// calls tells whether there is a call in a statement.
func calls(s ast.Stmt) (found bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		_, ok := n.(*ast.CallExpr)
		found = found || ok
		return true
	})
	return found
}

// zero is a return statement of zero values.
func (g *generator) zero() string {
	results := g.function.Type.Results
	if results == nil || len(results.List[0].Names) > 0 {
		return "if true { return }"
	}
	var values []string
	for _, r := range results.List {
		values = append(values, "*new("+g.source(r.Type)+")")
	}
	return "if true { return " + strings.Join(values, ", ") + " }"
}
