// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token narrow`: a minted token that permits less, made offline by whoever holds it. Asking for more
// than the token has, or for something else, is refused: it would not do what somebody expects.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/token.h"
#include "crypto/hash.h"
#include "macaroon.h"

enum { KINDS = 6 }; // of caveats, one each

struct narrow_options {
    struct w3p_token_limits limits;
    struct w3p_caveat cids, origin, net; // type 0: not given
    uint64_t max_bytes;                  // 0: not given
    const char *word;
};

static int take_flag(struct narrow_options *o, struct w3p_errmsg *msg, const struct w3p_flag *flag)
{
    bool taken = false;
    int err = w3p_token_limits_flag(&o->limits, &taken, msg, flag);
    if (taken || err != W3P_OK)
        return err;
    if (strcmp(flag->name, "cid") == 0)
        return w3p_caveat_add_cid(&o->cids, msg, flag->value, strlen(flag->value));
    if (strcmp(flag->name, "origin") == 0)
        return w3p_caveat_origin(&o->origin, msg, flag->value);
    if (strcmp(flag->name, "net") == 0)
        return w3p_caveat_net(&o->net, msg, flag->value);
    if (strcmp(flag->name, "max-bytes") == 0)
        return w3p_flag_u64(&o->max_bytes, msg, flag, 1, W3P_CAVEAT_U40_MAX);
    return w3p_flag_unknown(msg, flag);
}

static int parse_narrow(struct narrow_options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    int err = W3P_OK;
    for (int i = 2; i < argc && err == W3P_OK;) {
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            err = w3p_flag_next(&flag, &i, msg, argc, argv);
            if (err == W3P_OK)
                err = take_flag(o, msg, &flag);
        } else if (o->word != NULL) {
            err = w3p_fail(msg, W3P_E_INVALID, "narrow takes one TOKEN, or - for stdin; see --help");
        } else {
            o->word = argv[i++];
        }
    }
    bool any = o->limits.has_scopes || o->limits.ttl_s != 0 || o->cids.type != 0 || o->origin.type != 0 ||
               o->net.type != 0 || o->max_bytes != 0;
    if (err == W3P_OK && !any)
        err = w3p_fail(msg, W3P_E_INVALID, "narrow by what? see --help");
    return err;
}

// What the token says already, against what is wished.
static int compare(struct w3p_errmsg *msg, const struct w3p_restrictions *before, const struct narrow_options *o,
                   int64_t now_s)
{
    char end[W3P_RFC3339_LEN + 1];
    w3p_rfc3339_format(end, before->expires_s * 1000);
    if (before->expires_s <= now_s)
        return w3p_fail(msg, W3P_E_INVALID, "this token ended at %s", end);
    if (o->limits.ttl_s != 0 && now_s + o->limits.ttl_s > before->expires_s)
        return w3p_fail(msg, W3P_E_INVALID, "this token ends at %s already; a narrower one cannot live longer", end);
    if (o->limits.has_scopes && (o->limits.scopes & ~before->scopes) != 0) {
        struct w3p_buf names;
        w3p_buf_init(&names, W3P_SCOPES_TEXT_MAX);
        w3p_scopes_format(&names, before->scopes, ",");
        int err =
            w3p_fail(msg, W3P_E_INVALID, "this token permits %s, and a narrower one not more", w3p_buf_str(&names));
        w3p_buf_deinit(&names);
        return err;
    }
    if (o->max_bytes != 0 && before->has_max_bytes && o->max_bytes > before->max_bytes)
        return w3p_fail(msg, W3P_E_INVALID, "this token permits %" PRIu64 " bytes, and a narrower one not more",
                        before->max_bytes);
    return W3P_OK;
}

