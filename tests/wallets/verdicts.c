// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what our side says to credentials, for test_wallets.py. stdin: one case a line. stdout: one line each,
// `ok IDENTITY` or the reason in one word.
//   token HEX     a token, as hex of its bytes
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "base/encoding.h"

#define LINE_MAX_BYTES 65536

// As many bytes as there are and not one more, so that a read behind them is seen. The caller frees them.
static char *unhex(const char *digits, size_t *len)
{
    size_t count = strlen(digits), room = count / 2 + 1;
    uint8_t *data = w3p_calloc(room, 1);
    if (count > 0 && w3p_hex_decode(data, &room, digits, count) != W3P_OK) {
        fprintf(stderr, "no hex: %.40s\n", digits);
        exit(1);
    }
    *len = count / 2;
    char *exact = w3p_memdup(data, *len);
    free(data);
    return exact;
}

static void print_token(const char *digits)
{
    size_t len;
    char *text = unhex(digits, &len);
    struct w3p_token token;
    struct w3p_identity identity;
    enum w3p_auth_reason reason = w3p_token_decode(&token, text, len);
    if (reason == W3P_AUTH_OK)
        reason = w3p_token_verify(&identity, &token);
    if (reason == W3P_AUTH_OK)
        printf("ok %s\n", identity.text);
    else
        printf("%s\n", w3p_auth_reason_name(reason));
    free(text);
}

int main(void)
{
    static char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "token ", 6) == 0) {
            print_token(line + 6);
        } else {
            fprintf(stderr, "no case: %.40s\n", line);
            return 1;
        }
    }
    return 0;
}
