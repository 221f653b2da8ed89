// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the authentication service with W3Auth tokens: settings, what is remembered of good and bad ones, modes.
#include "authn_rig.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

TestSuite(authn, .fini = rig_stop, .timeout = 120);

static int create(struct w3p_errmsg *msg, const struct w3p_authn_settings *settings)
{
    struct w3p_authn *authn = NULL;
    int err = w3p_authn_create(&authn, msg, &(struct w3p_authn_conf){.settings = settings, .audience = "else.example"});
    w3p_authn_destroy(authn);
    return err;
}

Test(authn, settings, .init = rig_start)
{
    static const struct {
        const char *scopes, *audience, *domains, *word;
    } bad[] = {{"", "", "", "auth.legacy_scopes"},
               {"pin.read,pin.destroy", "", "", "pin.destroy"},
               {"pin.read,token.mint", "", "", "token.mint"},
               {"account.admin", "", "", "account.admin"},
               {"pin.read", "user@gw.example", "", "auth.audience"},
               {"pin.read", "*", "", "auth.audience"},
               {"pin.read", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "", "auth.audience: more than 16"},
               {"pin.read", "", "app.example:99999", "auth.domains"}};
    struct w3p_errmsg msg;
    struct w3p_authn_settings settings = rig_settings;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        settings.legacy_scopes = (char *)bad[i].scopes;
        settings.audience = (char *)bad[i].audience;
        settings.domains = (char *)bad[i].domains;
        cr_expect(eq(int, create(&msg, &settings), W3P_E_INVALID), "row %zu", i);
        cr_expect(strstr(msg.text, bad[i].word) != NULL, "row %zu: %s", i, msg.text);
    }
    settings = rig_settings;
    settings.domains = (char *)"*";
    cr_expect(eq(int, create(&msg, &settings), W3P_OK));
    cr_expect(eq(str, (char *)w3p_hosts_at(w3p_authn_audiences(rig_authn), 0), RIG_HOST));
    cr_expect(eq(i64, w3p_authn_login_ttl_s(rig_authn), 3600));

    struct w3p_authn *authn = NULL; // no name: that of the caller; and no login outlives the longest token
    settings.audience = (char *)"";
    settings.login_ttl_s = 7200;
    settings.token_ttl_max_s = 60;
    struct w3p_authn_conf conf = {.settings = &settings, .audience = "else.example"};
    cr_assert(eq(int, w3p_authn_create(&authn, &msg, &conf), W3P_OK));
    cr_expect(eq(str, (char *)w3p_hosts_at(w3p_authn_audiences(authn), 0), "else.example"));
    cr_expect(w3p_hosts_any(w3p_authn_domains(authn)));
    cr_expect(eq(i64, w3p_authn_login_ttl_s(authn), 60));
    w3p_authn_destroy(authn);
    w3p_authn_destroy(NULL);
}

Test(authn, a_good_one_is_verified_once, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *good = rig_w3auth("eth", 1);
    cr_expect(eq(int, w3p_authn_find(&entry, thread, good, strlen(good)), W3P_AUTH_UNKNOWN));
    cr_assert(eq(int, w3p_authn_verify(&entry, thread, good, strlen(good)), W3P_AUTH_OK));
    cr_expect(eq(int, entry->kind, W3P_AUTH_KIND_W3AUTH));
    cr_expect(eq(uint, entry->scopes, W3P_SCOPE_PIN_READ | W3P_SCOPE_PIN_WRITE));
    cr_expect(strncmp(entry->identity.text, "evm:0x", 6) == 0);
    cr_expect(eq(i64, entry->expires_s, 0));
    cr_expect(eq(uint, entry->id_len, 0));
    entry->account_id = 77;
    cr_assert(eq(int, w3p_authn_find(&entry, thread, good, strlen(good)), W3P_AUTH_OK));
    cr_expect(eq(i64, entry->account_id, 77));
    rig_now_ms += (int64_t)rig_settings.cache_ttl_ms;
    cr_expect(eq(int, w3p_authn_find(&entry, thread, good, strlen(good)), W3P_AUTH_UNKNOWN));
    cr_expect(entry == NULL);
    rig_thread_end(thread, db);
    w3p_authn_thread_destroy(NULL);
}

