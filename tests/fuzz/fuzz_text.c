/*
 * Numbers, times, encodings and messages, from any bytes. What a reader accepts, the writer must
 * write so that it reads back as the same.
 */
#include "core/error.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check_numbers(const char *text, size_t size)
{
    int64_t value = 0, again = 0;
    char out[40];
    size_t length;
    if (nephi_read_integer(text, size, &value)) {
        demand(value != NEPH_UNKNOWN);
        demand(size >= 19 || nephi_read_epoch(text, size, 1, &again));
        demand(size >= 19 || value == again);
    }
    if (nephi_read_decimal(text, size, &value)) {
        demand(value != NEPH_UNKNOWN);
        length = nephi_write_decimal(out, sizeof out, value);
        demand(length > 0 && nephi_read_decimal(out, length, &again) && again == value);
    }
    if (nephi_read_boolean(text, size, &value))
        demand(value == 0 || value == 1);
    nephi_read_epoch(text, size, 1000000, &value);
}

static void check_time(const char *text, size_t size)
{
    int64_t value = 0, again = 0;
    char out[40];
    size_t length;
    if (!nephi_read_time(text, size, &value))
        return;
    demand(value != NEPH_UNKNOWN);
    length = nephi_write_time(out, sizeof out, value);
    demand(nephi_read_time(out, length, &again) && again == value);
    length = nephi_write_time_http(out, sizeof out, value);
    demand(nephi_read_time(out, length, &again) && again <= value && value - again < NEPH_NANO);
    length = nephi_write_time_basic(out, sizeof out, value);
    demand(nephi_read_time(out, length, &again) && again <= value && value - again < NEPH_NANO);
}

static void check_encodings(const char *text, size_t size, char *out, char *back)
{
    int64_t bytes;
    size_t length = nephi_percent_encode(out, text, size, NEPHI_KEEP_SLASH);
    demand(length == strlen(out));
    demand(nephi_percent_decode(back, out, length) == size && memcmp(back, text, size) == 0);
    demand(nephi_percent_decode(back, text, size) <= size);
    length = nephi_base64_encode(out, (const unsigned char *)text, size);
    bytes = nephi_base64_decode((unsigned char *)back, out, length);
    demand(bytes == (int64_t)size && memcmp(back, text, size) == 0);
    bytes = nephi_base64_decode((unsigned char *)back, text, size);
    demand(bytes <= (int64_t)size / 4 * 3);
    length = nephi_hex(out, (const unsigned char *)text, size);
    demand(length == 2 * size);
}

static void check_message(const char *text, size_t size)
{
    char field[160];
    size_t i;
    nephi_error_text(field, sizeof field, text, size);
    demand(nephi_is_utf8(field, strlen(field)));
    for (i = 0; field[i]; i++)
        demand((unsigned char)field[i] >= ' ' && field[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *out = malloc(3 * size + 8), *back = malloc(3 * size + 8);
    if (text && out && back) {
        memcpy(text, data, size);
        text = realloc(text, size ? size : 1); /* no NUL behind it */
        check_numbers(text, size);
        check_time(text, size);
        check_encodings(text, size, out, back);
        check_message(text, size);
    }
    free(text);
    free(out);
    free(back);
    return 0;
}
