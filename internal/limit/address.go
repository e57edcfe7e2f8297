package limit

import "net/netip"

// Network is what clients without a credential are counted by: an IPv4 address, or the /64 of an IPv6 address, because one client has as
// many addresses of its /64 as it likes. The zero Prefix stands for all clients without an address.
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
