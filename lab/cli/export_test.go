package cli

var TellDamage = tellDamage
