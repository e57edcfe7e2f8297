// Package output prints the results of commands: values in the formats that programs read, and tables for people, which fit the terminal.
//
// It owns the formats of --output, the columns and widths of tables, and the treatment of characters that control a terminal. It knows
// no command and no value by name: a printer passes values and tables.
package output
