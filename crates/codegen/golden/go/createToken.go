// Get an access token
// POST /oauth/token
//
// It also takes:
//
//	account_id: With `account_credentials`: the account's id.
//	refresh_token: With `refresh_token`: the token to retire.
//	client_id: The app, where no Basic header names it.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
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

// show prints a value on one line.
func show(place string, value any) {
	text := fmt.Sprint(value)
	if number, isNumber := value.(float64); isNumber {
		text = strconv.FormatFloat(number, 'g', 15, 64)
	}
	fmt.Println(place + ": " + strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r").Replace(text))
}

// setting is a variable of the environment.
func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fail("set " + name + " in the environment")
	}
	return value
}

// encode percent-encodes all but letters, digits and -._~.
func encode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

type parameter struct {
	name   string
	values []string
}

// pairs writes the parameters as a query or a form.
func pairs(parameters ...parameter) string {
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

// waitTime is how long an answer with status 429 asks to wait: in seconds, or up to an instant.
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

// client gives up on a server that takes longer to answer.
var client = &http.Client{Timeout: 60 * time.Second}

// send returns the headers and the body of a good answer; after 429 it waits and asks again, at most five times.
func send(address string, headers map[string]string, content string) (http.Header, []byte) {
	for attempt := 0; ; attempt++ {
		request, err := http.NewRequest("POST", address, strings.NewReader(content))
		if err != nil {
			fail(err.Error())
		}
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		response, err := client.Do(request)
		if err != nil {
			fail(err.Error())
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			fail(err.Error())
		}
		if response.StatusCode >= 200 && response.StatusCode < 300 {
			return response.Header, text
		}
		if response.StatusCode != 429 || attempt == 5 {
			fail(fmt.Sprintf("HTTP %d: %s", response.StatusCode, text))
		}
		wait := waitTime(response.Header)
		fmt.Fprintf(os.Stderr, "429: waiting %.0f s\n", wait.Seconds())
		time.Sleep(wait)
	}
}

func main() {
	baseURL := strings.TrimRight(setting("API_BASE_URL"), "/")
	grantType := "account_credentials"

	headers := map[string]string{"Accept": "application/json"}
	credentials := setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET")
	headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
	headers["Content-Type"] = "application/x-www-form-urlencoded"
	content := pairs(parameter{"grant_type", []string{grantType}})

	path := "/oauth/token"
	query := []parameter{}
	address := baseURL + path
	if len(query) > 0 {
		address += "?" + pairs(query...)
	}
	_, text := send(address, headers, content)
	answer, err := parse(text)
	if err != nil {
		fail(fmt.Sprintf("the answer is not JSON (%v): %s", err, text))
	}
	if accessToken, ok := asText(member(answer, "access_token")); ok {
		show("access_token", accessToken)
	}
	if apiUrl, ok := asText(member(answer, "api_url")); ok {
		show("api_url", apiUrl)
	}
	if expiresIn, ok := asInteger(member(answer, "expires_in")); ok {
		show("expires_in", expiresIn)
	}
	if refreshToken, ok := asText(member(answer, "refresh_token")); ok {
		show("refresh_token", refreshToken)
	}
	if scope, ok := asText(member(answer, "scope")); ok {
		show("scope", scope)
	}
	if tokenType, ok := asText(member(answer, "token_type")); ok {
		show("token_type", tokenType)
	}
}
