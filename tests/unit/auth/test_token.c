// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the header and the envelope: what is refused before any signature, and that one wallet is one account.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "scheme.h"

TestSuite(auth_token, .init = w3p_crypto_init, .timeout = 60);

// A wallet that never signed anything real: secret key 0x01 repeated.
#define ETH_TEXT "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
#define ETH_IDENTITY "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"

static enum w3p_auth_reason verify(struct w3p_identity *out, const char *scheme, const char *plain, size_t len)
{
    struct w3p_buf header;
    w3p_buf_init(&header, 65536);
    w3p_buf_put_str(&header, scheme);
    w3p_base64_encode(&header, (const uint8_t *)plain, len, W3P_BASE64_STD, W3P_BASE64_PADDED);
    enum w3p_auth_reason reason = w3p_auth_verify(out, w3p_buf_str(&header), header.len);
    w3p_buf_deinit(&header);
    return reason;
}

static void eth_key(struct w3p_keypair *key)
{
    uint8_t seed32[32];
    memset(seed32, 1, sizeof(seed32));
    cr_assert(w3p_keypair_from_seed(key, W3P_KEY_ECDSA, seed32) == W3P_OK);
}

// "eth-…:0x…" in plain text, as the wallet of eth_key makes it.
static void eth_plain(struct w3p_buf *out)
{
    struct w3p_keypair key;
    struct w3p_buf address, sig;
    w3p_buf_init(&address, 100);
    w3p_buf_init(&sig, 200);
    eth_key(&key);
    cr_assert(w3p_scheme_ethereum.address_of(&address, &key) == W3P_OK);
    cr_assert(w3p_scheme_ethereum.sign_text(&sig, &key, w3p_buf_str(&address), address.len) == W3P_OK);
    cr_assert(eq(str, (char *)w3p_buf_str(&address), ETH_TEXT));
    w3p_buf_printf(out, "eth-%s:%s", w3p_buf_str(&address), w3p_buf_str(&sig));
    w3p_buf_deinit(&address);
    w3p_buf_deinit(&sig);
}

static const struct {
    const char *header;
    enum w3p_auth_reason reason;
} bad_headers[] = {
    {"", W3P_AUTH_MISSING},
    {"Bearer", W3P_AUTH_SCHEME},
    {"Bearer ", W3P_AUTH_SCHEME},
    {" Bearer YQ==", W3P_AUTH_SCHEME},
    {"Bearer  ,", W3P_AUTH_SCHEME},
    {"Bearer\tYQ==", W3P_AUTH_SCHEME},
    {"Bearer YQ== ", W3P_AUTH_SCHEME},
    {"Bearer YQ==,YQ==", W3P_AUTH_SCHEME},
    {"Bearer YQ==, Basic YQ==", W3P_AUTH_SCHEME},
    {"Bearer ==", W3P_AUTH_SCHEME},
    {"Bearer Y=Q=", W3P_AUTH_SCHEME},
    {"Bearer Y\r\nQ==", W3P_AUTH_SCHEME},
    {"Foo Basic YQ==", W3P_AUTH_SCHEME},
    {"Digest YQ==", W3P_AUTH_SCHEME},
    {"Token YQ==", W3P_AUTH_SCHEME},
    {"Bearers YQ==", W3P_AUTH_SCHEME},
    {"Bear YQ==", W3P_AUTH_SCHEME},
    {"YQ==", W3P_AUTH_SCHEME},
    {"Bearer YQ=", W3P_AUTH_BASE64},
    {"Bearer YQ===", W3P_AUTH_BASE64},
    {"Bearer Y", W3P_AUTH_BASE64},
    {"Bearer YR==", W3P_AUTH_BASE64}, // trailing bits
    {"Bearer YR", W3P_AUTH_BASE64},
    {"Bearer -_+/", W3P_AUTH_BASE64}, // both alphabets
    {"Bearer a.b~", W3P_AUTH_BASE64}, // token68, but no base64
    {"Bearer gA==", W3P_AUTH_BASE64}, // 0x80
    {"Bearer IA==", W3P_AUTH_BASE64}, // space
    {"Bearer fw==", W3P_AUTH_BASE64}, // DEL
    {"Bearer AA==", W3P_AUTH_BASE64}, // NUL
};

