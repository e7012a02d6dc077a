// Reads JSON that is built like the sample
// Reads standard input.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
)

type AnswerRow struct {
	Id   Optional[json.Number] `json:"id"`
	Note Optional[Text]        `json:"note"`
}

type Owner struct {
	Id    Optional[Text]
	Class Optional[json.RawMessage]
}

// UnmarshalJSON reads members by names that a struct tag cannot hold.
func (value *Owner) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	readMember(members, "id", &value.Id)
	readMember(members, "class", &value.Class)
	return nil
}

type Answer struct {
	Id            Optional[json.Number]
	Field2ndName  Optional[Text]
	Class         Optional[bool]
	Mean          Optional[float64]
	Tags          List[Text]
	Grid          List[List[json.Number]]
	Owner         Optional[Owner]
	Rows          List[AnswerRow]
	UserName      Optional[Text]
	UserNameValue Optional[Text]
}

// UnmarshalJSON reads members by names that a struct tag cannot hold.
func (value *Answer) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	readMember(members, "id", &value.Id)
	readMember(members, "2nd-name", &value.Field2ndName)
	readMember(members, "class", &value.Class)
	readMember(members, "mean", &value.Mean)
	readMember(members, "tags", &value.Tags)
	readMember(members, "grid", &value.Grid)
	readMember(members, "owner", &value.Owner)
	readMember(members, "rows", &value.Rows)
	readMember(members, "userName", &value.UserName)
	readMember(members, "user_name", &value.UserNameValue)
	return nil
}

func readMember(members map[string]json.RawMessage, name string, into json.Unmarshaler) {
	if data, ok := members[name]; ok {
		_ = into.UnmarshalJSON(data) // neither Optional nor List ever fails
	}
}

// Optional holds a value, unless the response has none, null or one of another type.
type Optional[T any] struct {
	Value T
	Valid bool
}

// UnmarshalJSON never fails.
func (optional *Optional[T]) UnmarshalJSON(data []byte) error {
	optional.Valid = string(data) != "null" && json.Unmarshal(data, &optional.Value) == nil
	return nil
}

// List holds the elements of an array. It is empty if the response has none.
type List[T any] []Optional[T]

// UnmarshalJSON never fails.
func (list *List[T]) UnmarshalJSON(data []byte) error {
	var elements []Optional[T]
	if json.Unmarshal(data, &elements) == nil {
		*list = elements
	}
	return nil
}

// Text is a string, or the text of a number or a boolean.
type Text string

// UnmarshalJSON fails if the value is an object or an array.
func (text *Text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(text))
	case '{', '[':
		return errors.New("not a text")
	}
	*text = Text(data)
	return nil
}

// show prints a value on its own line, and nothing if there is none.
func show[T any](place string, optional Optional[T]) {
	if !optional.Valid {
		return
	}
	text := fmt.Sprint(optional.Value)
	if number, ok := any(optional.Value).(float64); ok {
		text = strconv.FormatFloat(number, 'g', 15, 64)
	}
	fmt.Println(place + ": " + escape(text))
}

func escape(text string) string {
	return strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r").Replace(text)
}

// showJSON prints any JSON on its own line, and nothing if there is none.
func showJSON(place string, optional Optional[json.RawMessage]) {
	var text Text
	if optional.Valid && text.UnmarshalJSON(optional.Value) != nil {
		var compact bytes.Buffer
		if err := json.Compact(&compact, optional.Value); err != nil {
			log.Fatal(err)
		}
		text = Text(compact.String())
	}
	show(place, Optional[Text]{text, optional.Valid})
}

// showList prints the elements of a list.
func showList[T any](place string, list List[T], show func(place string, element Optional[T])) {
	for index, element := range list {
		show(fmt.Sprintf("%s[%d]", place, index), element)
	}
}

func showAnswerRow(place string, optional Optional[AnswerRow]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show(place+".id", value.Id)
	show(place+".note", value.Note)
}

func showOwner(place string, optional Optional[Owner]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show(place+".id", value.Id)
	showJSON(place+"."+"class", value.Class)
}

func showAnswer(place string, optional Optional[Answer]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show("id", value.Id)
	show("2nd-name", value.Field2ndName)
	show("class", value.Class)
	show("mean", value.Mean)
	showList("tags", value.Tags, show[Text])
	showList("grid", value.Grid, func(place string, list Optional[List[json.Number]]) { showList(place, list.Value, show[json.Number]) })
	showOwner("owner", value.Owner)
	showList("rows", value.Rows, showAnswerRow)
	show("userName", value.UserName)
	show("user_name", value.UserNameValue)
}

func parse(text []byte) (answer Optional[Answer], err error) {
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("standard input is not JSON (%w)", err)
	}
	return answer, nil
}

func main() {
	log.SetFlags(0)
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := parse(text)
	if err != nil {
		log.Fatal(err)
	}
	showAnswer("", answer)
}
