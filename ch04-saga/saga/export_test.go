package saga

// NextOpen is what recovery reads, for a test that asks how SQLite reads it.
const NextOpen = openSagas + nextOpen + inTurn
