// Package serve keeps a chapter's services running: Serve for a terminal, in one process and
// without the laboratory, until Ctrl-C; Live for a page, in real processes that obey the
// commands of package live and tell what happens.
package serve
