// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: clocks, RFC 3339 and UUIDv7 by plain arithmetic: no time zone, no locale, no lock, so that a request costs
// little. Reads the kernel's clocks and random source; remembers the date of the last day that a thread wrote.
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define MS_PER_DAY INT64_C(86400000)
#define LAST_MS INT64_C(253402300799999) // 9999-12-31T23:59:59.999Z

static const int64_t *fake_now_ms;

static uint64_t read_clock_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0)
        abort(); // cannot happen with the two constant ids
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool read_fake(int64_t *out_ms)
{
    // Tests advance the value from one thread while others look at it.
    if (fake_now_ms == NULL)
        return false;
    *out_ms = __atomic_load_n(fake_now_ms, __ATOMIC_RELAXED);
    return true;
}

int64_t w3p_clock_wall_ms(void)
{
    int64_t now_ms;
    return read_fake(&now_ms) ? now_ms : (int64_t)(read_clock_ns(CLOCK_REALTIME) / 1000000);
}

int64_t w3p_clock_mono_ms(void)
{
    int64_t now_ms;
    return read_fake(&now_ms) ? now_ms : (int64_t)(read_clock_ns(CLOCK_MONOTONIC) / 1000000);
}

uint64_t w3p_clock_mono_ns(void)
{
    int64_t now_ms;
    return read_fake(&now_ms) ? (uint64_t)now_ms * 1000000 : read_clock_ns(CLOCK_MONOTONIC);
}

void w3p_clock_fake(const int64_t *now_ms)
{
    fake_now_ms = now_ms;
}

int64_t w3p_clock_day(int64_t wall_ms)
{
    int64_t day = wall_ms / MS_PER_DAY;
    return wall_ms % MS_PER_DAY < 0 ? day - 1 : day;
}

// ---- calendar ----

// The year is taken to begin on 1 March, so that the leap day is its last one and months follow one formula.
// Days are counted from 0000-03-01, which lies 719468 days before 1970-01-01.
#define EPOCH_DAY 719468
#define DAYS_PER_ERA 146097 // 400 Gregorian years

struct civil {
    unsigned year, month, day;
};

static struct civil civil_from_day(int64_t day_since_1970)
{
    uint64_t days = (uint64_t)(day_since_1970 + EPOCH_DAY);
    unsigned era = (unsigned)(days / DAYS_PER_ERA), day_of_era = (unsigned)(days % DAYS_PER_ERA);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned march_month = (5 * day_of_year + 2) / 153;
    struct civil civil = {
        .year = era * 400 + year_of_era + (march_month >= 10),
        .month = march_month < 10 ? march_month + 3 : march_month - 9,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
    return civil;
}

static int64_t day_from_civil(struct civil civil)
{
    // One era further up, so that January and February of the year 0 stay positive.
    unsigned year = civil.year + 400 - (civil.month <= 2);
    unsigned march_month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
    int64_t days = (int64_t)year * 365 + year / 4 - year / 100 + year / 400;
    return days + (153 * march_month + 2) / 5 + civil.day - 1 - DAYS_PER_ERA - EPOCH_DAY;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

// ---- RFC 3339 ----

static void put_two(char *to, unsigned value)
{
    to[0] = (char)('0' + value / 10);
    to[1] = (char)('0' + value % 10);
}

#define DATE_LEN 10 // "2026-11-21"

static void put_date(char *to, int64_t day)
{
    // What one thread writes about is mostly of one day, or of a few in turn.
    static _Thread_local struct {
        int64_t day_plus_1; // 0: none yet
        char text[DATE_LEN];
    } last;
    if (last.day_plus_1 != day + 1) {
        struct civil civil = civil_from_day(day);
        put_two(last.text, civil.year / 100);
        put_two(last.text + 2, civil.year % 100);
        last.text[4] = last.text[7] = '-';
        put_two(last.text + 5, civil.month);
        put_two(last.text + 8, civil.day);
        last.day_plus_1 = day + 1;
    }
    memcpy(to, last.text, DATE_LEN);
}

void w3p_rfc3339_format(char out25[W3P_RFC3339_LEN + 1], int64_t wall_ms)
{
    int64_t ms = wall_ms < 0 ? 0 : wall_ms > LAST_MS ? LAST_MS : wall_ms;
    unsigned rest = (unsigned)(ms % MS_PER_DAY), minutes = rest / 60000, fraction = rest % 60000;
    put_date(out25, ms / MS_PER_DAY);
    out25[10] = 'T';
    put_two(out25 + 11, minutes / 60);
    out25[13] = ':';
    put_two(out25 + 14, minutes % 60);
    out25[16] = ':';
    put_two(out25 + 17, fraction / 1000);
    out25[19] = '.';
    out25[20] = (char)('0' + fraction % 1000 / 100);
    put_two(out25 + 21, fraction % 100);
    out25[23] = 'Z';
    out25[24] = '\0';
}

struct scan {
    const char *at, *end;
    bool bad;
};

static bool scan_char(struct scan *s, char a, char b)
{
    if (s->at == s->end || (*s->at != a && *s->at != b))
        return false;
    s->at++;
    return true;
}

static void need_char(struct scan *s, char a, char b)
{
    if (!scan_char(s, a, b))
        s->bad = true;
}

static unsigned need_number(struct scan *s, unsigned digits, unsigned min, unsigned max)
{
    unsigned value = 0;
    for (unsigned i = 0; i < digits; i++, s->at++) {
        if (s->at == s->end || *s->at < '0' || *s->at > '9') {
            s->bad = true;
            return min;
        }
        value = value * 10 + (unsigned)(*s->at - '0');
    }
    if (value < min || value > max) {
        s->bad = true;
        return min;
    }
    return value;
}

// ".123456789" → 123: cut, not rounded, as JavaScript clients do.
static unsigned scan_fraction_ms(struct scan *s)
{
    unsigned ms = 0, digits = 0;
    if (!scan_char(s, '.', '.'))
        return 0;
    for (; s->at != s->end && *s->at >= '0' && *s->at <= '9'; s->at++, digits++)
        if (digits < 3)
            ms = ms * 10 + (unsigned)(*s->at - '0');
    if (digits == 0 || digits > 9)
        s->bad = true;
    for (; digits < 3; digits++)
        ms *= 10;
    return ms;
}

static int scan_offset_minutes(struct scan *s)
{
    if (scan_char(s, 'Z', 'z'))
        return 0;
    bool west = scan_char(s, '-', '-');
    if (!west)
        need_char(s, '+', '+');
    int minutes = (int)need_number(s, 2, 0, 23) * 60;
    need_char(s, ':', ':');
    minutes += (int)need_number(s, 2, 0, 59);
    return west ? -minutes : minutes;
}

int w3p_rfc3339_parse(int64_t *out_ms, const char *text, size_t len)
{
    struct scan s = {.at = text, .end = text + len};
    struct civil civil;
    civil.year = need_number(&s, 4, 0, 9999);
    need_char(&s, '-', '-');
    civil.month = need_number(&s, 2, 1, 12);
    need_char(&s, '-', '-');
    civil.day = need_number(&s, 2, 1, days_in_month(civil.year, civil.month));
    need_char(&s, 'T', 't');
    int64_t seconds = (int64_t)need_number(&s, 2, 0, 23) * 3600;
    need_char(&s, ':', ':');
    seconds += (int64_t)need_number(&s, 2, 0, 59) * 60;
    need_char(&s, ':', ':');
    // A leap second (60) is refused: Unix time has no number for it.
    seconds += need_number(&s, 2, 0, 59);
    int64_t ms = scan_fraction_ms(&s);
    seconds -= (int64_t)scan_offset_minutes(&s) * 60;
    if (s.bad || s.at != s.end)
        return W3P_E_INVALID;
    *out_ms = day_from_civil(civil) * MS_PER_DAY + seconds * 1000 + ms;
    return W3P_OK;
}

// ---- UUID ----

enum { UUID_TIME_DIGITS = 12, UUID_TIME_DASH = 8 }; // the dash stands among the digits of the time

static void random_bytes(uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno != EINTR)
            abort(); // no ids without randomness
        if (got > 0) {
            out += got;
            len -= (size_t)got;
        }
    }
}

