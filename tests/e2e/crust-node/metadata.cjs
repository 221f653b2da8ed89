#!/usr/bin/env node
// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Prints what polkadot-js sees in a runtime's metadata (V12 to V15), in the form of chain_metadata: the second opinion
// on every index, name, hasher, constant and type.
//
//   node metadata.cjs [--no-types] FILE      FILE is metadata, or its 0x hex
'use strict';
const fs = require('fs');
const { TypeRegistry, Metadata } = require('@polkadot/types');
const { u8aToHex } = require('@polkadot/util');

const DEPTH = 6;
const args = process.argv.slice(2);
const types = args[0] !== '--no-types';
const raw = fs.readFileSync(args[args.length - 1]);
const hex = raw.subarray(0, 2).toString() === '0x' ? raw.toString().trim() : u8aToHex(raw);
const registry = new TypeRegistry();
const whole = new Metadata(registry, hex);
const md = whole[`asV${whole.version}`];
const modern = whole.version >= 14;
const HASHERS = ['Blake2_128', 'Blake2_256', 'Blake2_128Concat', 'Twox128', 'Twox256', 'Twox64Concat', 'Identity'];
const PRIMITIVES = ['bool', 'char', 'str', 'u8', 'u16', 'u32', 'u64', 'u128', 'u256', 'i8', 'i16', 'i32', 'i64', 'i128', 'i256'];

const table = modern ? md.lookup.types.map((t) => t.type) : [];
function describe(id, depth = DEPTH) {
  const type = table[Number(id)];
  if (type === undefined) return '?';
  if (depth === 0) return '..';
  const d = type.def, below = (x) => describe(x, depth - 1);
  const tuple = (list) => (list.length === 1 ? below(list[0]) : `(${list.map(below).join(',')})`);
  if (d.isComposite) return tuple(d.asComposite.fields.map((f) => f.type));
  if (d.isTuple) return tuple([...d.asTuple]);
  if (d.isSequence) return `Vec<${below(d.asSequence.type)}>`;
  if (d.isArray) return `[${below(d.asArray.type)};${d.asArray.len.toString()}]`;
  if (d.isCompact) return `Compact<${below(d.asCompact.type)}>`;
  if (d.isBitSequence) return `Bits<${below(d.asBitSequence.bitStoreType)}>`;
  if (d.isPrimitive) return PRIMITIVES[d.asPrimitive.index];
  const v = d.asVariant.variants, none = v.find((x) => x.index.toNumber() === 0), some = v.find((x) => x.index.toNumber() === 1);
  const option = v.length === 2 && none && some && none.name.toString() === 'None' && none.fields.length === 0 && some.name.toString() === 'Some' && some.fields.length === 1;
  if (option) return `Option<${below(some.fields[0].type)}>`;
  return `enum ${type.path.length ? type.path[type.path.length - 1].toString() : ''}`;
}

const out = [];
const text = (id) => (types ? describe(id) : '');
const optional = (o) => (o.isSome ? o.unwrap() : null);
const variantsOf = (o) => (o.isSome ? [...table[o.unwrap().type.toNumber()].def.asVariant.variants] : []);

function variants(kind, pallet, list) {
  for (const [i, v] of list.entries()) {
    let fields;
    if (modern) fields = v.fields.map((f) => [f.name.isSome ? f.name.unwrap().toString() : '-', f.type]);
    else fields = [...(v.args || [])].map((a) => [kind === 'call' ? a.name.toString() : '-', null]);
    out.push(`${kind} ${pallet} ${modern ? v.index.toNumber() : i} ${v.name.toString()}` + fields.map(([n, t]) => ` ${n} ${text(t)}`).join(''));
  }
}

function keysOf(type) {
  if (type.isPlain) return [type.asPlain, [], []];
  if (modern) {
    const m = type.asMap, hashers = m.hashers.map((h) => h.type);
    const tuple = table[m.key.toNumber()].def;
    const fields = hashers.length === 1 ? [m.key] : tuple.isTuple ? [...tuple.asTuple] : tuple.asComposite.fields.map((f) => f.type);
    return [m.value, hashers, fields];
  }
  if (type.isMap) return [type.asMap.value, [type.asMap.hasher.type], [null]];
  if (type.isDoubleMap) return [type.asDoubleMap.value, [type.asDoubleMap.hasher.type, type.asDoubleMap.key2Hasher.type], [null, null]];
  return [type.asNMap.value, type.asNMap.hashers.map((h) => h.type), type.asNMap.keyVec.map(() => null)];
}

for (const p of modern ? md.pallets : md.modules) {
  const name = p.name.toString(), storage = optional(p.storage);
  out.push(`pallet ${p.index.toNumber()} ${name} prefix ${storage ? storage.prefix.toString() : '-'}`);
  if (modern) {
    variants('call', name, variantsOf(p.calls));
    variants('event', name, variantsOf(p.events));
    variants('error', name, variantsOf(p.errors));
  } else {
    variants('call', name, [...(optional(p.calls) || [])]);
    variants('event', name, [...(optional(p.events) || [])]);
    variants('error', name, [...p.errors]);
  }
  for (const c of p.constants) out.push(`const ${name} ${c.name.toString()} ${u8aToHex(c.value.toU8a(true))} ${text(c.type)}`);
  for (const e of storage ? storage.items : []) {
    const [value, hashers, keys] = keysOf(e.type);
    out.push(`storage ${name} ${e.name.toString()} ${e.modifier.isDefault ? 'default' : 'optional'} ${u8aToHex(e.fallback.toU8a(true))} ${text(value)}` +
      hashers.map((h, i) => ` ${HASHERS.indexOf(h)} ${text(keys[i])}`).join(''));
  }
}
out.push(`extrinsic ${md.extrinsic.version.toNumber()}`);
for (const e of md.extrinsic.signedExtensions) {
  if (modern) out.push(`extension ${e.identifier.toString()} ${text(e.type)} ${text(e.additionalSigned)}`);
  else out.push(`extension ${e.toString()}  `);
}
process.stdout.write(out.join('\n') + '\n');
