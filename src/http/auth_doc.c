// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: signing in and tokens in /openapi.json: what auth_api.c and token_api.c take and give.
#include "http/gateway_routes.h"

// clang-format off
static const struct w3p_doc_schema schemas[] = {
{"Scope", W3P_DOC_JSON({
    "type": "string",
    "enum": ["pin.read", "pin.write", "pin.replace", "pin.delete", "ipfs.add", "gw.read", "token.mint", "account.admin"],
    "description": "What a token permits. token.mint: to ask for further tokens that permit less. account.admin: to list and \
revoke tokens, to log out everywhere, and to switch W3Auth tokens off."
})},
{"TokenId", W3P_DOC_JSON({
    "type": "string", "pattern": "^([0-9a-f]{32}|[0-9a-f]{64})$", "example": "6f1d0c5a2b7e4f8890aa31bc5d7e9f01",
    "description": "32 hex digits of a minted token; 64 of a self-issued one: the SHA-256 of its text."
})},
{"NewChallenge", W3P_DOC_JSON({
    "type": "object", "required": ["chain", "address"],
    "description": "Who wants to sign in, and for what. The page is what the browser says in Origin; without one it is the gateway \
itself. Unknown fields are ignored, but for cids, origin and max_bytes, which POST /auth/token takes; null is as good as left out.",
    "properties": {
        "chain": {"type": "string", "minLength": 1, "description": "The kind of wallet, as the ChainType of a token: eth, sub, sol, near …"},
        "address": {"type": "string", "minLength": 1, "description": "As wallets of that chain write it."},
        "scopes": {"type": "array", "nullable": true, "items": {"$ref": "#/components/schemas/Scope"}, "minItems": 1, "maxItems": 64,
            "description": "Without it: the four of pins."},
        "ttl": {"type": "integer", "nullable": true, "minimum": 1, "maximum": 31622400,
            "description": "Seconds that the token shall live. What is longer than usual needs scopes."},
        "label": {"type": "string", "nullable": true, "maxLength": 64, "pattern": "^([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$",
            "description": "By what its owner knows the token in a list."},
        "chain_id": {"type": "string", "nullable": true, "pattern": "^[A-Za-z0-9:_-]{1,64}$", "description": "The network that the text names; for eth a number."}
    },
    "example": {"chain": "eth", "address": "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1", "scopes": ["pin.read", "pin.write"],
        "label": "gallery"}
})},
{"Challenge", W3P_DOC_JSON({
    "type": "object", "required": ["format", "message", "nonce", "expires_at"],
    "description": "What the wallet shall sign. It is kept nowhere, and good for one login within five minutes.",
    "properties": {
        "format": {"type": "string", "enum": ["eip4361", "siws", "caip122", "nep413"]},
        "message": {"type": "string", "maxLength": 2048, "description": "The text: for personal_sign, signRaw and their like."},
        "nonce": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "expires_at": {"type": "string", "format": "date-time"},
        "sign_in": {
            "type": "object", "description": "siws: what signIn of Solana's wallet standard takes. The message of the login is then what \
the wallet says it signed.",
            "required": ["domain", "address", "uri", "version", "nonce", "issuedAt", "expirationTime", "resources"],
            "properties": {
                "domain": {"type": "string"}, "address": {"type": "string"}, "statement": {"type": "string"}, "uri": {"type": "string"},
                "version": {"type": "string"}, "chainId": {"type": "string"}, "nonce": {"type": "string"}, "issuedAt": {"type": "string"},
                "expirationTime": {"type": "string"}, "requestId": {"type": "string"}, "resources": {"type": "array", "items": {"type": "string"}}
            }
        },
        "nep413": {
            "type": "object", "description": "nep413: what signMessage of NEAR's wallets takes; nonce is base64 of 32 bytes.",
            "required": ["message", "nonce", "recipient"],
            "properties": {"message": {"type": "string"}, "nonce": {"type": "string"}, "recipient": {"type": "string"}}
        }
    },
    "example": {"format": "eip4361", "message": "dapp.example wants you to sign in with your Ethereum account:\n0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n\n…",
        "nonce": "0d3c1f2a4b5c6d7e8f900112233445560d3c1f2a4b5c6d7e8f90011223344556", "expires_at": "2026-01-02T03:09:05.678Z"}
})},
{"NewLogin", W3P_DOC_JSON({
    "type": "object", "required": ["chain", "address", "message", "signature"],
    "description": "A challenge and the wallet's signature. Unknown fields are ignored.",
    "properties": {
        "chain": {"type": "string", "minLength": 1, "description": "As in the challenge."},
        "address": {"type": "string", "minLength": 1, "description": "As in the challenge."},
        "message": {"type": "string", "minLength": 1, "description": "The text as the wallet signed it."},
        "signature": {"type": "string", "minLength": 1, "description": "In the encoding that tokens of that chain have."},
        "callbackUrl": {"type": "string", "nullable": true, "minLength": 1, "description": "NEAR: what the wallet was told, if anything."}
    },
    "example": {"chain": "eth", "address": "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1",
        "message": "dapp.example wants you to sign in with your Ethereum account:\n…", "signature": "0x5d99b6f7f6d1f73d1a26497f2b1c89b24c0993913f86e9a2d02cd69887d9c94f3c880358579d811b21dd1b7fd9bb01c1d81d10e69f0384e675c32b39643be8921b"}
})},
{"MintedToken", W3P_DOC_JSON({
    "type": "object", "required": ["token", "id", "account", "scopes", "expires_at"],
    "description": "A new token. Its text is not shown again.",
    "properties": {
        "token": {"type": "string", "pattern": "^w3s1_[A-Za-z0-9_-]+$", "maxLength": 1024},
        "id": {"$ref": "#/components/schemas/TokenId"},
        "account": {"type": "string"},
        "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}},
        "expires_at": {"type": "string", "format": "date-time"}
    },
    "example": {"token": "w3s1_AQFvHQxaK35PiJCqMbxdfp8B", "id": "6f1d0c5a2b7e4f8890aa31bc5d7e9f01",
        "account": "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "scopes": ["pin.read", "pin.write"],
        "expires_at": "2026-01-02T15:04:05.000Z"}
})},
{"NewToken", W3P_DOC_JSON({
    "type": "object", "required": ["scopes"], "additionalProperties": false,
    "description": "A token that permits no more than the one that asks, and does not outlive it. null is as good as left out.",
    "properties": {
        "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}, "minItems": 1, "maxItems": 64},
        "ttl": {"type": "integer", "nullable": true, "minimum": 1, "maximum": 31622400, "description": "Seconds; without it the time that logins have."},
        "label": {"type": "string", "nullable": true, "maxLength": 64, "pattern": "^([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$"},
        "cids": {"type": "array", "nullable": true, "items": {"$ref": "#/components/schemas/Cid"}, "minItems": 1, "maxItems": 15,
            "description": "The only contents that it may pin, see, replace and remove."},
        "origin": {"type": "string", "nullable": true, "pattern": "^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$", "description": "The only page that may use it, as browsers say it in Origin."},
        "max_bytes": {"type": "integer", "nullable": true, "minimum": 1, "maximum": 1099511627775, "description": "The largest size of a pin."}
    },
    "example": {"scopes": ["pin.read", "pin.write"], "ttl": 3600, "label": "upload-form", "max_bytes": 1048576}
})},
{"TokenRow", W3P_DOC_JSON({
    "type": "object", "required": ["id", "kind", "label", "scopes", "created", "expires_at", "revoked", "current"],
    "properties": {
        "id": {"$ref": "#/components/schemas/TokenId"},
        "kind": {"type": "string", "enum": ["minted", "self-issued"]},
        "label": {"type": "string", "nullable": true},
        "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}},
        "created": {"type": "string", "format": "date-time", "nullable": true, "description": "null: revoked before it was used."},
        "expires_at": {"type": "string", "format": "date-time", "nullable": true},
        "revoked": {"type": "string", "format": "date-time", "nullable": true},
        "current": {"type": "boolean", "description": "It is the one that asks."}
    }
})},
{"Tokens", W3P_DOC_JSON({
    "type": "object", "required": ["tokens", "more"],
    "description": "What this account has and what has not expired, newest first. Self-issued tokens are known from their first use on.",
    "properties": {
        "tokens": {"type": "array", "maxItems": 2000, "items": {"$ref": "#/components/schemas/TokenRow"}},
        "more": {"type": "boolean", "description": "There are even more."}
    },
    "example": {"tokens": [{"id": "6f1d0c5a2b7e4f8890aa31bc5d7e9f01", "kind": "minted", "label": "gallery", "scopes": ["pin.read"],
        "created": "2026-01-02T03:04:05.000Z", "expires_at": "2026-01-02T15:04:05.000Z", "revoked": null, "current": true}], "more": false}
})},
{"Whoami", W3P_DOC_JSON({
    "type": "object", "required": ["account", "kind", "id", "label", "scopes", "expires_at", "restrictions", "legacy_off"],
    "description": "The token that asks.",
    "properties": {
        "account": {"type": "string"},
        "kind": {"type": "string", "enum": ["w3auth", "self-issued", "minted"]},
        "id": {"type": "string", "pattern": "^([0-9a-f]{32}|[0-9a-f]{64})$", "nullable": true, "description": "null: a W3Auth token has none."},
        "label": {"type": "string", "nullable": true},
        "scopes": {"type": "array", "items": {"$ref": "#/components/schemas/Scope"}},
        "expires_at": {"type": "string", "format": "date-time", "nullable": true, "description": "null: never, as every W3Auth token."},
        "restrictions": {
            "type": "object", "nullable": true, "description": "What it permits less than its scopes say; null: no less.",
            "properties": {
                "cids": {"type": "integer", "minimum": 0, "maximum": 15, "description": "It is for so many contents."},
                "origin": {"type": "boolean", "description": "It is for one page."},
                "max_bytes": {"type": "integer", "minimum": 0},
                "net": {"type": "string", "description": "It is for clients of this network."}
            }
        },
        "legacy_off": {"type": "boolean", "description": "This account has switched W3Auth tokens off."}
    },
    "example": {"account": "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1", "kind": "minted", "id": "6f1d0c5a2b7e4f8890aa31bc5d7e9f01",
        "label": "gallery", "scopes": ["pin.read", "pin.write"], "expires_at": "2026-01-02T15:04:05.000Z", "restrictions": null, "legacy_off": false}
})},
{"NewLegacy", W3P_DOC_JSON({
    "type": "object", "required": ["off"], "properties": {"off": {"type": "boolean"}}, "example": {"off": true}
})},
{"Legacy", W3P_DOC_JSON({
    "type": "object", "required": ["legacy_off"], "properties": {"legacy_off": {"type": "boolean"}}, "example": {"legacy_off": true}
})},
{NULL, NULL}};