static bool is_dash_position(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void w3p_uuid7(char out37[37])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[16];
    uint64_t now_ms = (uint64_t)w3p_clock_wall_ms();
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    random_bytes(bytes + 6, sizeof(bytes) - 6);
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f)); // version 7
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f)); // variant of RFC 9562
    size_t nibble = 0;
    for (size_t i = 0; i < 36; i++) {
        if (is_dash_position(i)) {
            out37[i] = '-';
            continue;
        }
        out37[i] = digits[nibble % 2 == 0 ? bytes[nibble / 2] >> 4 : bytes[nibble / 2] & 15];
        nibble++;
    }
    out37[36] = '\0';
}

static size_t time_digit_at(size_t i)
{
    return i < UUID_TIME_DASH ? i : i + 1;
}

void w3p_uuid7_set_time(char uuid36[36], int64_t wall_ms)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t rest = (uint64_t)wall_ms;
    for (size_t i = UUID_TIME_DIGITS; i-- > 0; rest >>= 4)
        uuid36[time_digit_at(i)] = digits[rest & 15];
}

int64_t w3p_uuid7_time(const char *text)
{
    uint64_t ms = 0;
    for (size_t i = 0; i < UUID_TIME_DIGITS; i++) {
        if (i == UUID_TIME_DASH && text[i] != '-')
            return -1;
        uint8_t c = (uint8_t)text[time_digit_at(i)];
        bool is_number = (uint8_t)(c - '0') < 10;
        if (!is_number && (uint8_t)(c - 'a') >= 6)
            return -1;
        ms = ms << 4 | (uint8_t)(is_number ? c - '0' : c - 'a' + 10);
    }
    return (int64_t)ms;
}

int w3p_uuid_check(const char *text, size_t len)
{
    if (len != 36)
        return W3P_E_INVALID;
    unsigned dashes = 0, digits = 0; // 4 dashes and 32 digits, and the dashes where they belong
    for (size_t i = 0; i < 36; i++) {
        uint8_t c = (uint8_t)text[i];
        dashes += c == '-';
        digits += (uint8_t)(c - '0') < 10 || (uint8_t)(c - 'a') < 6;
    }
    bool placed = text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
    return dashes == 4 && digits == 32 && placed ? W3P_OK : W3P_E_INVALID;
}
