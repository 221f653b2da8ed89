// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: hosts: what is none, that one host has one spelling, and lists of settings.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "hosts.h"

TestSuite(auth_hosts, .timeout = 30);

#define LABEL60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *text, *host; // NULL: refused
} hosts[] = {
    {"", NULL},
    {".", NULL},
    {"gw.example.", NULL},
    {".example", NULL},
    {"gw..example", NULL},
    {"-gw.example", NULL},
    {"gw-.example", NULL},
    {"gw.-example", NULL},
    {"gw.example-", NULL},
    {"g\xd0\xb5.example", NULL}, // a Cyrillic letter that looks like e
    {"gw.example\xe2\x80\xae", NULL},
    {"g%77.example", NULL},
    {"user@gw.example", NULL},
    {"user:secret@gw.example", NULL},
    {"gw.example/", NULL},
    {"gw.example\\", NULL},
    {"gw example", NULL},
    {" gw.example", NULL},
    {"gw.example:", NULL},
    {"gw.example:0", NULL},
    {"gw.example:080", NULL},
    {"gw.example:65536", NULL},
    {"gw.example:+80", NULL},
    {"gw.example:80:80", NULL},
    {"::1", NULL},
    {"[::1", NULL},
    {"[]", NULL},
    {"[::1]x", NULL},
    {"[::1%25lo]", NULL},
    {"[1.2.3.4]", NULL},
    {"[::1]:", NULL},
    {LABEL60 "aaaa.example", NULL},                                    // 64
    {LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".bbbbbbbbbb", NULL}, // 254
    {LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".bbbbbbbbb:65535",
     LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".bbbbbbbbb:65535"},
    {LABEL60 "aaa.example", LABEL60 "aaa.example"},
    {"gw.example", "gw.example"},
    {"GW.Example:3000", "gw.example:3000"},
    {"gw.example:443", "gw.example:443"},
    {"localhost:1", "localhost:1"},
    {"my_gateway:3000", "my_gateway:3000"},
    {"xn--e1afmkfd.example", "xn--e1afmkfd.example"},
    {"127.0.0.1:8080", "127.0.0.1:8080"},
    {"[0:0:0::0:1]:3000", "[::1]:3000"},
    {"[2001:DB8::A]", "[2001:db8::a]"},
};

Test(auth_hosts, one_spelling)
{
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        char out[W3P_HOST_MAX] = "untouched", again[W3P_HOST_MAX];
        int err = w3p_host_parse(out, w3p_span_str(hosts[i].text));
        cr_expect(eq(int, err, hosts[i].host != NULL ? W3P_OK : W3P_E_INVALID), "%s", hosts[i].text);
        cr_expect(eq(str, out, (char *)(hosts[i].host != NULL ? hosts[i].host : "untouched")), "%s", hosts[i].text);
        if (err == W3P_OK) {
            cr_assert(eq(int, w3p_host_parse(again, w3p_span_str(out)), W3P_OK));
            cr_expect(eq(str, again, out));
        }
    }
    char out[W3P_HOST_MAX];
    cr_expect(eq(int, w3p_host_parse(out, W3P_SPAN("gw\0.example", 11)), W3P_E_INVALID));
    cr_expect(eq(int, w3p_host_parse(out, W3P_SPAN("[::1\0]", 6)), W3P_E_INVALID));
}

static const struct {
    const char *uri, *host;
} uris[] = {
    {"", NULL},
    {"null", NULL},
    {"gw.example", NULL},
    {"//gw.example/", NULL},
    {"https:gw.example", NULL},
    {"https:/gw.example", NULL},
    {"https:///gw.example", NULL},
    {"ftp://gw.example/", NULL},
    {"wss://gw.example/", NULL},
    {"httpss://gw.example/", NULL},
    {"https://", NULL},
    {"https://gw.example@evil.example/", NULL},
    {"https://evil.example\\@gw.example/", NULL},
    {"https://gw.example:443:80/", NULL},
    {"https://gw.example.evil.example/", "gw.example.evil.example"},
    {"https://evil.example/https://gw.example/", "evil.example"},
    {"https://evil.example#@gw.example", "evil.example"},
    {"https://evil.example?gw.example", "evil.example"},
    {"https://gw.example", "gw.example"},
    {"HTTPS://GW.Example:443/x?y#z", "gw.example"},
    {"https://gw.example:80/", "gw.example:80"},
    {"http://gw.example:80/", "gw.example"},
    {"http://gw.example:443/", "gw.example:443"},
    {"https://gw.example:1443/", "gw.example:1443"},
    {"http://localhost:3000/auth/login", "localhost:3000"},
    {"http://[::1]:80", "[::1]"},
};

