package carrier

import "sync/atomic"

const budgetBurst = 20 // retries

// MaxRefusals is how many nodes may send a call back that they know better than
// its caller not to be theirs, and how many kept connections it may lose. These are no attempts.
const MaxRefusals = 8

// Budget allows retries for at most a tenth of the calls, beyond a first few.
// It is safe for concurrent use.
type Budget struct{ tenths atomic.Int64 }

// NewBudget makes a full one.
func NewBudget() *Budget {
	b := &Budget{}
	b.tenths.Store(budgetBurst * 10)
	return b
}

// Deposit counts a call.
func (b *Budget) Deposit() {
	if n := b.tenths.Load(); n < budgetBurst*10 {
		b.tenths.Add(1)
	}
}

// Withdraw asks for one retry.
func (b *Budget) Withdraw() bool {
	if b.tenths.Add(-10) >= 0 {
		return true
	}
	b.tenths.Add(10)
	return false
}
