// Package money is exact arithmetic on amounts in int64 minor units (cents, fen) of one ISO 4217
// currency. There are no floats and no silent overflow.
package money

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"regexp"
	"sort"
)

// ErrOverflow reports a result that does not fit int64 minor units.
var ErrOverflow = errors.New("amount does not fit int64 minor units")

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// ValidCurrency tells whether code has the shape of an ISO 4217 code.
func ValidCurrency(code string) bool { return currency.MatchString(code) }

// Times returns unit × qty for non-negative operands.
func Times(unit, qty int64) (int64, error) {
	if unit < 0 || qty < 0 {
		return 0, fmt.Errorf("%d × %d: negative operand", unit, qty)
	}
	hi, lo := bits.Mul64(uint64(unit), uint64(qty))
	if hi != 0 || lo > 1<<63-1 {
		return 0, ErrOverflow
	}
	return int64(lo), nil
}

// Sum adds amounts.
func Sum(amounts ...int64) (int64, error) {
	var total int64
	for _, a := range amounts {
		next := total + a
		if (a > 0 && next < total) || (a < 0 && next > total) {
			return 0, ErrOverflow
		}
		total = next
	}
	return total, nil
}

// Prorate splits total over weights by largest remainder, ties to the earlier index, so that the
// shares sum to total exactly. Weights and total are non-negative and not all weights are zero.
func Prorate(total int64, weights []int64) ([]int64, error) {
	whole, err := Sum(weights...)
	if err != nil {
		return nil, err
	}
	if total < 0 || whole <= 0 {
		return nil, fmt.Errorf("prorate %d over weight %d: nothing to split by", total, whole)
	}
	shares, rest, left := make([]int64, len(weights)), make([]*big.Int, len(weights)), total
	for i, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("weight %d is negative", w)
		}
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), big.NewInt(whole), new(big.Int))
		shares[i], rest[i] = q.Int64(), r
		left -= shares[i]
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return rest[order[a]].Cmp(rest[order[b]]) > 0 })
	for i := range left {
		shares[order[i]]++
	}
	return shares, nil
}