Test(auth_hosts, of_uris)
{
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        char out[W3P_HOST_MAX] = "untouched";
        int err = w3p_host_of_uri(out, w3p_span_str(uris[i].uri));
        cr_expect(eq(int, err, uris[i].host != NULL ? W3P_OK : W3P_E_INVALID), "%s", uris[i].uri);
        cr_expect(eq(str, out, (char *)(uris[i].host != NULL ? uris[i].host : "untouched")), "%s", uris[i].uri);
    }
}

Test(auth_hosts, lists)
{
    static const char *const bad[] = {"https://gw.example", "a.example b.example", "gw.example,*x", "user@gw.example",
                                      "g\xd0\xb5"};
    struct w3p_hosts *list = NULL;
    struct w3p_errmsg msg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect(eq(int, w3p_hosts_create(&list, &msg, "auth.audience", bad[i], true), W3P_E_INVALID), "%s", bad[i]);
        cr_expect(strstr(msg.text, "auth.audience: \"") == msg.text && strstr(msg.text, "no host") != NULL, "%s",
                  msg.text);
    }
    cr_expect(
        eq(int, w3p_hosts_create(&list, &msg, "auth.domains", "*", false), W3P_E_INVALID)); // no list of everybody
    cr_expect(eq(int, w3p_hosts_create(&list, &msg, "auth.domains", "gw.example, *", true), W3P_E_INVALID));
    cr_expect(strstr(msg.text, "alone") != NULL, "%s", msg.text);
    cr_assert(list == NULL);

    cr_assert(
        eq(int, w3p_hosts_create(&list, &msg, "auth.domains", " Gw.example:443 ,,\tlocalhost:3000,", true), W3P_OK));
    cr_expect(eq(sz, w3p_hosts_count(list), 2));
    cr_expect(eq(str, (char *)w3p_hosts_at(list, 0), "gw.example"));
    cr_expect(w3p_hosts_have(list, w3p_span_str("gw.example")));
    cr_expect(w3p_hosts_have(list, w3p_span_str("localhost:3000")));
    static const char *const others[] = {
        "", "gw.exampl", "gw.example2", "Gw.example", "gw.example:443", "localhost", "localhost:3001", "*"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect(not(w3p_hosts_have(list, w3p_span_str(others[i]))), "%s", others[i]);
    cr_expect(not(w3p_hosts_any(list)));
    w3p_hosts_destroy(list);
}

Test(auth_hosts, nobody_and_everybody)
{
    struct w3p_hosts *list = NULL;
    cr_assert(eq(int, w3p_hosts_create(&list, NULL, "auth.domains", NULL, true), W3P_OK));
    cr_expect(eq(sz, w3p_hosts_count(list), 0));
    cr_expect(not(w3p_hosts_have(list, w3p_span_str("gw.example"))));
    cr_expect(not(w3p_hosts_have(list, w3p_span_str(""))));
    w3p_hosts_destroy(list);
    cr_expect(not(w3p_hosts_have(NULL, w3p_span_str("gw.example"))));
    cr_assert(eq(int, w3p_hosts_create(&list, NULL, "auth.domains", " * ", true), W3P_OK));
    cr_expect(w3p_hosts_any(list) && w3p_hosts_have(list, w3p_span_str("gw.example")));
    w3p_hosts_destroy(list);
}

Test(auth_hosts, count_bound)
{
    char text[W3P_HOSTS_MAX * 3 + 10] = "";
    struct w3p_hosts *list = NULL;
    struct w3p_errmsg msg;
    for (size_t i = 0; i < W3P_HOSTS_MAX; i++)
        memcpy(text + 2 * i, "a,", 3);
    cr_assert(eq(int, w3p_hosts_create(&list, &msg, "auth.domains", text, false), W3P_OK));
    cr_expect(eq(sz, w3p_hosts_count(list), W3P_HOSTS_MAX));
    w3p_hosts_destroy(list);
    memcpy(text + 2 * W3P_HOSTS_MAX, "a", 2);
    cr_expect(eq(int, w3p_hosts_create(&list, &msg, "auth.domains", text, false), W3P_E_LIMIT));
}
