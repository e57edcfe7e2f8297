package chart

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/labels"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

// workload is a Deployment or a StatefulSet.
type workload struct {
	replicas int32
	pod      core.PodTemplateSpec
	selector map[string]string
	bolt     bool
	claims   []core.PersistentVolumeClaim
}

// hold checks the manifests of one release against the rules.
func hold(t *testing.T, objects []object) {
	t.Helper()
	w := running(t, objects)
	holdPod(t, w)
	holdReplicas(t, w, objects)
	holdReferences(t, w, objects)
	for _, o := range objects {
		if o.GetLabels()["app.kubernetes.io/name"] == "" || o.GetLabels()["helm.sh/chart"] == "" {
			t.Errorf("%s %s lacks the usual labels", o.kind, o.GetName())
		}
		if o.GetNamespace() != "" {
			t.Errorf("%s %s names a namespace", o.kind, o.GetName())
		}
	}
}

func running(t *testing.T, objects []object) workload {
	t.Helper()
	var out []workload
	for _, o := range objects {
		switch it := o.it.(type) {
		case *apps.StatefulSet:
			out = append(out, workload{*it.Spec.Replicas, it.Spec.Template, it.Spec.Selector.MatchLabels, true, it.Spec.VolumeClaimTemplates})
		case *apps.Deployment:
			out = append(out, workload{*it.Spec.Replicas, it.Spec.Template, it.Spec.Selector.MatchLabels, false, nil})
			if u := it.Spec.Strategy.RollingUpdate; u == nil || u.MaxUnavailable.IntValue() != 0 || u.MaxSurge.IntValue() < 1 {
				t.Error("an update takes a pod away before another one is ready")
			}
		}
	}
	if len(out) != 1 {
		t.Fatalf("%d workloads", len(out))
	}
	return out[0]
}

// holdPod: no privilege, no default token, bounded, probed, and an image with a set name.
func holdPod(t *testing.T, w workload) {
	t.Helper()
	pod := w.pod.Spec
	s := pod.SecurityContext
	if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.RunAsUser == nil || *s.RunAsUser == 0 || s.FSGroup == nil ||
		s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod's security context: %+v", s)
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("the pod gets a token of the cluster")
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC {
		t.Error("the pod shares the host's namespaces")
	}
	if g := pod.TerminationGracePeriodSeconds; g == nil || *g < 35 {
		t.Error("the pod is killed before it has stopped")
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
		if v.HostPath != nil {
			t.Errorf("%s is a folder of the node", v.Name)
		}
	}
	for _, c := range w.claims {
		volumes[c.Name] = true
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		s := c.SecurityContext
		if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
			s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") || len(s.Capabilities.Add) > 0 || s.Privileged != nil && *s.Privileged {
			t.Errorf("%s: the security context: %+v", c.Name, s)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s: no limit of memory, or no requests", c.Name)
		}
		name := c.Image[strings.LastIndexByte(c.Image, '/')+1:]
		if !strings.ContainsAny(name, ":@") || strings.HasSuffix(name, ":latest") {
			t.Errorf("%s: it is unknown which image %s is", c.Name, c.Image)
		}
		mounted := map[string]bool{}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				t.Errorf("%s mounts %s, which there is not", c.Name, m.Name)
			}
			mounted[m.MountPath] = true
		}
		for _, e := range c.Env {
			if e.ValueFrom != nil {
				t.Errorf("%s: %s is a value from elsewhere; secrets are files", c.Name, e.Name)
			}
			if folder, ok := strings.CutPrefix(e.Value, "/"); ok && strings.Contains(e.Name, "_FILE") && !mounted["/"+folder[:strings.LastIndexByte(folder, '/')]] {
				t.Errorf("%s: %s=%s is mounted nowhere", c.Name, e.Name, e.Value)
			}
		}
	}
	main := pod.Containers[0]
	for what, probe := range map[string]*core.Probe{"startup": main.StartupProbe, "liveness": main.LivenessProbe, "readiness": main.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil {
			t.Errorf("no %s probe", what)
			continue
		}
		want := "/livez"
		if what == "readiness" {
			want = "/readyz"
		}
		if probe.HTTPGet.Path != want || !slices.ContainsFunc(main.Ports, func(p core.ContainerPort) bool { return p.Name == probe.HTTPGet.Port.StrVal }) {
			t.Errorf("the %s probe asks %s on %s", what, probe.HTTPGet.Path, probe.HTTPGet.Port.String())
		}
	}
	if !labels.SelectorFromSet(w.selector).Matches(labels.Set(w.pod.Labels)) {
		t.Error("the selector does not find the pods")
	}
}

