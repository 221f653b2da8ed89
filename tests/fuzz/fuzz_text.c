// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the small readers of foreign text: date-times, UUIDs, decimal numbers, UTF-8. Each against what it was
// written from: a value that is read is written back and read again, and numbers and characters are read a second time
// here.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define YEAR_9999_END_MS 253402300799999

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_time(const char *text, size_t len)
{
    int64_t ms = -77, again = 0;
    char out[W3P_RFC3339_LEN + 1];
    if (w3p_rfc3339_parse(&ms, text, len) != W3P_OK) {
        require(ms == -77);
        return;
    }
    require(len >= 20 && text[4] == '-' && text[13] == ':');
    if (ms < 0 || ms > YEAR_9999_END_MS) // what is written begins with 1970
        return;
    w3p_rfc3339_format(out, ms);
    require(strlen(out) == W3P_RFC3339_LEN && w3p_rfc3339_parse(&again, out, W3P_RFC3339_LEN) == W3P_OK && again == ms);
    if (len == W3P_RFC3339_LEN && text[23] == 'Z' && text[10] == 'T') // the form that we write is one form
        require(memcmp(out, text, len) == 0);
    require(w3p_clock_day(ms) == ms / 86400000);
}

static void check_uuid(const char *text, size_t len)
{
    bool good = len == 36;
    for (size_t i = 0; good && i < len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        good = dash ? text[i] == '-' : text[i] != '\0' && strchr("0123456789abcdef", text[i]) != NULL;
    }
    require(good == (w3p_uuid_check(text, len) == W3P_OK));
    if (!good)
        return;
    char copy[37] = {0};
    int64_t ms = w3p_uuid7_time(text);
    memcpy(copy, text, len);
    w3p_uuid7_set_time(copy, ms);
    require(ms >= 0 && memcmp(copy, text, len) == 0);
    w3p_uuid7_set_time(copy, 0);
    require(w3p_uuid7_time(copy) == 0 && memcmp(copy + 14, text + 14, len - 14) == 0);
}

// One that we make is one that we take, and it carries the time.
static void check_made_uuid(const uint8_t *data, size_t size)
{
    char out[37];
    int64_t now_ms = 0, carried = 0;
    if (size != 7 || data[0] != 'U')
        return;
    for (size_t i = 1; i < 7; i++)
        now_ms = now_ms << 8 | data[i];
    w3p_clock_fake(&now_ms);
    require(w3p_clock_wall_ms() == now_ms && w3p_clock_mono_ms() == now_ms);
    w3p_uuid7(out);
    w3p_clock_fake(NULL);
    require(w3p_uuid_check(out, 36) == W3P_OK && out[14] == '7' && strchr("89ab", out[19]) != NULL);
    for (size_t i = 0; i < 13; i++)
        if (out[i] != '-')
            carried = carried << 4 | (out[i] <= '9' ? out[i] - '0' : out[i] - 'a' + 10);
    require(carried == now_ms && w3p_uuid7_time(out) == now_ms);
    out[8] = '0'; // a dash that is none, and a digit
    require(w3p_uuid7_time(out) == -1);
    out[8] = '-';
    out[3] = 'g';
    require(w3p_uuid7_time(out) == -1);
}

static void check_number(const char *text, size_t len)
{
    static const char max128[] = "340282366920938463463374607431768211455", max64[] = "18446744073709551615";
    w3p_u128 wide = 7;
    uint64_t narrow = 7;
    char out[40];
    bool digits = len > 0 && (len == 1 || text[0] != '0');
    for (size_t i = 0; digits && i < len; i++)
        digits = text[i] >= '0' && text[i] <= '9';
    bool fits128 = digits && (len < 39 || (len == 39 && memcmp(text, max128, 39) <= 0));
    bool fits64 = digits && (len < 20 || (len == 20 && memcmp(text, max64, 20) <= 0));
    int err128 = w3p_u128_parse(&wide, text, len), err64 = w3p_u64_parse(&narrow, text, len);
    require((err128 == W3P_OK) == fits128 && (err64 == W3P_OK) == fits64);
    require((err128 == W3P_OK || wide == 7) && (err64 == W3P_OK || narrow == 7));
    if (err64 == W3P_OK)
        require(err128 == W3P_OK && wide == narrow);
    if (err128 != W3P_OK)
        return;
    w3p_u128_format(out, wide);
    require(strlen(out) == len && memcmp(out, text, len) == 0);
}

// The length of the first character by its bits alone; 0 for none.
static size_t first_character(const uint8_t *text, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = text[0] < 0x80 ? 1 : text[0] >> 5 == 6 ? 2 : text[0] >> 4 == 14 ? 3 : text[0] >> 3 == 30 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    uint32_t c = len == 1 ? text[0] : text[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    return c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : len;
}

static void check_utf8(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        require(w3p_utf8_len(text + i, len - i) == first_character(text + i, len - i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_time((const char *)data, size);
    check_uuid((const char *)data, size);
    check_made_uuid(data, size);
    check_number((const char *)data, size);
    check_utf8(data, size);
    return 0;
}
