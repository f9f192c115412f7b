package serve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab"
)

// address is where a service listens: at port 7NVS, for its chapter, variant and place
// among the services. The chapter's default variant is 0, and the others follow.
func address(c lab.Chapter, v lab.Variant, service string) string {
	var chapter int
	_, _ = fmt.Sscanf(c.Name, "ch%d", &chapter) // what has no number is 0
	first := cmp.Or(c.Default, c.Variants[0].Name)
	others := slices.DeleteFunc(slices.Clone(c.Variants), func(o lab.Variant) bool {
		return o.Name == first
	})
	variant := 1 + slices.IndexFunc(others, func(o lab.Variant) bool { return o.Name == v.Name })
	place := slices.Index(v.Columns()[1:], service)
	return fmt.Sprintf("127.0.0.1:7%d%d%d", chapter%10, variant, place)
}

// typed is a command of lab.Variant.Try with the addresses of the services in it.
func typed(c lab.Chapter, v lab.Variant, command string) string {
	for _, s := range v.Services {
		here := "http://" + address(c, v, s.Name) + "/"
		command = strings.ReplaceAll(command, "http://"+s.Name+"/", here)
	}
	return command
}
