// Reads JSON that is built like the sample
// Reads standard input.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}

// parse reads JSON. Numbers stay as they are written, so that none is cut.
func parse(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var answer any
	err := decoder.Decode(&answer)
	return answer, err
}

// member is a value of an object; nil where there is none.
func member(parent any, name string) any {
	object, _ := parent.(map[string]any)
	return object[name]
}

func asText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

func asInteger(value any) (int64, bool) {
	number, isNumber := value.(json.Number)
	if !isNumber {
		return 0, false
	}
	if whole, err := number.Int64(); err == nil {
		return whole, true
	}
	fraction, err := number.Float64()
	if err != nil || fraction < -(1<<63) || fraction >= 1<<63 {
		fail(number.String() + " does not fit in 64 bits")
	}
	return int64(fraction), true
}

func asNumber(value any) (float64, bool) {
	number, isNumber := value.(json.Number)
	fraction, err := number.Float64()
	return fraction, isNumber && err == nil
}

func asBoolean(value any) (bool, bool) {
	truth, isBoolean := value.(bool)
	return truth, isBoolean
}

// asJSON is a value of which the description does not say what it holds: objects and arrays as JSON.
func asJSON(value any) (any, bool) {
	switch value.(type) {
	case map[string]any, []any:
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			fail(err.Error())
		}
		return strings.TrimSpace(text.String()), true
	}
	return value, value != nil
}

// show prints a value on one line.
func show(place string, value any) {
	text := fmt.Sprint(value)
	if number, isNumber := value.(float64); isNumber {
		text = strconv.FormatFloat(number, 'g', 15, 64)
	}
	fmt.Println(place + ": " + strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r").Replace(text))
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err.Error())
	}
	answer, err := parse(text)
	if err != nil {
		fail(err.Error())
	}
	if id, ok := asInteger(member(answer, "id")); ok {
		show("id", id)
	}
	if field2ndName, ok := asText(member(answer, "2nd-name")); ok {
		show("2nd-name", field2ndName)
	}
	if class, ok := asBoolean(member(answer, "class")); ok {
		show("class", class)
	}
	if mean, ok := asNumber(member(answer, "mean")); ok {
		show("mean", mean)
	}
	if tags, ok := member(answer, "tags").([]any); ok {
		for tagIndex, tag := range tags {
			if tag, ok := asText(tag); ok {
				show("tags["+strconv.Itoa(tagIndex)+"]", tag)
			}
		}
	}
	if grid, ok := member(answer, "grid").([]any); ok {
		for gridItemIndex, gridItem := range grid {
			if inner, ok := gridItem.([]any); ok {
				for innerItemIndex, innerItem := range inner {
					if innerItem, ok := asInteger(innerItem); ok {
						show("grid["+strconv.Itoa(gridItemIndex)+"]["+strconv.Itoa(innerItemIndex)+"]", innerItem)
					}
				}
			}
		}
	}
	if owner, ok := member(answer, "owner").(map[string]any); ok {
		if ownerId, ok := asText(member(owner, "id")); ok {
			show("owner.id", ownerId)
		}
		if ownerClass, ok := asJSON(member(owner, "class")); ok {
			show("owner.class", ownerClass)
		}
	}
	if rows, ok := member(answer, "rows").([]any); ok {
		for rowIndex, row := range rows {
			if rowId, ok := asInteger(member(row, "id")); ok {
				show("rows["+strconv.Itoa(rowIndex)+"].id", rowId)
			}
			if note, ok := asText(member(row, "note")); ok {
				show("rows["+strconv.Itoa(rowIndex)+"].note", note)
			}
		}
	}
	if userName, ok := asText(member(answer, "userName")); ok {
		show("userName", userName)
	}
	if userNameValue, ok := asText(member(answer, "user_name")); ok {
		show("user_name", userNameValue)
	}
}
