// List users
// GET /v2/users
//
// It also takes:
//
//	status: `active` (default), `inactive` or `pending`.
//	page_size: Records a page, 30 by default, at most 2000; more means 2000.
//	page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//	role_id: Only users with this role.
//	include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
		request, err := http.NewRequest("GET", address, strings.NewReader(content))
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
	content := ""

	path := "/v2/users"
	query := []parameter{}
	address := baseURL + path
	if len(query) > 0 {
		address += "?" + pairs(query...)
	}
	userCount := 0
	for address != "" {
		_, text := send(address, headers, content)
		answer, err := parse(text)
		if err != nil {
			fail(fmt.Sprintf("the answer is not JSON (%v): %s", err, text))
		}
		if nextPageToken, ok := asText(member(answer, "next_page_token")); ok {
			show("next_page_token", nextPageToken)
		}
		if pageCount, ok := asInteger(member(answer, "page_count")); ok {
			show("page_count", pageCount)
		}
		if pageSize, ok := asInteger(member(answer, "page_size")); ok {
			show("page_size", pageSize)
		}
		if totalRecords, ok := asInteger(member(answer, "total_records")); ok {
			show("total_records", totalRecords)
		}
		if pageNumber, ok := asInteger(member(answer, "page_number")); ok {
			show("page_number", pageNumber)
		}
		if usersValue, ok := member(answer, "users").([]any); ok {
			for userIndex, user := range usersValue {
				if createdAt, ok := asText(member(user, "created_at")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].created_at", createdAt)
				}
				if customAttributes, ok := member(user, "custom_attributes").([]any); ok {
					for customAttributeIndex, customAttribute := range customAttributes {
						if key, ok := asText(member(customAttribute, "key")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].custom_attributes["+strconv.Itoa(customAttributeIndex)+"].key", key)
						}
						if customAttributeName, ok := asText(member(customAttribute, "name")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].custom_attributes["+strconv.Itoa(customAttributeIndex)+"].name", customAttributeName)
						}
						if customAttributeValue, ok := asText(member(customAttribute, "value")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].custom_attributes["+strconv.Itoa(customAttributeIndex)+"].value", customAttributeValue)
						}
					}
				}
				if dept, ok := asText(member(user, "dept")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].dept", dept)
				}
				if displayName, ok := asText(member(user, "display_name")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].display_name", displayName)
				}
				if divisionIds, ok := member(user, "division_ids").([]any); ok {
					for divisionIdIndex, divisionId := range divisionIds {
						if divisionId, ok := asText(divisionId); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].division_ids["+strconv.Itoa(divisionIdIndex)+"]", divisionId)
						}
					}
				}
				if email, ok := asText(member(user, "email")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].email", email)
				}
				if employeeUniqueId, ok := asText(member(user, "employee_unique_id")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].employee_unique_id", employeeUniqueId)
				}
				if firstName, ok := asText(member(user, "first_name")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].first_name", firstName)
				}
				if groupIds, ok := member(user, "group_ids").([]any); ok {
					for groupIdIndex, groupId := range groupIds {
						if groupId, ok := asText(groupId); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].group_ids["+strconv.Itoa(groupIdIndex)+"]", groupId)
						}
					}
				}
				if hostKey, ok := asText(member(user, "host_key")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].host_key", hostKey)
				}
				if id, ok := asText(member(user, "id")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].id", id)
				}
				if imGroupIds, ok := member(user, "im_group_ids").([]any); ok {
					for imGroupIdIndex, imGroupId := range imGroupIds {
						if imGroupId, ok := asText(imGroupId); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].im_group_ids["+strconv.Itoa(imGroupIdIndex)+"]", imGroupId)
						}
					}
				}
				if lastClientVersion, ok := asText(member(user, "last_client_version")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].last_client_version", lastClientVersion)
				}
				if lastLoginTime, ok := asText(member(user, "last_login_time")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].last_login_time", lastLoginTime)
				}
				if lastName, ok := asText(member(user, "last_name")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].last_name", lastName)
				}
				if licenseInfoList, ok := member(user, "license_info_list").([]any); ok {
					for licenseInfoListItemIndex, licenseInfoListItem := range licenseInfoList {
						if licenseOption, ok := asInteger(member(licenseInfoListItem, "license_option")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].license_info_list["+strconv.Itoa(licenseInfoListItemIndex)+"].license_option", licenseOption)
						}
						if licenseType, ok := asText(member(licenseInfoListItem, "license_type")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].license_info_list["+strconv.Itoa(licenseInfoListItemIndex)+"].license_type", licenseType)
						}
						if subscriptionId, ok := asText(member(licenseInfoListItem, "subscription_id")); ok {
							show("users["+strconv.Itoa(userCount+userIndex)+"].license_info_list["+strconv.Itoa(licenseInfoListItemIndex)+"].subscription_id", subscriptionId)
						}
					}
				}
				if planUnitedType, ok := asText(member(user, "plan_united_type")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].plan_united_type", planUnitedType)
				}
				if pmi, ok := asInteger(member(user, "pmi")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].pmi", pmi)
				}
				if roleId, ok := asText(member(user, "role_id")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].role_id", roleId)
				}
				if userStatus, ok := asText(member(user, "status")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].status", userStatus)
				}
				if timezone, ok := asText(member(user, "timezone")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].timezone", timezone)
				}
				if userType, ok := asInteger(member(user, "type")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].type", userType)
				}
				if userCreatedAt, ok := asText(member(user, "user_created_at")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].user_created_at", userCreatedAt)
				}
				if verified, ok := asInteger(member(user, "verified")); ok {
					show("users["+strconv.Itoa(userCount+userIndex)+"].verified", verified)
				}
			}
			userCount += len(usersValue)
		}

		// The next page, if there is one.
		address = ""
		if token, _ := member(answer, "next_page_token").(string); token != "" {
			address = baseURL + path + "?" + pairs(append(query, parameter{"next_page_token", []string{token}})...)
		}
	}
}
