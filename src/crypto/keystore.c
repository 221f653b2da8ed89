// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: see keystore.h. Base64 of salt, N, p, r (32 bits each, little endian), nonce, secretbox; inside: a header,
// the secret, a divider, the public key.
#include "crypto/keystore.h"

#include <sodium.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/secret.h"

#define HEAD_BYTES (32 + 3 * 4 + 24)
#define TAG_BYTES crypto_secretbox_MACBYTES
#define PLAIN_MAX (W3P_KEYSTORE_SEALED_MAX - TAG_BYTES)
#define ENCODED_MAX (HEAD_BYTES + W3P_KEYSTORE_SEALED_MAX)
#define WRITE_N (1u << 17)
#define ADDRESS_TEXT_MAX 72 // SS58, or 0x and 66 digits
_Static_assert(ADDRESS_TEXT_MAX >= W3P_SS58_TEXT_MAX, "either form of an address");

_Static_assert(W3P_KEYSTORE_SEALED_MAX - PLAIN_MAX == 16, "the tag of a secretbox");

static const uint8_t header[16] = {0x30, 0x53, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06,
                                   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const uint8_t divider[5] = {0xa1, 0x23, 0x03, 0x21, 0x00};

static const char *const type_names[] = {
    [W3P_KEY_SR25519] = "sr25519", [W3P_KEY_ED25519] = "ed25519", [W3P_KEY_ECDSA] = "ecdsa"};

// Reading -----------------------------------------------------------------------------------------------------------

// The field as a string; "" when it is none.
static const char *text_of(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL ? text : "";
}

static int check_encoding(struct w3p_errmsg *msg, const json_t *encoding)
{
    const char *version = text_of(json_object_get(encoding, "version"));
    const json_t *types = json_object_get(encoding, "type");
    const char *first = text_of(json_is_array(types) ? json_array_get(types, 0) : types);
    if (strcmp(version, "3") != 0)
        return w3p_fail(msg, W3P_E_UNSUPPORTED,
                        "a keystore of another version than 3; import it into polkadot.js and export it again");
    if (strcmp(first, "none") == 0)
        return w3p_fail(msg, W3P_E_UNSUPPORTED,
                        "a keystore without encryption; export it from polkadot.js with a password");
    if (json_array_size(types) != 2 || strcmp(first, "scrypt") != 0 ||
        strcmp(text_of(json_array_get(types, 1)), "xsalsa20-poly1305") != 0)
        return w3p_fail(msg, W3P_E_UNSUPPORTED, "a keystore that is not sealed with scrypt and xsalsa20-poly1305");
    return W3P_OK;
}

static int read_type(enum w3p_key_type *out, struct w3p_errmsg *msg, const json_t *content)
{
    const char *name = text_of(json_array_get(content, 1));
    if (strcmp(text_of(json_array_get(content, 0)), "pkcs8") != 0)
        return w3p_fail(msg, W3P_E_INVALID, "a keystore whose content is not pkcs8; is it one of polkadot.js?");
    for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        if (strcmp(name, type_names[i]) == 0) {
            *out = (enum w3p_key_type)i;
            return W3P_OK;
        }
    }
    if (strcmp(name, "ethereum") == 0)
        return w3p_fail(msg, W3P_E_UNSUPPORTED,
                        "a keystore of an Ethereum account, which is no account of Substrate; use another key");
    return w3p_fail(msg, W3P_E_UNSUPPORTED, "a keystore of an unknown kind of key, not sr25519, ed25519 or ecdsa");
}

