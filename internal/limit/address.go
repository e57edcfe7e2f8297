package limit

import "net/netip"

// Network is the key by which clients without a credential are counted: an IPv4 address, or the /64 of an IPv6 address, because one
// client can use any address of its /64. All clients without an address share the zero Prefix.
func Network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 32
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
