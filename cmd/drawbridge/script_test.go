package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"drawbridge/console/client"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"drawbridge": main})
}

// TestScripts plays testdata/*.txtar: conversations with the command line, against a real server on a free port.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready":  ready,
			"field":  field,
			"scim":   scim,
			"status": status,
			"smtp":   smtp,
			"letter": letter,
		},
	})
}

// ready waits until a server answers on the data folder: ready [FOLDER]
func ready(ts *testscript.TestScript, _ bool, args []string) {
	data := filepath.Join(ts.Getenv("WORK"), "data")
	if len(args) > 0 {
		data = filepath.Join(ts.Getenv("WORK"), args[0])
	}
	for range 200 {
		s, err := client.New(data).Status(context.Background())
		if err == nil && s.Ready {
			ts.Setenv("URL", s.BaseURL)
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	ts.Fatalf("no server is ready on %s", data)
}

// smtp starts a mail server that takes every mail, puts the port into SMTP, and keeps the mails in the folder mailbox.
func smtp(ts *testscript.TestScript, _ bool, _ []string) {
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = ln.Close() })
	box := filepath.Join(ts.Getenv("WORK"), "mailbox")
	ts.Check(os.MkdirAll(box, 0o700))
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(err)
	ts.Setenv("SMTP", port)
	go func() {
		for n := 0; ; n++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go takeMail(conn, filepath.Join(box, fmt.Sprintf("%04d", n)))
		}
	}()
}

// takeMail is a session of a mail server that takes one mail into a file.
func takeMail(conn net.Conn, file string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	put := func(text string) { _, _ = io.WriteString(conn, text) } // the client may be gone
	put("220 mail.test\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
		case "DATA":
			put("354 go on\r\n")
			text := ""
			for !strings.HasSuffix(text, "\r\n.\r\n") {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				text += line
			}
			if os.WriteFile(file, []byte(text), 0o600) == nil {
				put("250 taken\r\n")
			}
		case "QUIT":
			put("221 bye\r\n")
			return
		default:
			put("250 ok\r\n")
		}
	}
}

// letter waits for a mail to an address that was not read yet, and puts the link in it into a variable: letter VARIABLE ADDRESS
func letter(ts *testscript.TestScript, _ bool, args []string) {
	box := filepath.Join(ts.Getenv("WORK"), "mailbox")
	for range 400 {
		files, err := os.ReadDir(box)
		ts.Check(err)
		for _, f := range files {
			raw, err := os.ReadFile(filepath.Join(box, f.Name()))
			ts.Check(err)
			text := strings.ReplaceAll(strings.ReplaceAll(string(raw), "=\r\n", ""), "=3D", "=") // quoted-printable
			_, link, found := strings.Cut(text, "\r\nhttp")
			if !found || !strings.Contains(text, "To: <"+args[1]+">") {
				continue
			}
			link, _, _ = strings.Cut(link, "\r\n")
			ts.Check(os.Remove(filepath.Join(box, f.Name())))
			ts.Setenv(args[0], "http"+link)
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	ts.Fatalf("no mail to %s came", args[1])
}

// field puts a field of the JSON that the last command printed into a variable: field VARIABLE NAME [FILE]
func field(ts *testscript.TestScript, _ bool, args []string) {
	file := "stdout"
	if len(args) > 2 {
		file = args[2]
	}
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &object))
	text, ok := object[args[1]].(string)
	if !ok {
		ts.Fatalf("%s has no text %q", file, args[1])
	}
	ts.Setenv(args[0], text)
}

// scim sends a SCIM request and prints status and body: scim METHOD URL TOKEN [BODY-FILE]. With ! an answer of 400 or more is
// expected.
func scim(ts *testscript.TestScript, neg bool, args []string) {
	var body io.Reader = http.NoBody
	if len(args) > 3 {
		body = strings.NewReader(ts.ReadFile(args[3]))
	}
	req, err := http.NewRequestWithContext(context.Background(), args[0], args[1], body)
	ts.Check(err)
	req.Header.Set("Content-Type", "application/scim+json")
	req.Header.Set("Authorization", "Bearer "+args[2])
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), "answer"), text, 0o600))
	ts.Check(os.WriteFile(filepath.Join(ts.Getenv("WORK"), "status"), []byte(res.Status+"\n"), 0o600))
	ts.Logf("%s\n%s", res.Status, text)
	if (res.StatusCode >= 400) != neg {
		ts.Fatalf("the answer was %s", res.Status)
	}
}

// status checks the last command's exit code by running it again: status CODE COMMAND [ARGUMENTS]
func status(ts *testscript.TestScript, _ bool, args []string) {
	var out, errs strings.Builder
	code := run(context.Background(), args[2:], []string{"DRAWBRIDGE_DATA=" + filepath.Join(ts.Getenv("WORK"), "data")}, strings.NewReader(""), &out, &errs)
	ts.Logf("%s%s", out.String(), errs.String())
	if want := args[0]; want != string(rune('0'+code)) {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}
