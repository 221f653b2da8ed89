// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: dates that do not exist are refused, dates agree with the C library, the clock can be replaced, UUIDs are of
// version 7, in order and unique.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const char *const no_dates[] = {
    "",
    "2026",
    "2026-11-21",
    "2026-11-21T01:02:03",
    "2026-11-21 01:02:03Z",
    "2026-11-21T01:02Z",
    "2026-11-21T01:02:03.Z",
    "2026-11-21T01:02:03,5Z",
    "2026-11-21T01:02:03.0123456789Z",
    "2026-11-21T01:02:03 00:00", // '+' of a form that was decoded
    "2026-11-21T01:02:03+0000",
    "2026-11-21T01:02:03+00",
    "2026-11-21T01:02:03+24:00",
    "2026-11-21T01:02:03+00:60",
    "2026-11-21T01:02:03ZZ",
    "2026-11-21T01:02:03Z ",
    " 2026-11-21T01:02:03Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T01:60:00Z",
    "2026-11-21T01:02:61Z",
    "2016-12-31T23:59:60Z", // a real leap second: Unix time cannot tell it
    "2026-00-21T01:02:03Z",
    "2026-13-21T01:02:03Z",
    "2026-11-00T01:02:03Z",
    "2026-11-31T01:02:03Z",
    "2026-02-29T01:02:03Z",
    "2100-02-29T01:02:03Z",
    "1900-02-29T01:02:03Z",
    "+026-11-21T01:02:03Z",
    "-026-11-21T01:02:03Z",
    "12026-11-21T01:02:03Z",
    "2026-1-21T01:02:03Z",
    "2026-11-21T1:02:03Z",
    "20261121T010203Z",
    "2026-11-21T-1:02:03Z",
};

Test(clock, refuses_what_is_no_date)
{
    for (size_t i = 0; i < sizeof(no_dates) / sizeof(no_dates[0]); i++) {
        int64_t ms = 77;
        cr_expect(w3p_rfc3339_parse(&ms, no_dates[i], strlen(no_dates[i])) == W3P_E_INVALID, "\"%s\"", no_dates[i]);
        cr_expect(ms == 77, "\"%s\"", no_dates[i]);
    }
    int64_t ms;
    cr_expect(w3p_rfc3339_parse(&ms, "2026-11-21T01:02:03\0Z", 21) == W3P_E_INVALID);
    // Every proper prefix of a date is none.
    static const char whole[] = "2026-11-21T01:02:03.004+05:30";
    for (size_t len = 0; len < sizeof(whole) - 1; len++)
        cr_expect(w3p_rfc3339_parse(&ms, whole, len) == W3P_E_INVALID, "%zu", len);
}

static const struct {
    const char *text;
    int64_t ms;
} dates[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.001Z", 1},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2000-02-29T00:00:00Z", 951782400000},
    {"2026-11-21T01:02:03.004Z", 1795222923004},
    {"2026-11-21t01:02:03.004z", 1795222923004},
    {"2026-11-21T06:32:03.004+05:30", 1795222923004},
    {"2026-11-20T17:02:03.004-08:00", 1795222923004},
    {"2026-11-21T01:02:03.004-00:00", 1795222923004},
    {"2026-11-21T01:02:03.0049Z", 1795222923004}, // cut, not rounded
    {"2026-11-21T01:02:03.004999999Z", 1795222923004},
    {"2026-11-21T01:02:03.5Z", 1795222923500},
    {"2026-11-21T01:02:03.05Z", 1795222923050},
    {"9999-12-31T23:59:59.999Z", 253402300799999},
    {"0001-01-01T00:00:00Z", -62135596800000}, // the zero time of Go clients
    {"0000-01-01T00:00:00Z", -62167219200000},
    {"1969-12-31T23:59:59.9991Z", -1},
};

Test(clock, parses_dates)
{
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        int64_t ms = 0;
        cr_expect(w3p_rfc3339_parse(&ms, dates[i].text, strlen(dates[i].text)) == W3P_OK, "%s", dates[i].text);
        cr_expect(ms == dates[i].ms, "%s is %lld", dates[i].text, (long long)ms);
    }
}

Test(clock, formats_as_the_c_library_and_back)
{
    uint32_t state = 1;
    for (int64_t ms = 0; ms <= 253402300799999; ms += 86400000LL * 19 + state % 86400000) {
        char text[W3P_RFC3339_LEN + 1], expected[64];
        time_t seconds = (time_t)(ms / 1000);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        size_t len = strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(expected + len, sizeof(expected) - len, ".%03dZ", (int)(ms % 1000));
        w3p_rfc3339_format(text, ms);
        cr_assert(strcmp(text, expected) == 0, "%lld: %s, expected %s", (long long)ms, text, expected);
        int64_t back;
        cr_assert(w3p_rfc3339_parse(&back, text, strlen(text)) == W3P_OK && back == ms, "%s", text);
        state = state * 1664525 + 1013904223;
    }
}

