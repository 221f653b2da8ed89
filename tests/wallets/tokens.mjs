// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// W3Auth tokens: base64(chain "-" address ["-" extra] ":" signature), good ones in every wallet's spelling and spoilt
// ones, and what each is by the wallets' libraries.
import { algorand, aptos, multiversx, near, solana, ton } from './chains_ed25519.mjs'
import { avalanche, ethereum, substrate } from './chains_ecdsa.mjs'
import { below, bytes, chance, pick, restart } from './rng.mjs'
import { concat, isReducedS, SMALL_ORDER, WRITE, withLargeS, withOtherS } from './encodings.mjs'

const ACCOUNTS = 40
export const CHAINS = [substrate, ethereum, solana, near, avalanche, multiversx, aptos, algorand, ton]
export const REFUSED = ['flow', 'flo', 'xx', 'huochain', 'mimir', 'cosmos', '', ' eth', 'eth ', 'e', 'substrat']
for (const chain of CHAINS) {
  restart(`accounts ${chain.name}`)
  chain.accounts = Array.from({ length: ACCOUNTS }, (_, number) => chain.account(bytes(32), number))
}
const byAlias = new Map(CHAINS.flatMap((chain) => chain.aliases.filter((alias) => alias).map((alias) => [alias, chain])))
const ECDSA = [ethereum, avalanche]

// A token in its parts; chain null: a bare address.
export function plain (parts) {
  const head = (parts.chain === null ? '' : parts.chain + '-') + parts.address + (parts.extra == null ? '' : '-' + parts.extra)
  return `${head}:${WRITE[parts.sig.form](parts.sig.data)}`
}

const DIALECTS = [
  (text) => text.toString('base64'), (text) => text.toString('base64').replace(/=+$/, ''),
  (text) => text.toString('base64').replaceAll('+', '-').replaceAll('/', '_'), (text) => text.toString('base64url')
]
export const encode = (text) => pick(DIALECTS)(Buffer.from(text, 'latin1'))

