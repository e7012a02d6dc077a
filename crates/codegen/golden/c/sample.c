// Reads JSON that is built like the sample
// Reads standard input. With Jansson.

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

// The text of a value of which the description does not say what it holds: objects and arrays as JSON.
static bool get_json(const json_t *value, const char **text)
{
    static char *json;
    if (!json_is_object(value) && !json_is_array(value)) {
        return get_text(value, text);
    }
    free(json);
    json = json_dumps(value, JSON_COMPACT);
    *text = json;
    return json != NULL;
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

static bool get_number(const json_t *value, double *number)
{
    *number = json_number_value(value);
    return json_is_number(value);
}

static void show_number(double number)
{
    printf("%.15g\n", number);
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

int main(void)
{
    struct buffer text = {0};
    char chunk[65536];
    size_t count;
    while ((count = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        append_bytes(&text, chunk, count);
    }
    json_error_t error;
    json_t *answer = parse(text.text == NULL ? "" : text.text, &error);
    if (answer == NULL) {
        fail("standard input is not JSON (%s)", error.text);
    }
    long long id;
    if (get_integer(json_object_get(answer, "id"), &id)) {
        printf("%s: ", "id");
        show_integer(id);
    }
    const char *field_2nd_name;
    if (get_text(json_object_get(answer, "2nd-name"), &field_2nd_name)) {
        printf("%s: ", "2nd-name");
        show_text(field_2nd_name);
    }
    bool class;
    if (get_boolean(json_object_get(answer, "class"), &class)) {
        printf("%s: ", "class");
        show_boolean(class);
    }
    double mean;
    if (get_number(json_object_get(answer, "mean"), &mean)) {
        printf("%s: ", "mean");
        show_number(mean);
    }
    json_t *tags = json_object_get(answer, "tags");
    for (size_t tag_index = 0; tag_index < json_array_size(tags); tag_index++) {
        json_t *tag = json_array_get(tags, tag_index);
        const char *tag_value;
        if (get_text(tag, &tag_value)) {
            printf("%s%zu%s: ", "tags[", tag_index, "]");
            show_text(tag_value);
        }
    }
    json_t *grid = json_object_get(answer, "grid");
    for (size_t grid_item_index = 0; grid_item_index < json_array_size(grid); grid_item_index++) {
        json_t *grid_item = json_array_get(grid, grid_item_index);
        json_t *inner = grid_item;
        for (size_t inner_item_index = 0; inner_item_index < json_array_size(inner); inner_item_index++) {
            json_t *inner_item = json_array_get(inner, inner_item_index);
            long long inner_item_value;
            if (get_integer(inner_item, &inner_item_value)) {
                printf("%s%zu%s%zu%s: ", "grid[", grid_item_index, "][", inner_item_index, "]");
                show_integer(inner_item_value);
            }
        }
    }
    json_t *owner = json_object_get(answer, "owner");
    if (json_is_object(owner)) {
        const char *owner_id;
        if (get_text(json_object_get(owner, "id"), &owner_id)) {
            printf("%s: ", "owner.id");
            show_text(owner_id);
        }
        const char *owner_class;
        if (get_json(json_object_get(owner, "class"), &owner_class)) {
            printf("%s: ", "owner.class");
            show_text(owner_class);
        }
    }
    json_t *rows = json_object_get(answer, "rows");
    for (size_t row_index = 0; row_index < json_array_size(rows); row_index++) {
        json_t *row = json_array_get(rows, row_index);
        long long row_id;
        if (get_integer(json_object_get(row, "id"), &row_id)) {
            printf("%s%zu%s: ", "rows[", row_index, "].id");
            show_integer(row_id);
        }
        const char *note;
        if (get_text(json_object_get(row, "note"), &note)) {
            printf("%s%zu%s: ", "rows[", row_index, "].note");
            show_text(note);
        }
    }
    const char *user_name;
    if (get_text(json_object_get(answer, "userName"), &user_name)) {
        printf("%s: ", "userName");
        show_text(user_name);
    }
    const char *user_name_value;
    if (get_text(json_object_get(answer, "user_name"), &user_name_value)) {
        printf("%s: ", "user_name");
        show_text(user_name_value);
    }

    json_decref(answer);
    free(text.text);
    return 0;
}
