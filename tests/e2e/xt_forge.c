// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: makes extrinsics for the integration suite, good ones and deliberately bad ones. Reads one JSON object a
// line from stdin and prints the extrinsic's hex, so that the suite can send the same bytes to two chains.
//   {"metadata": FILE of hex, "genesis", "birth": 0x hex, "spec", "tx", "current", "period" (0: immortal), "nonce",
//    "tip": decimal text, "uri", "type": "sr25519|ed25519|ecdsa", "call": hex, "flip": [[byte, bit], ...],
//    "truncate": bytes from the end}
// An unusable line ends the program with 1 and a sentence.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "substrate/extrinsic.h"

enum { LINE_MAX_BYTES = 64 * 1024, METADATA_TEXT_MAX = 1 << 20 };

static struct w3p_metadata *metadata;

static void fail(const char *what)
{
    fprintf(stderr, "xt_forge: %s\n", what);
    exit(1);
}

static const char *text_of(json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    if (text == NULL)
        fail(key);
    return text;
}

static uint64_t number_of(json_t *line, const char *key)
{
    json_t *value = json_object_get(line, key);
    if (!json_is_integer(value))
        fail(key);
    return (uint64_t)json_integer_value(value);
}

static size_t hex_of(json_t *line, uint8_t *out, size_t room, const char *key)
{
    const char *text = text_of(line, key);
    if (w3p_hex0x_decode(out, &room, text, strlen(text)) != W3P_OK)
        fail(key);
    return room;
}

// The metadata is parsed once: all lines of a run speak of one chain.
static void load_metadata(const char *path)
{
    if (metadata != NULL)
        return;
    char *text = malloc(METADATA_TEXT_MAX);
    uint8_t *bytes = malloc(METADATA_TEXT_MAX / 2);
    FILE *file = fopen(path, "r");
    if (text == NULL || bytes == NULL || file == NULL)
        fail("metadata file");
    size_t len = fread(text, 1, METADATA_TEXT_MAX, file), room = METADATA_TEXT_MAX / 2;
    fclose(file);
    while (len > 0 && text[len - 1] == '\n')
        --len;
    struct w3p_errmsg msg;
    if (w3p_hex0x_decode(bytes, &room, text, len) != W3P_OK ||
        w3p_metadata_parse(&metadata, &msg, bytes, room) != W3P_OK)
        fail("metadata");
    free(text);
    free(bytes);
}

static enum w3p_key_type key_type(const char *name)
{
    if (strcmp(name, "ed25519") == 0)
        return W3P_KEY_ED25519;
    return strcmp(name, "ecdsa") == 0 ? W3P_KEY_ECDSA : W3P_KEY_SR25519;
}

static void build(struct w3p_buf *out, json_t *line)
{
    static uint8_t call[LINE_MAX_BYTES / 2];
    struct w3p_xt_params params = {.spec_version = (uint32_t)number_of(line, "spec"),
                                   .tx_version = (uint32_t)number_of(line, "tx"),
                                   .nonce = (uint32_t)number_of(line, "nonce"),
                                   .address_form = W3P_ADDRESS_RAW};
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    const char *tip = text_of(line, "tip");
    uint64_t period = number_of(line, "period");
    if (period != 0)
        params.era = w3p_era_at(period, number_of(line, "current"));
    hex_of(line, params.genesis32, 32, "genesis");
    hex_of(line, params.birth_hash32, 32, "birth");
    size_t call_len = hex_of(line, call, sizeof call, "call");
    if (w3p_u128_parse(&params.tip, tip, strlen(tip)) != W3P_OK)
        fail("tip");
    if (w3p_keypair_from_uri(&key, &msg, key_type(text_of(line, "type")), text_of(line, "uri")) != W3P_OK ||
        w3p_xt_sign(out, &msg, metadata, &params, &key, W3P_SPAN(call, call_len)) != W3P_OK)
        fail(msg.text);
}

static void spoil(struct w3p_buf *xt, json_t *line)
{
    size_t i;
    json_t *flip, *flips = json_object_get(line, "flip");
    json_array_foreach(flips, i, flip)
    {
        size_t at = (size_t)json_integer_value(json_array_get(flip, 0)) % xt->len;
        xt->ptr[at] ^= (uint8_t)(1u << (json_integer_value(json_array_get(flip, 1)) & 7));
    }
    size_t cut = (size_t)json_integer_value(json_object_get(line, "truncate"));
    xt->len -= cut < xt->len ? cut : xt->len;
}

int main(void)
{
    static char text[LINE_MAX_BYTES];
    w3p_crypto_init();
    while (fgets(text, sizeof text, stdin) != NULL) {
        json_t *line = json_loads(text, 0, NULL);
        if (line == NULL)
            fail("not JSON");
        struct w3p_buf xt, hex;
        w3p_buf_init(&xt, LINE_MAX_BYTES);
        w3p_buf_init(&hex, 2 * LINE_MAX_BYTES + 1);
        load_metadata(text_of(line, "metadata"));
        build(&xt, line);
        spoil(&xt, line);
        w3p_buf_put_hex(&hex, xt.ptr, xt.len);
        printf("0x%s\n", w3p_buf_str(&hex));
        fflush(stdout);
        w3p_buf_deinit(&xt);
        w3p_buf_deinit(&hex);
        json_decref(line);
    }
    w3p_metadata_destroy(metadata);
    return 0;
}
