package at

// Execute runs a statement for a global transaction.
var Execute = execute
