package chart

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write what is generated instead of comparing it")

const (
	root      = "../.."
	chartDir  = root + "/deploy/helm/drawbridge"
	manifests = root + "/deploy/kubernetes"
)

// object is a decoded manifest.
type object struct {
	meta.Object
	kind string
	it   any
}

// kinds are the types that the chart may render. A kind that is not here is a mistake.
func kinds() map[string]func() (meta.Object, any) {
	return map[string]func() (meta.Object, any){
		"v1/ConfigMap":                           func() (meta.Object, any) { o := &core.ConfigMap{}; return o, o },
		"v1/Service":                             func() (meta.Object, any) { o := &core.Service{}; return o, o },
		"v1/ServiceAccount":                      func() (meta.Object, any) { o := &core.ServiceAccount{}; return o, o },
		"apps/v1/StatefulSet":                    func() (meta.Object, any) { o := &apps.StatefulSet{}; return o, o },
		"apps/v1/Deployment":                     func() (meta.Object, any) { o := &apps.Deployment{}; return o, o },
		"policy/v1/PodDisruptionBudget":          func() (meta.Object, any) { o := &policy.PodDisruptionBudget{}; return o, o },
		"networking.k8s.io/v1/NetworkPolicy":     func() (meta.Object, any) { o := &networking.NetworkPolicy{}; return o, o },
		"networking.k8s.io/v1/Ingress":           func() (meta.Object, any) { o := &networking.Ingress{}; return o, o },
		"gateway.networking.k8s.io/v1/HTTPRoute": func() (meta.Object, any) { o := &gateway.HTTPRoute{}; return o, o },
		"monitoring.coreos.com/v1/ServiceMonitor": func() (meta.Object, any) {
			o := &monitoring.ServiceMonitor{}
			return o, o
		},
		"monitoring.coreos.com/v1/PrometheusRule": func() (meta.Object, any) {
			o := &monitoring.PrometheusRule{}
			return o, o
		},
	}
}

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// render gives what helm template writes, without the notes. The error is that of the schema or of a template.
func render(t *testing.T, c *chart.Chart, values map[string]any) (string, error) {
	t.Helper()
	release := chartutil.ReleaseOptions{Name: "drawbridge", Namespace: "drawbridge", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return "", err
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, name := range sorted(files) {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		for _, document := range documents(files[name]) {
			fmt.Fprintf(&out, "---\n%s\n", document)
		}
	}
	return out.String(), nil
}

func sorted(files map[string]string) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// documents are the documents of a file that say something.
func documents(text string) []string {
	var out []string
	for _, document := range strings.Split("\n"+text, "\n---") {
		if document = strings.TrimSpace(document); document != "" {
			out = append(out, document)
		}
	}
	return out
}

// decode reads manifests into their types; a field that a type does not have is an error.
func decode(t *testing.T, text string) []object {
	t.Helper()
	var out []object
	for _, document := range documents(text) {
		var head meta.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
		create, known := kinds()[head.APIVersion+"/"+head.Kind]
		if !known {
			t.Errorf("%s/%s is no kind that the chart may render", head.APIVersion, head.Kind)
			continue
		}
		o, it := create()
		if err := yaml.UnmarshalStrict([]byte(document), it); err != nil {
			t.Errorf("%s: %v\n%s", head.Kind, err, document)
			continue
		}
		out = append(out, object{o, head.Kind, it})
	}
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func values(t *testing.T, text []byte) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := yaml.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestChartObeysTheRules renders the chart with each values file.
func TestChartObeysTheRules(t *testing.T) {
	files, err := filepath.Glob(chartDir + "/ci/*.yaml")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d value files: %v", len(files), err)
	}
	c := load(t)
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			given := values(t, read(t, file))
			for _, m := range lint.AllWithKubeVersion(chartDir, given, "drawbridge", nil).Messages {
				if m.Severity >= support.WarningSev {
					t.Errorf("lint: %s", m)
				}
			}
			text, err := render(t, c, given)
			if err != nil {
				t.Fatal(err)
			}
			objects := decode(t, text)
			hold(t, objects)
			golden := filepath.Join(manifests, name)
			want := "# Rendered from deploy/helm/drawbridge with ci/" + name + ": go test . -update in tools/chart writes it.\n#" + firstComment(read(t, file)) + "\n" + text
			same(t, golden, want)
		})
	}
	there, err := filepath.Glob(manifests + "/*.yaml")
	if err != nil || len(there) != len(files) {
		t.Errorf("%d files in deploy/kubernetes, and %d value files", len(there), len(files))
	}
}

