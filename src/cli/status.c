// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin status CID`: what the chain itself says about a content, without any gateway.
// Must not: hold a key or write anything.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/settings.h"

struct answer {
    char spelling[W3P_CID_ORDER_MAX]; // the one that was found, or the canonical one
    struct w3p_chain_file file;
    struct w3p_chain_head head;
};

// Looks both spellings up at the finalized head; the canonical one wins when both exist.
static int look_up(struct answer *out, struct w3p_errmsg *msg, struct w3p_chain *chain, const struct w3p_cid *cid)
{
    char spellings[2][W3P_CID_ORDER_MAX];
    struct w3p_chain_file files[2];
    w3p_cid_format_order(spellings[0], cid);
    size_t n = w3p_cid_format_alternate(spellings[1], cid) ? 2 : 1;
    int err = chain->ops->head(chain, msg, &out->head);
    if (err == W3P_OK)
        err = chain->ops->files(chain, msg, files, (const char *const[]){spellings[0], spellings[1]}, n,
                                out->head.final_hash32);
    if (err != W3P_OK)
        return err;
    size_t pick = n == 2 && !files[0].exists && files[1].exists ? 1 : 0;
    memcpy(out->spelling, spellings[pick], sizeof out->spelling);
    out->file = files[pick];
    return W3P_OK;
}

static const char *life(const struct answer *a)
{
    if (!a->file.exists)
        return "not ordered";
    if (a->file.expires_at_block == 0)
        return "ordered, waiting for the first replica";
    return a->file.expires_at_block > a->head.final_number ? "stored" : "expired";
}

static void print_text(const struct answer *a)
{
    printf("cid               %s\nstate             %s\n", a->spelling, life(a));
    if (a->file.exists) {
        printf("replicas          %u\nsize              %llu bytes\n", a->file.replicas,
               (unsigned long long)a->file.size);
        if (a->file.expires_at_block != 0)
            printf("expires at block  %llu\n", (unsigned long long)a->file.expires_at_block);
    }
    printf("finalized block   %llu\n", (unsigned long long)a->head.final_number);
}

static void print_json(const struct answer *a)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 4096);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "cid", a->spelling);
    w3p_json_str_field(&j, "state", life(a));
    w3p_json_bool_field(&j, "exists", a->file.exists);
    w3p_json_int_field(&j, "replicas", (int64_t)a->file.replicas);
    w3p_json_key(&j, "size");
    w3p_json_uint(&j, a->file.size);
    w3p_json_key(&j, "expires_at_block");
    w3p_json_uint(&j, a->file.expires_at_block);
    w3p_json_key(&j, "finalized_block");
    w3p_json_uint(&j, a->head.final_number);
    w3p_json_end_object(&j);
    puts(w3p_buf_str(&out));
    w3p_buf_deinit(&out);
}

static int parse_cid(struct w3p_cid *cid, struct w3p_errmsg *msg, const char *text)
{
    const char *why = "";
    if (w3p_cid_parse(cid, &why, text, strlen(text)) == W3P_OK)
        return W3P_OK;
    return w3p_fail(msg, W3P_E_INVALID, "'%.*s' is not a CID: %s", w3p_word_shown(text), text, why);
}

static int run(int argc, char **argv)
{
    struct w3p_settings settings;
    struct w3p_errmsg msg;
    struct w3p_cid cid;
    struct w3p_chain *chain = NULL;
    struct answer answer;
    bool json = false;
    const char *text = NULL;
    size_t words = 0;
    int err =
        w3p_args_take(&text, &words, &msg, 1, (const struct w3p_option[]){{"--json", &json, NULL}, {0}}, &argc, argv);
    if (err == W3P_OK && words == 0)
        err = w3p_fail(&msg, W3P_E_INVALID, "which CID? see --help");
    if (err == W3P_OK)
        err = parse_cid(&cid, &msg, text);
    if (err == W3P_OK)
        err = w3p_settings_load(&settings, &msg, argc, argv);
    if (err != W3P_OK) {
        fprintf(stderr, "w3pin status: %s\n", msg.text);
        return 2;
    }
    w3p_log_set_level(W3P_LOG_OFF); // the answer or one sentence, nothing else
    err = w3p_crust_create(&chain, &msg, &(struct w3p_crust_conf){.settings = &settings.crust});
    if (err == W3P_OK)
        err = look_up(&answer, &msg, chain, &cid);
    if (err == W3P_OK)
        (json ? print_json : print_text)(&answer);
    else
        fprintf(stderr, "w3pin status: %s\n", msg.text);
    if (chain != NULL)
        chain->ops->destroy(chain);
    w3p_settings_free(&settings);
    return err == W3P_OK ? 0 : 1;
}

const struct w3p_command w3p_cmd_status = {
    .name = "status",
    .summary = "ask the chain what it knows of a CID",
    .usage = "usage: w3pin status [--json] CID [--config FILE] [--section.key=value]...\n\n"
             "Reads the content's entry at the finalized head of the configured chain (--crust.endpoints=URL,...):\n"
             "whether it was ordered, by whomever, its replicas, size and expiry. Needs no key and no gateway.\n"
             "Exit code 1 when no endpoint answers.\n",
    .run = run,
};