static const char new_challenge[] = W3P_DOC_JSON({"schema": {"$ref": "#/components/schemas/NewChallenge"}});
static const char new_login[] = W3P_DOC_JSON({"schema": {"$ref": "#/components/schemas/NewLogin"}});
static const char new_token[] = W3P_DOC_JSON({"schema": {"$ref": "#/components/schemas/NewToken"}});
static const char new_legacy[] = W3P_DOC_JSON({"schema": {"$ref": "#/components/schemas/NewLegacy"}});

#define TOKEN_ID W3P_DOC_JSON({"type": "string", "pattern": "^([0-9a-f]{32}|[0-9a-f]{64})$"})
// clang-format on

#define BAD_FRAME                                                                                                      \
    {                                                                                                                  \
        .status = 400, .text = "The request is not well-formed HTTP.", .reasons = "BAD_REQUEST"                        \
    }
#define NO_AUDIENCE                                                                                                    \
    {                                                                                                                  \
        .status = 503, .text = "The gateway does not know by which host clients reach it.",                            \
        .reasons = "AUDIENCE_UNKNOWN,BUSY"                                                                             \
    }
#define STORE_WRITE                                                                                                    \
    {                                                                                                                  \
        .status = 503, .text = "The change could not be stored; nothing was changed.",                                 \
        .reasons = "STORE_FAILED,AUDIENCE_UNKNOWN,BUSY"                                                                \
    }
