// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: spans, bounded growing buffers, allocation that aborts instead of failing, decimal text of wide integers.
// Touches nothing but memory (and stderr once, before it aborts).
#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_CAP_BYTES 128
#define SMALL_BYTES 1024 // what glibc keeps for the thread, about
#define TEN_POW_19 UINT64_C(10000000000000000000)

// ---- allocation ----

static _Noreturn void die_out_of_memory(void)
{
    static const char line[] = "w3pin: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)ignored;
    abort();
}

// One byte at least: NULL shall never be a valid answer.
static size_t total(size_t count, size_t size)
{
    size_t len;
    if (__builtin_mul_overflow(count, size, &len))
        die_out_of_memory();
    return len > 0 ? len : 1;
}

void *w3p_alloc(size_t count, size_t size)
{
    void *ptr = malloc(total(count, size));
    if (ptr == NULL)
        die_out_of_memory();
    return ptr;
}

void *w3p_calloc(size_t count, size_t size)
{
    size_t len = total(count, size);
    if (len <= SMALL_BYTES) // glibc's calloc passes by the thread's own store of small blocks, which malloc has
        return memset(w3p_alloc(1, len), 0, len);
    void *ptr = calloc(1, len);
    if (ptr == NULL)
        die_out_of_memory();
    return ptr;
}

void *w3p_memdup(const void *bytes, size_t len)
{
    if (len == SIZE_MAX)
        die_out_of_memory();
    char *copy = malloc(len + 1);
    if (copy == NULL)
        die_out_of_memory();
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *w3p_strdup(const char *text)
{
    return text == NULL ? NULL : w3p_memdup(text, strlen(text));
}

char *w3p_strndup(const char *text, size_t len)
{
    return text == NULL ? NULL : w3p_memdup(text, strnlen(text, len));
}

// ---- spans ----

struct w3p_span w3p_span_str(const char *text)
{
    return W3P_SPAN(text, text == NULL ? 0 : strlen(text));
}

bool w3p_span_eq(struct w3p_span a, struct w3p_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool w3p_span_eq_str(struct w3p_span a, const char *text)
{
    return w3p_span_eq(a, w3p_span_str(text));
}

bool w3p_span_has_prefix(struct w3p_span a, const char *prefix)
{
    size_t len = strlen(prefix);
    return a.len >= len && (len == 0 || memcmp(a.ptr, prefix, len) == 0);
}

// ---- buffers ----

void w3p_buf_init(struct w3p_buf *buf, size_t max_bytes)
{
    *buf = (struct w3p_buf){.max = max_bytes < SIZE_MAX / 4 ? max_bytes : SIZE_MAX / 4};
}

void w3p_buf_deinit(struct w3p_buf *buf)
{
    free(buf->ptr);
    *buf = (struct w3p_buf){0};
}

void w3p_buf_reset(struct w3p_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->ptr != NULL)
        buf->ptr[0] = '\0';
}

int w3p_buf_status(const struct w3p_buf *buf)
{
    return buf->failed ? W3P_E_LIMIT : W3P_OK;
}

struct w3p_span w3p_buf_span(const struct w3p_buf *buf)
{
    return W3P_SPAN(buf->ptr, buf->len);
}

const char *w3p_buf_str(const struct w3p_buf *buf)
{
    return buf->ptr == NULL ? "" : (const char *)buf->ptr;
}

char *w3p_buf_take(struct w3p_buf *buf)
{
    char *text = buf->ptr == NULL ? w3p_strdup("") : (char *)buf->ptr;
    w3p_buf_init(buf, buf->max);
    return text;
}

static void grow(struct w3p_buf *buf, size_t needed)
{
    size_t cap = buf->cap < FIRST_CAP_BYTES ? FIRST_CAP_BYTES : buf->cap;
    while (cap < needed)
        cap *= 2;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    uint8_t *ptr = realloc(buf->ptr, cap);
    if (ptr == NULL)
        die_out_of_memory();
    buf->ptr = ptr;
    buf->cap = cap;
}

uint8_t *w3p_buf_claim(struct w3p_buf *buf, size_t len)
{
    if (buf->failed || len > buf->max - buf->len) {
        buf->failed = true;
        return NULL;
    }
    if (buf->cap - buf->len <= len) // also when nothing is allocated: 0 - 0 <= len
        grow(buf, buf->len + len + 1);
    uint8_t *at = buf->ptr + buf->len;
    buf->len += len;
    at[len] = '\0';
    return at;
}

void w3p_buf_reserve(struct w3p_buf *buf, size_t len)
{
    len = len < buf->max ? len : buf->max;
    if (buf->cap <= len) {
        grow(buf, len + 1);
        buf->ptr[buf->len] = '\0';
    }
}

void w3p_buf_put(struct w3p_buf *buf, const void *bytes, size_t len)
{
    uint8_t *to = w3p_buf_claim(buf, len);
    if (to != NULL && len > 0)
        memcpy(to, bytes, len);
}

void w3p_buf_put_span(struct w3p_buf *buf, struct w3p_span span)
{
    w3p_buf_put(buf, span.ptr, span.len);
}

void w3p_buf_put_str(struct w3p_buf *buf, const char *text)
{
    w3p_buf_put(buf, text, text == NULL ? 0 : strlen(text));
}

void w3p_buf_put_u8(struct w3p_buf *buf, uint8_t value)
{
    uint8_t *to = w3p_buf_claim(buf, 1);
    if (to != NULL)
        *to = value;
}

static void put_le(struct w3p_buf *buf, w3p_u128 value, size_t len)
{
    uint8_t *to = w3p_buf_claim(buf, len);
    if (to == NULL)
        return;
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

void w3p_buf_put_le16(struct w3p_buf *buf, uint16_t value)
{
    put_le(buf, value, 2);
}

void w3p_buf_put_le32(struct w3p_buf *buf, uint32_t value)
{
    put_le(buf, value, 4);
}

void w3p_buf_put_le64(struct w3p_buf *buf, uint64_t value)
{
    put_le(buf, value, 8);
}

void w3p_buf_put_le128(struct w3p_buf *buf, w3p_u128 value)
{
    put_le(buf, value, 16);
}

void w3p_buf_put_hex(struct w3p_buf *buf, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *to = w3p_buf_claim(buf, len <= SIZE_MAX / 2 ? 2 * len : SIZE_MAX);
    if (to == NULL)
        return;
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = (uint8_t)digits[bytes[i] >> 4];
        to[2 * i + 1] = (uint8_t)digits[bytes[i] & 15];
    }
}

void w3p_buf_vprintf(struct w3p_buf *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    uint8_t *to = len < 0 ? NULL : w3p_buf_claim(buf, (size_t)len);
    if (len < 0)
        buf->failed = true;
    if (to != NULL)
        vsnprintf((char *)to, (size_t)len + 1, fmt, again);
    va_end(again);
}

void w3p_buf_printf(struct w3p_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    w3p_buf_vprintf(buf, fmt, args);
    va_end(args);
}

// ---- decimal text ----

#define TEN(tens) tens "0" tens "1" tens "2" tens "3" tens "4" tens "5" tens "6" tens "7" tens "8" tens "9"
static const char digit_pairs[] =
    TEN("0") TEN("1") TEN("2") TEN("3") TEN("4") TEN("5") TEN("6") TEN("7") TEN("8") TEN("9");

static size_t count_digits(uint64_t value)
{
    size_t count = 1;
    for (; value >= 10000; value /= 10000)
        count += 4;
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t w3p_u64_digits(char *out20, uint64_t value)
{
    if (value < 10) { // many are
        out20[0] = (char)('0' + value);
        return 1;
    }
    size_t len = count_digits(value), at = len;
    for (; value >= 100; value /= 100) {
        at -= 2;
        memcpy(out20 + at, digit_pairs + value % 100 * 2, 2);
    }
    if (at == 2)
        memcpy(out20, digit_pairs + value * 2, 2);
    else
        out20[0] = (char)('0' + value);
    return len;
}

void w3p_u128_format(char out40[40], w3p_u128 value)
{
    uint64_t low[2]; // 19 digits each, behind what is left
    size_t parts = 0, len;
    // Wide division is slow: at most two of them, then 64-bit arithmetic.
    for (; value > UINT64_MAX; value /= TEN_POW_19)
        low[parts++] = (uint64_t)(value % TEN_POW_19);
    len = w3p_u64_digits(out40, (uint64_t)value);
    while (parts > 0) {
        uint64_t rest = low[--parts];
        for (size_t i = 19; i > 0; i--, rest /= 10)
            out40[len + i - 1] = (char)('0' + rest % 10);
        len += 19;
    }
    out40[len] = '\0';
}

int w3p_u128_parse(w3p_u128 *out, const char *text, size_t len)
{
    const w3p_u128 max = ~(w3p_u128)0;
    w3p_u128 value = 0;
    bool overflow = false;
    if (len == 0 || (len > 1 && text[0] == '0'))
        return W3P_E_INVALID;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)(uint8_t)text[i] - '0';
        if (digit > 9)
            return W3P_E_INVALID;
        if (value > max / 10 || value * 10 > max - digit)
            overflow = true;
        else
            value = value * 10 + digit;
    }
    if (overflow)
        return W3P_E_RANGE;
    *out = value;
    return W3P_OK;
}