// SS58 of any network; with ecdsa polkadot.js writes the compressed public key in its place, which no address gives
// back.
static bool read_address(struct w3p_keystore *out, const char *text)
{
    uint8_t pub33[33];
    size_t len = sizeof pub33;
    if (out->type == W3P_KEY_ECDSA && strncmp(text, "0x", 2) == 0) {
        if (w3p_hex_decode(pub33, &len, text + 2, strlen(text + 2)) != W3P_OK || len != sizeof pub33)
            return false;
        w3p_blake2b_256(out->account32, pub33, sizeof pub33);
        return true;
    }
    return w3p_ss58_parse(out->account32, NULL, text, strlen(text)) == W3P_OK;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

// The costs that polkadot.js reads; anything else could ask for any amount of memory.
static bool is_known_cost(uint32_t n, uint32_t p, uint32_t r)
{
    static const struct {
        uint32_t n, p;
    } known[] = {{1u << 13, 10}, {1u << 14, 5}, {1u << 15, 3}, {1u << 15, 1}, {1u << 16, 2}, {WRITE_N, 1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (n == known[i].n && p == known[i].p)
            return r == 8;
    }
    return false;
}

static size_t public_len(enum w3p_key_type type)
{
    return type == W3P_KEY_ECDSA ? 33 : 32;
}

static size_t plain_len(enum w3p_key_type type, size_t secret_len)
{
    return sizeof header + secret_len + sizeof divider + public_len(type);
}

static int read_encoded(struct w3p_keystore *out, struct w3p_errmsg *msg, const json_t *encoded)
{
    uint8_t raw[ENCODED_MAX];
    size_t len = sizeof raw;
    const char *text = text_of(encoded);
    int err = w3p_base64_decode(raw, &len, text, strlen(text), W3P_BASE64_STD, W3P_BASE64_PADDED);
    size_t plain = err == W3P_OK && len > HEAD_BYTES + TAG_BYTES ? len - HEAD_BYTES - TAG_BYTES : 0;
    if (plain != plain_len(out->type, 32) && (plain != plain_len(out->type, 64) || out->type == W3P_KEY_ECDSA))
        return w3p_fail(msg, W3P_E_INVALID, "the keystore is cut short or damaged; take another copy of the file");
    memcpy(out->salt32, raw, 32);
    out->n = le32(raw + 32);
    out->p = le32(raw + 36);
    out->r = le32(raw + 40);
    memcpy(out->nonce24, raw + 44, 24);
    out->sealed_len = len - HEAD_BYTES;
    memcpy(out->sealed, raw + HEAD_BYTES, out->sealed_len);
    if (!is_known_cost(out->n, out->p, out->r))
        return w3p_fail(msg, W3P_E_UNSUPPORTED,
                        "a keystore with scrypt costs that polkadot.js does not write (N %u, p %u, r %u)", out->n,
                        out->p, out->r);
    return W3P_OK;
}

int w3p_keystore_parse(struct w3p_keystore *out, struct w3p_errmsg *msg, const char *text, size_t len)
{
    struct w3p_keystore store = {.type = W3P_KEY_SR25519};
    if (len > W3P_KEYSTORE_TEXT_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "longer than any keystore (%d bytes)", W3P_KEYSTORE_TEXT_MAX);
    json_t *root = w3p_json_parse(NULL, text, len);
    if (root == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "begins like a JSON keystore and is no JSON; is the file whole?");
    const json_t *encoding = json_object_get(root, "encoding");
    const char *address = text_of(json_object_get(root, "address"));
    int err = W3P_OK;
    if (!json_is_object(encoding) || json_object_get(root, "encoded") == NULL || address[0] == '\0')
        err = w3p_fail(msg, W3P_E_INVALID,
                       "JSON, but no keystore of polkadot.js: it has no address, encoded and encoding");
    if (err == W3P_OK)
        err = check_encoding(msg, encoding);
    if (err == W3P_OK)
        err = read_type(&store.type, msg, json_object_get(encoding, "content"));
    if (err == W3P_OK && !read_address(&store, address))
        err = w3p_fail(msg, W3P_E_INVALID, "the keystore's address is none; take another copy of the file");
    if (err == W3P_OK)
        err = read_encoded(&store, msg, json_object_get(root, "encoded"));
    if (err == W3P_OK)
        *out = store;
    json_decref(root);
    return err;
}

// Opening -----------------------------------------------------------------------------------------------------------

static int secret_to_key(struct w3p_keypair *out, enum w3p_key_type type, const uint8_t *secret, size_t len)
{
    if (len == 32)
        return w3p_keypair_from_seed(out, type, secret);
    if (type == W3P_KEY_SR25519)
        return w3p_sr25519_from_expanded(out, secret);
    int err = w3p_keypair_from_seed(out, type, secret);
    if (err == W3P_OK && sodium_memcmp(out->secret64, secret, len) != 0)
        err = W3P_E_INVALID;
    return err;
}

int w3p_keystore_decode(struct w3p_keypair *out, struct w3p_errmsg *msg, const struct w3p_keystore *store,
                        const uint8_t *plain, size_t len)
{
    uint8_t account32[32];
    size_t secret_len = len == plain_len(store->type, 32) ? 32 : 64;
    const uint8_t *secret = plain + sizeof header, *pub = secret + secret_len + sizeof divider;
    int err = W3P_E_INVALID;
    if (len == plain_len(store->type, secret_len) && memcmp(plain, header, sizeof header) == 0 &&
        memcmp(secret + secret_len, divider, sizeof divider) == 0)
        err = secret_to_key(out, store->type, secret, secret_len);
    if (err != W3P_OK) {
        w3p_fail(msg, err, "the password is right, but what it opens is no key; take another copy of the file");
        goto out;
    }
    if (memcmp(pub, out->pub33, public_len(store->type)) != 0) {
        err = w3p_fail(msg, W3P_E_INVALID,
                       "the keystore's public key does not belong to its secret; take another copy of the file");
        goto out;
    }
    w3p_keypair_account(account32, out);
    if (memcmp(account32, store->account32, 32) != 0) {
        char ss58[W3P_SS58_TEXT_MAX];
        w3p_ss58_format(ss58, 42, account32);
        err = w3p_fail(
            msg, W3P_E_INVALID,
            "the keystore's key is %s, which is not the address written in it; take another copy of the file", ss58);
    }
out:
    if (err != W3P_OK)
        w3p_wipe(out, sizeof *out);
    return err;
}

static int stretch(uint8_t key32[32], struct w3p_errmsg *msg, const struct w3p_keystore *store, const char *password,
                   size_t len)
{
    if (len > W3P_KEYSTORE_PASSWORD_MAX)
        return w3p_fail(msg, W3P_E_LIMIT, "a keystore's password has at most %d bytes", W3P_KEYSTORE_PASSWORD_MAX);
    if (crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)password, len, store->salt32, 32, store->n, store->r,
                                              store->p, key32, 32) != 0)
        return w3p_fail(msg, W3P_E_LIMIT, "scrypt needs %u MiB of free memory for this keystore",
                        store->n / 1024 * store->r / 8);
    return W3P_OK;
}

