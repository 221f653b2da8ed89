// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin key inspect`: the public side of a key, so that an operator sees which account it is.
// Must not: print anything secret.
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/keyfile.h"
#include "crypto/secret.h"

#define SS58_GENERIC 42
#define SS58_CRUST 66

static const char *const type_names[] = {
    [W3P_KEY_SR25519] = "sr25519", [W3P_KEY_ED25519] = "ed25519", [W3P_KEY_ECDSA] = "ecdsa"};

struct options {
    enum w3p_key_type type;
    const char *uri, *key_file;
};

static int parse_type(enum w3p_key_type *out, struct w3p_errmsg *msg, const char *text)
{
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (strcmp(text, type_names[i]) == 0) {
            *out = (enum w3p_key_type)i;
            return W3P_OK;
        }
    }
    return w3p_fail(msg, W3P_E_INVALID, "--type is one of sr25519, ed25519 and ecdsa, not '%.40s'", text);
}

static int parse_options(struct options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    for (int i = 2; i < argc;) {
        int err = w3p_flag_next(&flag, &i, msg, argc, argv);
        if (err != W3P_OK)
            return err;
        if (strcmp(flag.name, "uri") == 0)
            o->uri = flag.value;
        else if (strcmp(flag.name, "key") == 0)
            o->key_file = flag.value;
        else if (strcmp(flag.name, "type") == 0)
            err = parse_type(&o->type, msg, flag.value);
        else
            err = w3p_flag_unknown(msg, &flag);
        if (err != W3P_OK)
            return err;
    }
    if ((o->uri == NULL) == (o->key_file == NULL))
        return w3p_fail(msg, W3P_E_INVALID, "give exactly one of --uri and --key; see --help");
    return W3P_OK;
}

static void print_public(const struct w3p_keypair *key)
{
    uint8_t account32[32];
    char hex[2 * sizeof(key->pub33) + 1], ss58[W3P_SS58_TEXT_MAX];
    printf("type:        %s\n", type_names[key->type]);
    w3p_hex_encode(hex, key->pub33, key->pub_len);
    printf("public key:  0x%s\n", hex);
    w3p_keypair_account(account32, key);
    w3p_hex_encode(hex, account32, sizeof(account32));
    printf("account id:  0x%s\n", hex);
    w3p_ss58_format(ss58, SS58_GENERIC, account32);
    printf("ss58 (%d):   %s\n", SS58_GENERIC, ss58);
    w3p_ss58_format(ss58, SS58_CRUST, account32);
    printf("ss58 (%d):   %s\n", SS58_CRUST, ss58);
    if (key->type == W3P_KEY_ECDSA) {
        uint8_t address20[20];
        char spelled[43];
        w3p_keypair_eth_address(address20, key);
        w3p_eth_address_format(spelled, address20);
        printf("ethereum:    %s\n", spelled);
    }
}

static int run(int argc, char **argv)
{
    struct options o = {.type = W3P_KEY_SR25519};
    struct w3p_errmsg msg;
    if (argc < 2 || strcmp(argv[1], "inspect") != 0) {
        fputs("w3pin key: the only action is 'inspect'; see --help\n", stderr);
        return W3P_EXIT_USAGE;
    }
    if (parse_options(&o, &msg, argc, argv) != W3P_OK) {
        fprintf(stderr, "w3pin key: %s\n", msg.text);
        return W3P_EXIT_USAGE;
    }
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    int err = w3p_key_choose(key, &msg, o.type, o.uri, o.key_file);
    if (err == W3P_OK)
        print_public(key);
    else
        fprintf(stderr, "w3pin key: %s\n", msg.text);
    w3p_secret_free(key);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

const struct w3p_command w3p_cmd_key = {
    .name = "key",
    .summary = "show the public side of a key: account, SS58 and Ethereum address",
    .usage = "usage: w3pin key inspect (--uri URI | --key FILE) [--type sr25519|ed25519|ecdsa]\n\n"
             "Prints the public key, the account id, its SS58 address with prefixes 42 and 66 (Crust), and for ecdsa\n"
             "the Ethereum address. Never prints the secret.\n\n"
             "  --key FILE   a 32-byte seed as hex; the file must be yours alone (chmod 600)\n"
             "  --uri URI    a development key such as //Alice; never a real one, others see command lines\n"
             "  --type TYPE  sr25519 (default; what orders on Crust are signed with), ed25519 or ecdsa\n",
    .run = run,
};
