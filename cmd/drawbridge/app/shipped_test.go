package app

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// These tests compare README, the image, the compose files, the systemd unit, the proxy examples and the chart: one port, one folder and
// one address for metrics in each setup, whatever file a reader starts with.

func shipped(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// first is what a pattern captures in a file that is shipped.
func first(t *testing.T, path, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)` + pattern).FindStringSubmatch(shipped(t, path))
	if found == nil {
		t.Fatalf("%s has nothing like %s", path, pattern)
	}
	return found[1]
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// imageEnv is the environment that the image sets.
func imageEnv(t *testing.T) []string {
	t.Helper()
	return strings.Fields(first(t, "deploy/Dockerfile", `^ENV (.+)$`))
}

func loaded(t *testing.T, src Source) *Config {
	t.Helper()
	c, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestImageSettingsAreValid(t *testing.T) {
	t.Parallel()
	c := loaded(t, Source{Env: imageEnv(t)})
	port := portOf(t, c.Listen)
	for path, pattern := range map[string]string{
		"deploy/Dockerfile":   `^EXPOSE (\d+)$`,
		"README.md":           `^docker run .*-p 127\.0\.0\.1:\d+:(\d+) `,
		"deploy/compose.yaml": `- "127\.0\.0\.1:\d+:(\d+)"`,
		"deploy/haproxy.cfg":  `server one one:(\d+)`,
	} {
		if got := first(t, path, pattern); got != port {
			t.Errorf("%s: port %s, and the image listens on %s", path, got, port)
		}
	}
	for path, pattern := range map[string]string{
		"deploy/Dockerfile":   `^VOLUME (.+)$`,
		"README.md":           `^docker run .*-v drawbridge:(\S+) drawbridge$`,
		"deploy/compose.yaml": `- data:(\S+)$`,
	} {
		if got := first(t, path, pattern); got != c.Data {
			t.Errorf("%s: the volume is %s, and the image keeps its data in %s", path, got, c.Data)
		}
	}
	if user := first(t, "deploy/Dockerfile", `^USER (\d+):`); user == "0" || first(t, "deploy/Dockerfile", `--chown=(\d+):\d+ /out/data`) != user {
		t.Errorf("the image runs as %s, to whom the volume does not belong", user)
	}
	if got := first(t, "deploy/Dockerfile", `^HEALTHCHECK .* CMD (.+)$`); got != `["/drawbridge", "healthcheck"]` {
		t.Errorf("the health check needs more than the environment of the image: %s", got)
	}
	// Metrics name tenants and tokens, so the port that is published does not answer them.
	if c.Metrics.Listen != "" || c.Metrics.Token != "" || !strings.HasPrefix(c.Listen, "0.0.0.0:") {
		t.Errorf("the image: listen %s, metrics %+v", c.Listen, c.Metrics)
	}
}

// composeFile is what the tests read of a compose file.
type composeFile struct {
	Services map[string]struct {
		Environment map[string]string `yaml:"environment"`
		Ports       []string          `yaml:"ports"`
		Healthcheck map[string]any    `yaml:"healthcheck"`
		ReadOnly    bool              `yaml:"read_only"`
		CapDrop     []string          `yaml:"cap_drop"`
		Image       string            `yaml:"image"`
	} `yaml:"services"`
}

func TestComposeFileIsValid(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"deploy/compose.yaml", "deploy/compose.postgres.yaml"} {
		var file composeFile
		if err := yaml.Unmarshal([]byte(shipped(t, path)), &file); err != nil {
			t.Fatal(err)
		}
		servers := 0
		for name, service := range file.Services {
			for _, port := range service.Ports {
				if !strings.HasPrefix(port, "127.0.0.1:") {
					t.Errorf("%s: %s publishes %s to every address", path, name, port)
				}
			}
			if service.Image != "drawbridge" {
				continue
			}
			servers++
			env := imageEnv(t)
			for key, value := range service.Environment {
				if !strings.Contains(value, "${") { // a variable of the person who calls compose
					env = append(env, key+"="+value)
				}
			}
			c := loaded(t, Source{Env: env})
			if portOf(t, c.Listen) != first(t, "deploy/Dockerfile", `^EXPOSE (\d+)$`) || c.Data != "/data" {
				t.Errorf("%s: %s listens on %s and keeps its data in %s", path, name, c.Listen, c.Data)
			}
			if c.Metrics.Listen != "" && slices.ContainsFunc(service.Ports, func(p string) bool { return strings.HasSuffix(p, ":"+portOf(t, c.Metrics.Listen)) }) {
				t.Errorf("%s: %s publishes the metrics", path, name)
			}
			if service.Healthcheck != nil || !service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"}) {
				t.Errorf("%s: %s has a health check of its own, or more rights than it needs", path, name)
			}
		}
		if servers == 0 {
			t.Errorf("%s has no server", path)
		}
	}
}

func TestSystemdUnitIsValid(t *testing.T) {
	t.Parallel()
	const unit = "deploy/systemd/drawbridge.service"
	c := loaded(t, Source{File: filepath.Join(configs, "production.yaml")})
	folders := strings.Fields(first(t, unit, `^StateDirectory=(.+)$`))
	if len(folders) != 2 || c.Data != "/var/lib/"+folders[0] || c.Backup.Dir != "/var/lib/"+folders[1] || first(t, unit, `^WorkingDirectory=(.+)$`) != c.Data {
		t.Errorf("the unit may write to %v; production.yaml has data %s and backup.dir %s", folders, c.Data, c.Backup.Dir)
	}
	config := first(t, unit, `^ExecStart=\S+ serve --config (\S+)$`)
	for _, path := range []string{"deploy/package/nfpm.yaml", "deploy/systemd/README.md", "docs/releases.md"} {
		if !strings.Contains(shipped(t, path), config) {
			t.Errorf("%s does not name %s, the configuration of the unit", path, config)
		}
	}
	for key, address := range map[string]string{"listen": c.Listen, "metrics.listen": c.Metrics.Listen} {
		if host, _, err := net.SplitHostPort(address); err != nil || host != "127.0.0.1" {
			t.Errorf("production.yaml: %s is %s, and a proxy on the same machine is in front", key, address)
		}
	}
	for path, pattern := range map[string]string{"deploy/proxy/Caddyfile": `reverse_proxy (\S+) \{`, "deploy/proxy/nginx.conf": `^\s*server (\S+:\d+);`} {
		if got := first(t, path, pattern); got != c.Listen {
			t.Errorf("%s passes on to %s, and production.yaml listens on %s", path, got, c.Listen)
		}
	}
	if got := first(t, "deploy/README.md", `targets: \["([^"]+)"\]`); got != c.Metrics.Listen {
		t.Errorf("deploy/README.md lets Prometheus read %s, and production.yaml answers on %s", got, c.Metrics.Listen)
	}
}

