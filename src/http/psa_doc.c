// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the Pinning Service API in /openapi.json: what psa_api.c takes and gives. It promises at least what the
// frozen version 1.0.0 promises; a test compares them. Where more is taken than that version asks for, the schema says
// so.
#include "http/gateway_routes.h"

// clang-format off
static const struct w3p_doc_schema schemas[] = {
{"Cid", W3P_DOC_JSON({
    "type": "string", "format": "cid",
    "description": "A content identifier: version 0, or version 1 in base16, 32, 36, 58 or 64. Identity hashes are refused.",
    "example": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
})},
{"Status", W3P_DOC_JSON({
    "type": "string",
    "enum": ["queued", "pinning", "pinned", "failed"],
    "description": "queued: the order is not in a block yet. pinning: it is, and storage nodes fetch the content. \
pinned: enough of them have it. failed: the chain refused this order for good; a new POST tries again."
})},
{"Delegates", W3P_DOC_JSON({
    "type": "array",
    "items": {"type": "string", "pattern": "^/.+/p2p/[A-Za-z0-9]+$"},
    "uniqueItems": true, "minItems": 1, "maxItems": 20,
    "description": "Addresses of IPFS nodes to hand the content to.",
    "example": ["/dns4/ipfs.example.org/tcp/4001/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"]
})},
{"Origins", W3P_DOC_JSON({
    "type": "array", "items": {"type": "string"}, "uniqueItems": true, "maxItems": 20,
    "description": "Addresses of nodes that have the content.",
    "example": ["/ip4/203.0.113.7/udp/4001/quic-v1/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"]
})},
{"PinMeta", W3P_DOC_JSON({
    "type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 1000,
    "description": "What the client wants to keep beside the pin. At most 16384 bytes as JSON.",
    "properties": {
        "size": {"type": "string", "pattern": "^[0-9]+$",
            "description": "Bytes of the content, decimal: the size that is ordered. One that is too small loses the order's money."}
    },
    "example": {"app": "gallery", "size": "1048576"}
})},
{"Pin", W3P_DOC_JSON({
    "type": "object", "required": ["cid"],
    "description": "A content that is pinned, as the client sent it.",
    "properties": {
        "cid": {"$ref": "#/components/schemas/Cid"},
        "name": {"type": "string", "maxLength": 255},
        "origins": {"$ref": "#/components/schemas/Origins"},
        "meta": {"$ref": "#/components/schemas/PinMeta"}
    },
    "example": {"cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "name": "holiday.car"}
})},
{"NewPin", W3P_DOC_JSON({
    "type": "object", "required": ["cid"],
    "description": "What is to be pinned: every Pin of the specification, and null for what is left out. Unknown fields are \
ignored. As for any JSON sent here: no object has a key twice, nothing stands more than 32 deep, strings have no NUL, and whole \
numbers fit in 64 bits.",
    "properties": {
        "cid": {"$ref": "#/components/schemas/Cid"},
        "name": {"type": "string", "nullable": true, "maxLength": 255, "pattern": "^[^\\u0000]*$"},
        "origins": {"type": "array", "nullable": true, "items": {"type": "string"},
            "description": "The first 20 that can be used are kept, the rest is passed over."},
        "meta": {"type": "object", "nullable": true, "maxProperties": 1000, "additionalProperties": {"type": "string"},
            "properties": {"size": {"type": "string", "pattern": "^[1-9][0-9]{0,18}$", \
"description": "Bytes to order, below size_below of GET /account."}}}
    },
    "example": {"cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "name": "holiday.car",
        "meta": {"size": "1048576"}}
})},
{"StatusInfo", W3P_DOC_JSON({
    "type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 1000,
    "description": "What is known about the order. Every value is text.",
    "properties": {
        "status_details": {"type": "string", "description": "The state in words; of a queued pin also what it waits for."},
        "replicas": {"type": "string", "pattern": "^[0-9]+$", "description": "Storage nodes that have reported the content."},
        "replicas_wanted": {"type": "string", "pattern": "^[0-9]+$", "description": "From how many on it counts as pinned."},
        "order_tx": {"type": "string", "pattern": "^0x[0-9a-f]{64}$", "description": "Hash of the newest order's transaction."},
        "order_block": {"type": "string", "pattern": "^[0-9]+$", "description": "Number of the block that has it."},
        "order_block_hash": {"type": "string", "pattern": "^0x[0-9a-f]{64}$", "description": "Of that block; not in lists."},
        "order_extrinsic": {"type": "string", "pattern": "^[0-9]+-[0-9]+$", "description": "The transaction as explorers call it: block and index."},
        "order_event": {"type": "string", "pattern": "^[0-9]+-[0-9]+$", "description": "The event that told its end: block and index."},
        "order_signer": {"type": "string", "description": "Address of the account that paid; not in lists."},
        "order_size": {"type": "string", "pattern": "^[0-9]+$", "description": "Bytes that were ordered."},
        "price_paid": {"type": "string", "pattern": "^[0-9]+$", "description": "Planck that this order took, without the fee."},
        "fee_paid": {"type": "string", "pattern": "^[0-9]+$", "description": "Planck: its part of its transaction's fee."},
        "expires_at_block": {"type": "string", "pattern": "^[0-9]+$", "description": "Where the order ends; it is renewed before."},
        "checked_at": {"type": "string", "format": "date-time", "description": "When the chain was last asked."},
        "error": {"type": "string", "description": "Why it failed or does not go on."}
    },
    "example": {"status_details": "stored by enough nodes", "replicas": "4", "replicas_wanted": "3"}
})},
{"PinStatus", W3P_DOC_JSON({
    "type": "object", "required": ["requestid", "status", "created", "pin", "delegates", "info"],
    "additionalProperties": false,
    "description": "A pin and how far it is.",
    "properties": {
        "requestid": {"type": "string", "format": "uuid"},
        "status": {"$ref": "#/components/schemas/Status"},
        "created": {"type": "string", "format": "date-time", "pattern": "^.{19}\\.[0-9]{3}Z$",
            "description": "Unique and rising within an account."},
        "pin": {"$ref": "#/components/schemas/Pin"},
        "delegates": {"$ref": "#/components/schemas/Delegates"},
        "info": {"$ref": "#/components/schemas/StatusInfo"}
    }
})},
{"PinResults", W3P_DOC_JSON({
    "type": "object", "required": ["count", "results"], "additionalProperties": false,
    "description": "One page of pins, newest first.",
    "properties": {
        "count": {"type": "integer", "format": "int32", "minimum": 0,
            "description": "Pins that all filters match, also those that are not on this page."},
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/PinStatus"}, "uniqueItems": true,
            "minItems": 0, "maxItems": 1000}
    }
})},
{"TextMatchingStrategy", W3P_DOC_JSON({
    "type": "string", "enum": ["exact", "iexact", "partial", "ipartial"], "default": "exact",
    "description": "How name is compared: as a whole or as a part, with or without (i) regard to case."
})},
{NULL, NULL}};