#define STORE_READ                                                                                                     \
    {                                                                                                                  \
        .status = 503, .text = "The database cannot be read at the moment.", .reasons = "STORE_FAILED,BUSY"            \
    }
#define TOO_MANY                                                                                                       \
    {                                                                                                                  \
        .status = 409,                                                                                                 \
        .text = "The account has 1000 tokens, or 900 where a token asks for another one; revoke some of them.",        \
        .reasons = "TOO_MANY_TOKENS"                                                                                   \
    }
#define NO_SCOPE                                                                                                       \
    {                                                                                                                  \
        .status = 403, .text = "The account may not use this gateway, or the token does not permit this.",             \
        .reasons = "FORBIDDEN,INSUFFICIENT_SCOPE"                                                                      \
    }

static const struct w3p_doc_area area = {
    .tag = "sign-in",
    .text = "Tokens that expire, permit less and can be revoked, for a wallet's signature under a text that it shows.",
    .schemas = schemas};

const struct w3p_doc w3p_auth_challenge_doc = {
    .area = &area,
    .id = "getChallenge",
    .summary = "A text to sign",
    .text = "For everybody. The text names the page, this gateway, what the token shall permit and for how long.",
    .body = new_challenge,
    .answers = {{.status = 200, .text = "The text.", .schema = "Challenge"},
                {.status = 400,
                 .text = "A field cannot be understood; details names it.",
                 .reasons = "INVALID_CHAIN,INVALID_ADDRESS,INVALID_SCOPES,INVALID_TTL,INVALID_LABEL,INVALID_CHAIN_ID,"
                            "UNKNOWN_FIELD,INVALID_JSON,BAD_REQUEST"},
                {.status = 403,
                 .text = "The operator has not listed this page in auth.domains.",
                 .reasons = "DOMAIN_NOT_ALLOWED"},
                NO_AUDIENCE}};

