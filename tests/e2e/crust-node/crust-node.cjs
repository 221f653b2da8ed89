#!/usr/bin/env node
// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Runs the real Crust runtime (the wasm inside a chain spec) as a local, single-author chain: the second opinion of the
// integration suite on everything that a runtime decides.
//
//   npm ci --ignore-scripts
//   node crust-node.cjs --spec rocky.json.gz --port 9944 --fund //Alice [--block-ms 2000]
//
// JSON-RPC answers on http:// and ws:// of the same port. Without --block-ms every submitted extrinsic makes a
// block at once; with it, blocks come on a timer (0 = only on the dev_newBlock call), or as fast as they can be executed
// where that takes longer; each prints a line with the milliseconds that it took. --fund takes SURIs, SS58
// addresses or 0x public keys and gives each 1,000,000 CRU. The market is switched on. --parachain 1 is for specs of
// the Crust parachains (metadata V14/V15, MultiAddress, pallet Xstorage): modern types, no Market pallet.
// dev_setStorage (raw [[key, value], ...]) writes any state, for example replicas of a file.
// With a timer, extrinsics that do not fit into a block, or come before the one that they follow, stay in the pool.
'use strict';
const fs = require('fs'), os = require('os'), path = require('path'), zlib = require('zlib');
const core = path.dirname(path.dirname(require.resolve('@acala-network/chopsticks-core')));
const load = (p) => require(path.join(core, 'cjs', p));
const { Blockchain } = load('blockchain/index.js');
const { newHeader } = load('blockchain/block-builder.js');
const { runTask, taskHandler } = load('wasm-executor/index.js');
const { setupWithServer } = require('@acala-network/chopsticks');
const { Keyring } = require('@polkadot/keyring');
const { cryptoWaitReady, decodeAddress, blake2AsU8a, xxhashAsHex } = require('@polkadot/util-crypto');
const { u8aConcat, u8aToHex, hexToU8a, bnToU8a } = require('@polkadot/util');
const crust = require('@crustio/type-definitions');

const TYPES = {
  ...crust.types,
  AccountInfo: 'AccountInfoWithProviders', Address: 'AccountId', LookupSource: 'AccountId', MerkleRoot: 'Vec<u8>',
  FileInfo: { file_size: 'u64', spower: 'u64', expired_at: 'BlockNumber', calculated_at: 'BlockNumber', amount: 'Compact<Balance>', prepaid: 'Compact<Balance>', reported_replica_count: 'u32', replicas: 'Vec<Replica>' },
  Replica: { who: 'AccountId', valid_at: 'BlockNumber', anchor: 'Vec<u8>', is_reported: 'bool', created_at: 'Option<BlockNumber>' },
  // Substrate 3 encodes a module error in two bytes; with the modern four-byte form failing extrinsics vanish from blocks.
  DispatchError: { _enum: { Other: 'Null', CannotLookup: 'Null', BadOrigin: 'Null', Module: 'DispatchErrorModuleU8X', ConsumerRemaining: 'Null', NoProviders: 'Null' } },
  DispatchErrorModuleU8X: { index: 'u8', error: 'u8' },
};

// Crust has TaggedTransactionQueue v2 (source, tx): no block hash argument, and Core_initialize_block must run first.
Blockchain.prototype.validateExtrinsic = async function (extrinsic, source = '0x02') {
  const head = this.head, version = await head.runtimeVersion;
  const v3 = version.apis.find(([id]) => id === '0xd2bc9897eed08f15')[1] >= 3;
  const calls = [['TaggedTransactionQueue_validate_transaction', [v3 ? u8aToHex(u8aConcat(source, extrinsic, head.hash)) : u8aToHex(u8aConcat(source, extrinsic))]]];
  if (!v3) calls.unshift(['Core_initialize_block', [(await newHeader(head)).toHex()]]);
  const result = await runTask({ wasm: await head.wasm, calls, mockSignatureHost: false, allowUnresolvedImports: true, runtimeLogLevel: 0 }, taskHandler(head));
  if (!('Call' in result)) throw new Error(result.Error);
  return (await head.registry).createType('TransactionValidity', result.Call.result);
};

