// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minted tokens with their verdicts. Key 42 repeated, kid 1, id 07 repeated, audience gw.example.
// Origin: printed by tests/e2e/macaroon.py, an implementation of its own.
#ifndef W3P_TEST_VECTORS_MACAROON_H
#define W3P_TEST_VECTORS_MACAROON_H

#include "auth.h"

// clang-format off
static const struct {
    const char *note, *token;
    enum w3p_auth_reason reason;
    uint16_t scopes;   // 0: refused
    int64_t expires_s; // as what is left
} macaroon_vectors[] = {
    {"no caveat",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_OK, 0xff, 1767312000},
    {"read only",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAAEKabKOTIR6KqI6pBIJPAg2lWHt1eRj1bPkfzoWaJQZvQ",
     W3P_AUTH_OK, 0x1, 1767312000},
    {"ends earlier",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAEFAGlVuTxlfM_zn1I-pWqoCp3PF9N1mtj8JDkrAAdHrN5FijJkQA",
     W3P_AUTH_OK, 0xff, 1767225660},
    {"ends later, which changes nothing",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAEFAGlk-0BC5vR3IvgC7xgCg32tXLefnaqIf7t3KotSJcoix0pxmQ",
     W3P_AUTH_OK, 0xff, 1767312000},
    {"scopes are ANDed",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAAcCAgAerxWJgN5ITCDWSSk4-vb8zx6NYpu_uP-0znyO1n1Jkto",
     W3P_AUTH_OK, 0x6, 1767312000},
    {"scopes of a later version",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAIC_wGq5jpM6I0gMdERp42XZOCauJBozzxmiO2ZdQcYcnPLCw",
     W3P_AUTH_OK, 0x1, 1767312000},
    {"every kind",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAEFAGlVxxACAgAPAxBU3K1l2goM7331L_ej7_s_BAgr9YWm9okkcQYFAAAQAAAH"
     "BgQICgAAAJ-ZIEDUagxiCLE5sukZJfAPGBvWcUbnUv_V3UHXQoc0",
     W3P_AUTH_OK, 0xf, 1767229200},
    {"two networks, one in the other",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcSBiAgAQ24AAAAAAAAAAAAAAAABxIGMCABDbgAAQAAAAAAAAAAAACubAda0FLd"
     "zvaRi2j5Qy0R1c88qGLBB_CCckBqzzMz-g",
     W3P_AUTH_OK, 0xff, 1767312000},
    {"most caveats",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA"
     "_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CA"
     "gD_irWM98zCWPOah1AlwfhvVV1HvUfccJcgVxWp3S6JHfY",
     W3P_AUTH_OK, 0xff, 1767312000},
    {"longest",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAPw6xQrDK4LqnKnZ-vAgj0b6diR2hUVsJ2zRer3sE5bjWdXIjqUK9G6GXa2omnp"
     "2aH1mVXnAkf37PbbYYkZoUzBI2jrCypl3oHWP8PVGq7e8mI57YiFImfKvBSIF2RRJ5Yl7q2kw7z4OJaj1K3yEDCS38a-mLH46HTo-qRAd"
     "aGbvlsNFHOTZC7OaFv8CVE5Zv3YEekolZT6pyNF37guAjCgc-2Pf0OsmcV9DsGwbZWZNwAjnxJQYV3rnPpn4dc-6Rze8kFNmGnZ9ggoMH"
     "EepHZkUewHBFZlEQ1EP7INDVW6AF0g300AYD-x_V-QaQU8aMvQA_DrFCsMrguqcqdn68CCPRvp2JHaFRWwnbNF6vewTluNZ1ciOpQr0bo"
     "ZdraiaenZofWZVecCR_fs9tthiRmhTMEjaOsLKmXegdY_w9Uart7yYjntiIUiZ8q8FIgXZFEnliXuraTDvPg4lqPUrfIQMJLfxr6Ysfjo"
     "dOj6pEB1oZu-Ww0Uc5NkLs5oW_wJUTlm_dgR6SiVlPqnI0XfuC4CMKBz7Y9_Q6yZxX0OwbBtlZk3ACOfElBhXeuc-mfh1z7pHN7yQU2Ya"
     "dn2CCgwcR6kdmRR7AcEVmURDUQ_sg0NVboAXSDfTQBgP7H9X5BpBTxoy9AD0OsUKwyuC6pyp2frwII9G-nYkdoVFbCds0Xq97BOW41nVy"
     "I6lCvRuhl2tqJp6dmh9ZlV5wJH9-z222GJGaFMwSNo6wsqZd6B1j_D1Rqu3vJiOe2IhSJnyrwUiBdkUSeWJe6tpMO8-DiWo9St8hAwkt_"
     "Gvpix-Oh06PqkQHWhm75bDRRzk2Quzmhb_AlROWb92BHpKJWU-qcjRd-4LgIwoHPtj39DrJnFfQ7BsG2VmTcAI58SUGFd65z6Z-HXPukc"
     "3vJBTZhp2fYIKDBxHqR2ZFEECCv1hab2iSRxAtx6qzhv0DGeXewTdU5pybTCFjBlf22IOrLOzuVxFsg",
     W3P_AUTH_OK, 0xff, 1767312000},
    {"the key of another gateway",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgJBpkXUFMagybfBZFBYP4qPnM-MQ1D0sFnUr8z91-9XY",
     W3P_AUTH_MAC, 0x0, 0},
    {"for another audience",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgDCSew6aIobV1a8S7Dfa_HQ7FSLnc7g76pG6WjHoJQrV",
     W3P_AUTH_MAC, 0x0, 0},
    {"for the audience with a port",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgLwAP97aM-C7mmDfKBtOJVnMAfVsuzsJX5cSbOICeWm4",
     W3P_AUTH_MAC, 0x0, 0},
    {"caveat taken away, tag kept",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAppso5MhHoqojqkEgk8CDaVYe3V5GPVs-R_OhZolBm9",
     W3P_AUTH_MAC, 0x0, 0},
    {"caveat put in, tag kept",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAAGIiQ6F-Hx5i75x7VkmKnB0UND22hj1uydlb_SowBV8ug",
     W3P_AUTH_MAC, 0x0, 0},
    {"caveats in another order",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAB4CAgAHrxWJgN5ITCDWSSk4-vb8zx6NYpu_uP-0znyO1n1Jkto",
     W3P_AUTH_MAC, 0x0, 0},
    {"key confirmation (05) is not known",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAUgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIOly_bXD-gNxU31Dl"
     "opwivEa9HwZWKqKR11Cl80X5Cw",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"type 00",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAAAA0y_Qf8_EcYQmKJvqZt4ge68rg5TZscPPUN9CRGquhg",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"type 08",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAgBATwTqy2LMkfL-77FYNHTo_r5UfLuC1Le1SQL4ksHqpBe",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"expiry of four bytes",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAEEAAAACeHaLEyg4CQDSBaTFrua-hVa57H2WA4Btps2zOTNSqgf",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"scopes of one byte",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAIBASZx9m8zTSKMsud9rWY7Di_SsTyK66irxRG6WmmJfsq8",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"scopes of no byte",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAIAH8Zg1pcA69dFkd3C0USsmj7h-yA-Wi3UWzaX_WF8abQ",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"no CID",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAMAh76bxgW3DLSAxDKm07rkuDAkJwKvI5COkfO287tGJLw",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"a CID of 15 bytes",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAMPAAAAAAAAAAAAAAAAAAAAipPU0PMFE7LZEKjANKSxVIMgPF3q8dxy_eTOjKGY"
     "pPw",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"origin of nine bytes",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAQJAAAAAAAAAAAA2LDlRbizl9EpX40uwbbOJ3G2mf9Ka2akVw5pdzsr6fU",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"most bytes in eight",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAYIAAAAAAAAAABY4qBPr2vDaWJQVCZ7AHCrWHwS-Y_W0BdcKl-SIGLe0Q",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"network of no family",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcGBQgKAAAADR_-6XVn2-CxMQhZO67_hJ1iRxwbDkHWiqFRoXBq7Q4",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"IPv4 in 16 bytes",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcSBAgAAAAAAAAAAAAAAAAAAAAAJ2MZw6sI-KaDOYI6y7NlJCA1KbgvY4KtaTEQ"
     "UHgCreM",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"prefix of 33",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcGBCEKAAAB08Wx3IKNJuoJ8IC6rxaBQP_O-1oSdb7aM5QhLniX1YM",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"prefix of 129",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcSBoEAAAAAAAAAAAAAAAAAAAAAXQhsvbM-hBHsiJ1uoILNJYBfaWfT124q1w6Q"
     "KUfwhsM",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"bits behind the prefix",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcGBAgKAAABP8eA6-tQZX4ewVxEuDJjb48eqs-OC6OphMft2521osE",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"IPv4 as IPv6",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAcSBoAAAAAAAAAAAAAA__8KAAABPel4D8Vcb5HEGzmI-4nNCQhj-WcS0XGoLujT"
     "UBmxwXg",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"one byte of a caveat",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAI7r6Lpjd70sp7wY7SZD4h0vy7TnHMlJOUe1nk4XDhrhA",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"caveat that runs into the tag",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAIFAFNu5K4Btk5PXOpHm4kavjIliatbLXdhmmMumSWo9bj_",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"one caveat too many",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA"
     "_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CAgD_AgIA_wICAP8CA"
     "gD_AgIA_5ZlLU6onJFveukZtt6wvxCofTXtTRB0IeAG38yQ_rSX",
     W3P_AUTH_CAVEAT, 0x0, 0},
    {"version 2",
     "w3s1_AgEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"a byte short",
     "w3s1_AQcHBwcHBwcHBwcHBwcHBwcAaVW5AABpVwqAiIkOhfh8eYu-ce1ZJipwdFDQ9toY9bsnZW_0qMAVfLo",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"nothing behind the prefix",
     "w3s1_",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"ends when it begins",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVW5AL65tKFyKuZ42-mmSqe7xv3fn8ZeUj6R6yfI7cIdPfvb",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"padded",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAAEKabKOTIR6KqI6pBIJPAg2lWHt1eRj1bPkfzoWaJQZvQ==",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"standard alphabet",
     "w3s1_AQEHBwcHBwcHBwc+BwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"other prefix",
     "w3s2_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"prefix in capitals",
     "W3S1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"no prefix",
     "AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"blank behind",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgIiJDoX4fHmLvnHtWSYqcHRQ0PbaGPW7J2Vv9KjAFXy6 ",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"trailing bits",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAICAAEKabKOTIR6KqI6pBIJPAg2lWHt1eRj1bPkfzoWaJQZvB",
     W3P_AUTH_MACAROON, 0x0, 0},
    {"too long",
     "w3s1_AQEHBwcHBwcHBwcHBwcHBwcHAGlVuQAAaVcKgAPw6xQrDK4LqnKnZ-vAgj0b6diR2hUVsJ2zRer3sE5bjWdXIjqUK9G6GXa2omnp"
     "2aH1mVXnAkf37PbbYYkZoUzBI2jrCypl3oHWP8PVGq7e8mI57YiFImfKvBSIF2RRJ5Yl7q2kw7z4OJaj1K3yEDCS38a-mLH46HTo-qRAd"
     "aGbvlsNFHOTZC7OaFv8CVE5Zv3YEekolZT6pyNF37guAjCgc-2Pf0OsmcV9DsGwbZWZNwAjnxJQYV3rnPpn4dc-6Rze8kFNmGnZ9ggoMH"
     "EepHZkUewHBFZlEQ1EP7INDVW6AF0g300AYD-x_V-QaQU8aMvQA_DrFCsMrguqcqdn68CCPRvp2JHaFRWwnbNF6vewTluNZ1ciOpQr0bo"
     "ZdraiaenZofWZVecCR_fs9tthiRmhTMEjaOsLKmXegdY_w9Uart7yYjntiIUiZ8q8FIgXZFEnliXuraTDvPg4lqPUrfIQMJLfxr6Ysfjo"
     "dOj6pEB1oZu-Ww0Uc5NkLs5oW_wJUTlm_dgR6SiVlPqnI0XfuC4CMKBz7Y9_Q6yZxX0OwbBtlZk3ACOfElBhXeuc-mfh1z7pHN7yQU2Ya"
     "dn2CCgwcR6kdmRR7AcEVmURDUQ_sg0NVboAXSDfTQBgP7H9X5BpBTxoy9AD0OsUKwyuC6pyp2frwII9G-nYkdoVFbCds0Xq97BOW41nVy"
     "I6lCvRuhl2tqJp6dmh9ZlV5wJH9-z222GJGaFMwSNo6wsqZd6B1j_D1Rqu3vJiOe2IhSJnyrwUiBdkUSeWJe6tpMO8-DiWo9St8hAwkt_"
     "Gvpix-Oh06PqkQHWhm75bDRRzk2Quzmhb_AlROWb92BHpKJWU-qcjRd-4LgIwoHPtj39DrJnFfQ7BsG2VmTcAI58SUGFd65z6Z-HXPukc"
     "3vJBTZhp2fYIKDBxHqR2ZFEECCv1hab2iSRxAgIA__ZK46owEu_hCI6gbxXr0xp69W5j1GtKo9-4i6WnrN6D",
     W3P_AUTH_TOO_LONG, 0x0, 0},
};
// clang-format on

#endif
