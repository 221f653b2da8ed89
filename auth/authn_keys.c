// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: authn.h: the keys of minted tokens, a copy of the database's in locked memory.
// Threads: any. Copies are short, so one mutex is enough; changes come one after another and wait for the disk.
#include <string.h>

#include "authn_internal.h"
#include "base/clock.h"
#include "crypto/secret.h"

enum what { ENSURE, ROTATE, DROP };

struct change {
    struct w3p_write write;
    enum what what;
    uint8_t kid; // of DROP; ROTATE gives it
    struct w3p_authn_keyring *after;
};

static int run_change(struct w3p_write *self, struct w3p_db *db)
{
    struct change *change = (struct change *)self;
    int64_t now_ms = w3p_clock_wall_ms();
    int err = change->what == ENSURE   ? w3p_auth_key_ensure(db, now_ms)
              : change->what == ROTATE ? w3p_auth_key_rotate(db, &change->kid, now_ms)
                                       : w3p_auth_key_drop(db, change->kid);
    return err == W3P_OK ? w3p_auth_keys_read(db, change->after->keys, &change->after->count) : err;
}

// On the disk, then in memory, then in force.
static int make_change(struct w3p_authn *authn, enum what what, uint8_t *kid)
{
    struct change change = {.write = {.run = run_change}, .what = what, .kid = *kid};
    pthread_mutex_lock(&authn->change_mutex);
    change.after = w3p_secret_alloc(sizeof *change.after);
    int err = w3p_store_write_wait(authn->store, &change.write);
    if (err == W3P_OK) {
        pthread_mutex_lock(&authn->keys_mutex);
        *authn->keyring = *change.after;
        pthread_mutex_unlock(&authn->keys_mutex);
        w3p_authn_revoked(authn);
        *kid = change.kid;
    }
    w3p_secret_free(change.after);
    pthread_mutex_unlock(&authn->change_mutex);
    return err;
}

int w3p_authn_open(struct w3p_authn *authn, struct w3p_errmsg *msg, struct w3p_store *store)
{
    uint8_t none = 0;
    authn->store = store;
    int err = make_change(authn, ENSURE, &none);
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "the keys of tokens in the database cannot be read or made");
}

int w3p_authn_key_rotate(struct w3p_authn *authn, uint8_t *kid)
{
    *kid = 0;
    return make_change(authn, ROTATE, kid);
}

int w3p_authn_key_drop(struct w3p_authn *authn, uint8_t kid)
{
    return make_change(authn, DROP, &kid);
}

static bool is_wanted(const struct w3p_auth_key *key, const void *arg)
{
    return key->kid == *(const uint8_t *)arg;
}

static bool is_current(const struct w3p_auth_key *key, const void *arg)
{
    (void)arg;
    return key->current;
}

// Copies the oldest key that is meant; NULL: any.
static bool copy_key(struct w3p_authn *authn, uint8_t *kid, uint8_t key32[32],
                     bool (*meant)(const struct w3p_auth_key *key, const void *arg), const void *arg)
{
    const struct w3p_auth_key *found = NULL;
    pthread_mutex_lock(&authn->keys_mutex);
    for (size_t i = 0; i < authn->keyring->count; i++) {
        const struct w3p_auth_key *key = &authn->keyring->keys[i];
        if ((meant == NULL || meant(key, arg)) && (found == NULL || key->made_ms < found->made_ms))
            found = key;
    }
    if (found != NULL) {
        *kid = found->kid;
        memcpy(key32, found->key32, 32);
    }
    pthread_mutex_unlock(&authn->keys_mutex);
    return found != NULL;
}

bool w3p_authn_key(struct w3p_authn *authn, uint8_t kid, uint8_t key32[32])
{
    uint8_t same;
    return copy_key(authn, &same, key32, is_wanted, &kid);
}

bool w3p_authn_minting_key(struct w3p_authn *authn, uint8_t *kid, uint8_t key32[32])
{
    return copy_key(authn, kid, key32, is_current, NULL);
}

bool w3p_authn_challenge_key(struct w3p_authn *authn, uint8_t key32[32])
{
    uint8_t kid;
    return copy_key(authn, &kid, key32, NULL, NULL);
}

size_t w3p_authn_keys(struct w3p_authn *authn, struct w3p_authn_key_info *out, size_t most)
{
    pthread_mutex_lock(&authn->keys_mutex);
    size_t count = authn->keyring->count;
    for (size_t i = 0; i < count && i < most; i++) {
        const struct w3p_auth_key *key = &authn->keyring->keys[i];
        out[i] = (struct w3p_authn_key_info){.kid = key->kid, .current = key->current, .made_ms = key->made_ms};
    }
    pthread_mutex_unlock(&authn->keys_mutex);
    return count;
}
