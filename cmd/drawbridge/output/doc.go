// Package output prints what a command has to say: values in the formats that programs read, and tables for people, which fit the terminal.
//
// It owns the formats of --output, the columns and widths of tables, and what is done with characters that would steer a terminal. It knows no command and
// no value by name: whoever prints passes values and tables.
package output
