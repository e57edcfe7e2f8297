package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

// settingKinds are the settings that a tenant may have of its own, with the kind of their values.
func settingKinds() map[string]reflect.Type {
	kinds := map[string]reflect.Type{}
	all := reflect.TypeFor[wire.Overrides]()
	for i := range all.NumField() {
		name, _, _ := strings.Cut(all.Field(i).Tag.Get("json"), ",")
		kinds[name] = all.Field(i).Type.Elem()
	}
	return kinds
}

// settingChoices are the values of settings with few values, for completion. The server decides what is valid.
func settingChoices() map[string][]string {
	return map[string][]string{
		"suspension_manual": {"yield", "hold"}, "rehire": {"restore", "conflict"}, "replay": {"refuse", "accept"}, "on_delete": {"suspend", "delete"},
		"seats_on_limit": {"refuse", "grow", "overage"}, "brake": {"off", "alert", "hold"}, "onboarding": {"direct", "invite"},
	}
}

// overrides changes the settings that a tenant has of its own: set holds KEY=VALUE, unset keys.
func overrides(now *wire.Overrides, set, unset []string) (*wire.Overrides, error) {
	values, kinds := map[string]any{}, settingKinds()
	if now != nil {
		text, err := json.Marshal(now)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &values); err != nil {
			return nil, err
		}
	}
	for _, key := range unset {
		if _, known := kinds[key]; !known {
			return nil, noSetting("--unset", key)
		}
		delete(values, key)
	}
	for _, pair := range set {
		key, text, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("--set is KEY=VALUE, not %q", printable(pair))
		}
		kind, known := kinds[key]
		if !known {
			return nil, noSetting("--set", key)
		}
		value, err := settingValue(kind, key, text)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	out := &wire.Overrides{}
	return out, json.Unmarshal(text, out)
}

// settingValue reads the value of a setting. The server refuses values of the right type that are not allowed.
func settingValue(kind reflect.Type, key, text string) (any, error) {
	switch kind.Kind() { //nolint:exhaustive // all others are texts
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("--set: %s is a whole number, not %q", key, printable(text))
		}
		return n, nil
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("--set: %s is true or false, not %q", key, printable(text))
		}
		return b, nil
	case reflect.Slice:
		if text == "" {
			return []string{}, nil
		}
		return strings.Split(text, ","), nil
	}
	return text, nil
}

func noSetting(flag, key string) error {
	text := fmt.Sprintf("%s: there is no setting %q", flag, printable(key))
	var near []string
	for _, name := range settingNames() {
		if distance(name, key) <= 2 || len(key) > 3 && strings.Contains(name, key) {
			near = append(near, name)
		}
	}
	if len(near) > 0 {
		text += "; did you mean " + alternatives(near) + "?"
	}
	return fmt.Errorf("%s", text)
}

func tenantSettings(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "settings TENANT", Short: "Show every setting of a tenant, and where its value comes from", Args: arguments("TENANT"),
		Example: "  drawbridge tenant settings acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().Settings(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, s := range page.Items {
					rows = append(rows, []cell{{text: s.Name}, {text: fmt.Sprint(s.Value)}, {text: s.Source}})
				}
				t.table([]string{"SETTING", "VALUE", "FROM"}, rows)
			})
		},
	}
}
