// Package reception is the page that people of a tenant reach by a link from a mail: they accept an invitation there, or
// confirm somebody who has (rules L1 and L2). It is plain HTML from the server, without scripts and without cookies.
//
// It owns the page and its headers; what a link is for, and whether it works, is up to package bridge.
package reception