// A valid header, spoilt.
static void put_spoilt(char out[W3P_AUTH_HEADER_MAX], const char *good, size_t at)
{
    snprintf(out, W3P_AUTH_HEADER_MAX, "%s", good);
    out[at] = out[at] == 'A' ? 'B' : 'A';
}

Test(authn, a_bad_one_is_verified_once_and_then_for_a_while_not, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *good = rig_w3auth("sol", 2);
    static char bad[W3P_AUTH_HEADER_MAX], longer[W3P_AUTH_HEADER_MAX + 1];
    put_spoilt(bad, good, strlen(good) - 8);
    cr_expect(eq(int, w3p_authn_find(&entry, thread, bad, strlen(bad)), W3P_AUTH_UNKNOWN));
    enum w3p_auth_reason reason = w3p_authn_verify(&entry, thread, bad, strlen(bad));
    cr_expect(reason != W3P_AUTH_OK && entry == NULL);
    cr_expect(eq(int, w3p_authn_find(&entry, thread, bad, strlen(bad)), reason));
    rig_now_ms += 30000;
    cr_expect(eq(int, w3p_authn_find(&entry, thread, bad, strlen(bad)), W3P_AUTH_UNKNOWN));
    memset(longer, 'A', sizeof longer);
    cr_expect(eq(int, w3p_authn_find(&entry, thread, NULL, 0), W3P_AUTH_MISSING));
    cr_expect(eq(int, w3p_authn_verify(&entry, thread, NULL, 0), W3P_AUTH_MISSING));
    cr_expect(eq(int, w3p_authn_find(&entry, thread, longer, sizeof longer), W3P_AUTH_TOO_LONG));
    cr_expect(eq(int, w3p_authn_verify(&entry, thread, longer, sizeof longer), W3P_AUTH_TOO_LONG));
    rig_thread_end(thread, db);
}

Test(authn, a_nul_does_not_end_a_header, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    char longer[W3P_AUTH_HEADER_MAX] = "";
    const char *good = rig_w3auth("eth", 3);
    size_t len = strlen(good);
    cr_assert(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_OK));
    memcpy(longer, good, len);
    memcpy(longer + len + 1, "more", 4);
    for (size_t more = 1; more <= 5; more++) { // the NUL alone, and what follows it
        cr_expect(eq(int, w3p_authn_find(&entry, thread, longer, len + more), W3P_AUTH_UNKNOWN));
        cr_expect(eq(int, w3p_authn_verify(&entry, thread, longer, len + more), W3P_AUTH_SCHEME));
    }
    cr_expect(w3p_authn_find(&entry, thread, good, len - 1) != W3P_AUTH_OK);
    rig_thread_end(thread, db);
}

Test(authn, a_million_bad_ones_leave_memory_and_a_good_one_alone, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    char bad[128];
    const char *good = rig_w3auth("eth", 4);
    cr_assert(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_OK));
    size_t before = 0;
    for (unsigned n = 0; n < 1000000; n++) { // distinct, of a form that needs no signature to be refused
        int len = snprintf(bad, sizeof bad, "Bearer ZXRoLTB4%08u", n);
        enum w3p_auth_reason reason = w3p_authn_verify(&entry, thread, bad, (size_t)len);
        if (reason == W3P_AUTH_OK || entry != NULL)
            cr_assert(reason != W3P_AUTH_OK, "%s", bad);
        if (n == 1000)
            before = mallinfo2().uordblks;
    }
    cr_expect(eq(sz, mallinfo2().uordblks, before));
    cr_expect(eq(int, w3p_authn_find(&entry, thread, good, strlen(good)), W3P_AUTH_OK));
    rig_thread_end(thread, db);
}

