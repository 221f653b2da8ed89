// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: /price and /account in /openapi.json: what money_api.c takes and gives.
#include "http/gateway_routes.h"

// clang-format off
static const struct w3p_doc_schema schemas[] = {
{"Planck", W3P_DOC_JSON({
    "type": "string", "pattern": "^[0-9]{1,39}$", "example": "2300000000",
    "description": "An amount in the chain's smallest unit, decimal. Text, because it may exceed 53 bits."
})},
{"Dollars", W3P_DOC_JSON({
    "type": "string", "pattern": "^[0-9]+\\.[0-9]+$", "example": "0.012",
    "description": "The same amount at the operator's rate; left out when there is none."
})},
{"Price", W3P_DOC_JSON({
    "type": "object", "required": ["size", "price", "tip", "tx_fee", "total", "orderable"],
    "description": "What an order would take by the last finalized block. The tip for the storage nodes is a part of the price. The fee is an estimate.",
    "properties": {
        "size": {"type": "string", "pattern": "^[0-9]+$", "description": "The bytes that were asked for."},
        "price": {"$ref": "#/components/schemas/Planck"},
        "price_usd": {"$ref": "#/components/schemas/Dollars"},
        "tip": {"$ref": "#/components/schemas/Planck"},
        "tip_usd": {"$ref": "#/components/schemas/Dollars"},
        "tx_fee": {"$ref": "#/components/schemas/Planck"},
        "tx_fee_usd": {"$ref": "#/components/schemas/Dollars"},
        "total": {"$ref": "#/components/schemas/Planck"},
        "total_usd": {"$ref": "#/components/schemas/Dollars"},
        "token": {"type": "string", "description": "The chain's name for its unit."},
        "decimals": {"type": "integer", "minimum": 0, "maximum": 38, "description": "Planck in a token, as a power of ten."},
        "block": {"type": "integer", "minimum": 0, "description": "The block whose prices these are."},
        "market_open": {"type": "boolean", "description": "Whether the chain takes orders at all."},
        "orderable": {"type": "boolean", "description": "Whether this gateway orders such a size at this price."}
    },
    "example": {"size": "1048576", "price": "1010000", "tip": "0", "tx_fee": "661700000", "total": "662710000", "token": "CRU",
        "decimals": 12, "block": 14, "market_open": true, "orderable": true}
})},
{"Account", W3P_DOC_JSON({
    "type": "object", "required": ["account", "may", "used", "spent"],
    "description": "The account that signed in.",
    "properties": {
        "account": {"type": "string", "description": "Its one name, however the address was spelled.",
            "example": "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1"},
        "may": {
            "type": "object", "required": ["pin", "pins_per_day", "planck_per_day", "planck_per_order"],
            "properties": {
                "pin": {"type": "boolean"},
                "pins_per_day": {"type": "integer", "minimum": 1, "nullable": true, "description": "null: no limit."},
                "planck_per_day": {"type": "string", "pattern": "^[0-9]{1,39}$", "nullable": true, "description": "null: no limit."},
                "planck_per_order": {"$ref": "#/components/schemas/Planck"},
                "size_below": {"type": "integer", "minimum": 1, "description": "Bytes; the chain takes no larger files."}
            }
        },
        "used": {
            "type": "object", "required": ["pins_today", "planck_today", "queued", "pinning", "pinned", "failed"],
            "properties": {
                "pins_today": {"type": "integer", "minimum": 0, "description": "Since midnight UTC."},
                "planck_today": {"$ref": "#/components/schemas/Planck"},
                "queued": {"type": "integer", "minimum": 0},
                "pinning": {"type": "integer", "minimum": 0},
                "pinned": {"type": "integer", "minimum": 0},
                "failed": {"type": "integer", "minimum": 0}
            }
        },
        "spent": {
            "type": "object", "required": ["planck"],
            "description": "What the orders that its pins caused have cost.",
            "properties": {
                "planck": {"$ref": "#/components/schemas/Planck"},
                "planck_usd": {"$ref": "#/components/schemas/Dollars"}
            }
        }
    },
    "example": {"account": "evm:0x1a642f0e3c3af545e7acbd38b07251b3990914f1",
        "may": {"pin": true, "pins_per_day": 1000, "planck_per_day": null, "planck_per_order": "60000000000"},
        "used": {"pins_today": 2, "planck_today": "2300000000", "queued": 1, "pinning": 0, "pinned": 1, "failed": 0},
        "spent": {"planck": "2300000000"}}
})},
{NULL, NULL}};

static const char size_parameter[] = W3P_DOC_JSON([
    {"name": "size", "in": "query", "required": true, "description": "Bytes of the content.", "example": 1048576,
        "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9223372036854775807}}
]);
// clang-format on

static const struct w3p_doc_area area = {
    .tag = "money", .text = "What orders cost, and what an account has used of its limits.", .schemas = schemas};

const struct w3p_doc w3p_price_doc = {
    .area = &area,
    .id = "getPrice",
    .summary = "What an order would cost",
    .text = "For everybody: price and transaction fee of an order of this size.",
    .parameters = size_parameter,
    .answers = {
        {.status = 200, .text = "The price.", .schema = "Price", .headers = "Cache-Control"},
        {.status = 400,
         .text = "size must be given once, as a whole number of bytes above 0.",
         .reasons = "INVALID_SIZE,BAD_REQUEST"},
        {.status = 503, .text = "The chain's prices have not been read yet.", .reasons = "PRICE_UNKNOWN,BUSY"}}};

const struct w3p_doc w3p_account_doc = {
    .area = &area,
    .id = "getAccount",
    .summary = "The account that signed in",
    .text = "What it may do, has used and has spent.",
    .signs_in = true,
    .answers = {{.status = 200, .text = "The account.", .schema = "Account"},
                {.status = 503, .text = "The database cannot be read at the moment.", .reasons = "STORE_FAILED,BUSY"}}};