int w3p_keystore_open(struct w3p_keypair *out, struct w3p_errmsg *msg, const struct w3p_keystore *store,
                      const char *password, size_t len)
{
    struct {
        uint8_t key32[32], plain[PLAIN_MAX];
    } *secret = w3p_secret_alloc(sizeof *secret);
    int err = stretch(secret->key32, msg, store, password, len);
    if (err == W3P_OK &&
        crypto_secretbox_open_easy(secret->plain, store->sealed, store->sealed_len, store->nonce24, secret->key32) != 0)
        err = w3p_fail(
            msg, W3P_E_AUTH,
            "wrong password for this keystore, or the file is damaged; give the password that it was exported with");
    if (err == W3P_OK)
        err = w3p_keystore_decode(out, msg, store, secret->plain, store->sealed_len - TAG_BYTES);
    else
        w3p_wipe(out, sizeof *out);
    w3p_secret_free(secret);
    return err;
}

// Writing -----------------------------------------------------------------------------------------------------------

// Gives the length.
static size_t encode(uint8_t plain[PLAIN_MAX], const struct w3p_keypair *key)
{
    size_t secret_len = key->type == W3P_KEY_ECDSA ? 32 : 64;
    uint8_t *end = plain;
    memcpy(end, header, sizeof header);
    end += sizeof header;
    if (key->type == W3P_KEY_SR25519)
        w3p_sr25519_to_expanded(end, key);
    else
        memcpy(end, key->secret64, secret_len);
    end += secret_len;
    memcpy(end, divider, sizeof divider);
    memcpy(end + sizeof divider, key->pub33, key->pub_len);
    return plain_len(key->type, secret_len);
}

