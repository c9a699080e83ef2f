package slickq_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every exported name, field and method has a comment, which begins as godoc would have it.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	files := token.NewFileSet()
	packages, err := parser.ParseDir(files, ".", func(file fs.FileInfo) bool {
		return !strings.HasSuffix(file.Name(), "_test.go")
	}, parser.ParseComments)
	check(t, err)
	seen := 0
	expect := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		seen++
		for _, comment := range comments {
			if comment != nil && comment.Text() != "" {
				return
			}
		}
		t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name.Name)
	}
	begins := func(name *ast.Ident, comment *ast.CommentGroup) {
		if name.IsExported() && !strings.HasPrefix(comment.Text(), name.Name+" ") {
			t.Errorf("%s: the comment does not begin with %s", files.Position(name.Pos()), name.Name)
		}
	}
	for _, file := range packages["slickq"].Files {
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				expect(declaration.Name, declaration.Doc)
				begins(declaration.Name, declaration.Doc)
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						expect(spec.Name, declaration.Doc)
						begins(spec.Name, declaration.Doc)
						if body, is := spec.Type.(*ast.StructType); is && spec.Name.IsExported() {
							expectFields(body, expect)
						}
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							if declaration.Lparen == token.NoPos {
								expect(name, declaration.Doc)
							} else {
								expect(name, spec.Doc)
							}
						}
					}
				}
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d names were found", seen)
	}
}

// selfEvident are fields whose name, next to the type's comment, says it all.
var selfEvident = map[string]bool{"Layout": true, "Start": true, "AfterLap": true, "ID": true, "Kind": true, "Mode": true, "Name": true,
	"ReceivedRecords": true, "ReceivedElements": true, "Lossless": true, "SingleProducer": true, "PromptProducer": true}

func expectFields(body *ast.StructType, expect func(*ast.Ident, ...*ast.CommentGroup)) {
	for _, field := range body.Fields.List {
		for _, name := range field.Names {
			if !selfEvident[name.Name] {
				expect(name, field.Doc, field.Comment)
			}
		}
	}
}

// The README's first example is a program: it runs, as somebody else's module that uses this one, and prints what the
// README says.
func TestFirstExampleOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	check(t, err)
	program, rest := block(t, string(text), "```go\n")
	expected, _ := block(t, rest, "```text\n")

	here, err := filepath.Abs(".")
	check(t, err)
	there := t.TempDir()
	check(t, os.WriteFile(filepath.Join(there, "main.go"), []byte(program), 0o600))
	check(t, os.WriteFile(filepath.Join(there, "go.mod"),
		[]byte("module readme\n\ngo 1.19\n\nrequire slickq v0.0.0\n\nreplace slickq => "+here+"\n"), 0o600))
	run := exec.Command("go", "run", ".")
	run.Dir = there
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod "+os.Getenv("SLICKQ_GO_TAGS"))
	output, err := run.CombinedOutput()
	if err != nil || string(output) != expected {
		t.Errorf("%v: the program printed\n%s\nthe README says\n%s", err, output, expected)
	}
}

// block is the text between a line `begin` and the end of that block, and what follows.
func block(t *testing.T, text, begin string) (inside, after string) {
	_, text, found := strings.Cut(text, begin)
	inside, after, ended := strings.Cut(text, "```\n")
	if !found || !ended {
		t.Fatalf("the README has no block %q", begin)
	}
	return inside, after
}
