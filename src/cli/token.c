// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token`: its actions and their help, and what they share (token.h).
#include "cli/token.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "selfissued.h"

#define SECONDS_PER_DAY 86400
#define DAYS_MAX (W3P_SELFISSUED_LIFE_MAX_S / SECONDS_PER_DAY)

int w3p_token_usage_error(const char *sentence)
{
    fprintf(stderr, "w3pin token: %s\n", sentence);
    return W3P_EXIT_USAGE;
}

int w3p_token_failed(const struct w3p_errmsg *msg)
{
    fprintf(stderr, "w3pin token: %s\n", msg->text);
    return W3P_EXIT_FAILURE;
}

void w3p_token_read(struct w3p_buf *out, const char *word)
{
    char chunk[1024];
    size_t n;
    if (word != NULL && strcmp(word, "-") != 0)
        w3p_buf_put(out, word, strnlen(word, W3P_AUTH_HEADER_MAX + 1));
    else
        while (out->len <= W3P_AUTH_HEADER_MAX && (n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
            w3p_buf_put(out, chunk, n);
    while (out->len > 0 && (out->ptr[out->len - 1] == '\n' || out->ptr[out->len - 1] == '\r'))
        out->len--;
}

enum w3p_auth_reason w3p_token_word(struct w3p_span *out, char inner[W3P_TOKEN_INNER_MAX], struct w3p_span text)
{
    enum w3p_auth_reason reason = W3P_AUTH_OK;
    *out = text;
    if (text.len > 0 && memchr(text.ptr, ' ', text.len) != NULL)
        reason = w3p_auth_header(out, (const char *)text.ptr, text.len);
    size_t len = reason == W3P_AUTH_OK ? w3p_auth_unwrap(inner, W3P_TOKEN_INNER_MAX, *out) : 0;
    if (len > 0)
        *out = W3P_SPAN(inner, len);
    return reason;
}

int w3p_token_limits_flag(struct w3p_token_limits *limits, bool *taken, struct w3p_errmsg *msg,
                          const struct w3p_flag *flag)
{
    bool days = strcmp(flag->name, "days") == 0, scopes = strcmp(flag->name, "scopes") == 0;
    uint64_t number = 0;
    *taken = days || scopes || strcmp(flag->name, "ttl") == 0;
    if (!*taken)
        return W3P_OK;
    if (scopes) {
        limits->has_scopes = true;
        return w3p_scopes_parse(&limits->scopes, msg, flag->value);
    }
    if (limits->ttl_s != 0)
        return w3p_fail(msg, W3P_E_INVALID, "give --days or --ttl, and once");
    int err = w3p_flag_u64(&number, msg, flag, 1, days ? DAYS_MAX : W3P_SELFISSUED_LIFE_MAX_S);
    limits->ttl_s = (int64_t)number * (days ? SECONDS_PER_DAY : 1);
    return err;
}

static int run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } actions[] = {{"new", w3p_token_run_new},   {"narrow", w3p_token_run_narrow}, {"inspect", w3p_token_run_inspect},
                   {"keys", w3p_token_run_keys}, {"revoke", w3p_token_run_revoke}, {"legacy", w3p_token_run_legacy}};
    for (size_t i = 0; argc >= 2 && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(argv[1], actions[i].name) == 0)
            return actions[i].run(argc, argv);
    return w3p_token_usage_error(
        "the actions are new, narrow, inspect, and for operators keys, revoke and legacy; see --help");
}

// Behind the usage: one literal may be 4095 bytes.
static void print_more(void)
{
    fputs(
        "`inspect` says whose token it is, until when, what it is for, and why it would be refused. It takes a whole\n"
        "header value (\"Bearer ...\") too, and ends with 0 only if the token is valid. What a minted token is worth "
        "only\n"
        "the gateway that made it can tell.\n\n"
        "  --gateway URL         asks the gateway there; the token goes to it and to nobody else\n"
        "  --origin URL          as this page would ask it, for a token that is for one page\n"
        "  --audience HOSTS      the gateway's hosts, separated by commas, that a self-issued token must be for; "
        "default\n"
        "                        the one that it names\n"
        "  --domains HOSTS       pages that may ask for such tokens, beside those hosts; with --audience only\n"
        "  --now TIME            judges as of this time, such as 2026-11-21T12:00:00Z\n"
        "  --json                the same as one JSON object\n\n"
        "Without TOKEN, or with -, it is read from stdin: others see command lines.\n\n"
        "`keys` lists the keys that make and prove minted tokens; --rotate makes a new one, --drop ends one and every\n"
        "token that it made. `revoke` ends one token by its id, or all of an account; `legacy` switches an account's\n"
        "W3Auth tokens. These three speak to the gateway over admin.socket: --config FILE, --store.path=FILE and\n"
        "--admin.socket=PATH as for w3pin serve.\n",
        stdout);
}

