// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: SS58 both ways. Vectors: @polkadot/util-crypto encodeAddress of //Alice for prefixes of both lengths.
#include "unit/crypto/util.h"

#include "crypto/hash.h"
#include "crypto/keys.h"

TestSuite(ss58, .init = w3p_crypto_init, .timeout = 10);

#define ALICE "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"

struct ss58_case {
    uint16_t prefix;
    const char *text;
};
static const struct ss58_case cases[] = {
    {0, "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"},
    {2, "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F"},
    {42, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"},
    {63, "7NPoMQbiA6trJKkjB35uk96MeJD4PGWkLQLH7k7hXEkZpiba"},
    {64, "cEaNSpz4PxFcZ7nT1VEKrKewH67rfx6MfcM6yKojyyPz7qaqp"},
    {66, "cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa"},
    {255, "yGHXkYLYqxijLKKfd9Q2CB9shRVu8rPNBS53wvwGTutYg4zTg"},
    {256, "VByeGLMtP8r8BYQpNX1sb2VtAW8GYCbtFAeXJwsA2ur3MNRdq"},
    {1328, "aUuBHS3LZKnPuxyDJYhteYPwGWg932LjHPtbBQKQBA55F4B1T"},
    {16383, "yNa8JpqfFB3q8A29rCwSgxvdU94ufJw2yKKxDgznS5m1PoFvn"},
};

// Text of arbitrary raw bytes with a right checksum: what a hostile encoder would make.
static void encode_raw(char out[128], const uint8_t *head, size_t head_len, size_t body_len, size_t sum_len)
{
    uint8_t text[7 + 64] = "SS58PRE", digest[64];
    struct w3p_buf buf;
    memcpy(text + 7, head, head_len);
    memset(text + 7 + head_len, 0x11, body_len);
    w3p_blake2b(digest, 64, text, 7 + head_len + body_len);
    memcpy(text + 7 + head_len + body_len, digest, sum_len);
    w3p_buf_init(&buf, 127);
    cr_assert(w3p_base58_encode(&buf, text + 7, head_len + body_len + sum_len) == W3P_OK);
    memcpy(out, w3p_buf_str(&buf), buf.len + 1);
    w3p_buf_deinit(&buf);
}

static int parse(const char *text)
{
    uint8_t account[32];
    uint16_t prefix;
    return w3p_ss58_parse(account, &prefix, text, strlen(text));
}

struct raw_case {
    const char *why;
    uint8_t head[2];
    size_t head_len, body_len, sum_len;
    int err;
};
static const struct raw_case raw_cases[] = {
    {"one byte prefix", {42}, 1, 32, 2, W3P_OK},
    {"two byte prefix 66", {0x50, 0x80}, 2, 32, 2, W3P_OK},
    {"two bytes for prefix 42", {0x40 | 42 >> 2, (42 & 3) << 6}, 2, 32, 2, W3P_E_INVALID},
    {"two bytes for prefix 0", {0x40, 0}, 2, 32, 2, W3P_E_INVALID},
    {"two bytes for prefix 63", {0x4f, 0xc0}, 2, 32, 2, W3P_E_INVALID},
    {"reserved first byte 128", {0x80, 0}, 2, 32, 2, W3P_E_INVALID},
    {"reserved first byte 255", {0xff}, 1, 32, 2, W3P_E_INVALID},
    {"reserved first byte that would read as 66", {0xd0, 0x80}, 2, 32, 2, W3P_E_INVALID},
    {"31 byte account", {42}, 1, 31, 2, W3P_E_INVALID},
    {"33 byte key", {42}, 1, 33, 2, W3P_E_INVALID},
    {"31 bytes behind two of prefix", {0x50, 0x80}, 2, 31, 2, W3P_E_INVALID},
    {"no checksum", {42}, 1, 32, 0, W3P_E_INVALID},
    {"one byte of checksum", {42}, 1, 32, 1, W3P_E_INVALID},
    {"four byte account of the format", {42}, 1, 4, 1, W3P_E_INVALID},
};

Test(ss58, refuses_raw_forms)
{
    for (size_t i = 0; i < sizeof raw_cases / sizeof *raw_cases; i++) {
        const struct raw_case *c = &raw_cases[i];
        char text[128];
        encode_raw(text, c->head, c->head_len, c->body_len, c->sum_len);
        cr_assert(eq(int, parse(text), c->err), "%s", c->why);
    }
}

Test(ss58, refuses_text)
{
    static const char *const bad[] = {
        "",
        "5",
        "0",
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ",
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ",
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY1",
        "15GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "5grwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        " 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY\n",
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQ\xc3\xa9",
        "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
        "1111111111111111111111111111111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert(eq(int, parse(bad[i]), W3P_E_INVALID), "%s", bad[i]);
    uint8_t account[32];
    cr_assert(
        eq(int, w3p_ss58_parse(account, NULL, "5Grw\0aEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 48), W3P_E_INVALID));
}

Test(ss58, refuses_a_byte_behind_a_right_checksum)
{
    uint8_t raw[36] = {42}, digest[64], sum_of[7 + 33] = "SS58PRE";
    struct w3p_buf buf;
    memcpy(sum_of + 7, raw, 33);
    w3p_blake2b(digest, sizeof digest, sum_of, sizeof sum_of);
    memcpy(raw + 33, digest, 2);
    for (size_t len = 35; len <= 36; len++) {
        w3p_buf_init(&buf, 127);
        cr_assert(w3p_base58_encode(&buf, raw, len) == W3P_OK);
        cr_assert(eq(int, parse(w3p_buf_str(&buf)), len == 35 ? W3P_OK : W3P_E_INVALID));
        w3p_buf_deinit(&buf);
    }
}

Test(ss58, an_untouched_output_on_failure)
{
    uint8_t account[32];
    uint16_t prefix = 7;
    memset(account, 0x77, sizeof account);
    cr_assert(w3p_ss58_parse(account, &prefix, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ", 48) != W3P_OK);
    cr_assert(prefix == 7 && account[0] == 0x77 && account[31] == 0x77);
}

Test(ss58, vectors_both_ways)
{
    uint8_t alice[32], account[32];
    unhex(alice, 32, ALICE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[W3P_SS58_TEXT_MAX];
        uint16_t prefix = 0xffff;
        w3p_ss58_format(text, cases[i].prefix, alice);
        CHECK_TEXT(text, cases[i].text);
        cr_assert(w3p_ss58_parse(account, &prefix, text, strlen(text)) == W3P_OK);
        cr_assert(eq(u16, prefix, cases[i].prefix));
        cr_assert(memcmp(account, alice, 32) == 0);
        cr_assert(w3p_ss58_parse(account, NULL, text, strlen(text)) == W3P_OK);
    }
}

Test(ss58, every_prefix_round_trips)
{
    uint8_t alice[32], account[32];
    char text[W3P_SS58_TEXT_MAX];
    unhex(alice, 32, ALICE);
    for (unsigned p = 0; p <= 16383; p++) {
        uint16_t prefix = 0xffff;
        w3p_ss58_format(text, (uint16_t)p, alice);
        cr_assert(w3p_ss58_parse(account, &prefix, text, strlen(text)) == W3P_OK && prefix == p);
    }
}

Test(ss58, all_zero_and_all_one_accounts)
{
    for (int fill = 0; fill <= 255; fill += 255) {
        uint8_t in[32], out[32];
        char text[W3P_SS58_TEXT_MAX];
        memset(in, fill, 32);
        w3p_ss58_format(text, 0, in);
        cr_assert(w3p_ss58_parse(out, NULL, text, strlen(text)) == W3P_OK);
        cr_assert(memcmp(in, out, 32) == 0);
    }
}