func firstComment(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimPrefix(string(line), "#")
}

// same compares a file with what it should hold, or writes it.
func same(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := string(read(t, path)); got != want {
		t.Errorf("%s is stale; go test . -update in tools/chart writes it", path)
	}
}

// Alerts and dashboard of the chart are those of deploy, which have tests of their own.
func TestChartHasTheFilesOfDeploy(t *testing.T) {
	for _, name := range []string{"alerts.yaml", "grafana.json"} {
		same(t, filepath.Join(chartDir, "files", name), string(read(t, filepath.Join(root, "deploy", name))))
	}
}

// Values that would not work, or would not be safe, are refused before they reach a cluster.
func TestUnsafeValuesAreRefused(t *testing.T) {
	const postgres = "store: {kind: postgres}\nreplicas: 2\nsecrets: {existingSecret: s, keys: {cursorSecret: c}}\n"
	c := load(t)
	if _, err := render(t, c, values(t, []byte(postgres))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"two pods on one file":              "replicas: 2",
		"no pod":                            "replicas: 0",
		"one pod on a database":             "store: {kind: postgres}\nreplicas: 1\nsecrets: {existingSecret: s, keys: {cursorSecret: c}}",
		"a database without a secret":       "store: {kind: postgres}\nreplicas: 2",
		"pods with secrets of their own":    "store: {kind: postgres}\nreplicas: 2\nsecrets: {existingSecret: s}",
		"latest":                            "image: {tag: latest}",
		"half a digest":                     "image: {digest: 'sha256:12'}",
		"a secret without its Secret":       "secrets: {keys: {mailPassword: p}}",
		"a password in the ConfigMap":       "config: {mail: {password: x}}",
		"the client's secret in it":         "config: {api: {oidc: {client_secret: x}}}",
		"the database's URL in it":          "config: {store: {url: 'postgres://u:p@h/d'}}",
		"a token for metrics in it":         "config: {metrics: {token: x}}",
		"a sealing key in it":               "config: {seal: {key: x}}",
		"a proxy with a password in it":     "config: {outbound: {proxy: 'http://u:p@h'}}",
		"the URL of the copies in it":       "config: {store: {observe_url: 'postgres://u:p@h/d'}}",
		"another data folder":               "config: {data: /elsewhere}",
		"another address":                   "config: {listen: ':80'}",
		"a key that is not there":           "replicaCount: 1",
		"a route without a Gateway":         "httpRoute: {enabled: true}",
		"another store":                     "store: {kind: sqlite}",
		"no limit of memory":                "resources: {limits: null}",
		"a kill before the stop has ended":  "terminationGracePeriodSeconds: 10",
		"a volume that several pods mount":  "store: {bolt: {accessMode: ReadWriteMany}}",
		"an interval that is no duration":   "backup: {every: daily}",
		"an access mode of another storage": "backup: {size: much}",
	} {
		if _, err := render(t, c, values(t, []byte(text))); err == nil {
			t.Errorf("%s is accepted", name)
		} else if strings.Contains(err.Error(), "'not' failed") {
			t.Errorf("%s: the message does not say what is wrong: %v", name, err)
		}
	}
}

// The NetworkPolicy lets the server reach the addresses that its configuration names.
func TestNetworkPolicyAllowsTheConfiguration(t *testing.T) {
	c := load(t)
	const config = `config: {mail: {host: mail.example, port: 2525}, api: {oidc: {issuer: 'https://id.example:8443/realm'}}}
networkPolicy: {egressPorts: [443, 2525, 9443]}`
	text, err := render(t, c, values(t, []byte(config)))
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []string{"53", "443", "2525", "9443", "8443"} {
		if n := strings.Count(text, "- {port: "+port+", protocol: TCP}"); n != 1 {
			t.Errorf("port %s is in the policy %d times", port, n)
		}
	}
}