const struct w3p_command w3p_cmd_token = {
    .name = "token",
    .summary = "make, narrow, explain and revoke bearer tokens",
    .usage =
        "usage: w3pin token new --chain CHAIN (--uri URI | --key FILE [--password-file FILE]) [--scheme SCHEME]\n"
        "                       [--for URL | --login URL [--audience HOST]] [--scopes LIST] [--days N | --ttl "
        "SECONDS]\n"
        "                       [--domain HOST] [--label TEXT]\n"
        "       w3pin token narrow [--scopes LIST] [--days N | --ttl SECONDS] [--cid CID]... [--origin URL]\n"
        "                          [--max-bytes N] [--net ADDRESS[/BITS]] [TOKEN|-]\n"
        "       w3pin token inspect [--json] [--gateway URL [--origin URL]] [--audience HOSTS] [--domains HOSTS]\n"
        "                           [--now TIME] [TOKEN|-]\n"
        "       w3pin token keys [--rotate | --drop KID] [--json]          for the operator of a running gateway\n"
        "       w3pin token revoke ID | --account IDENTITY\n"
        "       w3pin token legacy IDENTITY on|off\n\n"
        "`new` prints a token, and nothing else. By itself it is the token that a wallet of this key would make,\n"
        "base64(\"chain-address:signature over the address\"): it never expires, keep it like the key.\n\n"
        "  --chain CHAIN         eth (polygon), substrate (crust), solana, near, avalanche, multiversx (elrond), "
        "aptos,\n"
        "                        algorand, ton (off by default in gateways); this also decides the kind of key\n"
        "  --key FILE            a 32-byte seed as hex, a phrase (derived as Substrate's wallets do), or a JSON "
        "keystore\n"
        "                        of polkadot.js; the file must be yours alone (chmod 600)\n"
        "  --password-file FILE  holds the keystore's password, on one line\n"
        "  --scheme SCHEME       with substrate: sr25519 (default), ed25519 or ecdsa; a keystore says itself\n"
        "  --uri URI             a development key such as //Alice; never a real one, others see command lines\n"
        "  --for URL             a self-issued token instead: good for the gateway at this URL alone, for some scopes\n"
        "                        and some time. The gateway is not asked\n"
        "  --login URL           signs in at this gateway and prints the token that it mints: shorter, it can be "
        "narrowed,\n"
        "                        and the gateway keeps a list of them\n"
        "  --audience HOST       by which that gateway calls itself, when it is not the host of the URL (a tunnel)\n"
        "  --scopes LIST         pin.read,pin.write,pin.replace,pin.delete (default), ipfs.add, gw.read, token.mint,\n"
        "                        account.admin\n"
        "  --days N, --ttl N     days or seconds until it ends; default 30 days (with --login what the gateway gives,\n"
        "                        usually 12 hours), at most 366\n"
        "  --domain HOST         the page that it is made for; default the gateway's own host\n"
        "  --label TEXT          by which you find it in lists; at most 64 letters, digits and a few signs\n\n"
        "`narrow` prints a token that permits less than the minted token (\"w3s1_...\") it was given, offline. "
        "Whoever\n"
        "revokes one of the two revokes both.\n\n"
        "  --cid CID             only pins of these contents; up to 15\n"
        "  --origin URL          only from this page, such as https://app.example, by the word of its browser\n"
        "  --max-bytes N         no content that is larger\n"
        "  --net ADDRESS[/BITS]  only for clients of this network\n\n",
    .run = run,
    .print_more = print_more,
};
