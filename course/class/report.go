package main

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"os"
	"path/filepath"
)

//go:embed report.html
var reportText string

// Image returns the drawing as an address. A browser runs no script in such an image.
func (s Step) Image() template.URL {
	code := base64.StdEncoding.EncodeToString(s.Drawing)
	return template.URL("data:image/svg+xml;base64," + code)
}

// report writes a student's page, and returns where.
func (g *grader) report(m Mark) (path string, err error) {
	page, err := template.New("report").Parse(reportText)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(g.pages, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(g.pages, m.Student+".html")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, errors.Join(page.Execute(file, m), file.Close())
}
