// List users
// GET /v2/users
//
// Optional parameters:
//
//	status: `active` (default), `inactive` or `pending`.
//	page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//	page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//	role_id: Only users with this role.
//	include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

type LicenseInfoListItem struct {
	LicenseOption  Optional[json.Number] `json:"license_option"`
	LicenseType    Optional[Text]        `json:"license_type"`
	SubscriptionId Optional[Text]        `json:"subscription_id"`
}

type CustomAttribute struct {
	Key   Optional[Text] `json:"key"`
	Name  Optional[Text] `json:"name"`
	Value Optional[Text] `json:"value"`
}

type User struct {
	CreatedAt         Optional[Text]            `json:"created_at"`
	CustomAttributes  List[CustomAttribute]     `json:"custom_attributes"`
	Dept              Optional[Text]            `json:"dept"`
	DisplayName       Optional[Text]            `json:"display_name"`
	DivisionIds       List[Text]                `json:"division_ids"`
	Email             Optional[Text]            `json:"email"`
	EmployeeUniqueId  Optional[Text]            `json:"employee_unique_id"`
	FirstName         Optional[Text]            `json:"first_name"`
	GroupIds          List[Text]                `json:"group_ids"`
	HostKey           Optional[Text]            `json:"host_key"`
	Id                Optional[Text]            `json:"id"`
	ImGroupIds        List[Text]                `json:"im_group_ids"`
	LastClientVersion Optional[Text]            `json:"last_client_version"`
	LastLoginTime     Optional[Text]            `json:"last_login_time"`
	LastName          Optional[Text]            `json:"last_name"`
	LicenseInfoList   List[LicenseInfoListItem] `json:"license_info_list"`
	PlanUnitedType    Optional[Text]            `json:"plan_united_type"`
	Pmi               Optional[json.Number]     `json:"pmi"`
	RoleId            Optional[Text]            `json:"role_id"`
	Status            Optional[Text]            `json:"status"`
	Timezone          Optional[Text]            `json:"timezone"`
	Type              Optional[json.Number]     `json:"type"`
	UserCreatedAt     Optional[Text]            `json:"user_created_at"`
	Verified          Optional[json.Number]     `json:"verified"`
}

type Answer struct {
	NextPageToken Optional[Text]        `json:"next_page_token"`
	PageCount     Optional[json.Number] `json:"page_count"`
	PageSize      Optional[json.Number] `json:"page_size"`
	TotalRecords  Optional[json.Number] `json:"total_records"`
	PageNumber    Optional[json.Number] `json:"page_number"`
	Users         List[User]            `json:"users"`
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

// printed counts the elements of each list that have been printed: a list continues on the next page.
var printed = map[string]int{}

// showList prints the elements of a list.
func showList[T any](place string, list List[T], show func(place string, element Optional[T])) {
	for index, element := range list {
		show(fmt.Sprintf("%s[%d]", place, printed[place]+index), element)
	}
	printed[place] += len(list)
}

func showLicenseInfoListItem(place string, optional Optional[LicenseInfoListItem]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show(place+".license_option", value.LicenseOption)
	show(place+".license_type", value.LicenseType)
	show(place+".subscription_id", value.SubscriptionId)
}

func showCustomAttribute(place string, optional Optional[CustomAttribute]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show(place+".key", value.Key)
	show(place+".name", value.Name)
	show(place+".value", value.Value)
}

func showUser(place string, optional Optional[User]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show(place+".created_at", value.CreatedAt)
	showList(place+".custom_attributes", value.CustomAttributes, showCustomAttribute)
	show(place+".dept", value.Dept)
	show(place+".display_name", value.DisplayName)
	showList(place+".division_ids", value.DivisionIds, show[Text])
	show(place+".email", value.Email)
	show(place+".employee_unique_id", value.EmployeeUniqueId)
	show(place+".first_name", value.FirstName)
	showList(place+".group_ids", value.GroupIds, show[Text])
	show(place+".host_key", value.HostKey)
	show(place+".id", value.Id)
	showList(place+".im_group_ids", value.ImGroupIds, show[Text])
	show(place+".last_client_version", value.LastClientVersion)
	show(place+".last_login_time", value.LastLoginTime)
	show(place+".last_name", value.LastName)
	showList(place+".license_info_list", value.LicenseInfoList, showLicenseInfoListItem)
	show(place+".plan_united_type", value.PlanUnitedType)
	show(place+".pmi", value.Pmi)
	show(place+".role_id", value.RoleId)
	show(place+".status", value.Status)
	show(place+".timezone", value.Timezone)
	show(place+".type", value.Type)
	show(place+".user_created_at", value.UserCreatedAt)
	show(place+".verified", value.Verified)
}

func showAnswer(place string, optional Optional[Answer]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show("next_page_token", value.NextPageToken)
	show("page_count", value.PageCount)
	show("page_size", value.PageSize)
	show("total_records", value.TotalRecords)
	show("page_number", value.PageNumber)
	showList("users", value.Users, showUser)
}

// setting returns an environment variable.
func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("set %s in the environment", name)
	}
	return value
}

