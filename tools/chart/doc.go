// Package chart checks the Helm chart without a cluster: its tests lint it, render it over every value file in deploy/helm/drawbridge/ci
// with Helm's own engine, decode what comes out strictly into the types of Kubernetes, Prometheus operator and Gateway API, check it
// against the project's own rules, and compare it with deploy/kubernetes, which people without Helm apply.
package chart