int w3p_u64_parse(uint64_t *out, const char *text, size_t len)
{
    w3p_u128 wide;
    int err = w3p_u128_parse(&wide, text, len);
    if (err != W3P_OK)
        return err;
    if (wide > UINT64_MAX)
        return W3P_E_RANGE;
    *out = (uint64_t)wide;
    return W3P_OK;
}

size_t w3p_utf8_len(const uint8_t *text, size_t left)
{
    uint8_t lead = text[0], second_min = 0x80, second_max = 0xbf;
    size_t len = 0;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        len = 2;
    else if (lead >= 0xe0 && lead <= 0xef)
        len = 3;
    else if (lead >= 0xf0 && lead <= 0xf4)
        len = 4;
    if (len == 0 || len > left)
        return 0;
    if (lead == 0xe0)
        second_min = 0xa0;
    else if (lead == 0xed)
        second_max = 0x9f;
    else if (lead == 0xf0)
        second_min = 0x90;
    else if (lead == 0xf4)
        second_max = 0x8f;
    if (text[1] < second_min || text[1] > second_max)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

void w3p_text_add_plain(char *out, size_t room, const char *text)
{
    size_t n = strlen(out);
    bool space = n > 0 && out[n - 1] == ' ';
    for (; *text != '\0' && n + 1 < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c == 0x7f) {
            if (space)
                continue;
            c = ' ';
        }
        space = c == ' ';
        out[n++] = (char)(c < 0x80 ? c : '?');
    }
    out[n] = '\0';
}
