package main

import (
	"context"
	"encoding/json"
	"io"
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
