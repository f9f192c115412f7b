package saga

// Unfinished is what recovery reads, for a test that asks how SQLite reads it.
const Unfinished = unfinished