export const flip = (data) => {
  const out = data.slice()
  out[below(out.length)] ^= 1 << below(8)
  return out
}
export const inside = (text, change) => {
  const at = below(text.length)
  return text.slice(0, at) + change(text[at]) + text.slice(at + 1)
}
const swapCase = (letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
export const withSig = (parts, change) => ({ ...parts, sig: { ...parts.sig, data: change(parts.sig.data) } })

// Each makes of good parts something else, which may still be good: that is for the judge.
const SPOIL_PARTS = {
  'signature bit': (parts) => withSig(parts, flip),
  'signature cut': (parts) => withSig(parts, (data) => data.slice(0, pick([0, 1, 32, data.length - 1]))),
  'signature longer': (parts) => withSig(parts, (data) => Uint8Array.from([...data, below(256)])),
  'signature in another form': (parts) => ({ ...parts, sig: { ...parts.sig, form: pick(Object.keys(WRITE)) } }),
  'other s': (parts, chain) => withSig(parts, (data) => otherS(data, chain)),
  'other s of the same': (parts, chain) => withSig(parts, (data) => otherS(data, chain)),
  'last byte': (parts) => withSig(parts, (data) => { const out = data.slice(); out[out.length - 1] = below(256); return out }),
  'address character': (parts) => ({ ...parts, address: inside(parts.address, () => pick([...parts.address])) }),
  'address case': (parts) => ({ ...parts, address: chance(0.5) ? inside(parts.address, swapCase) : pick([parts.address.toLowerCase(), parts.address.toUpperCase()]) }),
  'address with or without zeros': (parts) => ({ ...parts, address: pick([(text) => text.replace(/^(0x)?/, '$10'), (text) => text.replace(/^(0x)?0*/, '$1'), (text) => text.replace(/^(0x)?0/, '$1'), (text) => '0x' + text, (text) => text.replace(/^0x/, '')])(parts.address) }),
  'first byte': (parts) => withSig(parts, (data) => { const out = data.slice(); out[0] = below(4); return out }),
  'address cut': (parts) => ({ ...parts, address: parts.address.slice(below(2), parts.address.length - below(2)) }),
  "another account's address": (parts, chain) => ({ ...parts, address: pick(chain.accounts).address }),
  "another chain's label": (parts) => ({ ...parts, chain: pick(pick(CHAINS).aliases) }),
  "another chain's account": (parts) => ({ ...parts, address: pick(pick(CHAINS).accounts).address }),
  'chain that is refused': (parts) => ({ ...parts, chain: pick(REFUSED) }),
  'extra field': (parts) => ({ ...parts, extra: parts.extra == null ? pick(['', '0', 'x', 'm1', WRITE.hex(bytes(32))]) : pick([null, '', parts.extra + '0', inside(parts.extra, () => 'g'), WRITE.hex(bytes(32))]) }),
  'key of small order': (parts, chain) => smallOrder(parts, chain)
}

// The second value that an equation has for s, by which a signature that was seen becomes another one.
export function otherS (data, chain) {
  const head = data.length === 66 ? 1 : 0 // a MultiSignature
  if (ECDSA.includes(chain) || (chain === substrate && data.length > 64)) {
    const other = concat(data.subarray(0, head), withOtherS(data.subarray(head)))
    const last = other.length - 1
    if (last >= 64 && chance(0.8)) other[last] ^= other[last] === 27 || other[last] === 28 ? 7 : 1
    return other
  }
  return data.length === 64 && isReducedS(data) ? withLargeS(data) : flip(data)
}

// R the neutral point, S = 0: some libraries take it for every message under a key of small order.
function smallOrder (parts, chain) {
  if (![solana, near, aptos, ton, algorand].includes(chain)) return withSig(parts, flip)
  const key = pick(SMALL_ORDER)
  const address = { solana: WRITE.base58(key), near: WRITE.base58(key), aptos: WRITE['0xhex'](key), ton: WRITE.hex(key), algorand: parts.address }[chain.name]
  return { ...parts, address, sig: { form: parts.sig.form, data: Uint8Array.from([...pick(SMALL_ORDER), ...new Uint8Array(32)]) } }
}

const SPOIL_TEXT = {
  'second colon': (text) => text.replace(':', pick(['::', ':x:'])),
  'no colon': (text) => text.replace(':', pick(['', ';', '.'])),
  'another field': (text) => text.replace(':', pick(['-:', '--x:', '-x-y:', '-1-2-3-4:'])),
  'junk character': (text) => { const at = below(text.length + 1); return text.slice(0, at) + pick(['\0', '\n', ' ', '\t', '\x7f', '\x80', '\xff', 'é']) + text.slice(at) },
  'cut text': (text) => text.slice(0, below(text.length)),
  'high bit': (text) => inside(text, (letter) => String.fromCharCode(letter.charCodeAt(0) | 0x80))
}
const SPOIL_TOKEN = {
  'character of the token': (token) => inside(token, () => pick([...'ABCDEFGHabcdefgh0123456789+/-_='])),
  'cut token': (token) => token.slice(0, below(token.length)),
  'padding': (token) => pick([(t) => t + '=', (t) => t + '==', (t) => t + '====', (t) => '=' + t])(token),
  'junk in the base64': (token) => { const at = below(token.length + 1); return token.slice(0, at) + pick(['\n', ' ', '\r\n', '\0', '!', '.', '%3D']) + token.slice(at) },
  'spare bits': (token) => token.replace(/([A-Za-z0-9+/_-])(=*)$/, (_, last, pad) => String.fromCharCode(last.charCodeAt(0) + 1) + pad)
}

async function good (chain) {
  const alias = pick(chain.aliases)
  const parts = await chain.token(pick(chain.accounts))
  return { ...parts, chain: alias !== null && chance(0.1) ? pick([alias.toUpperCase(), inside(alias, swapCase)]) : alias }
}

async function spoilt (chain) {
  if (chance(0.12)) {
    const wrong = await chain.wrong(pick(chain.accounts.filter((account) => !account.eth || chance(0.3))), chain.accounts)
    return ['not what wallets sign', encode(plain({ chain: pick(chain.aliases), ...wrong }))]
  }
  const kind = pick(Object.keys(SPOIL_PARTS).concat(Object.keys(SPOIL_TEXT), Object.keys(SPOIL_TOKEN)))
  let parts = await good(chain)
  // a MultiSignature, whose first byte is its type
  for (let i = 0; i < 20 && kind === 'first byte' && chain === substrate && parts.sig.data.length === 64; i++) parts = await good(chain)
  if (kind in SPOIL_PARTS) return [kind, encode(plain(SPOIL_PARTS[kind](parts, chain)))]
  if (kind in SPOIL_TEXT) return [kind, encode(SPOIL_TEXT[kind](plain(parts)))]
  return [kind, SPOIL_TOKEN[kind](encode(plain(parts)))]
}

// {chain, address, extra, identity, sigText}, or the name of the step that fails; the chain is named before the fields
// are counted.
export function read (token) {
  if (token === '') return 'missing'
  if (token.length > 4096) return 'too_long'
  const bytes = Buffer.from(token, 'base64')
  if (!DIALECTS.some((dialect) => dialect(bytes) === token)) return 'base64'
  const text = bytes.toString('latin1')
  if (/[^\x21-\x7e]/.test(text)) return 'base64'
  const [head, ...signatures] = text.split(':')
  const fields = head.split('-')
  if (fields.length === 1) fields.unshift('substrate')
  const chain = byAlias.get(fields[0].toLowerCase())
  if (chain === undefined) return 'chain'
  const [, address, extra = null] = fields
  if (fields.length > 3 || address === '' || extra === '') return 'grammar'
  const identity = chain.addressOf(address)
  if (identity === null) return 'address'
  if (signatures.length !== 1 || signatures[0] === '') return 'grammar'
  return { chain, address, extra, identity, sigText: signatures[0] }
}

async function judge (token) {
  const parts = read(token)
  if (typeof parts === 'string') return parts
  const { chain, address, extra, identity, sigText } = parts
  if ((extra !== null) !== (chain.hasExtra === true)) return 'grammar'
  return await chain.verify(address, extra, sigText) ? 'ok ' + identity : 'signature'
}

// COUNT cases of one chain: {scheme, kind, line, want}; half of them good by their making.
export async function tokenCases (chain, count) {
  const cases = []
  for (let i = 0; i < count; i++) {
    const made = i % 2 === 0
    const [kind, token] = made ? ['good', encode(plain(await good(chain)))] : await spoilt(chain)
    const want = await judge(token)
    if (made && !want.startsWith('ok ')) throw new Error(`${chain.name}: the library refuses what it made: ${Buffer.from(token, 'base64')}: ${want}`)
    cases.push({ scheme: chain.name, kind, line: `token ${Buffer.from(token, 'latin1').toString('hex')}`, want })
  }
  return cases
}