static const struct w3p_doc_area area = {.tag = "pins", .text = "The IPFS Pinning Service API 1.0.0. Its base URL is /psa.",
                                         .schemas = schemas};

static const char list_parameters[] = W3P_DOC_JSON([
    {"name": "cid", "in": "query", "style": "form", "explode": false, "description": "Contents, in any spelling.",
        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Cid"}, "minItems": 1, "maxItems": 10}},
    {"name": "name", "in": "query", "description": "The name, compared as match says.",
        "schema": {"type": "string", "maxLength": 255, "pattern": "^[^\\u0000]*$"}},
    {"name": "match", "in": "query", "schema": {"$ref": "#/components/schemas/TextMatchingStrategy"}},
    {"name": "status", "in": "query", "style": "form", "explode": false,
        "description": "Left out: pinned only, or all when name or match is given.",
        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Status"}, "minItems": 1}},
    {"name": "before", "in": "query", "description": "Only pins created before this moment, exclusively.",
        "schema": {"type": "string", "format": "date-time"}, "example": "2026-01-02T03:04:05.678Z"},
    {"name": "after", "in": "query", "description": "Only pins created after this moment, exclusively.",
        "schema": {"type": "string", "format": "date-time"}, "example": "2026-01-02T03:04:05.678Z"},
    {"name": "limit", "in": "query", "description": "Most pins of the page.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1000, "default": 10}},
    {"name": "meta", "in": "query", "description": "Pins whose meta has these fields with these values; also one meta[FIELD]=VALUE for each.",
        "content": {"application/json": {"schema": {"type": "object", "additionalProperties": {"type": "string"},
            "maxProperties": 16}, "example": {"app": "gallery"}}}}
]);

static const char new_pin[] = W3P_DOC_JSON({
    "schema": {"$ref": "#/components/schemas/NewPin"},
    "example": {"cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "name": "holiday.car",
        "meta": {"size": "1048576"}}
});

// As a text, or as a quoted string that means the text between its quotes.
static const char put_parameters[] = W3P_DOC_JSON([
    {"name": "Idempotency-Key", "in": "header",
        "description": "Sent again within a day with the same request, it gives the pin that was made the first time, also when that request's answer was lost. What was refused is not remembered.",
        "schema": {"type": "string",
            "pattern": "^([!#-~]([ -~]{0,253}[!-~])?|\"([ !#-\\[\\]-~]|\\\\[\"\\\\]){1,255}\")$"},
        "example": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
]);

#define REQUESTID W3P_DOC_JSON({"type": "string", "format": "uuid"})
#define PIN_STATUS_EXAMPLE(status, details) W3P_DOC_JSON({ \
    "requestid": "019a1f2e-5c3d-7a10-9b7e-0d3c1f2a4b5c", "status": status, "created": "2026-01-02T03:04:05.678Z", \
    "pin": {"cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "name": "holiday.car", \
        "meta": {"size": "1048576"}}, \
    "delegates": ["/dns4/ipfs.example.org/tcp/4001/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"], \
    "info": {"status_details": details, "replicas_wanted": "3"}})
#define LINKS W3P_DOC_JSON({ \
    "getPin": {"operationId": "getPin", "parameters": {"requestid": "$response.body#/requestid"}}, \
    "replacePin": {"operationId": "replacePin", "parameters": {"requestid": "$response.body#/requestid"}}, \
    "deletePin": {"operationId": "deletePin", "parameters": {"requestid": "$response.body#/requestid"}}})
// clang-format on

#define BAD_FRAME                                                                                                      \
    {                                                                                                                  \
        .status = 400, .text = "The request is not well-formed HTTP.", .reasons = "BAD_REQUEST"                        \
    }
#define NO_PIN                                                                                                         \
    {                                                                                                                  \
        .status = 404, .text = "This account has no pin with this requestid."                                          \
    }
#define NOT_USED(number)                                                                                               \
    {                                                                                                                  \
        .status = number, .text = "Listed by the specification; never answered here.", .unused = true                  \
    }
#define STORE_READ                                                                                                     \
    {                                                                                                                  \
        .status = 503, .text = "The database cannot be read at the moment.", .reasons = "STORE_FAILED,BUSY"            \
    }
#define STORE_WRITE                                                                                                    \
    {                                                                                                                  \
        .status = 503, .text = "The change could not be stored; nothing was changed.", .reasons = "STORE_FAILED,BUSY"  \
    }
#define NO_MONEY                                                                                                       \
    {                                                                                                                  \
        .status = 409,                                                                                                 \
        .text = "What the gateway may spend today (UTC), or what it has on chain, does not cover this "                \
                "pin.",                                                                                                \
    }
#define QUOTA                                                                                                          \
    {                                                                                                                  \
        .status = 403,                                                                                                 \
        .text = "The account may not use this gateway, or has used up its pins or its planck of today (UTC); or the "  \
                "token is for other contents, or smaller ones.",                                                       \
        .reasons = "FORBIDDEN,QUOTA_EXCEEDED,TOKEN_RESTRICTED"                                                         \
    }
#define BAD_PIN                                                                                                        \
    {                                                                                                                  \
        .status = 400, .text = "A field of the pin cannot be understood; details names it.",                           \
        .reasons = "INVALID_CID,INVALID_NAME,INVALID_ORIGINS,INVALID_META,INVALID_JSON,INVALID_IDEMPOTENCY_KEY,"       \
                   "BAD_REQUEST"                                                                                       \
    }
#define KEY_REUSED                                                                                                     \
    {                                                                                                                  \
        .status = 422, .text = "Another request was sent with this Idempotency-Key.",                                  \
        .reasons = "IDEMPOTENCY_KEY_REUSED"                                                                            \
    }

const struct w3p_doc w3p_psa_list_doc = {
    .area = &area,
    .id = "listPins",
    .summary = "List pins",
    .text = "Pins of this account, newest first. Ask for older ones with before, set to the created of the last one.",
    .signs_in = true,
    .parameters = list_parameters,
    .answers = {{.status = 200, .text = "A page of pins.", .schema = "PinResults"},
                {.status = 400,
                 .text = "A filter cannot be understood; details names it. None is ever passed over.",
                 .reasons = "INVALID_LIMIT,INVALID_CID,INVALID_NAME,INVALID_MATCH,INVALID_STATUS,INVALID_DATE,"
                            "INVALID_META,INVALID_QUERY,BAD_REQUEST"},
                {.status = 403,
                 .text = "The account may not use this gateway, or the token is for some contents only, which the "
                         "request does not name.",
                 .reasons = "FORBIDDEN,TOKEN_RESTRICTED"},
                NOT_USED(404),
                NOT_USED(409),
                STORE_READ}};

const struct w3p_doc w3p_psa_add_doc = {
    .area = &area,
    .id = "addPin",
    .summary = "Pin a content",
    .text = "Stored durably before it is answered; the order on the chain follows. The same content again is a pin of "
            "its own and no second order.",
    .signs_in = true,
    .parameters = put_parameters,
    .body = new_pin,
    .links = LINKS,
    .answers = {{.status = 202,
                 .text = "The pin is kept.",
                 .schema = "PinStatus",
                 .json = PIN_STATUS_EXAMPLE("queued", "waiting for its order")},
                BAD_PIN,
                QUOTA,
                {.status = 404, .text = "The pin that this Idempotency-Key made has been deleted or replaced since."},
                NO_MONEY,
                KEY_REUSED,
                STORE_WRITE}};

const struct w3p_doc w3p_psa_get_doc = {
    .area = &area,
    .id = "getPin",
    .summary = "Look at a pin",
    .text = "How far one pin is. Another account's requestid is as good as unknown.",
    .signs_in = true,
    .param = REQUESTID,
    .answers = {{.status = 200,
                 .text = "The pin.",
                 .schema = "PinStatus",
                 .json = PIN_STATUS_EXAMPLE("pinning", "ordered; storage nodes are fetching it")},
                BAD_FRAME,
                NO_PIN,
                NOT_USED(409),
                STORE_READ}};

const struct w3p_doc w3p_psa_replace_doc = {
    .area = &area,
    .id = "replacePin",
    .summary = "Replace a pin",
    .text = "Removes one pin and adds another in one step: both happen or neither. The answer has a new requestid.",
    .signs_in = true,
    .param = REQUESTID,
    .parameters = put_parameters,
    .body = new_pin,
    .links = LINKS,
    .answers = {{.status = 202,
                 .text = "The new pin is kept and the old one is gone.",
                 .schema = "PinStatus",
                 .json = PIN_STATUS_EXAMPLE("queued", "waiting for its order")},
                BAD_PIN,
                QUOTA,
                NO_PIN,
                NO_MONEY,
                KEY_REUSED,
                STORE_WRITE}};

const struct w3p_doc w3p_psa_delete_doc = {
    .area = &area,
    .id = "deletePin",
    .summary = "Remove a pin",
    .text = "An order that is queued and that nobody else wants is cancelled; one that is placed is not renewed.",
    .signs_in = true,
    .param = REQUESTID,
    .answers = {{.status = 202, .text = "The pin is gone."}, BAD_FRAME, NO_PIN, NOT_USED(409), STORE_WRITE}};
