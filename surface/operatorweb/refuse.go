package operatorweb

import "hutong/base/fault"

// refuse shows a refusal on the page of the form that was refused; a defect goes the way of all defects.
func (w *web) refuse(err error, show func(error) error) error {
	if fault.Of(err) == fault.Internal || fault.Is(err, "login.proof_old") { // the gate leads to logging in again
		return err
	}
	return show(err)
}

func statusOf(err error) int { return fault.Of(err).Status() }
