// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: Bech32 both ways: BIP-173's own valid and invalid texts, and what is refused beyond them (padding, the other
// checksum constant, another prefix).
#include "unit/crypto/util.h"

#include "crypto/bech32.h"
#include "crypto/hash.h"

TestSuite(bech32, .init = w3p_crypto_init, .timeout = 10);

struct bad_case {
    const char *why, *hrp, *text;
};
static const struct bad_case bad_cases[] = {
    {"nothing", "a", ""},
    {"prefix with a space", " ", " 1nwldj5"},
    {"prefix with DEL", "\x7f",
     "\x7f"
     "1axkwrx"},
    {"prefix beyond ASCII", "\x80",
     "\x80"
     "1eym55h"},
    {"91 characters", "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
     "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx"},
    {"no separator", "pzry9x0s0muk", "pzry9x0s0muk"},
    {"no prefix", "1pzry9x0s0muk", "1pzry9x0s0muk"},
    {"b among the data", "x", "x1b4n0q5v"},
    {"checksum too short", "li", "li1dgmt3"},
    {"0xff in the checksum", "de", "de1lg7wt\xff"},
    {"checksum of the upper-case prefix", "a", "A1G7SGD8"},
    {"empty prefix", "", "10a06t8"},
    {"empty prefix, one character of data", "", "1qzzfhee"},
    {"mixed case", "a", "A12uEL5L"},
    {"mixed case in the prefix", "abc", "aBc1qy928epu"},
    {"case between prefix and data", "abc", "ABC1qy928epu"},
    {"five bits left over", "abc", "abc1qvm7r47"},
    {"seven bits left over", "abc", "abc1qqqd56p23"},
    {"padding that is not zero", "abc", "abc1qphk32n5"},
    {"padding that is not zero, four bits", "abc", "abc1qqqp9y8qpx"},
    {"Bech32m", "abc", "abc1qyskh4y7"},
    {"another prefix", "abd", "abc1qy928epu"},
    {"another prefix before the checksum of this one", "abc", "abd1qy928epu"},
    {"no separator before the right checksum", "abc", "abcqqy928epu"},
    {"a shorter prefix", "ab", "abc1qy928epu"},
    {"a longer prefix", "abc1", "abc1qy928epu"},
    {"something behind", "abc", "abc1qy928epuq"},
    {"something before", "abc", "qabc1qy928epu"},
    {"one character of another", "abc", "abc1qy928epq"},
};

Test(bech32, refuses)
{
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        uint8_t out[64] = {0x77};
        size_t out_len = sizeof out, len = strlen(bad_cases[i].text);
        char *exact = w3p_memdup(bad_cases[i].text, len); // for the address sanitizer
        cr_expect(w3p_bech32_decode(out, &out_len, bad_cases[i].hrp, exact, len) == W3P_E_INVALID, "%s",
                  bad_cases[i].why);
        cr_expect(out_len == sizeof out);
        free(exact);
    }
    uint8_t out[64];
    size_t out_len = sizeof out; // a NUL ends nothing
    cr_expect(w3p_bech32_decode(out, &out_len, "abc", "abc1qy928epu", 13) == W3P_E_INVALID);
}

struct good_case {
    const char *hrp, *text, *hex;
};
static const struct good_case good_cases[] = {
    // of BIP-173, those whose data are whole bytes
    {"a", "A12UEL5L", ""},
    {"a", "a12uel5l", ""},
    {"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
     "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs", ""},
    {"abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "00443214c74254b635cf84653a56d7c675be77df"},
    {"1", "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"},
    {"split", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
     "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"},
    {"?", "?1ezyfcl", ""},
    // of an independent implementation
    {"abc", "abc1qy928epu", "01"},
    {"abc", "ABC1QY928EPU", "01"},
};

Test(bech32, accepts_and_makes)
{
    for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++) {
        const struct good_case *c = &good_cases[i];
        uint8_t out[64], wanted[64];
        size_t out_len = strlen(c->hex) / 2, wanted_len = out_len; // the room is exact
        struct w3p_buf text;
        unhex(wanted, wanted_len, c->hex);
        cr_assert(w3p_bech32_decode(out, &out_len, c->hrp, c->text, strlen(c->text)) == W3P_OK, "%s", c->text);
        cr_assert(out_len == wanted_len && memcmp(out, wanted, out_len) == 0, "%s", c->text);
        if (out_len > 0) {
            size_t less = out_len - 1;
            cr_expect(w3p_bech32_decode(out, &less, c->hrp, c->text, strlen(c->text)) == W3P_E_LIMIT, "%s", c->text);
        }
        w3p_buf_init(&text, 100);
        cr_assert(w3p_bech32_encode(&text, c->hrp, wanted, wanted_len) == W3P_OK);
        if (c->text[0] < 'A' || c->text[0] > 'Z')
            CHECK_TEXT(w3p_buf_str(&text), c->text);
        w3p_buf_deinit(&text);
    }
}

Test(bech32, bounds_of_what_is_made)
{
    uint8_t bytes[64] = {0};
    struct w3p_buf text;
    w3p_buf_init(&text, 200);
    cr_expect(w3p_bech32_encode(&text, "abc", bytes, 51) == W3P_E_LIMIT);
    cr_expect(text.len == 0);
    cr_expect(w3p_bech32_encode(&text, "abc", bytes, SIZE_MAX / 4) == W3P_E_LIMIT);
    cr_expect(w3p_bech32_encode(&text, "abc", bytes, 50) == W3P_OK);
    cr_expect(text.len == W3P_BECH32_TEXT_MAX);
    w3p_buf_deinit(&text);
    w3p_buf_init(&text, 10);
    cr_expect(w3p_bech32_encode(&text, "abc", bytes, 20) == W3P_E_LIMIT);
    w3p_buf_deinit(&text);
}

// The code finds every error of up to four characters; here all of one.
Test(bech32, one_wrong_character)
{
    static const char good[] = "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw";
    char text[sizeof good];
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (int c = 1; c < 256; c++) {
            uint8_t out[32];
            size_t out_len = sizeof out;
            memcpy(text, good, sizeof good);
            text[at] = (char)c;
            int err = w3p_bech32_decode(out, &out_len, "abcdef", text, sizeof good - 1);
            bool same = text[at] == good[at];
            cr_assert(err == (same ? W3P_OK : W3P_E_INVALID), "%zu: %d", at, c);
        }
}