Test(auth_token, bad_headers)
{
    for (size_t i = 0; i < sizeof(bad_headers) / sizeof(bad_headers[0]); i++) {
        struct w3p_identity identity;
        const char *header = bad_headers[i].header;
        enum w3p_auth_reason reason = w3p_auth_verify(&identity, header, strlen(header));
        cr_expect(reason == bad_headers[i].reason, "'%s': %s", header, w3p_auth_reason_name(reason));
    }
    struct w3p_identity identity;
    cr_expect(w3p_auth_verify(&identity, NULL, 0) == W3P_AUTH_MISSING);
}

static const struct {
    const char *plain;
    enum w3p_auth_reason reason;
} bad_tokens[] = {
    {":", W3P_AUTH_GRAMMAR},
    {"-", W3P_AUTH_CHAIN},
    {"-:", W3P_AUTH_CHAIN},
    {"eth", W3P_AUTH_ADDRESS}, // no dash: a Substrate address by that name
    {"eth-", W3P_AUTH_GRAMMAR},
    {"eth-:", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT, W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT ":", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT ":0x:", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT "-:0x00", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT "-a:", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT "-a-:0x00", W3P_AUTH_GRAMMAR},
    {"eth-" ETH_TEXT "-00ff:0x00", W3P_AUTH_GRAMMAR},    // a third field that this chain has not
    {"eth-" ETH_TEXT "-m1.Zm9v:0x00", W3P_AUTH_GRAMMAR}, // no W3Auth token
    {"eth-" ETH_TEXT "-a-b-c:0x00", W3P_AUTH_GRAMMAR},
    {"eth--" ETH_TEXT ":0x00", W3P_AUTH_GRAMMAR},
    {"-eth-" ETH_TEXT ":0x00", W3P_AUTH_CHAIN},
    {"eth-" ETH_TEXT ":0x00", W3P_AUTH_SIGNATURE_FORM},
    {"eth-" ETH_TEXT ":zz", W3P_AUTH_SIGNATURE_FORM},
    {"eth-0X1a642f0e3c3af545e7acbd38b07251b3990914f1:0x00", W3P_AUTH_ADDRESS},
    {"eth-1a642f0e3c3af545e7acbd38b07251b3990914f1:0x00", W3P_AUTH_ADDRESS},
    {"eth-0x1A642f0E3c3aF545E7AcBD38b07251B3990914F1:0x00", W3P_AUTH_ADDRESS},
    {"sol-" ETH_TEXT ":0x00", W3P_AUTH_ADDRESS},
    {"near-alice.near:00", W3P_AUTH_ADDRESS},
    {"near-6E7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1:00", W3P_AUTH_ADDRESS},
    {"sub-0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da2:00", W3P_AUTH_ADDRESS},
    {"eth-0x1111111111111111111111111111111111111111111111111111111111111111:00", W3P_AUTH_ADDRESS},
    {"ava-avax1abc:x", W3P_AUTH_ADDRESS},
    {"elrond-erd1abc-00ff:00", W3P_AUTH_ADDRESS},
    {"elr-erd1abc:00", W3P_AUTH_ADDRESS},
    {"elr-erd1af9xcclzn3fq40h42pa3xtk9lx25wa4wh6l8hyjzrm4xj9zx6gkq38dn52-00ff-00:00", W3P_AUTH_GRAMMAR},
    {"aptos-0x00:00", W3P_AUTH_ADDRESS},
    {"apt-0x:00", W3P_AUTH_ADDRESS},
    {"algo-ABC:00", W3P_AUTH_ADDRESS},
    {"ton-00-00:00", W3P_AUTH_ADDRESS},
    {"ton-6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1-00:00", W3P_AUTH_CHAIN}, // off by default
    // chains that are known to the field and refused here, with their own numbers of fields
    {"flow-0x00:e30=", W3P_AUTH_CHAIN},
    {"flo-0x00:e30=", W3P_AUTH_CHAIN},
    {"xx-a-b-c-d-e:f", W3P_AUTH_CHAIN},
    {"huochain-a-b:c", W3P_AUTH_CHAIN},
    {"ethe-" ETH_TEXT ":0x00", W3P_AUTH_CHAIN},
    {"et-" ETH_TEXT ":0x00", W3P_AUTH_CHAIN},
};

Test(auth_token, bad_tokens)
{
    for (size_t i = 0; i < sizeof(bad_tokens) / sizeof(bad_tokens[0]); i++) {
        struct w3p_identity identity;
        enum w3p_auth_reason reason = verify(&identity, "Bearer ", bad_tokens[i].plain, strlen(bad_tokens[i].plain));
        cr_expect(reason == bad_tokens[i].reason, "'%s': %s", bad_tokens[i].plain, w3p_auth_reason_name(reason));
    }
}

