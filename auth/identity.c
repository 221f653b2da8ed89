// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the canonical text of an account, and the words for why a credential was refused.
// Must not: know schemes or keys.
#include <string.h>

#include "base/encoding.h"
#include "scheme.h"

void w3p_identity_set(struct w3p_identity *out, const char *prefix, const uint8_t *key, size_t key_len)
{
    size_t prefix_len = strlen(prefix);
    memset(out, 0, sizeof(*out));
    // The longest is "near:" with 64 digits, so this is only a guard against a future prefix.
    if (prefix_len + 2 * key_len >= sizeof(out->text))
        return;
    memcpy(out->text, prefix, prefix_len);
    w3p_hex_encode(out->text + prefix_len, key, key_len);
}

int w3p_identity_parse(struct w3p_identity *out, const char *text, size_t len)
{
    static const struct {
        const char *prefix;
        size_t key_len;
    } forms[] = {{W3P_IDENTITY_EVM, 20},  {W3P_IDENTITY_SUB, 32},  {W3P_IDENTITY_SOL, 32},
                 {W3P_IDENTITY_NEAR, 32}, {W3P_IDENTITY_AVA, 20},  {W3P_IDENTITY_MVX, 32},
                 {W3P_IDENTITY_APT, 32},  {W3P_IDENTITY_ALGO, 32}, {W3P_IDENTITY_TON, 32}};
    struct w3p_span all = W3P_SPAN(text, len);

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (!w3p_span_has_prefix(all, forms[i].prefix))
            continue;
        uint8_t key[32];
        size_t key_len = sizeof(key), skip = strlen(forms[i].prefix);
        if (w3p_hex_decode(key, &key_len, text + skip, len - skip) != W3P_OK || key_len != forms[i].key_len)
            return W3P_E_INVALID;
        w3p_identity_set(out, forms[i].prefix, key, key_len);
        return W3P_OK;
    }
    return W3P_E_INVALID;
}

static const struct {
    const char *name, *sentence;
} reasons[] = {
    [W3P_AUTH_OK] = {"ok", "the signature is valid"},
    [W3P_AUTH_MISSING] = {"missing", "there is no credential"},
    [W3P_AUTH_DUPLICATE] = {"duplicate", "there is more than one Authorization header"},
    [W3P_AUTH_SCHEME] = {"scheme", "the header is not \"Bearer\" or \"Basic\" and one token"},
    [W3P_AUTH_TOO_LONG] = {"too_long", "the credential is longer than 4096 bytes"},
    [W3P_AUTH_BASE64] = {"base64", "the token is not strict base64 of printable ASCII"},
    [W3P_AUTH_GRAMMAR] = {"grammar", "the token is not chain-address:signature with exactly these fields"},
    [W3P_AUTH_CHAIN] = {"chain", "the chain type is not one that this gateway accepts"},
    [W3P_AUTH_ADDRESS] = {"address", "the address is none of that chain"},
    [W3P_AUTH_SIGNATURE_FORM] = {"signature_form", "the signature has no form that is accepted for that chain"},
    [W3P_AUTH_SIGNATURE] = {"signature", "the signature was not made by that address over its own text"},
    [W3P_AUTH_CONTRACT_WALLET] = {"contract_wallet",
                                  "the signature is that of a contract wallet, which needs its chain to "
                                  "verify; sign with a plain account"},
    [W3P_AUTH_MESSAGE] = {"message", "the signed text is no sign-in text in its exact form"},
    [W3P_AUTH_MESSAGE_ADDRESS] = {"message_address", "the signed text names another address than the credential"},
    [W3P_AUTH_AUDIENCE] = {"audience", "the credential was made for another gateway"},
    [W3P_AUTH_DOMAIN] = {"domain", "the signed text was shown by a page whose users may not sign in here"},
    [W3P_AUTH_NOT_YET] = {"not_yet", "the credential is valid from a later time on"},
    [W3P_AUTH_EXPIRED] = {"expired", "the credential has expired"},
    [W3P_AUTH_LIFETIME] = {"lifetime",
                           "the signed text has no Expiration Time, or one later than 366 days after Issued At"},
    [W3P_AUTH_SCOPES] = {"scopes", "the credential names no scope, or a urn:w3auth: resource that is unknown here"},
    [W3P_AUTH_NONCE] = {"nonce", "the text is not a challenge of this gateway, was changed, or was answered before"},
    [W3P_AUTH_MACAROON] = {"macaroon", "the minted token is not of the form w3s1_ and strict base64url"},
    [W3P_AUTH_KEY] = {"key", "the minted token was made with a key that this gateway does not have any more"},
    [W3P_AUTH_MAC] = {"mac", "the minted token was changed, or minted by or for another gateway"},
    [W3P_AUTH_CAVEAT] = {"caveat", "the minted token holds a restriction that is unknown or malformed"},
    [W3P_AUTH_ORIGIN] = {"origin", "the minted token is for another page"},
    [W3P_AUTH_NETWORK] = {"network", "the minted token is for other client addresses"},
    [W3P_AUTH_REVOKED] = {"revoked", "the credential was revoked, or is older than the account's last logout"},
    [W3P_AUTH_DISABLED] = {"disabled", "this gateway's settings switch this kind of credential off"},
    [W3P_AUTH_LEGACY_OFF] = {"legacy_off", "W3Auth tokens are switched off, here or for this account"},
    [W3P_AUTH_BUSY] = {"busy", "too many new credentials at once; this one was not looked at"},
    [W3P_AUTH_UNKNOWN] = {"unknown", "the credential was not looked at yet"},
    [W3P_AUTH_STORE] = {"store", "the database cannot be read at the moment"},
};

static size_t reason_index(enum w3p_auth_reason reason)
{
    size_t i = (size_t)reason;
    return i < sizeof(reasons) / sizeof(reasons[0]) ? i : (size_t)W3P_AUTH_SIGNATURE;
}

enum w3p_auth_reason w3p_auth_reason_of(enum w3p_verdict verdict)
{
    switch (verdict) {
    case W3P_SIG_VALID:
        return W3P_AUTH_OK;
    case W3P_SIG_MALFORMED:
        return W3P_AUTH_SIGNATURE_FORM;
    case W3P_SIG_INVALID:
        break;
    }
    return W3P_AUTH_SIGNATURE;
}

const char *w3p_auth_reason_name(enum w3p_auth_reason reason)
{
    return reasons[reason_index(reason)].name;
}

const char *w3p_auth_reason_sentence(enum w3p_auth_reason reason)
{
    return reasons[reason_index(reason)].sentence;
}
