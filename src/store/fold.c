// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: fold.h. The tables are libc's own for C.UTF-8, which needs no installed locale; without them (another
// libc) only ASCII is folded.
#include "store/fold.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define FOLD_TEXT_MAX (1u << 20)

static locale_t utf8_locale;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void utf8_locale_make(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

// Length of the well-formed character at `at`, 0 when there is none. Overlong forms and surrogates are none.
static size_t utf8_decode(uint32_t *out, const uint8_t *at, size_t left)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc0 ? 2 : 0;

    if (len == 0 || len > left || at[0] > 0xf4)
        return 0;
    uint32_t c = at[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (at[i] & 0x3fu);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *out = c;
    return len;
}

static void utf8_put(struct w3p_buf *out, uint32_t c)
{
    uint8_t bytes[4];
    size_t len;

    if (c < 0x80) {
        bytes[0] = (uint8_t)c;
        len = 1;
    } else if (c < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | c >> 6);
        len = 2;
    } else if (c < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | c >> 12);
        len = 3;
    } else {
        bytes[0] = (uint8_t)(0xf0 | c >> 18);
        len = 4;
    }
    for (size_t i = 1; i < len; i++)
        bytes[i] = (uint8_t)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3f));
    w3p_buf_put(out, bytes, len);
}

void w3p_store_fold(struct w3p_buf *out, const char *text, size_t len)
{
    const uint8_t *at = (const uint8_t *)text;

    pthread_once(&utf8_once, utf8_locale_make);
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = at[i] < 0x80 ? 0 : utf8_decode(&c, at + i, len - i);
        if (n == 0 || utf8_locale == (locale_t)0) {
            w3p_buf_put_u8(out, (uint8_t)(at[i] >= 'A' && at[i] <= 'Z' ? at[i] + 32 : at[i]));
            i++;
            continue;
        }
        // Upper first: letters with two lower-case forms (sigma, the long s) meet there.
        utf8_put(out, (uint32_t)towlower_l(towupper_l((wint_t)c, utf8_locale), utf8_locale));
        i += n;
    }
}

static void sql_fold(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *text = (const char *)sqlite3_value_text(argv[0]);
    struct w3p_buf out;

    (void)argc;
    if (!text)
        return; // NULL stays NULL
    w3p_buf_init(&out, FOLD_TEXT_MAX);
    w3p_store_fold(&out, text, (size_t)sqlite3_value_bytes(argv[0]));
    if (w3p_buf_status(&out) != W3P_OK) {
        sqlite3_result_error_toobig(context);
    } else {
        int len = (int)out.len; // at most FOLD_TEXT_MAX
        sqlite3_result_text(context, len ? w3p_buf_take(&out) : "", len, len ? free : SQLITE_STATIC);
    }
    w3p_buf_deinit(&out);
}

int w3p_store_fold_register(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      sql_fold, NULL, NULL, NULL);
}