// encode percent-encodes everything but letters, digits and -._~
func encode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

type parameter struct {
	name   string
	values []string
}

// pairs writes parameters as a query or a form.
func pairs(parameters []parameter) string {
	var written []string
	for _, p := range parameters {
		var values []string
		for _, value := range p.values {
			values = append(values, encode(value))
		}
		written = append(written, encode(p.name)+"="+strings.Join(values, ","))
	}
	return strings.Join(written, "&")
}

// waitTime returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
func waitTime(headers http.Header) time.Duration {
	retryAfter := headers.Get("Retry-After")
	if seconds, err := strconv.Atoi(retryAfter); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if until, err := time.Parse(time.RFC3339, retryAfter); err == nil {
		return time.Until(until)
	}
	return time.Second
}

// client gives up after 60 seconds without a response.
var client = &http.Client{Timeout: 60 * time.Second}

// send returns the headers and the body of a successful response. It retries up to five times after 429.
func send(address string, headers http.Header, content string) (http.Header, []byte, error) {
	for attempt := 0; ; attempt++ {
		request, err := http.NewRequest("GET", address, strings.NewReader(content))
		if err != nil {
			return nil, nil, err
		}
		request.Header = headers
		response, err := client.Do(request)
		if err != nil {
			return nil, nil, err
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, nil, err
		}
		if response.StatusCode >= 200 && response.StatusCode < 300 {
			return response.Header, text, nil
		}
		if response.StatusCode != http.StatusTooManyRequests || attempt == 5 {
			return nil, nil, fmt.Errorf("HTTP %d: %s", response.StatusCode, text)
		}
		wait := waitTime(response.Header)
		log.Printf("429: waiting %.0f s", wait.Seconds())
		time.Sleep(wait)
	}
}

// users calls handle with each page. List users.
func users(handle func(page Optional[Answer])) error {
	baseURL := strings.TrimRight(setting("API_BASE_URL"), "/")
	path := "/v2/users"
	headers := http.Header{}
	headers.Set("Accept", "application/json")
	headers.Set("Authorization", "Bearer "+setting("API_TOKEN"))
	query := []parameter{}
	address := baseURL + path
	for address != "" {
		_, text, err := send(address, headers, "")
		if err != nil {
			return err
		}
		page, err := parse(text)
		if err != nil {
			return err
		}
		handle(page)
		address = ""
		if token := string(page.Value.NextPageToken.Value); token != "" {
			next := append(query, parameter{"next_page_token", []string{token}})
			address = baseURL + path + "?" + pairs(next)
		}
	}
	return nil
}

func parse(text []byte) (answer Optional[Answer], err error) {
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("the response is not JSON (%w): %s", err, text)
	}
	return answer, nil
}

func main() {
	log.SetFlags(0)
	err := users(func(page Optional[Answer]) {
		showAnswer("", page)
	})
	if err != nil {
		log.Fatal(err)
	}
}
