package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"drawbridge/directory"
)

func TestMeasureJSONCountsValuesNamesAndLevels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]directory.Shape{
		`1`:                         {Values: 1},
		`"a,b:{[\"\\"`:              {Values: 1},
		`[1,2,3]`:                   {Values: 4, Depth: 1},
		`{"a":1}`:                   {Values: 3, Names: 1, Depth: 1},
		`{"a":{"b":1,"c":2},"d":1}`: {Values: 9, Names: 2, Depth: 2},
		`[{"a":1},{"a":1}]`:         {Values: 7, Names: 1, Depth: 2},
		`[[],{}]`:                   {Values: 5, Depth: 2},
		`]]}}`:                      {Values: 1},
		`{"a`:                       {Values: 2, Depth: 1},
	} {
		want.Bytes = len(text)
		if got, err := directory.MeasureJSON([]byte(text), directory.Limits{}); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf(`"a%d":1`, i)
	}
	for text, limit := range map[string]string{
		strings.Repeat("[", 40):                "depth",
		`[` + strings.Repeat("1,", 100) + `1]`: "values",
		`{` + strings.Join(names, ",") + `}`:   "names",
	} {
		limits := directory.Limits{Depth: 32, Values: 90, Names: 30}
		_, err := directory.MeasureJSON([]byte(text), limits)
		_, parsed := directory.ParseJSON([]byte(text), limits)
		for _, err := range []error{err, parsed} {
			var syntax *directory.SyntaxError
			if !errors.As(err, &syntax) || syntax.Limit != limit {
				t.Errorf("%s: %v, want the limit of %s", text, err, limit)
			}
		}
	}
}

// However deep a text is nested, parsing it ends in an error and not in an overflow of the stack.
func TestParseJSONBoundsTheDepth(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("[", 50_000_000), strings.Repeat(`{"a":`, 10_000_000)} {
		var syntax *directory.SyntaxError
		if _, err := directory.ParseJSON([]byte(text), directory.Limits{}); !errors.As(err, &syntax) || syntax.Limit != "depth" {
			t.Errorf("%.10s…: %v", text, err)
		}
	}
}

func TestMeasureJSONAllocatesNothing(t *testing.T) {
	data := []byte(`[` + strings.Repeat(`{"a":["b",1,true]},`, 1000) + `0]`)
	if n := testing.AllocsPerRun(10, func() {
		if _, err := directory.MeasureJSON(data, directory.DefaultLimits()); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzMeasureJSON compares the measured shape with the counts of the parser: no text has more values, names or levels than were measured.
func FuzzMeasureJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,{"b":null}],"c":"\u00e9"}`, `[[[[]]]]`, `{"a b":"\\\""}`, `{}`, `[{},{}]`, `"\\"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := directory.ParseJSON(data, directory.Limits{}); err != nil {
			return
		}
		shape, err := directory.MeasureJSON(data, directory.Limits{})
		if err != nil {
			t.Fatalf("%q cannot be measured: %v", data, err)
		}
		if _, err := directory.ParseJSON(data, directory.Limits{Depth: max(shape.Depth, 1), Values: shape.Values, Names: max(shape.Names, 1)}); err != nil {
			t.Fatalf("%q is larger than its shape %+v: %v", data, shape, err)
		}
	})
}

func BenchmarkMeasureJSON(b *testing.B) {
	data := []byte(`[` + strings.Repeat(`{"value":"0190f0c2-7a1e-7b3a-8a3e-0123456789ab","display":"ada@example.com"},`, 10000) + `0]`)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := directory.MeasureJSON(data, directory.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}
