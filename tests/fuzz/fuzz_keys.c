// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: foreign bytes as a key file, a key text, a phrase, a keystore and the inside of one. What is refused leaves
// no key and one line; what is accepted is the same key again. scrypt is left out: it would cost a second an input.
#include <stdlib.h>
#include <string.h>

#include "cli/keyfile.h"
#include "crypto/bip39.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct w3p_keypair no_key;

static void require(bool truth)
{
    if (!truth)
        abort();
}

// Three ways to fail and none to half succeed.
static void check_result(int err, const struct w3p_keypair *key, const struct w3p_errmsg *msg)
{
    if (err == W3P_OK) {
        require(key->pub_len == (key->type == W3P_KEY_ECDSA ? 33 : 32));
        return;
    }
    require(memcmp(key, &no_key, sizeof no_key) == 0);
    require(msg->text[0] != '\0' && strchr(msg->text, '\n') == NULL);
}

static void check_file(const char *text, size_t size)
{
    static struct w3p_secret_text *file;
    if (file == NULL)
        file = w3p_secret_alloc(sizeof *file);
    file->len = size < sizeof file->bytes ? size : sizeof file->bytes;
    if (file->len > 0)
        memcpy(file->bytes, text, file->len);
    for (int wish = W3P_KEY_WISH_AUTO; wish <= W3P_KEY_WISH_ECDSA; wish++) {
        struct w3p_keypair key = {.pub_len = 99};
        struct w3p_errmsg msg = {.text = ""};
        enum w3p_key_kind kind;
        int err = w3p_key_from_text(&key, &kind, &msg, wish, file, NULL);
        check_result(err, &key, &msg);
        require(err != W3P_OK || kind != W3P_KEY_KIND_KEYSTORE);
        if (err != W3P_OK)
            continue;
        require(w3p_key_kind_name(kind)[0] != '\0' && strlen(w3p_key_type_name(key.type)) >= 5);
        require(wish == W3P_KEY_WISH_AUTO || key.type == w3p_key_wished(wish));
        // a plain key has no password
        require(w3p_key_from_text(&key, &kind, &msg, wish, file, file) != W3P_OK);
        check_result(W3P_E_INVALID, &key, &msg);
    }
}

static void check_wish(const char *text, size_t size)
{
    char *word = w3p_strndup(text, size);
    struct w3p_errmsg msg = {.text = ""};
    int wish = -1;
    int err = w3p_key_wish_parse(&wish, &msg, word);
    require((err == W3P_OK) == (wish != -1) && (err == W3P_OK) == (msg.text[0] == '\0'));
    if (err == W3P_OK)
        require(strcmp(w3p_key_type_name(w3p_key_wished(wish)), word) == 0);
    free(word);
}

static void check_suri(const char *text, size_t size)
{
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        struct w3p_keypair key = {.pub_len = 99}, again;
        struct w3p_errmsg msg = {.text = ""};
        int err = w3p_keypair_from_suri(&key, &msg, (enum w3p_key_type)type, text, size);
        check_result(err, &key, &msg);
        require(w3p_keypair_from_suri(&again, NULL, (enum w3p_key_type)type, text, size) == err);
        // field by field: the bytes between them are anything
        require(key.type == again.type && key.pub_len == again.pub_len);
        require(memcmp(key.secret64, again.secret64, sizeof key.secret64) == 0);
        require(memcmp(key.pub33, again.pub33, sizeof key.pub33) == 0);
    }
}

static void check_phrase(const char *text, size_t size)
{
    struct w3p_entropy entropy, again;
    char canonical[W3P_BIP39_TEXT_MAX];
    if (w3p_bip39_parse(&entropy, NULL, text, size) != W3P_OK)
        return;
    require(w3p_bip39_format(canonical, &entropy) == W3P_OK);
    require(w3p_bip39_parse(&again, NULL, canonical, strlen(canonical)) == W3P_OK);
    require(memcmp(&entropy, &again, sizeof entropy) == 0);
}

static void check_keystore(const char *text, size_t size)
{
    struct w3p_keystore store;
    struct w3p_errmsg msg = {.text = ""};
    if (w3p_keystore_parse(&store, &msg, text, size) != W3P_OK) {
        require(msg.text[0] != '\0' && strchr(msg.text, '\n') == NULL);
        return;
    }
    require(store.sealed_len <= sizeof store.sealed && store.n <= 1u << 17 && store.p <= 10 && store.r == 8);
}

// The account is what the public key at the end says, so that the way to a key is open.
static void check_inside(const uint8_t *plain, size_t size)
{
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        struct w3p_keystore store = {.type = (enum w3p_key_type)type};
        struct w3p_keypair key = {.pub_len = 99};
        struct w3p_errmsg msg = {.text = ""};
        if (type == W3P_KEY_ECDSA && size >= 33)
            w3p_blake2b_256(store.account32, plain + size - 33, 33);
        else if (size >= 32)
            memcpy(store.account32, plain + size - 32, 32);
        check_result(w3p_keystore_decode(&key, &msg, &store, plain, size), &key, &msg);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    w3p_crypto_init();
    uint8_t *exact = w3p_calloc(1, size > 0 ? size : 1); // no spare byte, so that a read past the end is seen
    if (size > 0)
        memcpy(exact, data, size);
    check_file((const char *)exact, size);
    check_wish((const char *)exact, size);
    check_suri((const char *)exact, size);
    check_phrase((const char *)exact, size);
    check_keystore((const char *)exact, size);
    check_inside(exact, size);
    free(exact);
    return 0;
}
