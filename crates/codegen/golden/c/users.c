// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs libcurl 7.84 or later and Jansson.

#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <jansson.h>

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

// A growable string.
struct buffer {
    char *text;
    size_t size;
};

static void append_bytes(struct buffer *buffer, const char *bytes, size_t size)
{
    buffer->text = realloc(buffer->text, buffer->size + size + 1);
    if (buffer->text == NULL) {
        fail("out of memory");
    }
    memcpy(buffer->text + buffer->size, bytes, size);
    buffer->size += size;
    buffer->text[buffer->size] = '\0';
}

// Parses JSON. Integers of more than 64 bits, which Jansson rejects, are put in quotes first.
static json_t *parse(const char *text)
{
    struct buffer marked = {0};
    const char *at = text;
    while (*at != '\0') {
        const char *start = at;
        if (*at == '"') {
            at++;
            while (*at != '\0' && *at != '"') {
                at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
            }
            at += *at != '\0';
        } else {
            at += strspn(at, "+-.0123456789eE");
        }
        errno = 0;
        bool is_whole = strspn(start, "-0123456789") == (size_t) (at - start);
        if (at - start > 18 && is_whole && (strtoll(start, NULL, 10), errno) == ERANGE) {
            append_bytes(&marked, "\"", 1);
            append_bytes(&marked, start, (size_t) (at - start));
            append_bytes(&marked, "\"", 1);
        } else {
            at += at == start;
            append_bytes(&marked, start, (size_t) (at - start));
        }
    }
    json_error_t error;
    json_t *value = json_loads(marked.text == NULL ? "" : marked.text, JSON_DECODE_ANY, &error);
    if (value == NULL) {
        fail("the response is not JSON (%s): %s", error.text, text);
    }
    free(marked.text);
    return value;
}

// Returns the text of a scalar, or NULL if the value is not one. The text of a number is overwritten by the next call.
static const char *text_of(const json_t *value)
{
    static char number[64];
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%lld", (long long) json_integer_value(value));
        return number;
    }
    if (json_is_real(value)) {
        snprintf(number, sizeof number, "%.15g", json_real_value(value));
        return number;
    }
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "true" : "false";
    }
    return NULL;
}

// Returns a copy of a text with line ends and backslashes escaped.
static char *escaped(const char *text)
{
    struct buffer copy = {0};
    append_bytes(&copy, "", 0);
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\': append_bytes(&copy, "\\\\", 2); break;
        case '\n': append_bytes(&copy, "\\n", 2); break;
        case '\r': append_bytes(&copy, "\\r", 2); break;
        default: append_bytes(&copy, text, 1);
        }
    }
    return copy.text;
}

// Prints a value at a place, or each value in it, and nothing if it is absent or of another type.
typedef void show_function(const char *place, const json_t *value);

static void show_member(const char *place, const json_t *object, const char *name, show_function *show)
{
    char *label = escaped(name);
    struct buffer inner = {0};
    append_bytes(&inner, place, strlen(place));
    append_bytes(&inner, ".", *place != '\0');
    append_bytes(&inner, label, strlen(label));
    show(inner.text, json_object_get(object, name));
    free(label);
    free(inner.text);
}

// Returns how many elements of a list have been printed: a list continues on the next page.
static size_t *printed_at(const char *place)
{
    static struct printed {
        char *place;
        size_t count;
        struct printed *next;
    } *first;
    struct printed *printed = first;
    while (printed != NULL && strcmp(printed->place, place) != 0) {
        printed = printed->next;
    }
    if (printed == NULL) {
        printed = calloc(1, sizeof *printed);
        if (printed == NULL) {
            fail("out of memory");
        }
        printed->place = strdup(place);
        printed->next = first;
        first = printed;
    }
    return &printed->count;
}

