// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: how a public route is described for /openapi.json. Each handler of gateway_routes.h has one, named after it
// with _doc, in the *_doc.c file of its area. Plain constants; openapi.c puts them together.
// What holds for every route is not written here: 413, 401 and 403 of routes that sign in, 4XX and 5XX, the headers.
#ifndef W3P_HTTP_DOC_H
#define W3P_HTTP_DOC_H

#include "http/http.h"

// JSON as it is read, instead of a literal full of backslashes.
#define W3P_DOC_JSON(...) #__VA_ARGS__

struct w3p_doc_schema {
    const char *name; // in #/components/schemas
    const char *json; // a Schema Object
};

// Routes that belong together, and the schemas that they speak of.
struct w3p_doc_area {
    const char *tag, *text;
    const struct w3p_doc_schema *schemas; // ends with a NULL name
};

struct w3p_doc_answer {
    int status;
    const char *text;   // a sentence; of an error, its usual `details`
    const char *schema; // its name; NULL: no body below 300, else Error
    const char *json;   // an example. Errors have theirs made
    // Of an error: the values of `reason`, separated by commas; the first one is the example's. NULL: the usual one.
    const char *reasons;
    const char *headers; // names in #/components/headers beside the usual ones, separated by commas
    bool unused;         // version 1.0.0 of the Pinning Service API lists it and this gateway never answers it
};

#define W3P_DOC_ANSWERS_MAX 8
struct w3p_doc {
    const struct w3p_doc_area *area;
    const char *id, *summary, *text;
    bool signs_in;
    const char *parameters; // JSON array of Parameter Objects beside that of the path; NULL: none
    const char *param;      // Schema Object of the {…} in the path
    const char *body;       // JSON of a Media Type Object; NULL: takes no body
    const char *links;      // JSON: Link Objects by name, of the first answer; NULL: none
    struct w3p_doc_answer answers[W3P_DOC_ANSWERS_MAX]; // those that are this route's own; ends with status 0
};

#endif