Test(auth_token, size_bound)
{
    static char header[W3P_AUTH_HEADER_MAX + 2];
    static struct w3p_token token;
    struct w3p_identity identity;
    memset(header, 'A', sizeof(header));
    memcpy(header, "Bearer ", 7);
    cr_expect(w3p_auth_verify(&identity, header, W3P_AUTH_HEADER_MAX + 1) == W3P_AUTH_TOO_LONG);
    cr_expect(w3p_auth_verify(&identity, header, W3P_AUTH_HEADER_MAX) == W3P_AUTH_BASE64);
    cr_expect(w3p_token_decode(&token, header, sizeof(header)) == W3P_AUTH_TOO_LONG);
    cr_expect(w3p_auth_address(&identity, header, sizeof(header)) == W3P_AUTH_TOO_LONG);

    // the longest head and the longest signature that fit
    char plain[3000];
    memset(plain, '1', sizeof(plain));
    memcpy(plain, "sol-", 4);
    cr_expect(verify(&identity, "Bearer ", plain, sizeof(plain)) == W3P_AUTH_ADDRESS);
    memcpy(plain, "eth-" ETH_TEXT ":", 47);
    cr_expect(verify(&identity, "Bearer ", plain, sizeof(plain)) == W3P_AUTH_SIGNATURE_FORM);
}

Test(auth_token, every_accepted_dialect_of_base64)
{
    struct w3p_buf plain;
    w3p_buf_init(&plain, 1000);
    eth_plain(&plain);
    static const char *const words[] = {"Bearer ", "Basic ", "bearer ", "BASIC ", "bEaReR "};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct w3p_identity identity;
        cr_expect(verify(&identity, words[i], (char *)plain.ptr, plain.len) == W3P_AUTH_OK, "%s", words[i]);
        cr_expect(eq(str, identity.text, ETH_IDENTITY));
    }
    for (int url = 0; url < 2; url++) {
        for (int bare = 0; bare < 2; bare++) {
            struct w3p_buf header;
            struct w3p_identity identity;
            w3p_buf_init(&header, 1000);
            w3p_buf_put_str(&header, "Bearer ");
            w3p_base64_encode(&header, plain.ptr, plain.len, url ? W3P_BASE64_URL : W3P_BASE64_STD,
                              bare ? W3P_BASE64_UNPADDED : W3P_BASE64_PADDED);
            cr_expect(w3p_auth_verify(&identity, w3p_buf_str(&header), header.len) == W3P_AUTH_OK);
            // one junk character anywhere in it
            for (size_t at = 7; at <= header.len; at += 37) {
                char junk[1100];
                memcpy(junk, header.ptr, at);
                junk[at] = '~';
                memcpy(junk + at + 1, header.ptr + at, header.len - at);
                cr_expect(w3p_auth_verify(&identity, junk, header.len + 1) != W3P_AUTH_OK, "junk at %zu", at);
            }
            w3p_buf_deinit(&header);
        }
    }
    w3p_buf_deinit(&plain);
}

Test(auth_token, bytes_around_a_good_token)
{
    struct w3p_buf plain;
    struct w3p_identity identity;
    w3p_buf_init(&plain, 1000);
    eth_plain(&plain);
    cr_assert(verify(&identity, "Bearer ", (char *)plain.ptr, plain.len) == W3P_AUTH_OK);
    // buf keeps a NUL behind its bytes: one more byte is a token that ends with it
    cr_expect(verify(&identity, "Bearer ", (char *)plain.ptr, plain.len + 1) == W3P_AUTH_BASE64);
    static const char tails[] = {' ', '\n', '\t', '0', 'z', ':', '-', (char)0x80};
    for (size_t i = 0; i < sizeof(tails); i++) {
        char longer[1001];
        memcpy(longer, plain.ptr, plain.len);
        longer[plain.len] = tails[i];
        cr_expect(verify(&identity, "Bearer ", longer, plain.len + 1) != W3P_AUTH_OK, "tail %d", tails[i]);
        memmove(longer + 1, plain.ptr, plain.len);
        longer[0] = tails[i];
        cr_expect(verify(&identity, "Bearer ", longer, plain.len + 1) != W3P_AUTH_OK, "front %d", tails[i]);
    }
    w3p_buf_deinit(&plain);
}

