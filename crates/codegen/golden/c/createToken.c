// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
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

static void show_text(const char *place, const json_t *value)
{
    const char *text = text_of(value);
    if (text != NULL) {
        char *line = escaped(text);
        printf("%s: %s\n", place, line);
        free(line);
    }
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

static void show_answer(const char *place, const json_t *value)
{
    show_member(place, value, "access_token", show_text);
    show_member(place, value, "api_url", show_text);
    show_member(place, value, "expires_in", show_integer);
    show_member(place, value, "refresh_token", show_text);
    show_member(place, value, "scope", show_text);
    show_member(place, value, "token_type", show_text);
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

// Get an access token: returns the response, which the caller frees.
static json_t *request_create_token(const char *grant_type)
{
    const char *base_url = setting("API_BASE_URL");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "POST");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
    struct curl_slist *headers = add_header(NULL, "Accept", "application/json");
    curl_easy_setopt(curl, CURLOPT_USERNAME, setting("API_CLIENT_ID"));
    curl_easy_setopt(curl, CURLOPT_PASSWORD, setting("API_CLIENT_SECRET"));
    headers = add_header(headers, "Content-Type", "application/x-www-form-urlencoded");
    struct buffer content = {0};
    append_pair(&content, "", "grant_type", grant_type);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, content.text);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    struct buffer url = {0};
    append(&url, base_url);
    while (url.size > 0 && url.text[url.size - 1] == '/') {
        url.text[--url.size] = '\0';
    }
append(&url, "/oauth/token");
    char *text = send_url(curl, url.text);
    json_t *answer = parse(text);
    free(text);

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    free(url.text);
    free(content.text);
    return answer;
}

int main(void)
{
    json_t *answer = request_create_token("account_credentials");
    show_answer("", answer);
    json_decref(answer);
    return 0;
}
