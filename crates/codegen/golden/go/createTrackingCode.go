// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
package main

import (
	"bytes"
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

func asBoolean(value any) (bool, bool) {
	truth, isBoolean := value.(bool)
	return truth, isBoolean
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

	headers := map[string]string{"Accept": "application/json"}
	headers["Authorization"] = "Bearer " + setting("API_TOKEN")
	headers["Content-Type"] = "application/json"
	content := "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}"

	path := "/v1/admin/meeting/config/trackingCodes"
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
	if hostProfileCode, ok := asText(member(answer, "hostProfileCode")); ok {
		show("hostProfileCode", hostProfileCode)
	}
	if id, ok := asText(member(answer, "id")); ok {
		show("id", id)
	}
	if inputMode, ok := asText(member(answer, "inputMode")); ok {
		show("inputMode", inputMode)
	}
	if nameValue, ok := asText(member(answer, "name")); ok {
		show("name", nameValue)
	}
	if options, ok := member(answer, "options").([]any); ok {
		for optionIndex, option := range options {
			if defaultValue, ok := asBoolean(member(option, "defaultValue")); ok {
				show("options["+strconv.Itoa(optionIndex)+"].defaultValue", defaultValue)
			}
			if optionValue, ok := asText(member(option, "value")); ok {
				show("options["+strconv.Itoa(optionIndex)+"].value", optionValue)
			}
		}
	}
	if scheduleStartCodes, ok := member(answer, "scheduleStartCodes").([]any); ok {
		for scheduleStartCodeIndex, scheduleStartCode := range scheduleStartCodes {
			if service, ok := asText(member(scheduleStartCode, "service")); ok {
				show("scheduleStartCodes["+strconv.Itoa(scheduleStartCodeIndex)+"].service", service)
			}
			if scheduleStartCodeType, ok := asText(member(scheduleStartCode, "type")); ok {
				show("scheduleStartCodes["+strconv.Itoa(scheduleStartCodeIndex)+"].type", scheduleStartCodeType)
			}
		}
	}
	if siteUrl, ok := asText(member(answer, "siteUrl")); ok {
		show("siteUrl", siteUrl)
	}
}
