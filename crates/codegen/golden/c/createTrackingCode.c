// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// With libcurl 7.84 or later and Jansson.

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

// The text of a value. That of a number stands until the next one is asked for.
static bool get_text(const json_t *value, const char **text)
{
    static char number[64];
    if (json_is_string(value)) {
        *text = json_string_value(value);
    } else if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%lld", (long long) json_integer_value(value));
        *text = number;
    } else if (json_is_real(value)) {
        snprintf(number, sizeof number, "%.15g", json_real_value(value));
        *text = number;
    } else if (json_is_boolean(value)) {
        *text = json_is_true(value) ? "true" : "false";
    } else {
        return false;
    }
    return true;
}

// Prints a value on one line.
static void show_text(const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\': fputs("\\\\", stdout); break;
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        default: putchar(*text);
        }
    }
    putchar('\n');
}

static bool get_boolean(const json_t *value, bool *truth)
{
    *truth = json_is_true(value);
    return json_is_boolean(value);
}

static void show_boolean(bool truth)
{
    puts(truth ? "true" : "false");
}

// A text that grows.
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

// Reads JSON. Whole numbers of more than 64 bits, which Jansson refuses, are put in quotes.
static json_t *parse(const char *text, json_error_t *error)
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
    json_t *value = json_loads(marked.text == NULL ? "" : marked.text, JSON_DECODE_ANY, error);
    free(marked.text);
    return value;
}

static void append(struct buffer *buffer, const char *text)
{
    append_bytes(buffer, text, strlen(text));
}

// A variable of the environment.
static const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        fail("set %s in the environment", name);
    }
    return value;
}

// A header of the answer; "" where it has none.
static const char *answered_header(CURL *curl, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : "";
}

// How long an answer with status 429 asks to wait: in seconds, or up to an instant.
static long wait_seconds(CURL *curl)
{
    const char *retry_after = answered_header(curl, "Retry-After");
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

// How long a server may take to answer.
#define TIMEOUT_SECONDS 60L

// The body of a good answer; after 429 it waits and asks again, at most five times. The headers stay with `curl`.
static char *send_request(CURL *curl, const char *url)
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

int main(void)
{
    const char *base_url = setting("API_BASE_URL");

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "POST");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
    struct curl_slist *headers = add_header(NULL, "Accept", "application/json");
    struct buffer authorization = {0};
    append(&authorization, "Bearer ");
    append(&authorization, setting("API_TOKEN"));
    headers = add_header(headers, "Authorization", authorization.text);
    headers = add_header(headers, "Content-Type", "application/json");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    struct buffer url = {0};
    append(&url, base_url);
    while (url.size > 0 && url.text[url.size - 1] == '/') {
        url.text[--url.size] = '\0';
    }
append(&url, "/v1/admin/meeting/config/trackingCodes");
    char *text = send_request(curl, url.text);
    json_error_t error;
    json_t *answer = parse(text, &error);
    if (answer == NULL) {
        fail("the answer is not JSON (%s): %s", error.text, text);
    }
    const char *host_profile_code;
    if (get_text(json_object_get(answer, "hostProfileCode"), &host_profile_code)) {
        printf("%s: ", "hostProfileCode");
        show_text(host_profile_code);
    }
    const char *id;
    if (get_text(json_object_get(answer, "id"), &id)) {
        printf("%s: ", "id");
        show_text(id);
    }
    const char *input_mode;
    if (get_text(json_object_get(answer, "inputMode"), &input_mode)) {
        printf("%s: ", "inputMode");
        show_text(input_mode);
    }
    const char *name_value;
    if (get_text(json_object_get(answer, "name"), &name_value)) {
        printf("%s: ", "name");
        show_text(name_value);
    }
    json_t *options = json_object_get(answer, "options");
    for (size_t option_index = 0; option_index < json_array_size(options); option_index++) {
        json_t *option = json_array_get(options, option_index);
        bool default_value;
        if (get_boolean(json_object_get(option, "defaultValue"), &default_value)) {
            printf("%s%zu%s: ", "options[", option_index, "].defaultValue");
            show_boolean(default_value);
        }
        const char *option_value;
        if (get_text(json_object_get(option, "value"), &option_value)) {
            printf("%s%zu%s: ", "options[", option_index, "].value");
            show_text(option_value);
        }
    }
    json_t *schedule_start_codes = json_object_get(answer, "scheduleStartCodes");
    for (size_t schedule_start_code_index = 0; schedule_start_code_index < json_array_size(schedule_start_codes); schedule_start_code_index++) {
        json_t *schedule_start_code = json_array_get(schedule_start_codes, schedule_start_code_index);
        const char *service;
        if (get_text(json_object_get(schedule_start_code, "service"), &service)) {
            printf("%s%zu%s: ", "scheduleStartCodes[", schedule_start_code_index, "].service");
            show_text(service);
        }
        const char *schedule_start_code_type;
        if (get_text(json_object_get(schedule_start_code, "type"), &schedule_start_code_type)) {
            printf("%s%zu%s: ", "scheduleStartCodes[", schedule_start_code_index, "].type");
            show_text(schedule_start_code_type);
        }
    }
    const char *site_url;
    if (get_text(json_object_get(answer, "siteUrl"), &site_url)) {
        printf("%s: ", "siteUrl");
        show_text(site_url);
    }
    json_decref(answer);
    free(text);

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    free(url.text);
    free(authorization.text);
    return 0;
}