static void show_list(const char *place, const json_t *list, show_function *show)
{
    size_t *printed = strchr(place, '[') == NULL ? printed_at(place) : NULL;
    size_t first = printed != NULL ? *printed : 0;
    for (size_t index = 0; index < json_array_size(list); index++) {
        char number[32];
        snprintf(number, sizeof number, "[%zu]", first + index);
        struct buffer inner = {0};
        append_bytes(&inner, place, strlen(place));
        append_bytes(&inner, number, strlen(number));
        show(inner.text, json_array_get(list, index));
        free(inner.text);
    }
    if (printed != NULL) {
        *printed += json_array_size(list);
    }
}

static void show_text(const char *place, const json_t *value)
{
    const char *text = text_of(value);
    if (text != NULL) {
        char *line = escaped(text);
        printf("%s: %s\n", place, line);
        free(line);
    }
}

static void show_text_list(const char *place, const json_t *list)
{
    show_list(place, list, show_text);
}

static void show_integer(const char *place, const json_t *value)
{
    if (json_is_string(value)) {
        const char *digits = json_string_value(value);
        errno = 0;
        strtoll(digits, NULL, 10);
        if (errno == ERANGE) {
            fail("%s does not fit in 64 bits", digits);
        }
    } else if (json_is_integer(value)) {
        printf("%s: %lld\n", place, (long long) json_integer_value(value));
    } else if (json_is_real(value)) {
        printf("%s: %.0f\n", place, json_real_value(value));
    }
}

static void show_license_info_list_item(const char *place, const json_t *value)
{
    show_member(place, value, "license_option", show_integer);
    show_member(place, value, "license_type", show_text);
    show_member(place, value, "subscription_id", show_text);
}

static void show_license_info_list_item_list(const char *place, const json_t *list)
{
    show_list(place, list, show_license_info_list_item);
}

static void show_custom_attribute(const char *place, const json_t *value)
{
    show_member(place, value, "key", show_text);
    show_member(place, value, "name", show_text);
    show_member(place, value, "value", show_text);
}

static void show_custom_attribute_list(const char *place, const json_t *list)
{
    show_list(place, list, show_custom_attribute);
}

static void show_user(const char *place, const json_t *value)
{
    show_member(place, value, "created_at", show_text);
    show_member(place, value, "custom_attributes", show_custom_attribute_list);
    show_member(place, value, "dept", show_text);
    show_member(place, value, "display_name", show_text);
    show_member(place, value, "division_ids", show_text_list);
    show_member(place, value, "email", show_text);
    show_member(place, value, "employee_unique_id", show_text);
    show_member(place, value, "first_name", show_text);
    show_member(place, value, "group_ids", show_text_list);
    show_member(place, value, "host_key", show_text);
    show_member(place, value, "id", show_text);
    show_member(place, value, "im_group_ids", show_text_list);
    show_member(place, value, "last_client_version", show_text);
    show_member(place, value, "last_login_time", show_text);
    show_member(place, value, "last_name", show_text);
    show_member(place, value, "license_info_list", show_license_info_list_item_list);
    show_member(place, value, "plan_united_type", show_text);
    show_member(place, value, "pmi", show_integer);
    show_member(place, value, "role_id", show_text);
    show_member(place, value, "status", show_text);
    show_member(place, value, "timezone", show_text);
    show_member(place, value, "type", show_integer);
    show_member(place, value, "user_created_at", show_text);
    show_member(place, value, "verified", show_integer);
}

static void show_user_list(const char *place, const json_t *list)
{
    show_list(place, list, show_user);
}

static void show_answer(const char *place, const json_t *value)
{
    show_member(place, value, "next_page_token", show_text);
    show_member(place, value, "page_count", show_integer);
    show_member(place, value, "page_size", show_integer);
    show_member(place, value, "total_records", show_integer);
    show_member(place, value, "page_number", show_integer);
    show_member(place, value, "users", show_user_list);
}

static void append(struct buffer *buffer, const char *text)
{
    append_bytes(buffer, text, strlen(text));
}

// Percent-encodes everything but letters, digits and -._~
static void append_encoded(struct buffer *buffer, const char *text)
{
    char *encoded = curl_easy_escape(NULL, text, 0);
    append(buffer, *text == '\0' ? "" : encoded);
    curl_free(encoded);
}

