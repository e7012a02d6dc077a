// Get an access token
// POST /oauth/token
//
// Optional parameters:
//
//	account_id: With `account_credentials`: the account's id.
//	code: With `authorization_code`: the code. It is valid once, for five minutes.
//	redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//	code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//	refresh_token: With `refresh_token`: the token to retire.
//	client_id: The app, if there is no Basic header.
package main

import (
	"bytes"
	"encoding/base64"
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

type Answer struct {
	AccessToken  Optional[Text]        `json:"access_token"`
	ApiUrl       Optional[Text]        `json:"api_url"`
	ExpiresIn    Optional[json.Number] `json:"expires_in"`
	RefreshToken Optional[Text]        `json:"refresh_token"`
	Scope        Optional[Text]        `json:"scope"`
	TokenType    Optional[Text]        `json:"token_type"`
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

func showAnswer(place string, optional Optional[Answer]) {
	if !optional.Valid {
		return
	}
	value := optional.Value
	show("access_token", value.AccessToken)
	show("api_url", value.ApiUrl)
	show("expires_in", value.ExpiresIn)
	show("refresh_token", value.RefreshToken)
	show("scope", value.Scope)
	show("token_type", value.TokenType)
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
		request, err := http.NewRequest("POST", address, strings.NewReader(content))
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

// createToken: Get an access token.
func createToken(grantType string) (answer Optional[Answer], err error) {
	baseURL := strings.TrimRight(setting("API_BASE_URL"), "/")
	path := "/oauth/token"
	headers := http.Header{}
	headers.Set("Accept", "application/json")
	credentials := setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET")
	headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	headers.Set("Content-Type", "application/x-www-form-urlencoded")
	content := pairs([]parameter{{"grant_type", []string{grantType}}})
	address := baseURL + path
	_, text, err := send(address, headers, content)
	if err != nil {
		return answer, err
	}
	return parse(text)
}

func parse(text []byte) (answer Optional[Answer], err error) {
	if err := json.Unmarshal(text, &answer); err != nil {
		return answer, fmt.Errorf("the response is not JSON (%w): %s", err, text)
	}
	return answer, nil
}

func main() {
	log.SetFlags(0)
	answer, err := createToken("account_credentials")
	if err != nil {
		log.Fatal(err)
	}
	showAnswer("", answer)
}