Test(auth_token, made_tokens_are_accepted)
{
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg;
        struct w3p_buf made;
        struct w3p_identity identity, claimed;
        static struct w3p_token token;
        w3p_buf_init(&made, W3P_AUTH_HEADER_MAX);
        cr_assert(w3p_keypair_from_uri(&key, &msg, (*scheme)->key_type, "//Alice") == W3P_OK);
        cr_assert(w3p_token_make(&made, *scheme, &key) == W3P_OK);
        cr_assert(w3p_token_decode(&token, w3p_buf_str(&made), made.len) == W3P_AUTH_OK, "%s", (*scheme)->name);
        cr_expect(token.scheme == *scheme);
        cr_expect(w3p_token_verify_any(&identity, &token) == W3P_AUTH_OK, "%s", (*scheme)->name);
        cr_expect(w3p_token_verify(&identity, &token) == ((*scheme)->off_by_default ? W3P_AUTH_CHAIN : W3P_AUTH_OK));
        w3p_buf_reset(&made);
        w3p_buf_printf(&made, "%s-%s", (*scheme)->name, token.address.text);
        cr_expect(w3p_auth_address(&claimed, w3p_buf_str(&made), made.len) == W3P_AUTH_OK, "%s", (*scheme)->name);
        cr_expect(eq(str, claimed.text, identity.text));
        w3p_buf_deinit(&made);

        // a buffer that is too small is an error, not half a token
        w3p_buf_init(&made, 100);
        cr_expect(w3p_token_make(&made, *scheme, &key) == W3P_E_LIMIT);
        w3p_buf_deinit(&made);
    }
}

Test(auth_token, the_third_field)
{
    static struct w3p_token token;
    static const char plain[] = "sol-8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe-m1.Zm9v+/:abc";
    struct w3p_buf text;
    struct w3p_identity identity;
    w3p_buf_init(&text, 200);
    w3p_base64_encode(&text, (const uint8_t *)plain, strlen(plain), W3P_BASE64_STD, W3P_BASE64_PADDED);
    cr_assert(w3p_token_decode(&token, w3p_buf_str(&text), text.len) == W3P_AUTH_OK);
    cr_expect(token.scheme == &w3p_scheme_solana);
    cr_expect(eq(str, token.extra, "m1.Zm9v+/"));
    cr_expect(token.extra_len == 9);
    cr_expect(eq(str, token.sig_text, "abc"));
    cr_expect(w3p_token_verify(&identity, &token) == W3P_AUTH_GRAMMAR);
    w3p_buf_deinit(&text);
    cr_expect(w3p_auth_address(&identity, plain, 48) == W3P_AUTH_OK);
    cr_expect(w3p_auth_address(&identity, plain, 50) == W3P_AUTH_GRAMMAR);
}

// A valid token stays none when a third field is put into it.
Test(auth_token, a_third_field_is_not_ignored)
{
    struct w3p_identity identity;
    struct w3p_buf plain, more;
    w3p_buf_init(&plain, 1000);
    w3p_buf_init(&more, 1000);
    eth_plain(&plain);
    const char *colon = strchr(w3p_buf_str(&plain), ':');
    w3p_buf_printf(&more, "%.*s-00%s", (int)(colon - w3p_buf_str(&plain)), w3p_buf_str(&plain), colon);
    cr_expect(verify(&identity, "Bearer ", (char *)plain.ptr, plain.len) == W3P_AUTH_OK);
    cr_expect(verify(&identity, "Bearer ", (char *)more.ptr, more.len) == W3P_AUTH_GRAMMAR);
    w3p_buf_deinit(&plain);
    w3p_buf_deinit(&more);
}

Test(auth_token, the_wrong_kind_of_key)
{
    struct w3p_keypair key;
    struct w3p_buf made;
    w3p_buf_init(&made, W3P_AUTH_HEADER_MAX);
    eth_key(&key);
    cr_expect(w3p_token_make(&made, &w3p_scheme_solana, &key) == W3P_E_UNSUPPORTED);
    uint8_t seed32[32] = {7};
    cr_assert(w3p_keypair_from_seed(&key, W3P_KEY_SR25519, seed32) == W3P_OK);
    cr_expect(w3p_token_make(&made, &w3p_scheme_ethereum, &key) == W3P_E_UNSUPPORTED);
    cr_expect(made.len == 0);
    w3p_buf_deinit(&made);
}

