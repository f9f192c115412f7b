// Package lab is the laboratory's vocabulary: what a chapter says in its main.go (Chapter,
// Variant, Service, Scenario, Order), and by what a run is judged (Ledger, Answer, Finding,
// Report). It starts no process and has no flags. The taught code knows nothing of it.
//
// The rooms beside it put a chapter's services through every fault: in a simulation (sim)
// and in real processes (real).
package lab
