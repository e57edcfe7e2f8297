// Package drawbridge embeds the documents of this repository in the program: the manual, and the files that it links to. It owns nothing
// else: package manual shows them.
package drawbridge

import "embed"

// Documents are the pages of the manual and the files that they link to, with their paths in the repository.
//
//go:embed README.md CHANGELOG.md SECURITY.md LICENSE docs/*.md docs/engineering docs/pictures/*.png configs/*.yaml
//go:embed deploy/README.md deploy/alerts.yaml deploy/compose.yaml deploy/grafana.json deploy/Dockerfile deploy/release-signers
//go:embed deploy/systemd deploy/proxy deploy/kubernetes deploy/helm/drawbridge/values.yaml
var Documents embed.FS
