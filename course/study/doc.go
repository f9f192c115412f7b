// Package study is what a student does with the course: it begins an exercise,
// sees what is done and what is next, and begins anew.
//
// An exercise is found by its folder, chNN-NAME/exercise. Its name is NAME: it
// stays when chapters are numbered anew.
//
//	*.go                     what the student writes, and the tests that grade it
//	testdata/start/*.go      how these files were at first
//	testdata/solution/*.go   one way to write them
//	testdata/mistakes/*      patches to that: wrong ways, and what the grader must say to each
package study
