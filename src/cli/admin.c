// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: admin.h.
#include "cli/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "net/net.h"

#define REPLY_MAX (8u << 20)
#define TIMEOUT_MS 60000

static int explain(struct w3p_errmsg *msg, const char *path, int err)
{
    struct w3p_errmsg why = *msg;
    if (err == W3P_E_NOTFOUND || err == W3P_E_UNREACHABLE)
        return w3p_fail(msg, W3P_E_UNREACHABLE,
                        "no gateway is running at %.140s; start one (w3pin serve), or name its --config, --store.path "
                        "or --admin.socket",
                        path);
    return w3p_fail(msg, err, "admin socket: %.280s", why.text);
}

static int judge(json_t **out, struct w3p_errmsg *msg, int status, const struct w3p_buf *reply)
{
    json_t *root = w3p_json_parse(msg, w3p_buf_str(reply), reply->len);
    if (root == NULL)
        return w3p_fail(msg, W3P_E_PROTOCOL, "the gateway's answer (HTTP %d) is no JSON", status);
    if (status >= 200 && status < 300) {
        *out = root;
        return W3P_OK;
    }
    const json_t *error = json_object_get(root, "error");
    int err = w3p_fail(msg, W3P_E_REMOTE, "%s", w3p_admin_text(error, "details"));
    json_decref(root);
    return err;
}

int w3p_admin_call(json_t **out, struct w3p_errmsg *msg, const struct w3p_settings *settings, const char *method,
                   const char *target, const char *body)
{
    struct w3p_buf reply;
    int status = 0;
    char *path = w3p_settings_socket(settings);
    if (path == NULL)
        return w3p_fail(msg, W3P_E_STATE, "admin.socket is off: set it, and start the gateway again");
    w3p_buf_init(&reply, REPLY_MAX);
    int err = w3p_net_local_call(
        msg, &status, &reply,
        &(struct w3p_net_local){
            .socket_path = path, .method = method, .target = target, .body = body, .timeout_ms = TIMEOUT_MS});
    if (err == W3P_OK)
        err = judge(out, msg, status, &reply);
    else
        err = explain(msg, path, err);
    w3p_buf_deinit(&reply);
    free(path);
    return err;
}

int w3p_admin_begin(struct w3p_settings *settings, const char **words, size_t *count, size_t max,
                    const struct w3p_option *options, int *argc, char **argv)
{
    struct w3p_errmsg msg;
    const char *name = argv[0];
    int err = w3p_args_take(words, count, &msg, max, options, argc, argv);
    if (err == W3P_OK)
        err = w3p_settings_load(settings, &msg, *argc, argv);
    if (err == W3P_OK) {
        w3p_log_set_level(W3P_LOG_OFF); // the answer or one sentence, nothing else
        return W3P_EXIT_OK;
    }
    fprintf(stderr, "w3pin %s: %s\n", name, msg.text);
    return W3P_EXIT_USAGE;
}

int w3p_admin_failed(const char *name, const struct w3p_errmsg *msg)
{
    fprintf(stderr, "w3pin %s: %s\n", name, msg->text);
    return W3P_EXIT_FAILURE;
}

int w3p_admin_cid(char out[W3P_CID_ORDER_MAX], struct w3p_errmsg *msg, const char *text)
{
    struct w3p_cid cid;
    const char *why = "";
    if (w3p_cid_parse(&cid, &why, text, strlen(text)) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "'%.*s' is not a CID: %s", w3p_word_shown(text), text, why);
    w3p_cid_format_order(out, &cid);
    return W3P_OK;
}

const char *w3p_admin_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

long long w3p_admin_number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

void w3p_admin_print_json(const json_t *answer)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    if (text != NULL)
        puts(text);
    free(text);
}
