// Package real runs a variant's services in processes of their own, kills them where a plan
// of faults says so, starts them again, and audits their databases. Play plays a scenario;
// Start runs services until Close, for an experiment or for a page. Child is
// the service's side: the laboratory's program runs itself again.
package real