function options(argv) {
  const o = { spec: path.join(process.env.W3PIN_TEST_DATA || path.join(__dirname, '../../../../shared/data'), 'chain-specs/rocky.json.gz'), port: 9944, host: '127.0.0.1', fund: ['//Alice'], blockMs: null, parachain: false };
  for (let i = 0; i < argv.length; i += 2) {
    const [k, v] = [argv[i], argv[i + 1]];
    if (v === undefined) throw new Error(`${k} needs a value`);
    if (k === '--spec') o.spec = v; else if (k === '--port') o.port = +v; else if (k === '--host') o.host = v;
    else if (k === '--fund') o.fund = v.split(','); else if (k === '--block-ms') o.blockMs = +v; else if (k === '--parachain') o.parachain = v !== '0'; else throw new Error(`unknown option ${k}`);
  }
  return o;
}

function publicKey(who) {
  if (who.startsWith('0x') && who.length === 66) return hexToU8a(who);
  if (who.startsWith('/') || who.includes(' ')) return new Keyring({ type: 'sr25519' }).addFromUri(who).publicKey;
  return decodeAddress(who);
}

const item = (pallet, name) => '0x' + xxhashAsHex(pallet, 128).slice(2) + xxhashAsHex(name, 128).slice(2);
const account = (pub) => item('System', 'Account') + u8aToHex(u8aConcat(blake2AsU8a(pub, 128), pub)).slice(2);
// AccountInfo: nonce, consumers, providers (u32 each), then free, reserved, misc_frozen, fee_frozen (u128 each)
// (parachains: one more u32, sufficients, before the balances).
const funded = (planck, parachain) => u8aToHex(u8aConcat(new Uint8Array(8), bnToU8a(1, { bitLength: 32 }), new Uint8Array(parachain ? 4 : 0), bnToU8a(planck, { bitLength: 128 }), new Uint8Array(48)));

(async () => {
  const o = options(process.argv.slice(2));
  await cryptoWaitReady();
  let spec = o.spec;
  if (spec.endsWith('.gz')) {
    spec = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'crust-spec-')), 'spec.json');
    fs.writeFileSync(spec, zlib.gunzipSync(fs.readFileSync(o.spec)));
  }
  const { chain, addr } = await setupWithServer({ genesis: spec, 'chain-spec': spec, port: o.port, host: o.host, 'build-block-mode': o.blockMs === null ? 'Batch' : 'Manual', 'registered-types': { types: o.parachain ? {} : TYPES } });
  if (!addr.endsWith(':' + o.port)) throw new Error(`port ${o.port} is busy`);
  const rpc = async (method, params) => (await fetch(`http://${o.host}:${o.port}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) })).json();
  const state = o.fund.map((who) => [account(publicKey(who)), funded(1_000_000n * 10n ** 12n, o.parachain)]);
  if (!o.parachain) state.push([item('Market', 'EnableMarket'), '0x01'], [item('Market', 'MarketSwitch'), '0x01']);
  const set = await rpc('dev_setStorage', [state]);
  if (set.error) throw new Error(JSON.stringify(set.error));
  await rpc('dev_newBlock', []);
  if (o.blockMs) chain.txPool.event.on('TxPool::ApplyExtrinsicError', ([extrinsic, error]) => {
    if (error.isInvalid && (error.asInvalid.isExhaustsResources || error.asInvalid.isFuture)) chain.txPool.submitExtrinsic(extrinsic);
  });
  const tick = async () => {
    const began = Date.now();
    await rpc('dev_newBlock', []).catch(() => {});
    const ms = Date.now() - began;
    console.log(`block ${chain.head.number} ${(await chain.head.extrinsics).length} ${ms}`);
    setTimeout(tick, Math.max(0, o.blockMs - ms));
  };
  if (o.blockMs) setTimeout(tick, o.blockMs);
  console.log(`ready http://${o.host}:${o.port} ws://${o.host}:${o.port} head ${chain.head.number}`);
})().catch((e) => { console.error(e); process.exit(1); });