static void put_le32(uint8_t *p, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static void write_json(struct w3p_buf *out, const struct w3p_keystore *store, const char *address,
                       const struct w3p_keystore_options *options)
{
    uint8_t raw[ENCODED_MAX];
    struct w3p_buf base64;
    struct w3p_json j;
    memcpy(raw, store->salt32, 32);
    put_le32(raw + 32, store->n);
    put_le32(raw + 36, store->p);
    put_le32(raw + 40, store->r);
    memcpy(raw + 44, store->nonce24, 24);
    memcpy(raw + HEAD_BYTES, store->sealed, store->sealed_len);
    w3p_buf_init(&base64, 2 * ENCODED_MAX);
    w3p_base64_encode(&base64, raw, HEAD_BYTES + store->sealed_len, W3P_BASE64_STD, W3P_BASE64_PADDED);

    w3p_json_init(&j, out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "encoded", w3p_buf_str(&base64));
    w3p_json_key(&j, "encoding");
    w3p_json_begin_object(&j);
    w3p_json_key(&j, "content");
    w3p_json_begin_array(&j);
    w3p_json_str(&j, "pkcs8");
    w3p_json_str(&j, type_names[store->type]);
    w3p_json_end_array(&j);
    w3p_json_key(&j, "type");
    w3p_json_begin_array(&j);
    w3p_json_str(&j, "scrypt");
    w3p_json_str(&j, "xsalsa20-poly1305");
    w3p_json_end_array(&j);
    w3p_json_str_field(&j, "version", "3");
    w3p_json_end_object(&j);
    w3p_json_str_field(&j, "address", address);
    w3p_json_key(&j, "meta");
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "name", options->name);
    w3p_json_int_field(&j, "whenCreated", (int64_t)options->created_ms);
    w3p_json_end_object(&j);
    w3p_json_end_object(&j);
    w3p_buf_deinit(&base64);
}

static void write_address(char out[ADDRESS_TEXT_MAX], const struct w3p_keypair *key, uint16_t prefix)
{
    uint8_t account32[32];
    if (key->type == W3P_KEY_ECDSA) {
        memcpy(out, "0x", 2);
        w3p_hex_encode(out + 2, key->pub33, sizeof key->pub33);
        return;
    }
    w3p_keypair_account(account32, key);
    w3p_ss58_format(out, prefix, account32);
}

int w3p_keystore_make(struct w3p_buf *out, struct w3p_errmsg *msg, const struct w3p_keypair *key,
                      const struct w3p_keystore_options *options)
{
    struct w3p_keystore store = {.type = key->type, .n = WRITE_N, .p = 1, .r = 8};
    struct {
        uint8_t key32[32], plain[PLAIN_MAX];
    } *secret = w3p_secret_alloc(sizeof *secret);
    char address[ADDRESS_TEXT_MAX];
    int err = W3P_OK;
    randombytes_buf(store.salt32, sizeof store.salt32);
    randombytes_buf(store.nonce24, sizeof store.nonce24);
    if (options->password_len == 0)
        err = w3p_fail(msg, W3P_E_INVALID, "a keystore needs a password that is not empty");
    if (err == W3P_OK)
        err = stretch(secret->key32, msg, &store, options->password, options->password_len);
    if (err == W3P_OK) {
        size_t len = encode(secret->plain, key);
        store.sealed_len = len + TAG_BYTES;
        crypto_secretbox_easy(store.sealed, secret->plain, len, store.nonce24, secret->key32);
        write_address(address, key, options->prefix);
        write_json(out, &store, address, options);
        err = w3p_buf_status(out);
    }
    w3p_secret_free(secret);
    return err;
}
