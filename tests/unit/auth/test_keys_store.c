// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: keys of minted tokens and answered challenges in a real store.
#include <string.h>

#include "tokens_rig.h"

TestSuite(keys_store, .init = rig_setup, .fini = rig_teardown, .timeout = 60);

static void done(struct w3p_write *self, int result)
{
    struct job *job = (struct job *)self;
    job->result = result;
    sem_post(job->ended);
}

// Whether they meet in one group of the writer or not.
Test(keys_store, nonce_is_used_once)
{
    enum { ROUNDS = 50, AT_ONCE = 8 };
    static struct job jobs[AT_ONCE];
    sem_t ended;
    sem_init(&ended, 0, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t nonce[32] = {1};
        size_t good = 0;
        memcpy(nonce + 1, &round, sizeof(round));
        for (size_t i = 0; i < AT_ONCE; i++) {
            jobs[i] = (struct job){.write = {.run = rig_run, .done = done},
                                   .what = NONCE,
                                   .id = nonce,
                                   .ended = &ended,
                                   .now_ms = NOW_MS,
                                   .expires_ms = NOW_MS + 300000};
            cr_assert(eq(int, w3p_store_write(store, &jobs[i].write), W3P_OK));
        }
        for (size_t i = 0; i < AT_ONCE; i++)
            sem_wait(&ended);
        for (size_t i = 0; i < AT_ONCE; i++) {
            good += jobs[i].result == W3P_OK ? 1 : 0;
            cr_assert(jobs[i].result == W3P_OK || jobs[i].result == W3P_E_EXISTS);
        }
        cr_assert(eq(sz, good, 1));
    }
    // it is known for an hour longer than the challenge is good, also after a restart
    uint8_t nonce[32] = {1};
    rig_shut();
    rig_open(NULL);
    struct job use = {.what = NONCE, .id = nonce, .expires_ms = NOW_MS + 300000, .now_ms = NOW_MS + 3899999};
    cr_expect(eq(int, act(use), W3P_E_EXISTS));
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(int, act((struct job){.what = PRUNE, .number = 1000, .now_ms = NOW_MS + 3899999 + i}), W3P_OK));
        cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_nonces"), i == 0 ? ROUNDS : 0));
    }
}

// Nobody has to call prune: as many go as come.
Test(keys_store, challenges_of_yesterday_go_by_themselves)
{
    for (unsigned i = 0; i < 40; i++) {
        uint8_t nonce[32] = {(uint8_t)i};
        struct job use = {
            .what = NONCE, .id = nonce, .now_ms = NOW_MS + i * 1000000, .expires_ms = NOW_MS + i * 1000000 + 300000};
        cr_assert(eq(int, act(use), W3P_OK));
        cr_assert(number_of("SELECT count(*) FROM auth_nonces") <= 5);
    }
}

Test(keys_store, keys)
{
    struct w3p_auth_key keys[W3P_AUTH_KEYS_MAX];
    uint8_t first32[32];
    size_t count = 9;
    cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
    cr_expect(eq(sz, count, 0));
    for (int i = 0; i < 2; i++) {
        cr_assert(eq(int, act((struct job){.what = ENSURE, .now_ms = NOW_MS + i}), W3P_OK));
        cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
        cr_assert(eq(sz, count, 1));
        cr_expect(keys[0].kid == 1 && keys[0].current && keys[0].made_ms == NOW_MS);
    }
    memcpy(first32, keys[0].key32, 32);
    cr_assert(eq(int, act((struct job){.what = ROTATE}), W3P_OK));
    cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
    cr_assert(eq(sz, count, 2));
    cr_expect(eq(int, memcmp(keys[0].key32, first32, 32), 0));
    cr_expect(eq(int, keys[0].current, false));
    cr_expect(keys[1].kid == 2 && keys[1].current);
    cr_expect(ne(int, memcmp(keys[1].key32, first32, 32), 0));

    cr_expect(eq(int, act((struct job){.what = DROP, .kid = 2}), W3P_E_STATE));
    cr_expect(eq(int, act((struct job){.what = DROP, .kid = 3}), W3P_E_NOTFOUND));
    cr_expect(eq(int, act((struct job){.what = DROP, .kid = 0}), W3P_E_NOTFOUND));
    struct w3p_token_row old = row_of(1, 16, NOW_S, NOW_S + 60), new = row_of(2, 16, NOW_S, NOW_S + 60);
    new.kid = 2;
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = old}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = ADD, .who = ALICE, .row = new}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = DROP, .kid = 1}), W3P_OK));
    cr_expect(verdict(NULL, &old) == W3P_AUTH_REVOKED);
    cr_expect(verdict(NULL, &new) == W3P_AUTH_OK);
    cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
    cr_expect(count == 1 && keys[0].kid == 2);
}

// 255 of them, and then round again: the number after the newest that is free.
Test(keys_store, all_numbers_of_keys)
{
    struct w3p_auth_key keys[W3P_AUTH_KEYS_MAX];
    size_t count;
    for (int i = 0; i < W3P_AUTH_KEYS_MAX; i++)
        cr_assert(eq(int, act((struct job){.what = ROTATE}), W3P_OK));
    cr_expect(eq(int, act((struct job){.what = ROTATE}), W3P_E_LIMIT));
    cr_expect(eq(int, act((struct job){.what = ENSURE}), W3P_OK));
    cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
    cr_assert(eq(sz, count, W3P_AUTH_KEYS_MAX));
    cr_expect(keys[254].kid == 255 && keys[254].current);
    cr_assert(eq(int, act((struct job){.what = DROP, .kid = 100}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = DROP, .kid = 7}), W3P_OK));
    cr_assert(eq(int, act((struct job){.what = ROTATE}), W3P_OK));
    cr_assert(eq(int, w3p_auth_keys_read(reader, keys, &count), W3P_OK));
    cr_expect(keys[6].kid == 7 && keys[6].current);
    cr_expect(eq(i64, number_of("SELECT count(*) FROM auth_keys WHERE current = 1"), 1));
}
