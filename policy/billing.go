package policy

import (
	"math/big"
	"time"

	"drawbridge/directory"
)

// Cycle is the billing cycle that contains day: its first and its last day. Cycles begin on the day of the month (and for yearly ones in
// the month) of start, or, if a month is too short, on its last day. every is "month" or "year"; "" counts as "month".
func Cycle(start, day directory.Day, every string) (from, to directory.Day) {
	first, ok := start.Time()
	at, too := day.Time()
	if !ok || !too {
		return day, day
	}
	step := 1
	if every == "year" {
		step = 12
	}
	months := (at.Year()-first.Year())*12 + int(at.Month()) - int(first.Month())
	n := months / step
	for begins(first, (n+1)*step) <= day {
		n++
	}
	for begins(first, n*step) > day {
		n--
	}
	return begins(first, n*step), begins(first, (n+1)*step).Add(-1)
}

// begins is the day that is the given number of months after first, or the last day of that month if it is too short.
func begins(first time.Time, months int) directory.Day {
	month := time.Date(first.Year(), first.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := month.AddDate(0, 1, -1).Day()
	return directory.DayOf(month.AddDate(0, 0, min(first.Day(), last)-1))
}

// Bill is the usage and cost of a period: an estimate, never an invoice (B7).
type Bill struct {
	From, To directory.Day // both counted
	Days     int           // of the period
	Counted  int           // days with a snapshot
	Late     int           // of those
	Last     directory.Day // the last day with a snapshot, "" if there is none

	MemberDays, GuestDays, SeatDays int // sums of the daily counts; SeatDays of billed seats

	// Usage is SeatDays ÷ the days of the period so far: up to the last snapshot. Projected is the same for the whole period, if every day
	// to come is like the last one.
	Usage, Projected float64

	// Base is the cost of the seats of the first day, Added the cost of later additions, Credited that of later removals. Flat is charged
	// independently of the number of seats. Total = Flat + Base + Added − Credited, of the days counted.
	Flat, Base, Added, Credited, Total Amount
	ProjectedTotal                     Amount
	Currency                           string // "": there is no price
	Mixed                              bool   // days have prices in different currencies; amounts are only those of Currency
}

// Amount is money in hundredths of the currency.
type Amount int64

// String is the amount with two decimals.
func (a Amount) String() string { return big.NewRat(int64(a), 100).FloatString(2) }

// BillOf adds up the snapshots of a period. snapshots are those of the days from..to, in order. A price a month is charged
// by the day: a day costs the price divided by the days of its month. Amounts are exact until they are rounded once.
func BillOf(from, to directory.Day, snapshots []directory.Snapshot) Bill {
	b := Bill{From: from, To: to, Days: from.Until(to) + 1, Counted: len(snapshots)}
	if len(snapshots) == 0 {
		return b
	}
	last := snapshots[len(snapshots)-1]
	b.Last, b.Currency = last.Day, last.Currency
	var flat, base, added, credited, rest big.Rat
	seats := snapshots[0].Billed
	for i := range snapshots {
		s := &snapshots[i]
		b.MemberDays += s.Members
		b.GuestDays += s.Guests
		b.SeatDays += s.Billed
		if s.Late {
			b.Late++
		}
		if s.Currency != b.Currency {
			b.Mixed = true
			continue
		}
		addDaily(&flat, s.Day, s.FlatPrice, 1)
		addDaily(&base, s.Day, s.SeatPrice, seats)
		addDaily(&added, s.Day, s.SeatPrice, max(0, s.Billed-seats))
		addDaily(&credited, s.Day, s.SeatPrice, max(0, seats-s.Billed))
	}
	future := b.SeatDays
	for day := last.Day.Add(1); day <= to; day = day.Add(1) {
		future += last.Billed
		addDaily(&rest, day, last.FlatPrice, 1)
		addDaily(&rest, day, last.SeatPrice, last.Billed)
	}
	b.Usage = float64(b.SeatDays) / float64(from.Until(last.Day)+1)
	b.Projected = float64(future) / float64(b.Days)
	b.Flat, b.Base, b.Added, b.Credited = rounded(&flat), rounded(&base), rounded(&added), rounded(&credited)
	total := new(big.Rat).Add(&flat, &base)
	total.Add(total, &added)
	total.Sub(total, &credited)
	b.Total = rounded(total)
	b.ProjectedTotal = rounded(total.Add(total, &rest))
	return b
}

// addDaily adds what n seats cost on a day at a price a month.
func addDaily(to *big.Rat, day directory.Day, price float64, n int) {
	at, ok := day.Time()
	if !ok || n == 0 || price == 0 {
		return
	}
	days := time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	const exact = 1_000_000 // prices have at most six decimals
	millionths := int64(price*exact + 0.5)
	to.Add(to, big.NewRat(millionths*int64(n), exact*int64(days)))
}

// rounded is r in hundredths, halves away from zero.
func rounded(r *big.Rat) Amount {
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(0)
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || !n.IsInt64() {
		return 0
	}
	return Amount(n.Int64())
}
