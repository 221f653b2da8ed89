// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: content identifiers. Everything a client sends as a CID passes here before money is spent on it, so a CID
// that could never be fetched (wrong digest length, padded varint) is refused with a sentence. Pure functions.
#include "base/cid.h"

#include <string.h>

#include "base/encoding.h"
#include "base/reader.h"

#define V0_TEXT_LEN 46
#define V0_BYTES 34
#define DIGEST_MIN 20
#define CODEC_LIBP2P_KEY 0x72
#define CID_BYTES_MAX W3P_CID_TEXT_MAX // no accepted text decodes to more: a too long digest gets its own sentence

// Hash functions of the multicodec table with one digest length. Anything else passes with 20..64 bytes.
static const struct {
    uint32_t code;
    uint8_t digest_len;
} known_hashes[] = {
    {0x11, 20},   // sha1
    {0x12, 32},   // sha2-256
    {0x13, 64},   // sha2-512
    {0x14, 64},   // sha3-512
    {0x15, 48},   // sha3-384
    {0x16, 32},   // sha3-256
    {0x17, 28},   // sha3-224
    {0x1a, 28},   // keccak-224
    {0x1b, 32},   // keccak-256
    {0x1c, 48},   // keccak-384
    {0x1d, 64},   // keccak-512
    {0x1e, 32},   // blake3
    {0x20, 48},   // sha2-384
    {0x56, 32},   // dbl-sha2-256
    {0x1012, 32}, // sha2-256-trunc254-padded (Filecoin)
    {0x1013, 28}, // sha2-224
    {0x1014, 28}, // sha2-512-224
    {0x1015, 32}, // sha2-512-256
    {0x1053, 20}, // ripemd-160
    {0xb401, 32}, // poseidon-bls12_381-a2-fc1 (Filecoin)
};

// 0 when the table of hash functions does not fix the length.
static size_t digest_len_of(uint64_t hash)
{
    for (size_t i = 0; i < sizeof(known_hashes) / sizeof(known_hashes[0]); i++)
        if (known_hashes[i].code == hash)
            return known_hashes[i].digest_len;
    // blake2b-8 … blake2b-512, then blake2s-8 … blake2s-256: the code counts the bytes.
    if (hash >= 0xb201 && hash <= 0xb240)
        return (size_t)(hash - 0xb200);
    if (hash >= 0xb241 && hash <= 0xb260)
        return (size_t)(hash - 0xb240);
    return 0;
}

static int say(const char **why, int err, const char *sentence)
{
    if (why != NULL)
        *why = sentence;
    return err;
}

static int parse_v0(struct w3p_cid *out, const char **why, const char *text)
{
    uint8_t bytes[V0_BYTES];
    size_t len = sizeof(bytes);
    int err = w3p_base58_decode(bytes, &len, text, V0_TEXT_LEN);
    if (err == W3P_E_INVALID)
        return say(why, W3P_E_INVALID, "a CIDv0 (Qm…) holds a character that base58 does not have");
    if (err != W3P_OK || len != V0_BYTES || bytes[0] != W3P_HASH_SHA2_256 || bytes[1] != 32)
        return say(why, W3P_E_INVALID, "a CIDv0 (Qm…) must hold a sha2-256 digest of 32 bytes");
    *out = (struct w3p_cid){.version = 0, .codec = W3P_CODEC_DAG_PB, .hash = W3P_HASH_SHA2_256, .digest_len = 32};
    memcpy(out->digest, bytes + 2, 32);
    return W3P_OK;
}

static int check_multihash(const char **why, uint64_t codec, uint64_t hash, size_t digest_len)
{
    if (hash == W3P_HASH_IDENTITY)
        return say(why, W3P_E_UNSUPPORTED, "the CID carries its data inside (identity multihash): nothing to store");
    size_t fixed_len = digest_len_of(hash);
    if (fixed_len != 0 && fixed_len != digest_len)
        return say(why, W3P_E_INVALID, "the digest in the CID does not have the length of its hash function");
    if (digest_len < DIGEST_MIN || digest_len > W3P_CID_DIGEST_MAX)
        return say(why, W3P_E_UNSUPPORTED, "only digests of 20 to 64 bytes are supported");
    if (codec == CODEC_LIBP2P_KEY)
        return say(why, W3P_E_UNSUPPORTED, "the CID names a libp2p key (a peer or an IPNS name), not content");
    return W3P_OK;
}

