package real

import (
	"fmt"
	"slices"

	"example.com/dtx/lab"
)

// role names a service among all of the chapter, for a process that is to be it.
func role(v lab.Variant, s lab.Service) string { return v.Name + "/" + s.Name + "/" + s.Version }

// withRole returns the service of that role.
func withRole(c lab.Chapter, name string) (lab.Service, error) {
	for _, v := range c.Variants {
		for _, s := range slices.Concat(v.Services, v.Spares) {
			if role(v, s) == name {
				return s, nil
			}
		}
	}
	return lab.Service{}, fmt.Errorf("%s has no role %q", c.Name, name)
}
