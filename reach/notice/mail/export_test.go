package mail

import "net/mail"

// Render is what goes over the wire, for fuzzing.
func Render(m Message) []byte { return m.render(&mail.Address{Address: "a@b.c"}, "b.c") }
