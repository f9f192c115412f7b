package saga

// ReadOpen is what recovery reads, for a test that asks how SQLite reads it.
const ReadOpen = readOpen
