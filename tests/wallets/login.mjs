// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers to login challenges: the text with a nonce that is a MAC over it, signed by the wallet (NEAR's also as
// NEP-413), good and spoilt. The challenge is computed here once more, with the libraries' texts.
import { createHmac } from 'node:crypto'
import { KeyPairSigner } from 'near-api-js'
import { verifyMessage } from 'near-api-js/nep413'
import { below, bytes, chance, NOW, pick } from './rng.mjs'
import { hex, readBase58, readBase64, readHex, unhex, utf8, WRITE } from './encodings.mjs'
import { flip, inside, otherS } from './tokens.mjs'
import { DAPPS, fields, hostOf, OWN, readText, write } from './texts.mjs'

const SCOPES = ['pin.read', 'pin.write', 'pin.replace', 'pin.delete', 'ipfs.add', 'gw.read', 'token.mint', 'account.admin']
const URN = 'urn:w3auth:login'
const LIFE = 300000
const KEY = bytes(32)
const iso = (ms) => new Date(ms).toISOString()

// As the gateway lays a text out: no scheme before the domain, Chain ID before the nonce.
function plainLayout (text) {
  const chainId = /\nChain ID: .*/.exec(text)?.[0] ?? ''
  return text.replace(/^https?:\/\//, '').replace(chainId, '').replace('\nNonce: ', () => `${chainId}\nNonce: `)
}
function macOf (text, key) {
  const zeros = plainLayout(text).replace(/(\nNonce: [0-9a-f]{32})[0-9a-f]{32}/, (_, half) => half + '0'.repeat(32))
  return createHmac('sha256', key).update('w3pin challenge\0').update(zeros, 'latin1').digest().subarray(0, 16)
}
const seal = (text, key) => text.replace(/(\nNonce: [0-9a-f]{32})[0-9a-f]{32}/, (_, half) => half + hex(macOf(text, key)))

function challenge (chain, address) {
  const issued = NOW - below(LIFE)
  const scopes = SCOPES.filter(() => chance(0.4))
  const audience = pick(OWN)
  const said = {
    ...fields(chain, address),
    scheme: undefined,
    domain: pick([...OWN, ...DAPPS]),
    statement: `Let the holder of this token use ${audience}: ${scopes.length} things.`,
    uri: `https://${audience}/auth/login`,
    nonce: hex(bytes(16)) + '0'.repeat(32),
    issuedAt: iso(issued),
    expirationTime: iso(issued + LIFE),
    notBefore: undefined,
    resources: [URN, ...(scopes.length ? scopes : ['pin.read']).map((scope) => `${URN}:scope:${scope}`), `${URN}:ttl:${1 + below(1e7)}`]
  }
  return { audience, text: seal(write(chain, said), KEY) }
}

// The wallet's signature over the text, in its usual form; callback: the page may have asked NEAR's wallets for one.
async function sign (chain, account, text, audience) {
  if (chain.name !== 'near' || chance(0.3)) {
    const { data, form } = await chain.signText(account, text)
    return { signature: WRITE[form](data), data, form, callback: null }
  }
  const nonce = unhex(/\nNonce: ([0-9a-f]{64})/.exec(text)?.[1] ?? '00'.repeat(32))
  const callback = chance(0.4) ? 'https://dapp.example/back?x=1' : null
  const payload = { message: text, nonce, recipient: audience, ...(callback === null ? {} : { callbackUrl: callback }) }
  const { signature: data } = await new KeyPairSigner(account.pair).signNep413Message('a.near', payload)
  const form = pick(['base64', 'base64', 'hex', 'base58'])
  return { signature: (form === 'base58' ? 'ed25519:' : '') + WRITE[form](data), data, form, callback, nep413: true }
}

// As other wallets write the same fields.
const LAYOUTS = [
  (text) => text, (text) => text, (text) => text,
  (text) => 'https://' + text,
  (text, chain) => chain.name === 'ethereum' ? text : chainIdLast(text)
]
function chainIdLast (text) {
  const chainId = /\nChain ID: .*/.exec(text)?.[0]
  return chainId ? text.replace(chainId, '').replace('\nResources:', () => chainId + '\nResources:') : text
}

async function good (chain) {
  const account = pick(chain.accounts.filter((one) => !one.eth))
  const { audience, text } = challenge(chain, account.address)
  const message = pick(LAYOUTS)(text, chain)
  const answer = { chain, account, audience, message, key: KEY, now: NOW, audiences: OWN, address: chain.spelled && chance(0.3) ? chain.spelled(account) : account.address }
  return { ...answer, ...await sign(chain, account, message, audience) }
}
// The wallet signs another text.
async function resign (answer, message) {
  return { ...answer, message, ...await sign(answer.chain, answer.account, message, answer.audience) }
}
const edit = (from, to) => (answer) => resign(answer, answer.message.replace(from, to))

const SPOIL = {
  'another domain': edit(/^(https:\/\/)?\S+/, () => 'evil.example'),
  'another statement': edit('Let the holder', () => 'Let nobody'),
  'another host': edit(/\nURI: .*/, () => `\nURI: https://${pick([...OWN, 'evil.example'])}/auth/login`),
  'another path': edit('/auth/login', () => '/auth/logout'),
  'one scope more': edit(/(\n- urn:w3auth:login:scope:\S+)/, (one) => `${one}\n- ${URN}:scope:${pick(SCOPES)}`),
  'one scope less': edit(/\n- urn:w3auth:login:scope:\S+/, () => ''),
  'another time to live': edit(/ttl:\d/, (digit) => digit + '0'),
  'later end': edit(/\nExpiration Time: .*/, () => `\nExpiration Time: ${iso(NOW + 86400000)}`),
  'no end': edit(/\nExpiration Time: .*/, () => ''),
  'not before': edit(/(\nExpiration Time: .*)/, (line) => `${line}\nNot Before: ${iso(NOW)}`),
  'another chain id': edit(/\nChain ID: .*/, () => '\nChain ID: 5'),
  'another request id': edit(/\nResources:/, () => '\nRequest ID: mine\nResources:'),
  'a scope of tokens': edit(`${URN}:scope:`, () => 'urn:w3auth:scope:'),
  'nonce bit': edit(/(?<=\nNonce: ).*/, (nonce) => inside(nonce, () => pick([...'0123456789abcdef']))),
  'nonce in capitals': edit(/\nNonce: .*/, (line) => line.slice(0, 8) + line.slice(8).toUpperCase()),
  'nonce of another length': edit(/\nNonce: .*/, (line) => pick([line.slice(0, -1), line + '0', line.slice(0, 40), '\nNonce: 12345678'])),
  'key of another gateway': (answer) => ({ ...answer, key: bytes(32) }),
  'too late': (answer) => ({ ...answer, now: NOW + pick([0, 1, LIFE - 1, LIFE, 2 * LIFE]) }),
  'too early': (answer) => ({ ...answer, now: NOW - LIFE - pick([0, 59999, 60000, 60001, LIFE]) }),
  'gateway of another name': (answer) => ({ ...answer, audiences: [pick([...OWN, 'gw2.example'])] }),
  'signature bit': (answer) => ({ ...answer, ...rewritten(answer, flip(answer.data)) }),
  'other s': (answer) => ({ ...answer, ...rewritten(answer, otherS(answer.data, answer.chain)) }),
  'signature cut': (answer) => ({ ...answer, signature: answer.signature.slice(0, below(answer.signature.length)) }),
  'text after signing': (answer) => ({ ...answer, message: inside(answer.message, (c) => String.fromCharCode(c.charCodeAt(0) ^ 1 << below(7))) }),
  "another account's address": (answer) => ({ ...answer, address: pick(answer.chain.accounts).address }),
  "another account's signature": async (answer) => ({ ...answer, ...await sign(answer.chain, pick(answer.chain.accounts.filter((one) => !one.eth)), answer.message, answer.audience) }),
  'signature over the address': async (answer) => ({ ...answer, ...written((await answer.chain.token(answer.account)).sig) }),
  'another recipient': async (answer) => ({ ...answer, ...await sign(answer.chain, answer.account, answer.message, pick([...OWN, 'evil.example'])) }),
  'another callback': (answer) => ({ ...answer, callback: pick([null, 'https://dapp.example/', '']) }),
  'in <Bytes>': (answer) => ({ ...answer, message: `<Bytes>${answer.message}</Bytes>` })
}
const written = ({ data, form }) => ({ data, form, signature: WRITE[form](data) })
const rewritten = (answer, data) => ({ data, signature: (answer.form === 'base58' && answer.nep413 ? 'ed25519:' : '') + WRITE[answer.form](data) })

function nep413Signature (text) {
  const data = text.startsWith('ed25519:') ? readBase58(text.slice(8)) : text.length === 88 ? readBase64(text) : readHex(text)
  return data !== null && data.length === 64 ? data : null
}

async function nearVerifies ({ chain, address, message, signature, callback }, recipient, nonce) {
  const data = nep413Signature(signature)
  if (data === null) return false
  const payload = { message, nonce, recipient, ...(callback === null ? {} : { callbackUrl: callback }) }
  const provider = { viewAccessKey: async () => ({ permission: 'FullAccess' }) }
  const key = 'ed25519:' + WRITE.base58(unhex(chain.addressOf(address).slice('near:'.length)))
  try {
    await verifyMessage({ signerAccountId: 'a.near', signerPublicKey: key, payload, signature: data, provider })
    return true
  } catch { return signature.length === 128 && chain.verifyText(address, message, signature) }
}

// "ok IDENTITY SCOPES TTL EXPIRES NONCE DOMAIN LABEL", or the first rule that is broken.
async function judge (answer) {
  const { chain, address, key, now, audiences, signature } = answer
  const identity = chain.addressOf(address)
  if (identity === null) return 'address'
  const text = chain.name === 'substrate' ? answer.message.replace(/^<Bytes>([^]*)<\/Bytes>$/, '$1') : answer.message
  const said = readText(text)
  if (!said) return said === null ? 'message' : 'refused'
  if (said.chain !== chain.siwx && !(chain.name === 'substrate' && said.chain === 'Substrate')) return 'message_address'
  if (chain.addressOf(said.address) !== identity) return 'message_address'
  if (!/^[0-9a-f]{64}$/.test(said.nonce) || said.nonce.slice(32) !== hex(macOf(text, key))) return 'nonce'
  const host = hostOf(said.uri)
  if (!audiences.includes(host)) return 'audience'
  if (said.issuedAt > now + 60000) return 'not_yet'
  if (said.expirationTime <= now) return 'expired'
  const granted = said.resources.filter((one) => one.startsWith(`${URN}:scope:`)).map((one) => one.slice(`${URN}:scope:`.length))
  const ttl = said.resources.find((one) => one.startsWith(`${URN}:ttl:`)).slice(`${URN}:ttl:`.length)
  const verified = chain.name === 'near' ? await nearVerifies(answer, host, unhex(said.nonce)) : await chain.verifyText(address, text, signature)
  if (!verified) return 'signature'
  const bits = granted.reduce((sum, one) => sum | 1 << SCOPES.indexOf(one), 0)
  return `ok ${identity} ${bits} ${ttl} ${said.expirationTime} ${said.nonce} ${said.domain} ${(said.requestId ?? '').slice(0, 64)}`.trimEnd()
}

const word = (text) => text === '' ? '""' : Buffer.from(text, 'latin1').toString('hex')
function lineOf ({ chain, now, key, audiences, address, message, signature, callback }) {
  return `login ${now} ${hex(key)} ${audiences.join(',')} ${chain.name} ${word(address)} ${word(message)} ${word(signature)} ${callback === null ? '-' : word(callback)}`
}

export async function loginCases (chain, count) {
  const cases = []
  for (let i = 0; chain.siwx !== undefined && i < count; i++) {
    const made = i % 2 === 0
    const kind = made ? 'good' : pick(Object.keys(SPOIL))
    const answer = made ? await good(chain) : await SPOIL[kind](await good(chain))
    const want = await judge(answer)
    if (made && !want.startsWith('ok ')) throw new Error(`${chain.name}: ${want}: ${JSON.stringify(answer)}`)
    cases.push({ scheme: chain.name, kind, line: lineOf(answer), want })
  }
  return cases
}
