package lab

import (
	"cmp"
	"os"
)

// The environment of the simulation's tests.
const (
	ExploreVariable = "LAB_EXPLORE" // if set, explore, and leave the lesson's checks out
	PairsVariable   = "LAB_PAIRS"   // if n, try one of n pairs of faults, too
	VariantVariable = "LAB_VARIANT" // if set, try only this variant
	RacesVariable   = "LAB_RACES"   // if set, try every fault in every interleaving (the long tier)
	// AbsenceVariable has a service be away for an hour instead of ten minutes, and 300
	// orders come instead of 30 (the long tier).
	AbsenceVariable = "LAB_ABSENCE"
	// WholeVariable has all mistakes, all crashes in real processes, and all faults of a
	// chapter that takes long tried instead of a share (the long tier).
	WholeVariable = "LAB_WHOLE"
	// WithVariable has faults, with semicolons between them, that strike in every run
	// that comes to them.
	WithVariable    = "LAB_WITH"
	FromVariable    = "LAB_FROM"    // if set, a scenario: those before it have no fault
	UntilVariable   = "LAB_UNTIL"   // if set, an invariant: the scenario that breaks it is the last
	AnyInvariant    = "any"         // as UntilVariable's value: a test ends at the first damage
	ScratchVariable = "LAB_SCRATCH" // the folder for simulated disks, in place of the usual one
	// KeepVariable has the reports of scenarios kept in a folder. A scenario whose report is
	// there is not played again: that goes on where it was stopped. The folder is for one
	// commit, one package and one set of variables.
	KeepVariable = "LAB_KEEP"
	// TrialVariable has the simulation's tests play one Trial, which it holds as JSON, and
	// explore nothing.
	TrialVariable = "LAB_TRIAL"
	// ReportVariable has the reports printed as JSON lines, if it is set. The judgement
	// is left to the reader.
	ReportVariable = "LAB_REPORT"
)

// DiskVariable names a directory on the real disk. Tests have it, because the
// files that they make elsewhere may be in memory (see Scratch); it is gone
// with them.
const DiskVariable = "LAB_DISK"

// Disk returns a directory for files whose fsyncs are to take the time they take.
func Disk() string { return cmp.Or(os.Getenv(DiskVariable), os.TempDir()) }

// Scratch makes a temporary directory for simulated disks. A real disk's fsyncs
// would take most of a run's time and show nothing: so where the machine has a
// file system in memory, it lies there, and else under TMPDIR.
func Scratch() (dir string, err error) {
	memory := cmp.Or(os.Getenv(ScratchVariable), "/dev/shm")
	if dir, err = os.MkdirTemp(memory, "dtx"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "dtx")
}

// TempVariables are the environment variables that say where temporary files
// go, on Unix and on Windows.
func TempVariables() []string { return []string{"TMPDIR", "TMP", "TEMP"} }
