package isolation

import "slices"

// dirtyRead: A gives ada money, and takes it back. Does B see it?
func dirtyRead() Script {
	return Script{
		Anomaly: "dirty read", Alias: "P1, G1a",
		Given: accounts(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "UPDATE accounts SET cents = 9000 WHERE name = 'ada'"},
			{B, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{A, "ROLLBACK"},
			{B, "COMMIT"},
		},
		End:      "SELECT cents FROM accounts WHERE name = 'ada'",
		Question: "Has B read an amount that was never committed?",
		Happened: func(r Run) bool { return slices.Contains(r.B.Read, 9000) },
	}
}

// nonRepeatableRead: A looks twice at the same row.
func nonRepeatableRead() Script {
	return Script{
		Anomaly: "non-repeatable read", Alias: "P2, fuzzy read",
		Given: accounts(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{B, "UPDATE accounts SET cents = 2000 WHERE name = 'ada'"},
			{B, "COMMIT"},
			{A, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{A, "COMMIT"},
		},
		End:      "SELECT cents FROM accounts WHERE name = 'ada'",
		Question: "Has A read one account twice, and got two balances?",
		Happened: func(r Run) bool { return r.A.Committed && r.A.Read[0] != r.A.Read[1] },
	}
}

// phantom: A counts the rows of a slot twice. No row changes, but one comes.
func phantom() Script {
	return Script{
		Anomaly: "phantom", Alias: "P3, PMP",
		Given: bookings(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT COUNT(*) FROM bookings WHERE slot = 'mon-am'"},
			{B, "INSERT INTO bookings VALUES ('order-2', 'mon-am', NULL)"},
			{B, "COMMIT"},
			{A, "SELECT COUNT(*) FROM bookings WHERE slot = 'mon-am'"},
			{A, "COMMIT"},
		},
		End:      "SELECT COUNT(*) FROM bookings WHERE slot = 'mon-am'",
		Question: "Did A count twice, and get different numbers?",
		Happened: func(r Run) bool { return r.A.Committed && r.A.Read[0] != r.A.Read[1] },
	}
}

// readSkew: B moves money from ada to bob, while A adds the two up.
func readSkew() Script {
	return Script{
		Anomaly: "read skew", Alias: "A5A, G-single",
		Given: accounts(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{B, "UPDATE accounts SET cents = cents - 100 WHERE name = 'ada'"},
			{B, "UPDATE accounts SET cents = cents + 100 WHERE name = 'bob'"},
			{B, "COMMIT"},
			{A, "SELECT cents FROM accounts WHERE name = 'bob'"},
			{A, "COMMIT"},
		},
		End:      "SELECT SUM(cents) FROM accounts",
		Question: "B moves money between two accounts. Does A, who adds them up, get a wrong sum?",
		Happened: func(r Run) bool { return r.A.Committed && r.A.Read[0]+r.A.Read[1] != 2000 },
	}
}
