// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: borrowed spans, bounded growing buffers with a sticky error, and allocation that never returns NULL.
// Threads: any, one object at a time.
// Ownership: a span borrows; a buf owns its bytes until w3p_buf_deinit or w3p_buf_take.
#ifndef W3P_BASE_BYTES_H
#define W3P_BASE_BYTES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

__extension__ typedef unsigned __int128 w3p_u128;

struct w3p_span {
    const uint8_t *ptr;
    size_t len;
};

#define W3P_SPAN(p, n) ((struct w3p_span){.ptr = (const uint8_t *)(p), .len = (n)})
#define W3P_SPAN_LIT(s) W3P_SPAN("" s, sizeof(s) - 1)

struct w3p_span w3p_span_str(const char *text); // text may be NULL: the empty span
bool w3p_span_eq(struct w3p_span a, struct w3p_span b);
bool w3p_span_eq_str(struct w3p_span a, const char *text);
bool w3p_span_has_prefix(struct w3p_span a, const char *prefix);

// Appends what a stranger wrote to a C string as one line of printable ASCII, so that it can neither look like a line
// of ours nor steer a terminal. room: of the whole string with its NUL; the rest is cut.
void w3p_text_add_plain(char *out, size_t room, const char *text);

// Growing buffer. Every one has a maximum from birth. A put that would pass it sets `failed`, changes nothing else,
// and all later puts do nothing: write everything, then ask w3p_buf_status once. The bytes are always followed by a
// NUL that len does not count, so text may be read as a C string (ptr is NULL only before the first put).
struct w3p_buf {
    uint8_t *ptr;
    size_t len, cap, max;
    bool failed;
};

void w3p_buf_init(struct w3p_buf *buf, size_t max_bytes);
void w3p_buf_deinit(struct w3p_buf *buf);                    // frees; the buf may be used again after another init
void w3p_buf_reset(struct w3p_buf *buf);                     // len 0 and no error; keeps the allocation
void w3p_buf_reserve(struct w3p_buf *buf, size_t len);       // room for len bytes in all, or as many as it may hold
int w3p_buf_status(const struct w3p_buf *buf) W3P_NODISCARD; // W3P_OK or W3P_E_LIMIT
struct w3p_span w3p_buf_span(const struct w3p_buf *buf);
const char *w3p_buf_str(const struct w3p_buf *buf); // never NULL
char *w3p_buf_take(struct w3p_buf *buf);            // the caller frees; the buf is empty afterwards

// len more bytes, which the caller writes at once; NULL, and the sticky error, when that would pass the maximum.
uint8_t *w3p_buf_claim(struct w3p_buf *buf, size_t len);
void w3p_buf_put(struct w3p_buf *buf, const void *bytes, size_t len);
void w3p_buf_put_span(struct w3p_buf *buf, struct w3p_span span);
void w3p_buf_put_str(struct w3p_buf *buf, const char *text);
void w3p_buf_put_u8(struct w3p_buf *buf, uint8_t value);
void w3p_buf_put_le16(struct w3p_buf *buf, uint16_t value);
void w3p_buf_put_le32(struct w3p_buf *buf, uint32_t value);
void w3p_buf_put_le64(struct w3p_buf *buf, uint64_t value);
void w3p_buf_put_le128(struct w3p_buf *buf, w3p_u128 value);
void w3p_buf_put_hex(struct w3p_buf *buf, const uint8_t *bytes, size_t len); // lower case, no 0x
void w3p_buf_printf(struct w3p_buf *buf, const char *fmt, ...) W3P_PRINTF(2, 3);
void w3p_buf_vprintf(struct w3p_buf *buf, const char *fmt, va_list args) W3P_PRINTF(2, 0);

// Allocation: zeroed, aborts with one line when memory is gone. Free with free().
void *w3p_calloc(size_t count, size_t size);
void *w3p_alloc(size_t count, size_t size); // not zeroed: only for what is written before it is read
char *w3p_strdup(const char *text);         // NULL gives NULL
char *w3p_strndup(const char *text, size_t len);
void *w3p_memdup(const void *bytes, size_t len); // one spare NUL byte behind

// Decimal text of planck amounts and the like. out40 holds any u128. Parsing: digits only, no sign, no leading
// zeros but "0" itself; W3P_E_RANGE on overflow.
void w3p_u128_format(char out40[40], w3p_u128 value);
#define W3P_U64_DIGITS_MAX 20
size_t w3p_u64_digits(char *out20, uint64_t value); // how many; no NUL behind them
int w3p_u128_parse(w3p_u128 *out, const char *text, size_t len) W3P_NODISCARD;
int w3p_u64_parse(uint64_t *out, const char *text, size_t len) W3P_NODISCARD;

// Length of the valid UTF-8 sequence at text (1..4), 0 if there is none; left is at least 1. Overlong forms, surrogates
// and code points above U+10FFFF are none (RFC 3629).
size_t w3p_utf8_len(const uint8_t *text, size_t left);

#endif
