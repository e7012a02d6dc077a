// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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

static bool get_integer(const json_t *value, long long *number)
{
    if (json_is_string(value)) {
        const char *digits = json_string_value(value);
        errno = 0;
        strtoll(digits, NULL, 10);
        if (errno == ERANGE) {
            fail("%s does not fit in 64 bits", digits);
        }
    }
    if (json_is_number(value)) {
        *number = json_is_integer(value) ? (long long) json_integer_value(value) : (long long) json_real_value(value);
    }
    return json_is_number(value);
}

static void show_integer(long long number)
{
    printf("%lld\n", number);
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

// Percent-encodes all but letters, digits and -._~.
static void append_encoded(struct buffer *buffer, const char *text)
{
    char *encoded = curl_easy_escape(NULL, text, 0);
    append(buffer, *text == '\0' ? "" : encoded);
    curl_free(encoded);
}

// A parameter of a query or a form; `separator` goes before it.
static void append_pair(struct buffer *buffer, const char *separator, const char *name, const char *value)
{
    append(buffer, separator);
    append_encoded(buffer, name);
    append(buffer, "=");
    append_encoded(buffer, value);
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
    size_t user_count = 0;
    size_t url_size = url.size;
    bool has_next;
    do {
        char *text = send_request(curl, url.text);
        json_error_t error;
        json_t *answer = parse(text, &error);
        if (answer == NULL) {
            fail("the answer is not JSON (%s): %s", error.text, text);
        }
        const char *next_page_token;
        if (get_text(json_object_get(answer, "next_page_token"), &next_page_token)) {
            printf("%s: ", "next_page_token");
            show_text(next_page_token);
        }
        long long page_count;
        if (get_integer(json_object_get(answer, "page_count"), &page_count)) {
            printf("%s: ", "page_count");
            show_integer(page_count);
        }
        long long page_size;
        if (get_integer(json_object_get(answer, "page_size"), &page_size)) {
            printf("%s: ", "page_size");
            show_integer(page_size);
        }
        long long total_records;
        if (get_integer(json_object_get(answer, "total_records"), &total_records)) {
            printf("%s: ", "total_records");
            show_integer(total_records);
        }
        long long page_number;
        if (get_integer(json_object_get(answer, "page_number"), &page_number)) {
            printf("%s: ", "page_number");
            show_integer(page_number);
        }
        json_t *users_value = json_object_get(answer, "users");
        for (size_t user_index = 0; user_index < json_array_size(users_value); user_index++) {
            json_t *user = json_array_get(users_value, user_index);
            const char *created_at;
            if (get_text(json_object_get(user, "created_at"), &created_at)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].created_at");
                show_text(created_at);
            }
            json_t *custom_attributes = json_object_get(user, "custom_attributes");
            for (size_t custom_attribute_index = 0; custom_attribute_index < json_array_size(custom_attributes); custom_attribute_index++) {
                json_t *custom_attribute = json_array_get(custom_attributes, custom_attribute_index);
                const char *key;
                if (get_text(json_object_get(custom_attribute, "key"), &key)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].custom_attributes[", custom_attribute_index, "].key");
                    show_text(key);
                }
                const char *custom_attribute_name;
                if (get_text(json_object_get(custom_attribute, "name"), &custom_attribute_name)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].custom_attributes[", custom_attribute_index, "].name");
                    show_text(custom_attribute_name);
                }
                const char *custom_attribute_value;
                if (get_text(json_object_get(custom_attribute, "value"), &custom_attribute_value)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].custom_attributes[", custom_attribute_index, "].value");
                    show_text(custom_attribute_value);
                }
            }
            const char *dept;
            if (get_text(json_object_get(user, "dept"), &dept)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].dept");
                show_text(dept);
            }
            const char *display_name;
            if (get_text(json_object_get(user, "display_name"), &display_name)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].display_name");
                show_text(display_name);
            }
            json_t *division_ids = json_object_get(user, "division_ids");
            for (size_t division_id_index = 0; division_id_index < json_array_size(division_ids); division_id_index++) {
                json_t *division_id = json_array_get(division_ids, division_id_index);
                const char *division_id_value;
                if (get_text(division_id, &division_id_value)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].division_ids[", division_id_index, "]");
                    show_text(division_id_value);
                }
            }
            const char *email;
            if (get_text(json_object_get(user, "email"), &email)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].email");
                show_text(email);
            }
            const char *employee_unique_id;
            if (get_text(json_object_get(user, "employee_unique_id"), &employee_unique_id)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].employee_unique_id");
                show_text(employee_unique_id);
            }
            const char *first_name;
            if (get_text(json_object_get(user, "first_name"), &first_name)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].first_name");
                show_text(first_name);
            }
            json_t *group_ids = json_object_get(user, "group_ids");
            for (size_t group_id_index = 0; group_id_index < json_array_size(group_ids); group_id_index++) {
                json_t *group_id = json_array_get(group_ids, group_id_index);
                const char *group_id_value;
                if (get_text(group_id, &group_id_value)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].group_ids[", group_id_index, "]");
                    show_text(group_id_value);
                }
            }
            const char *host_key;
            if (get_text(json_object_get(user, "host_key"), &host_key)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].host_key");
                show_text(host_key);
            }
            const char *id;
            if (get_text(json_object_get(user, "id"), &id)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].id");
                show_text(id);
            }
            json_t *im_group_ids = json_object_get(user, "im_group_ids");
            for (size_t im_group_id_index = 0; im_group_id_index < json_array_size(im_group_ids); im_group_id_index++) {
                json_t *im_group_id = json_array_get(im_group_ids, im_group_id_index);
                const char *im_group_id_value;
                if (get_text(im_group_id, &im_group_id_value)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].im_group_ids[", im_group_id_index, "]");
                    show_text(im_group_id_value);
                }
            }
            const char *last_client_version;
            if (get_text(json_object_get(user, "last_client_version"), &last_client_version)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].last_client_version");
                show_text(last_client_version);
            }
            const char *last_login_time;
            if (get_text(json_object_get(user, "last_login_time"), &last_login_time)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].last_login_time");
                show_text(last_login_time);
            }
            const char *last_name;
            if (get_text(json_object_get(user, "last_name"), &last_name)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].last_name");
                show_text(last_name);
            }
            json_t *license_info_list = json_object_get(user, "license_info_list");
            for (size_t license_info_list_item_index = 0; license_info_list_item_index < json_array_size(license_info_list); license_info_list_item_index++) {
                json_t *license_info_list_item = json_array_get(license_info_list, license_info_list_item_index);
                long long license_option;
                if (get_integer(json_object_get(license_info_list_item, "license_option"), &license_option)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].license_info_list[", license_info_list_item_index, "].license_option");
                    show_integer(license_option);
                }
                const char *license_type;
                if (get_text(json_object_get(license_info_list_item, "license_type"), &license_type)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].license_info_list[", license_info_list_item_index, "].license_type");
                    show_text(license_type);
                }
                const char *subscription_id;
                if (get_text(json_object_get(license_info_list_item, "subscription_id"), &subscription_id)) {
                    printf("%s%zu%s%zu%s: ", "users[", user_count + user_index, "].license_info_list[", license_info_list_item_index, "].subscription_id");
                    show_text(subscription_id);
                }
            }
            const char *plan_united_type;
            if (get_text(json_object_get(user, "plan_united_type"), &plan_united_type)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].plan_united_type");
                show_text(plan_united_type);
            }
            long long pmi;
            if (get_integer(json_object_get(user, "pmi"), &pmi)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].pmi");
                show_integer(pmi);
            }
            const char *role_id;
            if (get_text(json_object_get(user, "role_id"), &role_id)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].role_id");
                show_text(role_id);
            }
            const char *user_status;
            if (get_text(json_object_get(user, "status"), &user_status)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].status");
                show_text(user_status);
            }
            const char *timezone;
            if (get_text(json_object_get(user, "timezone"), &timezone)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].timezone");
                show_text(timezone);
            }
            long long user_type;
            if (get_integer(json_object_get(user, "type"), &user_type)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].type");
                show_integer(user_type);
            }
            const char *user_created_at;
            if (get_text(json_object_get(user, "user_created_at"), &user_created_at)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].user_created_at");
                show_text(user_created_at);
            }
            long long verified;
            if (get_integer(json_object_get(user, "verified"), &verified)) {
                printf("%s%zu%s: ", "users[", user_count + user_index, "].verified");
                show_integer(verified);
            }
        }
        user_count += json_array_size(users_value);

        // The next page, if there is one.
        const char *token = json_string_value(json_object_get(answer, "next_page_token"));
        has_next = token != NULL && *token != '\0';
        if (has_next) {
            url.size = url_size;
            append_pair(&url, "?", "next_page_token", token);
        }
        json_decref(answer);
        free(text);
    } while (has_next);

    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    free(url.text);
    free(authorization.text);
    return 0;
}
