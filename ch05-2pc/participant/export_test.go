package participant

// InDoubt is the query of a look for branches in doubt.
const InDoubt = inDoubt