// holdReplicas: one pod for one file, without a budget that would block its node; several for a database, with one that leaves room.
func holdReplicas(t *testing.T, w workload, objects []object) {
	t.Helper()
	var budgets []*policy.PodDisruptionBudget
	for _, o := range objects {
		if it, ok := o.it.(*policy.PodDisruptionBudget); ok {
			budgets = append(budgets, it)
		}
	}
	if w.bolt {
		if w.replicas != 1 || len(budgets) > 0 || len(w.pod.Spec.InitContainers) > 0 {
			t.Errorf("%d pods on one file, %d budgets, %d containers before it", w.replicas, len(budgets), len(w.pod.Spec.InitContainers))
		}
		return
	}
	if w.replicas < 2 || len(budgets) != 1 || int32(budgets[0].Spec.MinAvailable.IntValue()) >= w.replicas {
		t.Errorf("%d pods, %d budgets: a node could not be drained, or could take all away", w.replicas, len(budgets))
	}
	if len(w.pod.Spec.TopologySpreadConstraints) == 0 {
		t.Error("all pods may run on one node")
	}
	if i := w.pod.Spec.InitContainers; len(i) != 1 || !slices.Equal(i[0].Args, []string{"migrate", "up"}) {
		t.Errorf("nothing brings the schema of the database up to date: %+v", i)
	}
}

// holdReferences: what one object says about another is true.
func holdReferences(t *testing.T, w workload, objects []object) {
	t.Helper()
	services := map[string]*core.Service{}
	for _, o := range objects {
		if it, ok := o.it.(*core.Service); ok {
			services[it.Name] = it
			if !labels.SelectorFromSet(it.Spec.Selector).Matches(labels.Set(w.pod.Labels)) {
				t.Errorf("the service %s finds no pod", it.Name)
			}
			for _, p := range it.Spec.Ports {
				if !slices.ContainsFunc(w.pod.Spec.Containers[0].Ports, func(c core.ContainerPort) bool { return c.Name == p.TargetPort.StrVal }) {
					t.Errorf("the service %s leads to the port %s, which there is not", it.Name, p.TargetPort.String())
				}
				if p.TargetPort.StrVal == "metrics" && it.Spec.Type != core.ServiceTypeClusterIP {
					t.Error("metrics are reached from outside of the cluster")
				}
			}
		}
	}
	for _, o := range objects {
		switch it := o.it.(type) {
		case *networking.NetworkPolicy:
			if !labels.SelectorFromSet(it.Spec.PodSelector.MatchLabels).Matches(labels.Set(w.pod.Labels)) || len(it.Spec.PolicyTypes) != 2 {
				t.Error("the network policy does not hold for the pods, in both directions")
			}
			for _, rule := range it.Spec.Ingress {
				if len(rule.From) == 0 {
					t.Error("the network policy lets the world in")
				}
			}
		case *networking.Ingress:
			for _, p := range it.Spec.Rules[0].HTTP.Paths {
				s := services[p.Backend.Service.Name]
				if s == nil || !slices.ContainsFunc(s.Spec.Ports, func(port core.ServicePort) bool { return port.Name == p.Backend.Service.Port.Name }) || p.Path == "/" {
					t.Errorf("the ingress leads %s to %+v", p.Path, p.Backend.Service)
				}
			}
		case *gateway.HTTPRoute:
			for _, b := range it.Spec.Rules[0].BackendRefs {
				s := services[string(b.Name)]
				if s == nil || !slices.ContainsFunc(s.Spec.Ports, func(port core.ServicePort) bool { return port.Port == *b.Port }) {
					t.Errorf("the route leads to %s", b.Name)
				}
			}
		case *monitoring.ServiceMonitor:
			found := 0
			for _, s := range services {
				if labels.SelectorFromSet(it.Spec.Selector.MatchLabels).Matches(labels.Set(s.Labels)) && s.Spec.Ports[0].Name == it.Spec.Endpoints[0].Port {
					found++
				}
			}
			if found != 1 {
				t.Errorf("the monitor finds %d services", found)
			}
			if len(it.Spec.Endpoints[0].RelabelConfigs) != 1 || *it.Spec.Endpoints[0].RelabelConfigs[0].Replacement != "drawbridge" {
				t.Error("the job is not called drawbridge, as the rules expect")
			}
		case *monitoring.PrometheusRule:
			var want monitoring.PrometheusRuleSpec
			if err := yaml.UnmarshalStrict(read(t, root+"/deploy/alerts.yaml"), &want); err != nil {
				t.Fatal(err)
			}
			got, err := yaml.Marshal(it.Spec)
			if err != nil {
				t.Fatal(err)
			}
			expected, err := yaml.Marshal(want)
			if err != nil || !bytes.Equal(got, expected) {
				t.Errorf("the rules are not those of deploy/alerts.yaml (%v)", err)
			}
		case *core.ConfigMap:
			for _, key := range slices.Sorted(maps.Keys(it.Data)) {
				if strings.Contains(strings.ToLower(it.Data[key]), "password:") {
					t.Errorf("%s of %s has a password", key, it.Name)
				}
			}
		}
	}
}