// TestTableOfPortsIsTrue compares the table in deploy/README.md, which says what answers where, with the files.
func TestTableOfPortsIsTrue(t *testing.T) {
	t.Parallel()
	var compose composeFile
	if err := yaml.Unmarshal([]byte(shipped(t, "deploy/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	production := loaded(t, Source{File: filepath.Join(configs, "production.yaml")})
	plain, image := defaults(t), loaded(t, Source{Env: imageEnv(t)})
	metrics := portOf(t, compose.Services["drawbridge"].Environment["DRAWBRIDGE_METRICS_LISTEN"])
	for row, want := range map[string][]string{
		"`drawbridge serve`": {plain.Listen, plain.Listen, plain.Listen},
		"the image":          {"port " + portOf(t, image.Listen), "not served", "port " + portOf(t, image.Listen)},
		"`compose.yaml`":     {"port " + portOf(t, image.Listen), "port " + metrics + ", not published", "port " + metrics},
		"`systemd/` with `configs/production.yaml`": {production.Listen, production.Metrics.Listen, production.Metrics.Listen},
	} {
		cells := strings.Split(first(t, "deploy/README.md", `^\| `+regexp.QuoteMeta(row)+` \|([^|]*\|[^|]*\|[^|]*)\|$`), "|")
		for i, text := range want {
			if len(cells) != len(want) || !strings.Contains(cells[i], text) {
				t.Errorf("deploy/README.md, %s: %q, want %q", row, cells, want)
			}
		}
	}
	if readme := shipped(t, "README.md"); !strings.Contains(readme, plain.Listen) || !strings.Contains(readme, "`./"+plain.Data+"`") {
		t.Errorf("README.md does not name %s and ./%s", plain.Listen, plain.Data)
	}
	env := shipped(t, "deploy/kubernetes/default.yaml")
	for _, want := range []string{`name: DRAWBRIDGE_DATA, value: ` + image.Data, `"0.0.0.0:` + portOf(t, image.Listen) + `"`, "containerPort: " + portOf(t, image.Listen), `"0.0.0.0:` + metrics + `"`} {
		if !strings.Contains(env, want) {
			t.Errorf("deploy/kubernetes/default.yaml lacks %q", want)
		}
	}
}

// Every secret of the configuration reaches the chart as a file of a Secret, because many people can read a ConfigMap.
func TestChartMountsEverySecretAsAFile(t *testing.T) {
	t.Parallel()
	chart := shipped(t, "deploy/helm/drawbridge/templates/_helpers.tpl")
	found := 0
	for _, key := range Keys() {
		if _, secret := key.Default.(Secret); !secret {
			continue
		}
		found++
		if variable := key.Env() + "_FILE"; !strings.Contains(chart, variable+":") {
			t.Errorf("%s is a secret, and the chart has no %s", key.Name, variable)
		}
	}
	if found < 5 {
		t.Errorf("only %d secrets were found", found)
	}
}
