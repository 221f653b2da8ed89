// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: JSON keystores of polkadot.js with their passwords. Public test keys only.
// Origin: the first is the example configuration of the public repository crustio/crust-spower, the others were sealed
// with @polkadot/keyring and @polkadot/util-crypto 14.0.3.
#ifndef W3P_TEST_VECTORS_KEYSTORE_H
#define W3P_TEST_VECTORS_KEYSTORE_H

#include "crypto/keys.h"

// clang-format off
static const struct {
    const char *note, *json, *password;
    enum w3p_key_type type;
    const char *pub;
} keystore_vectors[] = {
    {"the public example of crust-spower, exported by Crust Apps",
     "{\"encoded\":\"lND+h2U6gtarfJ6BqLWUEB7tYXzukss7bjgyUxA9l7sAgAAAAQAAAAgAAACYBqroWSU0nlzq1w1/bPIGTecPbEES3"
     "NWay0SpkqQeKXEiqGvmsIf5UCJSoTyVu72A+JZqnpwch72XHhEiJp4r0nZf+dxtrBAzY7LFeGATnLRmc7yGz8DE2Jttdq4m05j1APxKw"
     "1muRVaD4nMcOU16nSkc5UzMAYwu7rxOGqJ2AjfiMxJ2npbaInrXzIlgM3qVfjR//m5kindxm9G+\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"cTH"
     "qXgHChchei9XmEaFnm6FCsGods1XA43kbMkyF5UmLTGT9D\",\"meta\":{\"isHardware\":false,\"name\":\"crust-spower"
     "\",\"tags\":[],\"whenCreated\":1716271018971}}",
     "123456", W3P_KEY_SR25519, "42459595e7382a7e40e1b67082b3b85e9dba6ac6ad9574f5b4b2ade3f52cd055"},
    {"//Alice, sealed by @polkadot/keyring with N = 2^17",
     "{\"encoded\":\"idKw5tvKpf9jO6JPwEwJKVzZhAmcLc1e7DVh3QIfRowAAAIAAQAAAAgAAABxCVU/ddcyad3olrZ3tYGnhmvtxf0g2"
     "WvGKEGHi23XVE6i+34aMcApKmTn0FZi9MkYatCXcUPgqHBceDSAHzp6njcmRSZShqP9s41nvEtgbA/LX8IxIy41lHx7jXrl9lrKlxWDT"
     "CrimSWrjdIoQzEsJP6mrfHo8qq+I58eRNwDbwkYAjxzGtAu281HziuiNel8kuufuQxkYM4yzFrs\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"cTM"
     "8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa\",\"meta\":{}}",
     "crust-test", W3P_KEY_SR25519, "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"//Alice as ed25519, by @polkadot/util-crypto",
     "{\"encoded\":\"7tsDeZTKElP4120IDtFkDiExGO22xcC4E8bq5n/+vjMAgAAAAQAAAAgAAAC4pLzK5knznKOz+WASf8iA6YxWStTNt"
     "kltkqEaZyh2Q6UmCi6mBsjImmhmSSFerOzzWQnYkQt2X2qlBtXVEU5sap+9pzMxZn1oWUHn/nvKFArX9pb7AFl5F/q4odcQxjDVsmld2"
     "TjcbRtlMa/o5d5+3avUTo5I/PHNwaQXdmwWD9J7k5cfO4mboDDOZ8P2Crc3zXsTq5p+hxQJ0dax\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"ed25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5FA"
     "9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000"
     "000}}",
     "sesame ed", W3P_KEY_ED25519, "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"},
    {"//Alice as ecdsa, by @polkadot/util-crypto",
     "{\"encoded\":\"iZTk9iknPque7UX6kH709swKnMfBpjnF/RYLYJo6JS4AgAAAAQAAAAgAAAAgRCpQEXaLjZpy6hsFcUmBRYWIP1kdh"
     "pCL5Xc7C1Q18wpen+LbILK4QAyxxrrFdgzmx1kxOcx0aqsDllR6Ee29ztKcu5XzCgC3pmFkm2l2VJo8mrfF7ovpgGKx8da9Sa5bYd6X4"
     "fPQUXDQgR5eOgEkcIeZtauhBz+a22U3+B8=\",\"encoding\":{\"content\":[\"pkcs8\",\"ecdsa\"],\"type\":[\"scrypt"
     "\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"0x020a1091341fe5664bfa1782d5e04779689068c916b"
     "04cb365ec3153755684d9a1\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000000}}",
     "sesame ec", W3P_KEY_ECDSA, "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"},
    {"//Alice/soft as sr25519, by @polkadot/util-crypto",
     "{\"encoded\":\"NNqdsDx3UboCCzcZ9hyvEz8HkwKhuWeQ4Xhu4WKvVIwAgAAAAQAAAAgAAAAvU1dr/XTUmm4F4gbTN0pwDB35YMHIG"
     "XPetoxX1IG6zYWy66ceOtr9ZTxuaT2/lKWMb6Iz/NK2zRis+Ep1jTU7ncy/WuYmACT0M+XxPJeSprVoxFVzWdOxVyJaT84lhbQf7ajwS"
     "BI7NSU2hIGG8SAV6J0l3X5dXuBfDwVlAmjiOTRtumHmCiwc+09ozNvKQELJJXyN6CUgZ9OU7XO5\",\"encoding\":{\"content\":"
     "[\"pkcs8\",\"sr25519\"],\"type\":[\"scrypt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5C8"
     "PhJPLE54x23RjmqBcEEnALryCDWdTJM5xLaoL9W8XEpnt\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000"
     "000}}",
     "p\303\244ss w\303\266rd \342\234\223", W3P_KEY_SR25519, "02cfd83074aefc9955af4034d19b3780d47a52e158ababec8ec012b2295f1c5b"},
    {"//Alice as ecdsa, by @polkadot/util-crypto, with its SS58 address",
     "{\"encoded\":\"hATKTwWtLmykgpbq3/COVeMyCRa8xyGUekJYYsLgfu4AgAAAAQAAAAgAAAD46jv7OygEO/EprSC/2HNT9/8tZbAsj"
     "3tqorYXqwP55eiUI3LpITQ1Rk/xHme4LOI6m8eMeuoJK5vUQo9C0yU8nvnG479vgqU8hRQXEXZ3U4o6t/Z5OXc4Lm3EQgUEz+UtEciZJ"
     "5XJYt4oxbb0aTqnqG1G1kalEPUyNhlWdzs=\",\"encoding\":{\"content\":[\"pkcs8\",\"ecdsa\"],\"type\":[\"scrypt"
     "\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5"
     "S9X\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000000}}",
     "ss58", W3P_KEY_ECDSA, "020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"},
    {"//Alice as its 32-byte seed, as older writers do",
     "{\"encoded\":\"5xKNHctrr45NLCoVMO1KcamIf/v0GAlwjJmFW8o5ugEAgAAAAwAAAAgAAACE9DaiFwuNpe2x39wzIiWgwzSWrwySf"
     "wstpWETSZecdGbNdtVCSPj1pqeVr5yugOP8q0n9tYA1jWIB8X/cXV4u0NwWKC4aTrbsZ5rKvZ8wPNUDCVmoNazu9OKJ80AhnYa4BLSPY"
     "wikTWcgmsvRHS1TYGGAcBSqXXnsgfIn0g==\",\"encoding\":{\"content\":[\"pkcs8\",\"sr25519\"],\"type\":[\"scry"
     "pt\",\"xsalsa20-poly1305\"],\"version\":\"3\"},\"address\":\"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHG"
     "KutQY\",\"meta\":{\"name\":\"vector\",\"whenCreated\":1700000000000}}",
     "old", W3P_KEY_SR25519, "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
};
// clang-format on

#endif
