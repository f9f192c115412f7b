package machine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSystemIsReadFromOSRelease(t *testing.T) {
	for text, want := range map[string]System{
		"ID=debian\n": Debian,
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n":              Debian,
		"NAME=x\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n": Fedora,
		"ID=arch\n":   Arch,
		"ID=alpine\n": Alpine,
		"ID='opensuse-leap'\nID_LIKE='suse opensuse'": SUSE,
		"ID=plan9\n": Unknown,
		"":           Unknown,
	} {
		require.Equal(t, want, release(text), text)
	}
}

func TestUnknownSystemIsToldSeveralWays(t *testing.T) {
	require.Equal(t, "sudo apt install strace", Strace().HowTo(Debian))
	require.Equal(t, "Debian: apt install strace; Fedora: dnf install strace",
		Strace().HowTo(Unknown))
}
