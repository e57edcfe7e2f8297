package directory

import "strconv"

// Shape is the size of a JSON text, in the measures that cost memory when it is parsed.
type Shape struct {
	Bytes  int
	Values int // values and names; an empty object or array counts twice
	Names  int // in the object that has the most
	Depth  int // of the deepest value
}

// MeasureJSON returns the shape of a JSON text without parsing it: it reads every byte once and uses no memory. For a text that is not JSON
// the shape is a guess. It stops at the first limit that the text exceeds, with a *SyntaxError.
func MeasureJSON(data []byte, limits Limits) (Shape, error) {
	shape := Shape{Bytes: len(data), Values: 1}
	depth := 0
	var names [MostDepth + 1]int // in the open object or array of each level
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i)
			continue
		case '{', '[':
			if depth++; depth > limits.depth() {
				return shape, limits.tooDeep(i)
			}
			names[depth], shape.Depth = 0, max(shape.Depth, depth)
		case '}', ']':
			depth = max(depth-1, 0)
			continue
		case ':':
			names[depth]++
			shape.Names = max(shape.Names, names[depth])
			if limits.Names > 0 && shape.Names > limits.Names {
				return shape, limits.tooWide(i)
			}
		case ',':
		default:
			continue
		}
		if shape.Values++; limits.Values > 0 && shape.Values > limits.Values {
			return shape, limits.tooMany(i)
		}
	}
	return shape, nil
}

// depth is how deep a text may be nested.
func (l Limits) depth() int {
	if l.Depth > 0 && l.Depth < MostDepth {
		return l.Depth
	}
	return MostDepth
}

func (l Limits) tooDeep(at int) error {
	return &SyntaxError{Offset: at, Message: "the document is nested deeper than " + strconv.Itoa(l.depth()) + " levels", Limit: "depth"}
}

func (l Limits) tooMany(at int) error {
	return &SyntaxError{Offset: at, Message: "the document has more than " + strconv.Itoa(l.Values) + " values", Limit: "values"}
}

func (l Limits) tooWide(at int) error {
	return &SyntaxError{Offset: at, Message: "an object has more than " + strconv.Itoa(l.Names) + " names", Limit: "names"}
}