static const struct {
    const char *text, *identity; // NULL: no address
} addresses[] = {
    {"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
     "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"sub-5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
     "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
     "sub:d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"eth-" ETH_TEXT, ETH_IDENTITY},
    {"pol-" ETH_TEXT, ETH_IDENTITY},
    {"Polygon-0x1a642f0e3c3af545e7acbd38b07251b3990914f1", ETH_IDENTITY},
    {"ETH-0x1A642F0E3C3AF545E7ACBD38B07251B3990914F1", ETH_IDENTITY},
    {ETH_TEXT, ETH_IDENTITY},
    {"crust-" ETH_TEXT, ETH_IDENTITY},
    {"near-6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1",
     "near:6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1"},
    {"nea-8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe",
     "near:6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1"},
    {"sol-8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe",
     "sol:6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1"},
    {"ava-avax16jlzchtg6pl8sstn4m42uaz7xmnkhv36xy78rp", "ava:d4be2c5d68d07e784173aeeaae745e36e76bb23a"},
    {"elrond-erd1af9xcclzn3fq40h42pa3xtk9lx25wa4wh6l8hyjzrm4xj9zx6gkq38dn52",
     "mvx:ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"},
    {"apt-0xfd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618",
     "apt:fd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618"},
    {"algo-M27H4MZMPJCTGMV5TUFH67NQKX24L3Y2A2W2M3MYWOP3NAIMI45EQYNRNA",
     "algo:66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a"},
    {"ton-6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1",
     "ton:6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1"},
    {"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", NULL},
    {"8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe", NULL},
    {"", NULL},
    {"eth-", NULL},
    {"eth-0x", NULL},
    {"sub-0x", NULL},
    {"sol-1111111111111111111111111111111", NULL}, // 31 bytes
    {"near-1111111111111111111111111111111", NULL},
    {"sol-111111111111111111111111111111111", NULL}, // 33
    {"sub-0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da2", NULL},
    {"sub-0", NULL},
};

Test(auth_token, addresses)
{
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct w3p_identity identity = {.text = ""};
        enum w3p_auth_reason reason = w3p_auth_address(&identity, addresses[i].text, strlen(addresses[i].text));
        bool wanted = addresses[i].identity != NULL;
        cr_expect(wanted == (reason == W3P_AUTH_OK), "%s: %s", addresses[i].text, w3p_auth_reason_name(reason));
        if (addresses[i].identity != NULL)
            cr_expect(eq(str, identity.text, (char *)addresses[i].identity));
    }
}

Test(auth_token, identities_read_back)
{
    static const char *const bad[] = {
        "",
        "evm:",
        ETH_TEXT,
        "evm:1a642f0e3c3af545e7acbd38b07251b3990914f1",
        "evm:0x1a642f0e3c3af545e7acbd38b07251b3",
        "EVM:0x1a642f0e3c3af545e7acbd38b07251b3990914f1",
        ETH_IDENTITY "00",
        ETH_IDENTITY " ",
        "sub:0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d",
        "ava:d4be2c5d68d07e784173aeeaae745e36e76bb23a00",
        "ava:0xd4be2c5d68d07e784173aeeaae745e36e76bb23a",
        "algo:d4be2c5d68d07e784173aeeaae745e36e76bb23a",
        "mvx:",
        "apt",
        "near:alice.near",
    };
    struct w3p_identity identity;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect(w3p_identity_parse(&identity, bad[i], strlen(bad[i])) == W3P_E_INVALID, "%s", bad[i]);
    cr_assert(w3p_identity_parse(&identity, "evm:0x1A642f0e3c3af545e7acbd38b07251b3990914F1", 46) == W3P_OK);
    cr_expect(eq(str, identity.text, ETH_IDENTITY));
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (addresses[i].identity == NULL)
            continue;
        cr_assert(w3p_identity_parse(&identity, addresses[i].identity, strlen(addresses[i].identity)) == W3P_OK);
        cr_expect(eq(str, identity.text, (char *)addresses[i].identity));
    }
}

Test(auth_token, reasons_have_words)
{
    for (int i = W3P_AUTH_OK; i <= W3P_AUTH_UNKNOWN; i++) {
        cr_expect(strlen(w3p_auth_reason_name((enum w3p_auth_reason)i)) > 1);
        cr_expect(strlen(w3p_auth_reason_sentence((enum w3p_auth_reason)i)) > 10);
    }
    cr_expect(eq(str, (char *)w3p_auth_reason_name((enum w3p_auth_reason)999), "signature"));
}
