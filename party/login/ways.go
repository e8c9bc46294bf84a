package login

// Offered are the ways in that this market has, beside a name and a password.
type Offered struct {
	Codes    bool   // there is somebody to send one-time codes with
	Passkeys string // the host where passkeys are good; "": they are not offered
	SSO      bool   // staff may sign on at their own issuer
}

// Ways are what a login's owner is told about its ways in, beside contacts and passkeys.
type Ways struct {
	Name     string // "" for one without a name to type
	Password bool   // one is set
}