// Appends a separator and a parameter of a query or a form.
static void append_pair(struct buffer *buffer, const char *separator, const char *name, const char *value)
{
    append(buffer, separator);
    append_encoded(buffer, name);
    append(buffer, "=");
    append_encoded(buffer, value);
}

// Returns an environment variable.
static const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        fail("set %s in the environment", name);
    }
    return value;
}

// Returns a header of the response, or "" if there is none.
static const char *header_of(CURL *curl, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : "";
}

// Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
static long wait_seconds(CURL *curl)
{
    const char *retry_after = header_of(curl, "Retry-After");
    if (*retry_after != '\0' && strspn(retry_after, "0123456789") == strlen(retry_after)) {
        return atol(retry_after);
    }
    struct tm until = {0};
    const char *zone = strptime(retry_after, "%Y-%m-%dT%H:%M:%S", &until);
    if (zone == NULL) {
        return 1;
    }
    zone += strcspn(zone, "Z+-");
    int hours = 0;
    int minutes = 0;
    if (*zone == '+' || *zone == '-') {
        sscanf(zone + 1, "%2d:%2d", &hours, &minutes);
    }
    long offset = (hours * 60L + minutes) * 60 * (*zone == '-' ? -1 : 1);
    long seconds = (long) (timegm(&until) - offset - time(NULL)) + 1;
    return seconds > 0 ? seconds : 0;
}

static size_t receive(char *bytes, size_t size, size_t count, void *buffer)
{
    append_bytes(buffer, bytes, size * count);
    return size * count;
}

// Maximum time for a response, in seconds.
#define TIMEOUT_SECONDS 60L

// Returns the body of a successful response; its headers stay in `curl`. Retries up to five times after 429.
static char *send_url(CURL *curl, const char *url)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    for (int attempt = 0;; attempt++) {
        struct buffer text = {0};
        append(&text, "");
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
        CURLcode done = curl_easy_perform(curl);
        if (done != CURLE_OK) {
            fail("%s: %s", url, curl_easy_strerror(done));
        }
        long status;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200 && status < 300) {
            return text.text;
        }
        if (status != 429 || attempt == 5) {
            fail("HTTP %ld: %s", status, text.text);
        }
        free(text.text);
        long seconds = wait_seconds(curl);
        fprintf(stderr, "429: waiting %ld s\n", seconds);
        sleep((unsigned) seconds);
    }
}

static struct curl_slist *add_header(struct curl_slist *headers, const char *name, const char *value)
{
    struct buffer line = {0};
    append(&line, name);
    append(&line, ": ");
    append(&line, value);
    headers = curl_slist_append(headers, line.text);
    free(line.text);
    return headers;
}

// List users: calls a function with each page.
static void request_users(void (*handle)(const json_t *page))
{
    const char *base_url = setting("API_BASE_URL");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "GET");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
    struct curl_slist *headers = add_header(NULL, "Accept", "application/json");
    struct buffer authorization = {0};
    append(&authorization, "Bearer ");
    append(&authorization, setting("API_TOKEN"));
    headers = add_header(headers, "Authorization", authorization.text);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    struct buffer url = {0};
    append(&url, base_url);
    while (url.size > 0 && url.text[url.size - 1] == '/') {
        url.text[--url.size] = '\0';
    }
append(&url, "/v2/users");
    size_t url_size = url.size;
    bool has_next;
    do {
        char *text = send_url(curl, url.text);
        json_t *page = parse(text);
        free(text);
        handle(page);
        const char *token = json_string_value(json_object_get(page, "next_page_token"));
        has_next = token != NULL && *token != '\0';
        if (has_next) {
            url.size = url_size;
            append_pair(&url, "?", "next_page_token", token);
        }
        json_decref(page);
    } while (has_next);

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    free(url.text);
    free(authorization.text);
}

static void show_page(const json_t *page)
{
    show_answer("", page);
}

int main(void)
{
    request_users(show_page);
    return 0;
}