static void legacy_is_off(void)
{
    rig_settings.legacy = W3P_LEGACY_OFF;
    rig_start();
}

Test(authn, legacy_off, .init = legacy_is_off)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    rig_account = 5;
    cr_expect(eq(int, rig_ask(&entry, thread, rig_w3auth("eth", 1)), W3P_AUTH_LEGACY_OFF));
    cr_expect(eq(int, rig_ask(&entry, thread, "Bearer AAAA"), W3P_AUTH_BASE64));
    rig_thread_end(thread, db);
}

static void legacy_of_known_accounts(void)
{
    rig_settings.legacy = W3P_LEGACY_KNOWN_ACCOUNTS;
    rig_start();
}

Test(authn, known_accounts, .init = legacy_of_known_accounts)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    const char *good = rig_w3auth("eth", 1);
    static char bad[W3P_AUTH_HEADER_MAX];
    put_spoilt(bad, good, strlen(good) - 8);
    cr_expect(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_LEGACY_OFF));
    cr_expect(rig_ask(&entry, thread, bad) != W3P_AUTH_LEGACY_OFF); // a stranger learns nothing of accounts
    rig_account = 9;
    cr_assert(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_OK)); // at once: that verdict was not kept
    cr_expect(eq(i64, entry->account_id, 9));
    rig_account = W3P_E_IO;
    cr_expect(eq(int, rig_ask(&entry, thread, good), W3P_AUTH_OK)); // remembered
    cr_expect(eq(int, rig_ask(&entry, thread, rig_w3auth("sub", 1)), W3P_AUTH_STORE));
    rig_account = 10;
    cr_expect(eq(int, rig_ask(&entry, thread, rig_w3auth("sub", 1)), W3P_AUTH_OK));
    rig_thread_end(thread, db);
}

Test(authn, ton, .init = rig_start)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    cr_expect(eq(int, rig_ask(&entry, thread, rig_w3auth("ton", 1)), W3P_AUTH_DISABLED));
    rig_thread_end(thread, db);
}

static void ton_is_on(void)
{
    rig_settings.ton = true;
    rig_start();
}

Test(authn, ton_when_it_is_on, .init = ton_is_on)
{
    struct w3p_db *db;
    struct w3p_authn_thread *thread = rig_thread(&db);
    struct w3p_auth_entry *entry;
    cr_assert(eq(int, rig_ask(&entry, thread, rig_w3auth("ton", 1)), W3P_AUTH_OK));
    cr_expect(strncmp(entry->identity.text, "ton:", 4) == 0);
    rig_thread_end(thread, db);
}

Test(authn, traces_are_of_the_token_and_not_of_the_header, .init = rig_start)
{
    char one[W3P_AUTH_TRACE_LEN + 1], two[W3P_AUTH_TRACE_LEN + 1], wanted[2 * 32 + 1];
    uint8_t hash32[32];
    w3p_auth_trace(one, "Bearer  abc=", 12);
    w3p_auth_trace(two, "basic abc=", 10);
    cr_expect(eq(str, one, two));
    w3p_sha256(hash32, "abc=", 4);
    w3p_hex_encode(wanted, hash32, 32);
    wanted[W3P_AUTH_TRACE_LEN] = '\0';
    cr_expect(eq(str, one, wanted));
    w3p_auth_trace(two, "abc=", 4); // a token as somebody has it in a file
    cr_expect(eq(str, one, two));
    w3p_auth_trace(two, "Digest abc=", 11);
    cr_expect(ne(str, one, two));
}

Test(authn, kinds_have_names, .init = rig_start)
{
    cr_expect(eq(str, (char *)w3p_auth_kind_name(W3P_AUTH_KIND_W3AUTH), "w3auth"));
    cr_expect(eq(str, (char *)w3p_auth_kind_name(W3P_AUTH_KIND_SELF_ISSUED), "self-issued"));
    cr_expect(eq(str, (char *)w3p_auth_kind_name(W3P_AUTH_KIND_MINTED), "minted"));
}