// Lists of contents, pages and networks are ANDed: what is in one of the two alone is in neither.
static int check_left(struct w3p_errmsg *msg, const struct w3p_restrictions *before, const struct narrow_options *o)
{
    struct w3p_restrictions after = *before;
    const struct w3p_caveat *const more[] = {&o->cids, &o->origin, &o->net};
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        if (more[i]->type != 0 && !w3p_restrictions_add(&after, more[i]->type, more[i]->value, more[i]->len))
            return w3p_fail(msg, W3P_E_INTERNAL, "a restriction that was just made is malformed");
    if (o->cids.type != 0 && after.cid_count < o->cids.len / W3P_CAVEAT_CID_BYTES)
        return w3p_fail(msg, W3P_E_INVALID, "this token is for other contents than those of --cid");
    if (after.no_origin)
        return w3p_fail(msg, W3P_E_INVALID, "this token is for another page than that of --origin");
    if (after.no_net)
        return w3p_fail(msg, W3P_E_INVALID, "this token is for another network than that of --net");
    return W3P_OK;
}

static int collect(struct w3p_caveat out[KINDS], size_t *count, struct w3p_errmsg *msg, const struct narrow_options *o,
                   int64_t now_s)
{
    const struct w3p_caveat *const made[] = {&o->cids, &o->origin, &o->net};
    int err = W3P_OK;
    *count = 0;
    if (o->limits.has_scopes)
        w3p_caveat_scopes(&out[(*count)++], o->limits.scopes);
    if (o->limits.ttl_s != 0)
        err = w3p_caveat_expires(&out[(*count)++], now_s + o->limits.ttl_s);
    if (err == W3P_OK && o->max_bytes != 0)
        err = w3p_caveat_max_bytes(&out[(*count)++], o->max_bytes);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        if (made[i]->type != 0)
            out[(*count)++] = *made[i];
    return err == W3P_OK ? W3P_OK : w3p_fail(msg, err, "the end or the size is too large");
}

static int narrow(struct w3p_buf *out, struct w3p_errmsg *msg, const struct narrow_options *o, struct w3p_span text)
{
    struct w3p_span token;
    char inner[W3P_TOKEN_INNER_MAX];
    struct w3p_macaroon macaroon;
    struct w3p_restrictions before;
    struct w3p_caveat more[KINDS];
    size_t count = 0;
    int64_t now_s = w3p_clock_wall_ms() / 1000;
    enum w3p_auth_reason reason = w3p_token_word(&token, inner, text);
    if (reason == W3P_AUTH_OK && !w3p_macaroon_is((const char *)token.ptr, token.len))
        return w3p_fail(msg, W3P_E_INVALID, "only a minted token (" W3P_MACAROON_PREFIX "...) can be narrowed");
    if (reason == W3P_AUTH_OK)
        reason = w3p_macaroon_decode(&macaroon, (const char *)token.ptr, token.len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_macaroon_restrictions(&before, &macaroon);
    if (reason != W3P_AUTH_OK)
        return w3p_fail(msg, W3P_E_INVALID, "this is no minted token: %s", w3p_auth_reason_sentence(reason));
    int err = compare(msg, &before, o, now_s);
    if (err == W3P_OK)
        err = check_left(msg, &before, o);
    if (err == W3P_OK)
        err = collect(more, &count, msg, o, now_s);
    return err == W3P_OK ? w3p_macaroon_narrow(out, msg, (const char *)token.ptr, token.len, more, count) : err;
}

int w3p_token_run_narrow(int argc, char **argv)
{
    struct narrow_options o = {.word = NULL};
    struct w3p_errmsg msg;
    struct w3p_buf text, out;
    if (parse_narrow(&o, &msg, argc, argv) != W3P_OK)
        return w3p_token_usage_error(msg.text);
    w3p_buf_init(&text, W3P_TOKEN_TEXT_ROOM);
    w3p_buf_init(&out, W3P_MACAROON_TEXT_MAX);
    w3p_token_read(&text, o.word);
    int err = narrow(&out, &msg, &o, w3p_buf_span(&text));
    int code = err == W3P_OK ? W3P_EXIT_OK : w3p_token_failed(&msg);
    if (err == W3P_OK)
        puts(w3p_buf_str(&out));
    w3p_buf_deinit(&text);
    w3p_buf_deinit(&out);
    return code;
}
