// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what our CID parser says to texts, for cid_oracle.py. stdin: one text a line, as hex of its bytes. stdout:
// `no SENTENCE` or `ok ORDER ALTERNATE` a line, where ALTERNATE is the other spelling or `-`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cid.h"
#include "base/encoding.h"

#define LINE_MAX_BYTES 65536

static void print_verdict(const char *text, size_t len)
{
    char order[W3P_CID_ORDER_MAX], alternate[W3P_CID_ORDER_MAX];
    struct w3p_cid cid;
    const char *why = NULL;
    if (w3p_cid_parse(&cid, &why, text, len) != W3P_OK) {
        printf("no %s\n", why);
        return;
    }
    w3p_cid_format_order(order, &cid);
    printf("ok %s %s\n", order, w3p_cid_format_alternate(alternate, &cid) ? alternate : "-");
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        size_t digits = strcspn(line, "\n"), len = digits / 2 + 1;
        char *text = w3p_calloc(len, 1);
        if (w3p_hex_decode((uint8_t *)text, &len, line, digits) != W3P_OK) {
            fprintf(stderr, "no hex: %.40s\n", line);
            return 1;
        }
        // exactly as long as the text, so that a read behind it is seen
        char *exact = w3p_memdup(text, len);
        print_verdict(exact, len);
        free(exact);
        free(text);
    }
    return 0;
}
