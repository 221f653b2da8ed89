// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: polkadot.js' JSON keystore: what is refused and in which words, the vectors, and that what we write is what
// we read. No sentence may hold a password or a part of a key.
#include "unit/crypto/util.h"

#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/internal.h"
#include "vectors/keystore.h"

TestSuite(keystore, .init = w3p_crypto_init, .timeout = 60);

#define VECTOR_COUNT (sizeof keystore_vectors / sizeof *keystore_vectors)
#define SR "[\"pkcs8\",\"sr25519\"]"
#define SEALED "[\"scrypt\",\"xsalsa20-poly1305\"]"
#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
#define STORE(content, type, version, address, encoded)                                                                \
    "{\"encoded\":\"" encoded "\",\"encoding\":{\"content\":" content ",\"type\":" type ",\"version\":" version        \
    "},\"address\":\"" address "\",\"meta\":{}}"

static const struct {
    const char *json;
    int err;
    const char *says;
} bad_stores[] = {
    {"", W3P_E_INVALID, "is the file whole"},
    {"{", W3P_E_INVALID, "is the file whole"},
    {STORE(SR, SEALED, "\"3\"", ALICE, "AAAA") "}", W3P_E_INVALID, "is the file whole"},
    {"[]", W3P_E_INVALID, "no keystore of polkadot.js"},
    {"{}", W3P_E_INVALID, "no keystore of polkadot.js"},
    {"{\"encoded\":\"AAAA\",\"address\":\"" ALICE "\"}", W3P_E_INVALID, "no keystore of polkadot.js"},
    {"{\"encoded\":\"AAAA\",\"encoding\":{}}", W3P_E_INVALID, "no keystore of polkadot.js"},
    {"{\"encoding\":{},\"address\":\"" ALICE "\"}", W3P_E_INVALID, "no keystore of polkadot.js"},
    {STORE(SR, SEALED, "\"0\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "another version than 3"},
    {STORE(SR, "\"xsalsa20-poly1305\"", "\"1\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "another version than 3"},
    {STORE(SR, "\"xsalsa20-poly1305\"", "\"2\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "another version than 3"},
    {STORE(SR, SEALED, "\"4\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "another version than 3"},
    {STORE(SR, SEALED, "3", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "another version than 3"},
    {STORE(SR, "[\"none\"]", "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "without encryption"},
    {STORE(SR, "\"none\"", "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "without encryption"},
    {STORE(SR, "[\"xsalsa20-poly1305\"]", "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "not sealed with scrypt"},
    {STORE(SR, "[\"scrypt\",\"aes\"]", "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "not sealed with scrypt"},
    {STORE(SR, "[]", "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "not sealed with scrypt"},
    {STORE("[\"none\",\"sr25519\"]", SEALED, "\"3\"", ALICE, "AAAA"), W3P_E_INVALID, "not pkcs8"},
    {STORE("\"pkcs8\"", SEALED, "\"3\"", ALICE, "AAAA"), W3P_E_INVALID, "not pkcs8"},
    {STORE("[\"pkcs8\",\"ethereum\"]", SEALED, "\"3\"", "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1", "AAAA"),
     W3P_E_UNSUPPORTED, "Ethereum account"},
    {STORE("[\"pkcs8\",\"rsa\"]", SEALED, "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "unknown kind"},
    {STORE("[\"pkcs8\"]", SEALED, "\"3\"", ALICE, "AAAA"), W3P_E_UNSUPPORTED, "unknown kind"},
    {STORE(SR, SEALED, "\"3\"", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", "AAAA"), W3P_E_INVALID,
     "address is none"},
    {STORE("[\"pkcs8\",\"ecdsa\"]", SEALED, "\"3\"", "0x02", "AAAA"), W3P_E_INVALID, "address is none"},
    {STORE(SR, SEALED, "\"3\"", "0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1", "AAAA"),
     W3P_E_INVALID, "address is none"},
    {STORE(SR, SEALED, "\"3\"", ALICE, ""), W3P_E_INVALID, "cut short"},
    {STORE(SR, SEALED, "\"3\"", ALICE, "AAAA"), W3P_E_INVALID, "cut short"},
    {STORE(SR, SEALED, "\"3\"", ALICE, "AAA!"), W3P_E_INVALID, "cut short"},
};

Test(keystore, what_is_no_keystore_is_told_apart)
{
    for (size_t i = 0; i < sizeof bad_stores / sizeof *bad_stores; i++) {
        struct w3p_keystore store = {.n = 77};
        struct w3p_errmsg msg = {""};
        int err = w3p_keystore_parse(&store, &msg, bad_stores[i].json, strlen(bad_stores[i].json));
        cr_expect(err == bad_stores[i].err && store.n == 77, "%zu: %d %s", i, err, msg.text);
        cr_expect(strstr(msg.text, bad_stores[i].says) != NULL, "%zu: %s", i, msg.text);
    }
    static char wide[W3P_KEYSTORE_TEXT_MAX + 1];
    struct w3p_keystore store;
    memset(wide, ' ', sizeof wide);
    memcpy(wide, keystore_vectors[0].json, strlen(keystore_vectors[0].json));
    cr_expect(w3p_keystore_parse(&store, NULL, wide, W3P_KEYSTORE_TEXT_MAX) == W3P_OK);
    cr_expect(w3p_keystore_parse(&store, NULL, wide, W3P_KEYSTORE_TEXT_MAX + 1) == W3P_E_LIMIT);
}

static void parse_vector(struct w3p_keystore *store, size_t i)
{
    struct w3p_errmsg msg = {""};
    int err = w3p_keystore_parse(store, &msg, keystore_vectors[i].json, strlen(keystore_vectors[i].json));
    cr_assert(err == W3P_OK, "%s: %s", keystore_vectors[i].note, msg.text);
}

Test(keystore, every_cut_of_a_store_is_refused)
{
    const char *json = keystore_vectors[0].json;
    for (size_t len = 0; len < strlen(json); len++) {
        struct w3p_keystore store;
        struct w3p_errmsg msg = {""};
        cr_assert(w3p_keystore_parse(&store, &msg, json, len) == W3P_E_INVALID, "%zu", len);
        cr_assert(strstr(msg.text, "is the file whole") != NULL, "%zu: %s", len, msg.text);
    }
}

Test(keystore, vectors)
{
    for (size_t i = 0; i < VECTOR_COUNT; i++) {
        struct w3p_keystore store;
        struct w3p_keypair key;
        struct w3p_errmsg msg = {""};
        const char *password = keystore_vectors[i].password;
        parse_vector(&store, i);
        cr_assert(store.type == keystore_vectors[i].type);
        int err = w3p_keystore_open(&key, &msg, &store, password, strlen(password));
        cr_assert(err == W3P_OK, "%s: %s", keystore_vectors[i].note, msg.text);
        CHECK_HEX(key.pub33, key.pub_len, keystore_vectors[i].pub);
    }
}

// The key that comes out signs, not only its public half is right.
Test(keystore, an_opened_key_signs)
{
    struct w3p_keystore store;
    struct w3p_keypair key, alice;
    uint8_t sig64[64], random32[32] = {0};
    parse_vector(&store, 1);
    cr_assert(w3p_keystore_open(&key, NULL, &store, "crust-test", 10) == W3P_OK);
    w3p_sr25519_sign(sig64, &key, "hello", 5, random32);
    CHECK_HEX(
        sig64, 64,
        "e28c30f4af7f3ed42bbf7cf458f65bca1eba691ed1f5d51db8df2a0214aef91df9e49a7fd71377e4154ac00c9a6806aced19f383a7"
        "f1fa96a58436036317768b");
    cr_assert(w3p_keypair_from_uri(&alice, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    cr_assert(memcmp(&key, &alice, sizeof key) == 0);
}

Test(keystore, wrong_password_is_one_sentence_without_it)
{
    static const char *const wrong[] = {"123457", "12345", "1234567", "", "123456\n"};
    static const struct w3p_keypair zero;
    struct w3p_keystore store;
    struct w3p_keypair key = {0};
    struct w3p_errmsg msg = {""};
    parse_vector(&store, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect(w3p_keystore_open(&key, &msg, &store, wrong[i], strlen(wrong[i])) == W3P_E_AUTH, "%zu", i);
        CHECK_TEXT(
            msg.text,
            "wrong password for this keystore, or the file is damaged; give the password that it was exported with");
        cr_expect(memcmp(&key, &zero, sizeof key) == 0);
    }
    store.sealed[20] ^= 1;
    cr_expect(w3p_keystore_open(&key, &msg, &store, "123456", 6) == W3P_E_AUTH);
    static char wide[W3P_KEYSTORE_PASSWORD_MAX + 1];
    cr_expect(w3p_keystore_open(&key, &msg, &store, wide, sizeof wide) == W3P_E_LIMIT);
}

Test(keystore, a_public_key_that_is_not_its_address)
{
    struct w3p_keystore store;
    struct w3p_keypair key = {0};
    struct w3p_errmsg msg = {""};
    parse_vector(&store, 0);
    store.account32[5] ^= 1;
    cr_expect(w3p_keystore_open(&key, &msg, &store, "123456", 6) == W3P_E_INVALID);
    cr_expect(strstr(msg.text, "not the address written in it") != NULL, "%s", msg.text);
    cr_expect(strstr(msg.text, "123456") == NULL);
}

// What a scrypt cost may be: exactly the ones that polkadot.js writes, so that a file cannot ask for gigabytes.
Test(keystore, costs)
{
    static const uint32_t good[][3] = {{1u << 13, 10, 8}, {1u << 14, 5, 8}, {1u << 15, 3, 8},
                                       {1u << 15, 1, 8},  {1u << 16, 2, 8}, {1u << 17, 1, 8}};
    static const uint32_t bad[][3] = {{1u << 18, 1, 8}, {1u << 17, 2, 8}, {1u << 17, 1, 9},      {1u << 12, 1, 8},
                                      {0, 0, 0},        {1u << 31, 1, 8}, {0xffffffffu, 1, 8},   {1u << 13, 10, 1},
                                      {1u << 15, 2, 8}, {8, 1, 1u << 15}, {(1u << 15) + 1, 1, 8}};
    for (size_t i = 0; i < sizeof good / sizeof *good + sizeof bad / sizeof *bad; i++) {
        bool fine = i < sizeof good / sizeof *good;
        const uint32_t *cost = fine ? good[i] : bad[i - sizeof good / sizeof *good];
        uint8_t raw[68 + 16 + 117] = {0};
        struct w3p_buf base64;
        struct w3p_keystore store;
        struct w3p_errmsg msg = {""};
        char json[1024];
        for (size_t k = 0; k < 4; k++) {
            raw[32 + k] = (uint8_t)(cost[0] >> 8 * k);
            raw[36 + k] = (uint8_t)(cost[1] >> 8 * k);
            raw[40 + k] = (uint8_t)(cost[2] >> 8 * k);
        }
        w3p_buf_init(&base64, 1024);
        w3p_base64_encode(&base64, raw, sizeof raw, W3P_BASE64_STD, W3P_BASE64_PADDED);
        snprintf(json, sizeof json, STORE(SR, SEALED, "\"3\"", ALICE, "%s"), w3p_buf_str(&base64));
        w3p_buf_deinit(&base64);
        int err = w3p_keystore_parse(&store, &msg, json, strlen(json));
        cr_expect(err == (fine ? W3P_OK : W3P_E_UNSUPPORTED), "%zu: %s", i, msg.text);
        cr_expect(fine || strstr(msg.text, "scrypt costs") != NULL, "%s", msg.text);
    }
}

// Inside: header, secret, divider, public key; any byte of it that is changed is seen.
static void check_inside(enum w3p_key_type type, const struct w3p_keypair *key, const uint8_t *plain, size_t len,
                         size_t nonce_from, size_t nonce_to)
{
    struct w3p_keystore store = {.type = type};
    struct w3p_keypair got;
    w3p_keypair_account(store.account32, key);
    cr_assert(w3p_keystore_decode(&got, NULL, &store, plain, len) == W3P_OK);
    cr_assert(memcmp(got.pub33, key->pub33, key->pub_len) == 0);
    for (size_t i = 0; i < len; i++) {
        uint8_t changed[128];
        if (i >= nonce_from && i < nonce_to)
            continue; // the nonce seed of sr25519 is bound to nothing
        memcpy(changed, plain, len);
        changed[i] ^= 0x10;
        struct w3p_errmsg msg = {""};
        cr_assert(w3p_keystore_decode(&got, &msg, &store, changed, len) == W3P_E_INVALID, "%zu", i);
        cr_assert(strstr(msg.text, "another copy") != NULL, "%zu: %s", i, msg.text);
    }
    for (size_t cut = 0; cut < len; cut++)
        cr_assert(w3p_keystore_decode(&got, NULL, &store, plain, cut) == W3P_E_INVALID, "%zu", cut);
}

static size_t compose(uint8_t plain[128], const uint8_t *secret, size_t secret_len, const struct w3p_keypair *key)
{
    unhex(plain, 16, "3053020101300506032b657004220420");
    memcpy(plain + 16, secret, secret_len);
    unhex(plain + 16 + secret_len, 5, "a123032100");
    memcpy(plain + 21 + secret_len, key->pub33, key->pub_len);
    return 21 + secret_len + key->pub_len;
}

Test(keystore, what_is_inside_is_checked)
{
    uint8_t plain[128], expanded64[64], mini32[32];
    struct w3p_keypair key;
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_SR25519, "//Alice") == W3P_OK);
    w3p_sr25519_to_expanded(expanded64, &key);
    check_inside(W3P_KEY_SR25519, &key, plain, compose(plain, expanded64, 64, &key), 48, 80);
    unhex(mini32, 32, "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a");
    check_inside(W3P_KEY_SR25519, &key, plain, compose(plain, mini32, 32, &key), 0, 0);
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_ED25519, "//Alice") == W3P_OK);
    check_inside(W3P_KEY_ED25519, &key, plain, compose(plain, key.secret64, 64, &key), 0, 0);
    check_inside(W3P_KEY_ED25519, &key, plain, compose(plain, key.secret64, 32, &key), 0, 0);
    cr_assert(w3p_keypair_from_uri(&key, NULL, W3P_KEY_ECDSA, "//Alice") == W3P_OK);
    check_inside(W3P_KEY_ECDSA, &key, plain, compose(plain, key.secret64, 32, &key), 0, 0);

    // scalars that are none: no multiple of 8, not below the order, zero
    memset(expanded64, 0, sizeof expanded64);
    cr_expect(w3p_sr25519_from_expanded(&key, expanded64) == W3P_E_INVALID);
    expanded64[0] = 12; // 8 and something that the shift would lose
    cr_expect(w3p_sr25519_from_expanded(&key, expanded64) == W3P_E_INVALID);
    expanded64[0] = 8;
    cr_expect(w3p_sr25519_from_expanded(&key, expanded64) == W3P_OK);
    expanded64[31] = 0xff;
    cr_expect(w3p_sr25519_from_expanded(&key, expanded64) == W3P_E_INVALID);
}

Test(keystore, what_we_write_we_read)
{
    static const char *const uris[] = {"//Alice/soft//hard", "//Alice", "//Alice"};
    char first[W3P_KEYSTORE_TEXT_MAX] = "";
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        struct w3p_keystore_options options = {
            .password = "pass", .password_len = 4, .name = "a \"name\"", .created_ms = 1, .prefix = 66};
        struct w3p_keystore store;
        struct w3p_keypair key, again;
        struct w3p_errmsg msg = {""};
        struct w3p_buf out;
        cr_assert(w3p_keypair_from_uri(&key, &msg, (enum w3p_key_type)type, uris[type]) == W3P_OK);
        w3p_buf_init(&out, W3P_KEYSTORE_TEXT_MAX);
        cr_assert(w3p_keystore_make(&out, &msg, &key, &options) == W3P_OK, "%s", msg.text);
        cr_assert(w3p_keystore_parse(&store, &msg, w3p_buf_str(&out), out.len) == W3P_OK, "%s", msg.text);
        cr_assert(store.n == 1u << 17 && store.p == 1 && store.r == 8);
        cr_assert(w3p_keystore_open(&again, &msg, &store, "pass", 4) == W3P_OK, "%s", msg.text);
        cr_assert(memcmp(&again, &key, sizeof key) == 0);
        cr_assert(strcmp(first, w3p_buf_str(&out)) != 0);
        snprintf(first, sizeof first, "%s", w3p_buf_str(&out));
        w3p_buf_reset(&out);
        options.password_len = 0;
        cr_assert(w3p_keystore_make(&out, &msg, &key, &options) == W3P_E_INVALID);
        options.password_len = W3P_KEYSTORE_PASSWORD_MAX + 1;
        cr_assert(w3p_keystore_make(&out, &msg, &key, &options) == W3P_E_LIMIT && out.len == 0);
        w3p_buf_deinit(&out);
    }
}
