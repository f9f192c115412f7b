package machine

import (
	"os"
	"runtime"
	"slices"
	"strings"
)

// System is a family of operating systems on which programs are installed in the
// same way.
type System string

// The systems for which the course knows what to type.
const (
	Debian  System = "Debian"
	Fedora  System = "Fedora"
	Arch    System = "Arch"
	Alpine  System = "Alpine"
	SUSE    System = "SUSE"
	MacOS   System = "macOS"
	Windows System = "Windows"
	Unknown System = ""
)

// Here returns the system of this machine.
func Here() System {
	switch runtime.GOOS {
	case "darwin":
		return MacOS
	case "windows":
		return Windows
	}
	text, _ := os.ReadFile("/etc/os-release") // an error means that the system is unknown
	return release(string(text))
}

// release reads the system out of the text of os-release.
func release(text string) System {
	var names []string
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key == "ID" || key == "ID_LIKE" {
			names = append(names, strings.Fields(strings.Trim(value, `"'`))...)
		}
	}
	for _, family := range []struct {
		system System
		names  []string
	}{
		{Debian, []string{"debian", "ubuntu"}},
		{Fedora, []string{"fedora", "rhel", "centos"}},
		{Arch, []string{"arch"}},
		{Alpine, []string{"alpine"}},
		{SUSE, []string{"suse", "opensuse"}},
	} {
		of := func(name string) bool { return slices.Contains(family.names, name) }
		if slices.ContainsFunc(names, of) {
			return family.system
		}
	}
	return Unknown
}

// HowTo says what to type on a system in order to install the tool.
func (t Tool) HowTo(s System) string {
	if how := t.Install[s]; how != "" {
		return how
	}
	var all []string
	for _, s := range []System{Debian, Fedora, MacOS} {
		if how := t.Install[s]; how != "" {
			all = append(all, string(s)+": "+strings.TrimPrefix(how, "sudo "))
		}
	}
	return strings.Join(all, "; ")
}
