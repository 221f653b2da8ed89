// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the configuration rows of signing in.
#include <stddef.h>

#include "authn.h"

#define AUTHN(field) offsetof(struct w3p_authn_settings, field)

const struct w3p_conf_key w3p_authn_conf_keys[] = {
    {"auth.audience", W3P_CONF_STRING, AUTHN(audience), "", 0, 0, NULL, "hosts",
     "Hosts by which clients reach this gateway, comma-separated, with the port where it is not the usual one: "
     "gw.example, localhost:3000; at most 16. Self-issued tokens must name one of them, minted ones are for the first. "
     "Empty: the "
     "addresses of http.listen, but for 0.0.0.0, [::] and port 0."},
    {"auth.domains", W3P_CONF_STRING, AUTHN(domains), "", 0, 0, NULL, "hosts",
     "Hosts of the dApp pages whose users may sign in, comma-separated, beside those of auth.audience; *: any page."},
    {"auth.legacy", W3P_CONF_ENUM, AUTHN(legacy), "on", 0, 0, "on|known-accounts|off", "",
     "Whether W3Auth tokens, which never expire and are good at every service, are accepted: from everybody, only from "
     "accounts that have pinned here before and did not begin with another kind of token, or from nobody."},
    {"auth.legacy_scopes", W3P_CONF_STRING, AUTHN(legacy_scopes), "pin.read,pin.write,pin.replace,pin.delete", 0, 0,
     NULL, "scopes", "What W3Auth tokens permit; token.mint and account.admin they never do."},
    {"auth.ton", W3P_CONF_BOOL, AUTHN(ton), "off", 0, 0, NULL, "",
     "Accept W3Auth tokens of TON wallets. Whoever finds a signature that such a wallet made for anything else can "
     "sign "
     "in with it."},
    {"auth.login_ttl_s", W3P_CONF_U64, AUTHN(login_ttl_s), "43200", 60, 31622400, NULL, "s",
     "Life of a token that is minted at a login which asks for no other."},
    {"auth.token_ttl_max_s", W3P_CONF_U64, AUTHN(token_ttl_max_s), "31622400", 60, 31622400, NULL, "s",
     "Longest life of a minted token."},
    {"auth.cache_entries", W3P_CONF_U64, AUTHN(cache_entries), "4096", 1, 1000000, NULL, "tokens",
     "Verified tokens that each server thread remembers."},
    {"auth.cache_ttl_ms", W3P_CONF_U64, AUTHN(cache_ttl_ms), "300000", 1, 86400000, NULL, "ms",
     "How long a verified token is remembered. A revocation counts at once all the same."},
    {0}};