const struct w3p_doc w3p_auth_login_doc = {
    .area = &area,
    .id = "login",
    .summary = "Sign in",
    .text = "For the signature under a challenge: a minted token. Each challenge gives one at most.",
    .body = new_login,
    .answers = {{.status = 200, .text = "The token.", .schema = "MintedToken"},
                {.status = 400,
                 .text = "A field is missing or cannot be understood; details names it.",
                 .reasons = "INVALID_CHAIN,INVALID_ADDRESS,INVALID_MESSAGE,INVALID_SIGNATURE,INVALID_CALLBACK,"
                            "INVALID_JSON,BAD_REQUEST"},
                {.status = 401, .text = "The sign-in is not valid. Why, is not told."},
                {.status = 403, .text = "The account is not on the list of accounts that may use this gateway."},
                TOO_MANY,
                STORE_WRITE}};

const struct w3p_doc w3p_token_mint_doc = {
    .area = &area,
    .id = "mintToken",
    .summary = "A further token that permits less",
    .text = "For a script, a page, somebody else. It can be revoked by itself. W3Auth tokens never have token.mint.",
    .signs_in = true,
    .body = new_token,
    .answers = {{.status = 200, .text = "The token.", .schema = "MintedToken"},
                {.status = 400,
                 .text = "A field is unknown or cannot be understood; details names it.",
                 .reasons = "INVALID_SCOPES,INVALID_TTL,INVALID_LABEL,INVALID_CIDS,INVALID_ORIGIN,INVALID_MAX_BYTES,"
                            "UNKNOWN_FIELD,TOO_MANY_RESTRICTIONS,INVALID_JSON,BAD_REQUEST"},
                NO_SCOPE,
                TOO_MANY,
                STORE_WRITE}};

const struct w3p_doc w3p_token_list_doc = {
    .area = &area,
    .id = "listTokens",
    .summary = "The account's tokens",
    .text = "What was minted for it, and the self-issued tokens that were used or revoked here.",
    .signs_in = true,
    .answers = {{.status = 200, .text = "The tokens.", .schema = "Tokens"}, BAD_FRAME, NO_SCOPE, STORE_READ}};

const struct w3p_doc w3p_token_revoke_doc = {
    .area = &area,
    .id = "revokeToken",
    .summary = "Revoke a token",
    .text = "It ends at once, with every token that was narrowed from it. A self-issued one may be revoked before its "
            "first use. Any token but a narrowed one may revoke itself.",
    .signs_in = true,
    .param = TOKEN_ID,
    .answers = {{.status = 204, .text = "It is revoked."},
                BAD_FRAME,
                NO_SCOPE,
                {.status = 404, .text = "This account has no token with this id."},
                {.status = 409,
                 .text = "The account has revoked 1000 self-issued tokens that have not expired; log out everywhere.",
                 .reasons = "TOO_MANY_REVOCATIONS"},
                STORE_WRITE}};

const struct w3p_doc w3p_token_logout_all_doc = {
    .area = &area,
    .id = "logoutAll",
    .summary = "Log out everywhere",
    .text = "Ends every token of the account but W3Auth tokens, which POST /auth/legacy switches off.",
    .signs_in = true,
    .answers = {{.status = 204, .text = "They are revoked."}, BAD_FRAME, NO_SCOPE, STORE_WRITE}};

const struct w3p_doc w3p_token_legacy_doc = {
    .area = &area,
    .id = "setLegacy",
    .summary = "Switch W3Auth tokens off, or on again",
    .text = "A W3Auth token never expires and is good at every service: whoever has another kind can do without.",
    .signs_in = true,
    .body = new_legacy,
    .answers = {
        {.status = 200, .text = "It is switched.", .schema = "Legacy"},
        {.status = 400, .text = "off must be true or false.", .reasons = "INVALID_OFF,INVALID_JSON,BAD_REQUEST"},
        NO_SCOPE,
        STORE_WRITE}};

const struct w3p_doc w3p_token_whoami_doc = {
    .area = &area,
    .id = "whoami",
    .summary = "The token that asks",
    .text = "Whose it is, what it permits, and until when.",
    .signs_in = true,
    .answers = {{.status = 200, .text = "The token.", .schema = "Whoami"}, BAD_FRAME, STORE_READ}};