Test(clock, format_stays_inside_its_years)
{
    char text[W3P_RFC3339_LEN + 1];
    w3p_rfc3339_format(text, INT64_MIN);
    cr_expect(eq(str, text, "1970-01-01T00:00:00.000Z"));
    w3p_rfc3339_format(text, INT64_MAX);
    cr_expect(eq(str, text, "9999-12-31T23:59:59.999Z"));
}

Test(clock, days_change_at_midnight)
{
    cr_expect(w3p_clock_day(0) == 0);
    cr_expect(w3p_clock_day(86399999) == 0);
    cr_expect(w3p_clock_day(86400000) == 1);
    cr_expect(w3p_clock_day(-1) == -1);
    cr_expect(w3p_clock_day(-86400000) == -1);
    cr_expect(w3p_clock_day(-86400001) == -2);
}

Test(clock, can_be_replaced)
{
    int64_t now_ms = 1795222923004;
    int64_t real_ms = w3p_clock_wall_ms();
    w3p_clock_fake(&now_ms);
    cr_expect(w3p_clock_wall_ms() == now_ms && w3p_clock_mono_ms() == now_ms);
    cr_expect(w3p_clock_mono_ns() == 1795222923004000000);
    now_ms++;
    cr_expect(w3p_clock_wall_ms() == 1795222923005);
    w3p_clock_fake(NULL);
    cr_expect(w3p_clock_wall_ms() - real_ms < 60000);
    cr_expect(real_ms > 1600000000000);
    uint64_t before = w3p_clock_mono_ns();
    cr_expect(w3p_clock_mono_ns() >= before);
    cr_expect(w3p_clock_mono_ms() - (int64_t)(before / 1000000) < 60000);
}

Test(clock, uuid7_has_time_version_and_variant)
{
    int64_t now_ms = 0x017f22e279b0; // the example of RFC 9562, appendix A.6
    char first[37], second[37];
    w3p_clock_fake(&now_ms);
    w3p_uuid7(first);
    w3p_uuid7(second);
    cr_expect(strncmp(first, "017f22e2-79b0-7", 15) == 0, "%s", first);
    cr_expect(strchr("89ab", first[19]) != NULL, "%s", first);
    cr_expect(strcmp(first, second) != 0);
    cr_expect(w3p_uuid_check(first, strlen(first)) == W3P_OK);
    now_ms++;
    w3p_uuid7(second);
    cr_expect(strcmp(first, second) < 0, "%s, then %s", first, second);
}

Test(clock, uuid7_takes_another_time)
{
    static const char *const none[] = {"",
                                       "0",
                                       "01900000",
                                       "01900000-",
                                       "01900000-000",
                                       "01900000-000g",
                                       "01900000_0000-7000-8000-000000000000",
                                       "r1",
                                       "0190000G-0000",
                                       "01900000\xff"};
    static const int64_t times[] = {0, 1, 1790000000000, 0xfedcba987654, 0xffffffffffff};
    char uuid[37], before[37];

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect(w3p_uuid7_time(none[i]) == -1, "\"%s\"", none[i]);
    w3p_uuid7(uuid);
    memcpy(before, uuid, sizeof before);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        w3p_uuid7_set_time(uuid, times[i]);
        cr_expect(w3p_uuid7_time(uuid) == times[i], "%s", uuid);
        cr_expect(w3p_uuid_check(uuid, strlen(uuid)) == W3P_OK, "%s", uuid);
        cr_expect(strcmp(uuid + 13, before + 13) == 0, "%s", uuid);
    }
    cr_expect(strncmp(uuid, "ffffffff-ffff-7", 15) == 0, "%s", uuid);
    cr_expect(w3p_uuid7_time("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 0x017f22e279b0); // RFC 9562, appendix A.6
}

Test(clock, uuid_check_is_strict)
{
    static const char *const wrong[] = {
        "",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e279b0-7cc3-98c4-dc0c0c07398f--",
        "017f22e2079b007cc3098c40dc0c0c07398f",
        "----f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        cr_expect(w3p_uuid_check(wrong[i], strlen(wrong[i])) == W3P_E_INVALID, "\"%s\"", wrong[i]);
    cr_expect(w3p_uuid_check("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36) == W3P_OK);
    cr_expect(w3p_uuid_check("00000000-0000-0000-0000-000000000000", 36) == W3P_OK);
}