static int parse_v1(struct w3p_cid *out, const char **why, const uint8_t *bytes, size_t len)
{
    struct w3p_reader r;
    w3p_reader_init(&r, bytes, len);
    uint64_t version = w3p_reader_varint(&r);
    if (r.err == W3P_OK && version != 1)
        return say(why, W3P_E_INVALID, "the version inside the CID is not 1");
    uint64_t codec = w3p_reader_varint(&r), hash = w3p_reader_varint(&r), digest_len = w3p_reader_varint(&r);
    if (r.err != W3P_OK)
        return say(why, W3P_E_INVALID, "the CID is cut short, or a number in it is not minimally encoded");
    if (digest_len != w3p_reader_left(&r))
        return say(why, W3P_E_INVALID, "the CID is cut short or has bytes behind its digest");
    int err = check_multihash(why, codec, hash, (size_t)digest_len);
    if (err != W3P_OK)
        return err;
    *out = (struct w3p_cid){.version = 1, .codec = codec, .hash = hash, .digest_len = (uint8_t)digest_len};
    memcpy(out->digest, w3p_reader_take(&r, (size_t)digest_len).ptr, (size_t)digest_len);
    return W3P_OK;
}

int w3p_cid_parse(struct w3p_cid *out, const char **why, const char *text, size_t len)
{
    if (len == 0)
        return say(why, W3P_E_INVALID, "the CID is empty");
    if (len > W3P_CID_TEXT_MAX)
        return say(why, W3P_E_INVALID, "the CID is longer than any CID that is supported");
    if (len >= 2 && text[0] == 'Q' && text[1] == 'm') {
        if (len != V0_TEXT_LEN)
            return say(why, W3P_E_INVALID, "a CIDv0 (Qm…) has exactly 46 characters");
        return parse_v0(out, why, text);
    }
    uint8_t bytes[CID_BYTES_MAX];
    size_t bytes_len = sizeof(bytes);
    int err = w3p_multibase_decode(bytes, &bytes_len, text, len);
    if (err == W3P_E_UNSUPPORTED)
        return say(why, W3P_E_INVALID,
                   "this is no CID: it begins neither with Qm nor with a supported multibase letter");
    if (err != W3P_OK)
        return say(why, W3P_E_INVALID, "the CID holds characters that its multibase letter does not allow");
    return parse_v1(out, why, bytes, bytes_len);
}

static size_t put_varint(uint8_t *to, uint64_t value)
{
    size_t len = 0;
    for (; value >= 0x80; value >>= 7)
        to[len++] = (uint8_t)(value | 0x80);
    to[len++] = (uint8_t)value;
    return len;
}

size_t w3p_cid_multihash(uint8_t out[W3P_CID_KEY_MAX], const struct w3p_cid *cid)
{
    size_t len = put_varint(out, cid->hash);
    len += put_varint(out + len, cid->digest_len);
    memcpy(out + len, cid->digest, cid->digest_len);
    return len + cid->digest_len;
}

size_t w3p_cid_key(uint8_t out[W3P_CID_KEY_MAX], const struct w3p_cid *cid)
{
    size_t len = put_varint(out, cid->codec);
    return len + w3p_cid_multihash(out + len, cid);
}

static bool has_v0_spelling(const struct w3p_cid *cid)
{
    return cid->codec == W3P_CODEC_DAG_PB && cid->hash == W3P_HASH_SHA2_256 && cid->digest_len == 32;
}

static void copy_text(char out[W3P_CID_ORDER_MAX], struct w3p_buf *buf)
{
    memcpy(out, w3p_buf_str(buf), buf->len + 1);
    w3p_buf_deinit(buf);
}

static void format_v1(char out[W3P_CID_ORDER_MAX], const struct w3p_cid *cid)
{
    uint8_t bytes[1 + W3P_CID_KEY_MAX] = {1};
    size_t len = 1 + w3p_cid_key(bytes + 1, cid);
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_CID_ORDER_MAX - 1);
    w3p_buf_put_u8(&text, 'b');
    w3p_base32_encode(&text, bytes, len);
    copy_text(out, &text);
}

void w3p_cid_format_order(char out[W3P_CID_ORDER_MAX], const struct w3p_cid *cid)
{
    if (!has_v0_spelling(cid)) {
        format_v1(out, cid);
        return;
    }
    uint8_t bytes[V0_BYTES] = {W3P_HASH_SHA2_256, 32};
    memcpy(bytes + 2, cid->digest, 32);
    struct w3p_buf text;
    w3p_buf_init(&text, W3P_CID_ORDER_MAX - 1);
    int err = w3p_base58_encode(&text, bytes, sizeof(bytes));
    (void)err; // 34 bytes are always 46 characters
    copy_text(out, &text);
}

bool w3p_cid_format_alternate(char out[W3P_CID_ORDER_MAX], const struct w3p_cid *cid)
{
    if (!has_v0_spelling(cid))
        return false;
    format_v1(out, cid);
    return true;
}
