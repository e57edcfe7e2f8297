package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == app.WorkerCommand { // a server in a test starts its workers from this program
		main()
	}
	testscript.Main(m, map[string]func(){"drawbridge": main})
}

// TestScripts plays testdata/*.txtar: command lines and their output, against a real server on a free port.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "UTC")
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready":   ready,
			"appears": appears,
			"field":   field,
			"scim":    scim,
			"status":  status,
			"totp":    totp,
			"postbox": postbox,
			"mailed":  mailed,
			"match":   match,
			"pair":    pair,
			"picture": picture,
		},
	})
}

// picture writes a PNG of 20 × 10 pixels: picture FILE
func picture(ts *testscript.TestScript, _ bool, args []string) {
	var file bytes.Buffer
	ts.Check(png.Encode(&file, image.NewGray(image.Rect(0, 0, 20, 10))))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file.Bytes(), 0o600))
}

// pair writes a certificate for 127.0.0.1 that no authority of the system signed, and its key: pair CERTIFICATE KEY
func pair(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

// moments is how often a condition is looked at, 25 ms apart: a minute, because a disk that others sync to may stop for many seconds.
const moments = 2400

// appears waits until a file is there and has something in it: appears FILE
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for range moments {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

// ready waits until a server answers on the data folder: ready [FOLDER]
func ready(ts *testscript.TestScript, _ bool, args []string) {
	data := filepath.Join(ts.Getenv("WORK"), "data")
	if len(args) > 0 {
		data = filepath.Join(ts.Getenv("WORK"), args[0])
	}
	for range moments {
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

// totp puts the present code of a second factor into a variable (RFC 6238): totp VARIABLE SECRET [next]. The next code is for
// a second use, since none is taken twice.
func totp(ts *testscript.TestScript, _ bool, args []string) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(args[1])
	ts.Check(err)
	step := uint64(time.Now().Unix() / 30)
	if len(args) > 2 {
		step++
	}
	mac := hmac.New(sha1.New, secret)
	ts.Check(binary.Write(mac, binary.BigEndian, step))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	ts.Setenv(args[0], fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff)%1_000_000))
}

// status checks the last command's exit code by running it again: status CODE COMMAND [ARGUMENTS]
func status(ts *testscript.TestScript, _ bool, args []string) {
	var out, errs strings.Builder
	code := run(context.Background(), args[2:], []string{"DRAWBRIDGE_DATA=" + filepath.Join(ts.Getenv("WORK"), "data"), noLimit}, streams{strings.NewReader(""), &out, &errs})
	ts.Logf("%s%s", out.String(), errs.String())
	if want := args[0]; want != string(rune('0'+code)) {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// postbox starts a mail server that takes everything and puts each mail into a file of the folder "post"; MAIL_PORT is its port.
func postbox(ts *testscript.TestScript, _ bool, _ []string) {
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = ln.Close() })
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(err)
	ts.Setenv("MAIL_PORT", port)
	folder := ts.MkAbs("post")
	ts.Check(os.MkdirAll(folder, 0o700))
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				take(conn, folder)
			}()
		}
	}()
}

// take is one session with the postbox.
func take(conn net.Conn, folder string) {
	r := bufio.NewReader(conn)
	say := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") } // the client may be gone
	say("220 post.test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for line, err = r.ReadString('\n'); err == nil && line != ".\r\n"; line, err = r.ReadString('\n') {
				text.WriteString(line)
			}
			file, err := os.CreateTemp(folder, "*.part")
			if err != nil {
				return
			}
			_, _ = file.WriteString(text.String())
			_ = file.Close()
			_ = os.Rename(file.Name(), strings.TrimSuffix(file.Name(), ".part")+".eml")
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// mailed waits for a mail to ADDRESS with WORDS in its subject or text. It prints recipient, subject and text to the file mail.txt,
// and removes the mail from the postbox. With ! there must be none: mailed ADDRESS WORDS
func mailed(ts *testscript.TestScript, neg bool, args []string) {
	for range moments {
		files, err := filepath.Glob(filepath.Join(ts.MkAbs("post"), "*.eml"))
		ts.Check(err)
		for _, file := range files {
			to, text := readMail(ts, file)
			if to != "<"+args[0]+">" || !strings.Contains(text, args[1]) {
				continue
			}
			if neg {
				ts.Fatalf("there is such a mail:\n%s", text)
			}
			ts.Check(os.WriteFile(ts.MkAbs("mail.txt"), []byte("To: "+to+"\n"+text), 0o600))
			ts.Check(os.Remove(file))
			return
		}
		if neg {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	ts.Fatalf("no mail came to %s with %q", args[0], args[1])
}

func readMail(ts *testscript.TestScript, file string) (to, text string) {
	raw, err := os.Open(file)
	ts.Check(err)
	defer raw.Close()
	m, err := mail.ReadMessage(raw)
	ts.Check(err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	ts.Check(err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	ts.Check(err)
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	ts.Check(err)
	body, err := io.ReadAll(quotedprintable.NewReader(part))
	ts.Check(err)
	return m.Header.Get("To"), "Subject: " + subject + "\n\n" + strings.ReplaceAll(string(body), "\r\n", "\n")
}

// match puts the first group of a pattern's match in a file into a variable: match VARIABLE PATTERN FILE
func match(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile(args[2]))
	if len(found) < 2 {
		ts.Fatalf("%s has no %s", args[2], args[1])
	}
	ts.Setenv(args[0], found[1])
}
