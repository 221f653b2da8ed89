// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minted tokens for test_macaroon.py: one JSON object a line from stdin, one answer a line.
//   {"mint": AUDIENCE, "key": hex, "kid", "tid": hex, "issued", "expires"}  {"token"}
//   {"narrow": TOKEN, one of "expires", "scopes", "cids", "origin", "max_bytes", "net" as a person writes it} {"token"}
//   or {"error"}
//   {"verify": TOKEN, "key", "audience"}  {"reason"} and, where it is ok, {"scopes", "expires"}; with "ask": [{one of
//    "multihash": hex, "origin", "size", "addr"}, …] also {"permits": [bool, …]}
// An unusable line ends the program with 1.
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "macaroon.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static void fail(const char *what)
{
    fprintf(stderr, "macaroon_lines: %s\n", what);
    exit(1);
}

static const char *text_of(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

static int64_t number_of(const json_t *line, const char *key)
{
    return json_integer_value(json_object_get(line, key));
}

static size_t hex_of(uint8_t *out, size_t room, const json_t *line, const char *key)
{
    const char *text = text_of(line, key);
    if (text == NULL || w3p_hex_decode(out, &room, text, strlen(text)) != W3P_OK)
        fail(key);
    return room;
}

static json_t *mint(const json_t *line)
{
    uint8_t key32[32];
    struct w3p_macaroon_head head = {.kid = (uint8_t)number_of(line, "kid"),
                                     .issued_s = number_of(line, "issued"),
                                     .expires_s = number_of(line, "expires")};
    struct w3p_buf out;
    (void)hex_of(key32, sizeof key32, line, "key");
    (void)hex_of(head.tid16, sizeof head.tid16, line, "tid");
    w3p_buf_init(&out, W3P_MACAROON_TEXT_MAX);
    if (w3p_macaroon_mint(&out, key32, text_of(line, "mint"), &head) != W3P_OK)
        fail("mint");
    json_t *answer = json_pack("{s:s}", "token", w3p_buf_str(&out));
    w3p_buf_deinit(&out);
    return answer;
}

static int make_caveat(struct w3p_caveat *out, struct w3p_errmsg *msg, const json_t *line)
{
    w3p_scopes scopes = 0;
    int err;
    if (json_object_get(line, "expires") != NULL)
        return w3p_caveat_expires(out, number_of(line, "expires"));
    if (json_object_get(line, "max_bytes") != NULL)
        return w3p_caveat_max_bytes(out, (uint64_t)number_of(line, "max_bytes"));
    if (text_of(line, "origin") != NULL)
        return w3p_caveat_origin(out, msg, text_of(line, "origin"));
    if (text_of(line, "net") != NULL)
        return w3p_caveat_net(out, msg, text_of(line, "net"));
    if (text_of(line, "scopes") != NULL) {
        err = w3p_scopes_parse(&scopes, msg, text_of(line, "scopes"));
        w3p_caveat_scopes(out, scopes);
        return err;
    }
    json_t *cids = json_object_get(line, "cids"), *cid;
    size_t i;
    *out = (struct w3p_caveat){0};
    json_array_foreach(cids, i, cid)
    {
        err = w3p_caveat_add_cid(out, msg, json_string_value(cid), json_string_length(cid));
        if (err != W3P_OK)
            return err;
    }
    return W3P_OK;
}

static json_t *narrow(const json_t *line)
{
    struct w3p_caveat caveat;
    struct w3p_errmsg msg = {"out of range"};
    struct w3p_buf out;
    const char *token = text_of(line, "narrow");
    w3p_buf_init(&out, W3P_MACAROON_TEXT_MAX);
    int err = make_caveat(&caveat, &msg, line);
    if (err == W3P_OK)
        err = w3p_macaroon_narrow(&out, &msg, token, strlen(token), &caveat, 1);
    json_t *answer =
        err == W3P_OK ? json_pack("{s:s}", "token", w3p_buf_str(&out)) : json_pack("{s:s}", "error", msg.text);
    w3p_buf_deinit(&out);
    return answer;
}

static bool permits(const struct w3p_restrictions *left, const json_t *question)
{
    uint8_t bytes[128] = {[10] = 0xff, [11] = 0xff};
    const char *origin = text_of(question, "origin"), *addr = text_of(question, "addr");
    if (origin != NULL)
        return w3p_restrictions_permit_origin(left, origin, strlen(origin));
    if (json_object_get(question, "size") != NULL)
        return w3p_restrictions_permit_bytes(left, (uint64_t)number_of(question, "size"));
    if (addr == NULL)
        return w3p_restrictions_permit_cid(left, bytes, hex_of(bytes, sizeof bytes, question, "multihash"));
    if (inet_pton(AF_INET, addr, bytes + 12) != 1 && inet_pton(AF_INET6, addr, bytes) != 1)
        fail("addr");
    return w3p_restrictions_permit_addr(left, bytes);
}

static json_t *verify(const json_t *line)
{
    struct w3p_macaroon macaroon;
    struct w3p_restrictions left;
    struct w3p_hosts *audiences;
    struct w3p_errmsg msg;
    uint8_t key32[32];
    const char *token = text_of(line, "verify");
    json_t *question, *answers = json_array();
    size_t i;
    (void)hex_of(key32, sizeof key32, line, "key");
    if (w3p_hosts_create(&audiences, &msg, "audience", text_of(line, "audience"), false) != W3P_OK)
        fail(msg.text);
    enum w3p_auth_reason reason = w3p_macaroon_decode(&macaroon, token, strlen(token));
    if (reason == W3P_AUTH_OK)
        reason = w3p_macaroon_verify(&left, &macaroon, key32, audiences);
    json_t *answer = json_pack("{s:s}", "reason", w3p_auth_reason_name(reason));
    if (reason == W3P_AUTH_OK) {
        json_array_foreach(json_object_get(line, "ask"), i, question)(void)
            json_array_append_new(answers, json_boolean(permits(&left, question)));
        (void)json_object_set_new(answer, "scopes", json_integer(left.scopes));
        (void)json_object_set_new(answer, "expires", json_integer(left.expires_s));
        (void)json_object_set(answer, "permits", answers);
    }
    json_decref(answers);
    w3p_hosts_destroy(audiences);
    return answer;
}

int main(void)
{
    static char text[LINE_MAX_BYTES];
    w3p_crypto_init();
    while (fgets(text, sizeof text, stdin) != NULL) {
        json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        json_t *answer = text_of(line, "mint") != NULL     ? mint(line)
                         : text_of(line, "narrow") != NULL ? narrow(line)
                         : text_of(line, "verify") != NULL ? verify(line)
                                                           : NULL;
        if (answer == NULL)
            fail("a line that is none");
        (void)json_dumpf(answer, stdout, JSON_COMPACT);
        (void)fputc('\n', stdout);
        (void)fflush(stdout);
        json_decref(answer);
        json_decref(line);
    }
    return 0;
}
