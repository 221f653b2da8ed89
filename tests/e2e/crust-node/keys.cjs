// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: polkadot.js as the second opinion on keys. Reads JSON lines on stdin, answers one line each:
//   {"derive": SURI, "scheme": …}              public key and generic address
//   {"open": KEYSTORE, "password": …}          unlocks it, signs with it: public key, address
//   {"seal": SURI, "scheme": …, "password": …} a keystore of it
//   {"phrase": WORDS}                          a random phrase
'use strict';

const readline = require('readline');
const { Keyring } = require('@polkadot/keyring');
const { cryptoWaitReady, mnemonicGenerate } = require('@polkadot/util-crypto');
const { u8aToHex } = require('@polkadot/util');

const keyring = new Keyring({ ss58Format: 42 });

function show(pair) {
  return { public_key: u8aToHex(pair.publicKey), address: pair.address };
}

function answer(line) {
  if (line.phrase !== undefined) {
    return { phrase: mnemonicGenerate(line.phrase) };
  }
  if (line.derive !== undefined) {
    return show(keyring.createFromUri(line.derive, {}, line.scheme));
  }
  if (line.seal !== undefined) {
    return { keystore: keyring.createFromUri(line.seal, {}, line.scheme).toJson(line.password) };
  }
  const pair = keyring.createFromJson(line.open);
  pair.decodePkcs8(line.password);
  const message = new Uint8Array([1, 2, 3]);
  return { ...show(pair), signs: pair.verify(message, pair.sign(message), pair.publicKey) };
}

cryptoWaitReady().then(() => {
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (text) => {
    let reply;
    try {
      reply = answer(JSON.parse(text));
    } catch (error) {
      reply = { error: String(error.message) };
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  });
});
