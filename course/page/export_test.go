package page

import "time"

// SetAbsence sets how long a job lives without a browser.
func (s *Site) SetAbsence(d time.Duration) { s.jobs.absence = d }
