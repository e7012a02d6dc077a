// Reads JSON that is built like the sample
// Reads standard input. Needs Jansson.

#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        fail("standard input is not JSON (%s)", error.text);
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

static void show_list(const char *place, const json_t *list, show_function *show)
{
    for (size_t index = 0; index < json_array_size(list); index++) {
        char number[32];
        snprintf(number, sizeof number, "[%zu]", index);
        struct buffer inner = {0};
        append_bytes(&inner, place, strlen(place));
        append_bytes(&inner, number, strlen(number));
        show(inner.text, json_array_get(list, index));
        free(inner.text);
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

static void show_integer_list(const char *place, const json_t *list)
{
    show_list(place, list, show_integer);
}

static void show_integer_list_list(const char *place, const json_t *list)
{
    show_list(place, list, show_integer_list);
}

static void show_number(const char *place, const json_t *value)
{
    if (json_is_number(value)) {
        printf("%s: %.15g\n", place, json_number_value(value));
    }
}

static void show_boolean(const char *place, const json_t *value)
{
    if (json_is_boolean(value)) {
        printf("%s: %s\n", place, json_is_true(value) ? "true" : "false");
    }
}

static void show_json(const char *place, const json_t *value)
{
    if (!json_is_object(value) && !json_is_array(value)) {
        show_text(place, value);
        return;
    }
    char *json = json_dumps(value, JSON_COMPACT);
    char *line = escaped(json);
    printf("%s: %s\n", place, line);
    free(line);
    free(json);
}

static void show_answer_row(const char *place, const json_t *value)
{
    show_member(place, value, "id", show_integer);
    show_member(place, value, "note", show_text);
}

static void show_answer_row_list(const char *place, const json_t *list)
{
    show_list(place, list, show_answer_row);
}

static void show_owner(const char *place, const json_t *value)
{
    show_member(place, value, "id", show_text);
    show_member(place, value, "class", show_json);
}

static void show_answer(const char *place, const json_t *value)
{
    show_member(place, value, "id", show_integer);
    show_member(place, value, "2nd-name", show_text);
    show_member(place, value, "class", show_boolean);
    show_member(place, value, "mean", show_number);
    show_member(place, value, "tags", show_text_list);
    show_member(place, value, "grid", show_integer_list_list);
    show_member(place, value, "owner", show_owner);
    show_member(place, value, "rows", show_answer_row_list);
    show_member(place, value, "userName", show_text);
    show_member(place, value, "user_name", show_text);
}

int main(void)
{
    struct buffer text = {0};
    char chunk[65536];
    size_t count;
    while ((count = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        append_bytes(&text, chunk, count);
    }
    json_t *answer = parse(text.text == NULL ? "" : text.text);
    show_answer("", answer);
    json_decref(answer);
    free(text.text);
    return 0;
}
