package isolation

// dirtyWrite: a price stands on the shelf and at the cash register. A and B change both.
func dirtyWrite() Script {
	return Script{
		Anomaly: "dirty write", Alias: "P0, G0",
		Given: []string{
			"CREATE TABLE prices (place VARCHAR(10) PRIMARY KEY, cents INT NOT NULL)",
			"INSERT INTO prices VALUES ('shelf', 400), ('register', 400)",
		},
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "UPDATE prices SET cents = 500 WHERE place = 'shelf'"},
			{B, "UPDATE prices SET cents = 600 WHERE place = 'shelf'"},
			{B, "UPDATE prices SET cents = 600 WHERE place = 'register'"},
			{A, "UPDATE prices SET cents = 500 WHERE place = 'register'"},
			{A, "COMMIT"},
			{B, "COMMIT"},
		},
		End:      "SELECT MAX(cents) - MIN(cents) FROM prices",
		Question: "The shelf and the register have a price. A and B change both. Do they differ?",
		Happened: func(r Run) bool { return r.End != 0 },
	}
}

// lostUpdate: both take money from ada's account, one a euro, the other two.
func lostUpdate() Script {
	return Script{
		Anomaly: "lost update", Alias: "P4",
		Given: accounts(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{B, "SELECT cents FROM accounts WHERE name = 'ada'"},
			{A, "UPDATE accounts SET cents = {read} - 100 WHERE name = 'ada'"},
			{A, "COMMIT"},
			{B, "UPDATE accounts SET cents = {read} - 200 WHERE name = 'ada'"},
			{B, "COMMIT"},
		},
		End:      "SELECT cents FROM accounts WHERE name = 'ada'",
		Question: "Together A and B took 300 cents. Did the balance fall by less than 300?",
		Happened: func(r Run) bool { return r.A.Committed && r.B.Committed && r.End != 700 },
	}
}

// writeSkew: ada and bob drive. Each goes home if another one is on duty.
func writeSkew() Script {
	return Script{
		Anomaly: "write skew", Alias: "A5B, G2-item",
		Given: []string{
			"CREATE TABLE drivers (name VARCHAR(10) PRIMARY KEY, duty INT NOT NULL)",
			"INSERT INTO drivers VALUES ('ada', 1), ('bob', 1)",
		},
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT COUNT(*) FROM drivers WHERE duty = 1"},
			{B, "SELECT COUNT(*) FROM drivers WHERE duty = 1"},
			{A, "UPDATE drivers SET duty = 0 WHERE name = 'ada' AND {read} > 1"},
			{A, "COMMIT"},
			{B, "UPDATE drivers SET duty = 0 WHERE name = 'bob' AND {read} > 1"},
			{B, "COMMIT"},
		},
		End:      "SELECT COUNT(*) FROM drivers WHERE duty = 1",
		Question: "Is no driver on duty any more?",
		Happened: func(r Run) bool { return r.End == 0 },
	}
}

// phantomOnWrite: as phantom, but A writes to the rows before it counts again.
// It is not one of the seven: it shows a snapshot that a write pierces.
func phantomOnWrite() Script {
	return Script{
		Anomaly: "phantom, after a write", Alias: "P3, PMP for write predicates",
		Given: bookings(),
		Steps: []Step{
			{A, "BEGIN"},
			{B, "BEGIN"},
			{A, "SELECT COUNT(*) FROM bookings WHERE slot = 'mon-am'"},
			{B, "INSERT INTO bookings VALUES ('order-2', 'mon-am', NULL)"},
			{B, "COMMIT"},
			{A, "UPDATE bookings SET van = 1 WHERE slot = 'mon-am'"},
			{A, "SELECT COUNT(*) FROM bookings WHERE slot = 'mon-am'"},
			{A, "COMMIT"},
		},
		End:      "SELECT COUNT(*) FROM bookings WHERE van = 1",
		Question: "A counts rows, changes them and counts again. Are the two numbers different?",
		Happened: func(r Run) bool { return r.A.Committed && r.A.Read[0] != r.A.Read[1] },
	}
}
