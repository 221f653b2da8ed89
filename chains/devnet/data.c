// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the runtime metadata of data/ inside the program. The build names the file in W3P_DEVNET_ROCKY_FILE.
// Must not: hold code.
#include "devnet/runtime.h"

__asm__(".pushsection .rodata, \"a\", @progbits\n"
        ".hidden w3p_devnet_rocky, w3p_devnet_rocky_end\n"
        ".global w3p_devnet_rocky, w3p_devnet_rocky_end\n"
        "w3p_devnet_rocky:\n"
        ".incbin \"" W3P_DEVNET_ROCKY_FILE "\"\n"
        "w3p_devnet_rocky_end:\n"
        ".byte 0\n"
        ".popsection\n");
