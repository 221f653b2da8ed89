// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: /healthz, /readyz and /openapi.json in /openapi.json: what ops_api.c gives.
#include "http/gateway_routes.h"

// clang-format off
static const struct w3p_doc_schema schemas[] = {
{"Health", W3P_DOC_JSON({
    "type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean", "enum": [true]}}
})},
{"Readiness", W3P_DOC_JSON({
    "type": "object", "required": ["ready", "chain", "best", "finalized", "queued", "paused", "funds"],
    "properties": {
        "ready": {"type": "boolean", "description": "Pins are accepted durably."},
        "chain": {"type": "string", "enum": ["ok", "unreachable", "syncing", "stale", "starting"]},
        "best": {"type": "integer", "minimum": 0, "description": "Number of the best block."},
        "finalized": {"type": "integer", "minimum": 0, "description": "Number of the last finalized block."},
        "queued": {"type": "integer", "minimum": 0, "description": "Orders that are not placed yet."},
        "paused": {"type": "boolean", "description": "The operator has stopped new orders."},
        "funds": {"type": "string", "enum": ["ok", "low", "empty", "unknown"]},
        "endpoints": {
            "type": "object", "required": ["all", "healthy", "voices", "contradicting", "subscribed"],
            "description": "Nodes of the chain that are configured.",
            "properties": {
                "all": {"type": "integer", "minimum": 0},
                "healthy": {"type": "integer", "minimum": 0},
                "voices": {"type": "integer", "minimum": 0, "description": "Nodes among them: two addresses of one node are one."},
                "contradicting": {"type": "integer", "minimum": 0, "description": "Said otherwise than another one lately."},
                "subscribed": {"type": "integer", "minimum": 0, "description": "Tell of new blocks by themselves."}
            }
        }
    },
    "example": {"ready": true, "chain": "ok", "best": 14, "finalized": 12, "queued": 0, "paused": false, "funds": "ok",
        "endpoints": {"all": 2, "healthy": 2, "voices": 2, "contradicting": 0, "subscribed": 2}}
})},
{"Unready", W3P_DOC_JSON({
    "description": "What is amiss; or, before that is looked at, an error.",
    "oneOf": [{"$ref": "#/components/schemas/Readiness"}, {"$ref": "#/components/schemas/Error"}]
})},
{"Document", W3P_DOC_JSON({
    "type": "object", "required": ["openapi", "info", "paths"], "description": "An OpenAPI document.",
    "properties": {
        "openapi": {"type": "string", "pattern": "^3\\.0\\."}, "info": {"type": "object"}, "paths": {"type": "object"},
        "servers": {"type": "array", "items": {"type": "object"}}, "tags": {"type": "array", "items": {"type": "object"}},
        "components": {"type": "object"}
    }
})},
{NULL, NULL}};
// clang-format on

static const struct w3p_doc_area area = {.tag = "operation", .text = "For probes and tools.", .schemas = schemas};

const struct w3p_doc w3p_ops_healthz_doc = {
    .area = &area,
    .id = "getHealth",
    .summary = "Whether the process answers",
    .text = "Touches neither database nor chain.",
    .answers = {{.status = 200, .text = "It does.", .schema = "Health", .json = W3P_DOC_JSON({"ok" : true})}}};

const struct w3p_doc w3p_ops_readyz_doc = {
    .area = &area,
    .id = "getReadiness",
    .summary = "Whether pins are accepted durably",
    .text = "Ready does not depend on the chain: while it is away pins wait. The body says how it is.",
    .answers = {{.status = 200, .text = "Pins are accepted.", .schema = "Readiness"},
                {.status = 503, .text = "Pins are not accepted now.", .schema = "Unready"}}};

const struct w3p_doc w3p_ops_openapi_doc = {
    .area = &area,
    .id = "getOpenapi",
    .summary = "This document",
    .text = "The public routes of this gateway as OpenAPI 3.0.",
    .answers = {{.status = 200, .text = "The document.", .schema = "Document", .headers = "ETag,Cache-Control"},
                {.status = 304, .text = "It is still what If-None-Match names.", .headers = "ETag,Cache-Control"}}};
