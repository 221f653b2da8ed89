// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Self-issued tokens: base64(chain "-" address "-m1." base64(text) ":" signature over the text), good and spoilt.
import { below, bytes, chance, NOW, pick } from './rng.mjs'
import { hex, sha256, utf8 } from './encodings.mjs'
import { CHAINS, encode, flip, inside, otherS, plain, read, withSig } from './tokens.mjs'
import { DAPPS, fields, hostOf, OWN, readText, write } from './texts.mjs'

const SCOPES = ['pin.read', 'pin.write', 'pin.replace', 'pin.delete', 'ipfs.add', 'gw.read', 'token.mint', 'account.admin']
const URN = 'urn:w3auth:scope:'
const DAY = 86400000
const LIFE_MAX = 366 * DAY
const AHEAD = 60000
const time = (ms) => new Date(ms).toISOString()

function someScopes () {
  const resources = SCOPES.filter(() => chance(0.4)).map((scope) => URN + scope)
  if (resources.length === 0) resources.push(URN + 'pin.read')
  if (chance(0.2)) resources.push('ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/')
  if (chance(0.2)) resources.unshift('https://example.com/my-web2-claim.json', resources[0])
  return resources
}

// Each changes what the text says, before it is signed.
const SAY = {
  'domain of another page': { domain: () => pick(['evil.example', 'gw.example.evil.example', 'xgw.example', 'gw.example:8443', 'dapp.example:443', 'xn--gw-gka.example', 'localhost']) },
  'domain in capitals': { domain: () => 'GW.example' },
  'URI of another gateway': { uri: () => pick(['https://evil.example/', 'https://gw.example.evil.example/', 'https://gw.example:8443/', 'http://gw.example:443/', 'ftp://gw.example/', 'https://evil.example/gw.example', 'https:gw.example', 'https://dapp.example/']) },
  'URI with a trick': { uri: () => pick(['https://gw.example@evil.example/', 'https://evil.example#@gw.example/', 'https://gw.example%2f@evil.example', 'https://gw.example:evil', 'https://gw.example./', 'https://gw.example:0443/', 'https://user:pw@gw.example/', 'https://gw..example/', 'https:///gw.example/']) },
  'no end': { expirationTime: () => undefined },
  'end in the past': { expirationTime: () => time(NOW - pick([0, 1, 1000, DAY])) },
  'long life': { issuedAt: () => time(NOW - DAY), expirationTime: () => time(NOW - DAY + LIFE_MAX + pick([0, 0, 1, 1000, DAY])) },
  'begins later': { issuedAt: () => time(NOW + AHEAD + pick([0, 1, 1000, DAY])) },
  'not before later': { notBefore: () => time(NOW + AHEAD + pick([0, 1, 1000, DAY])) },
  'no scope': { resources: () => pick([undefined, [], ['https://example.com/'], ['urn:w3a:scope:pin.read']]) },
  'unknown scope': { resources: () => [...someScopes(), pick([URN + 'pin.all', URN, URN + 'PIN.READ', 'urn:w3auth:login', 'urn:w3auth:login:scope:pin.read', 'urn:w3auth:', 'URN:w3auth:scope:pin.read', 'urn:W3Auth:scope:pin.read', 'urn:w3auth:ttl:5'])] },
  'many resources': { resources: () => Array.from({ length: 31 + below(4) }, (_, i) => i === 0 ? URN + 'pin.read' : `https://example.com/${i}`) },
  'version of another kind': { version: () => pick(['2', '1.0', '01', '1.0.0', '1']) },
  'short nonce': { nonce: () => pick(['1234567', 'abc', 'a-b_c.d~e!f', 'with space']) },
  'odd request id': { requestId: () => pick(['two words', '100%', '%41', 'a/b', '"', 'x'.repeat(64), 'x'.repeat(65), '-']) },
  'odd statement': { statement: () => pick(['"quoted"', 'a\\b', '50% off', '<Bytes>', 'x'.repeat(1500), 'x'.repeat(2048)]) },
  'date that is none': { expirationTime: () => pick(['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-06-01', '2026-06-01T24:00:00Z', '2026-06-01T00:00:00', '2026-06-01 00:00:00Z', '2026-06-01T00:00:60Z', '2026-06-01T00:00:00.Z', '1780000000']) }
}

// The libraries write no text that they find wrong: then the value is put in where a good one stood.
function textOf (chain, said, change) {
  const good = { ...said, resources: said.resources ?? [] }
  let text = write(chain, good)
  for (const [name, make] of Object.entries(change)) {
    const value = make()
    const label = { domain: null, uri: 'URI', version: 'Version', nonce: 'Nonce', issuedAt: 'Issued At', expirationTime: 'Expiration Time', notBefore: 'Not Before', requestId: 'Request ID' }[name]
    if (name === 'domain') text = text.replace(/^(https?:\/\/)?\S+/, (_, scheme = '') => scheme + value)
    else if (name === 'resources') text = text.replace(/\nResources:[^]*$/, '') + (value === undefined ? '' : '\nResources:' + value.map((one) => '\n- ' + one).join(''))
    else if (name === 'statement') text = said.statement === undefined ? text : text.replace('\n' + said.statement + '\n', () => `\n${value}\n`)
    else if (value === undefined) text = text.replace(new RegExp(`\\n${label}: .*`), '')
    else if (text.includes(`\n${label}: `)) text = text.replace(new RegExp(`\\n${label}: .*`), () => `\n${label}: ${value}`)
    else text = insert(text, label, value)
  }
  return text
}
// Behind the fields that stand before it.
function insert (text, label, value) {
  const order = ['URI', 'Version', 'Chain ID', 'Nonce', 'Issued At', 'Expiration Time', 'Not Before', 'Request ID']
  const lines = text.split('\n')
  const before = order.slice(0, order.indexOf(label))
  const at = lines.findLastIndex((line) => before.some((one) => line.startsWith(one + ': ')))
  lines.splice(at + 1, 0, `${label}: ${value}`)
  return lines.join('\n')
}

// Each changes the text itself, before it is signed.
const lineOf = (text, change) => { const lines = text.split('\n'); change(lines, below(lines.length)); return lines.join('\n') }
const REWRITE = {
  'CR LF': (text) => text.replaceAll('\n', '\r\n'),
  'line twice': (text) => lineOf(text, (lines, at) => lines.splice(at, 0, lines[at])),
  'line missing': (text) => lineOf(text, (lines, at) => lines.splice(at, 1)),
  'lines in another order': (text) => lineOf(text, (lines, at) => lines.splice(below(lines.length), 0, ...lines.splice(at, 1))),
  'unknown line': (text) => lineOf(text, (lines, at) => lines.splice(at, 0, pick(['Note: x', 'uri: https://gw.example/', 'URI:https://gw.example/', ' ', '- https://example.com/', 'Resources:']))),
  'injected field': (text) => lineOf(text, (lines, at) => lines.splice(at, 0, pick(['URI: https://gw.example/', 'Nonce: 12345678', 'Chain ID: 1', 'Expiration Time: 2026-12-31T00:00:00Z', 'Request ID: 1', 'Version: 1']))),
  'empty line': (text) => lineOf(text, (lines, at) => lines.splice(at, 0, '')),
  'line feed at the end': (text) => text + '\n',
  'odd byte': (text) => inside(text, () => pick(['\t', '\0', '\x7f', '\x80', 'é', '\v', '  '])),
  'one character': (text) => inside(text, () => String.fromCharCode(0x20 + below(0x5f))),
  'another chain': (text) => text.replace(/your \S+ account/, `your ${pick(['Ethereum', 'Solana', 'Polkadot', 'Substrate', 'NEAR', 'Bitcoin', 'ethereum', 'Aptos'])} account`),
  'in <Bytes>': (text) => `<Bytes>${text}</Bytes>`
}

// Each changes the finished token's parts.
const SPOIL = {
  'text bit after signing': (parts) => ({ ...parts, text: flipText(parts.text) }),
  'signature bit': (parts) => withSig(parts, flip),
  'other s': (parts, chain) => withSig(parts, (data) => otherS(data, chain)),
  'signature cut': (parts) => withSig(parts, (data) => data.slice(0, data.length - 1 - below(3))),
  "another account's address": (parts, chain) => ({ ...parts, address: pick(chain.accounts).address }),
  "another chain's label": (parts) => ({ ...parts, chain: pick(pick(CHAINS).aliases.filter((alias) => alias)) }),
  'padded text': (parts) => ({ ...parts, wrap: (text) => text + '=' }),
  'text cut': (parts) => ({ ...parts, wrap: (text) => text.slice(0, below(text.length)) }),
  'prefix': (parts) => ({ ...parts, prefix: pick(['m1', 'm2.', 'M1.', 'm1..', '']) })
}
const flipText = (text) => Buffer.from(flip(Buffer.from(text, 'latin1'))).toString('latin1')

const extraOf = ({ text, wrap = (one) => one, prefix = 'm1.' }) => prefix + wrap(Buffer.from(text, 'latin1').toString('base64').replace(/=+$/, ''))
const tokenOf = (parts) => encode(plain({ ...parts, extra: extraOf(parts) }))

async function make (chain, change, rewrite) {
  const account = pick(chain.accounts.filter((one) => !one.eth))
  const said = { ...fields(chain, account.address), resources: someScopes() }
  const text = rewrite(textOf(chain, said, change))
  return { chain: pick(chain.aliases.filter((alias) => alias)), address: account.address, text, sig: await chain.signText(account, text) }
}
const same = (text) => text

async function spoilt (chain) {
  const kind = pick([...Object.keys(SAY), ...Object.keys(REWRITE), ...Object.keys(SPOIL), 'over the address'])
  if (kind in SAY) return [kind, tokenOf(await make(chain, SAY[kind], same))]
  if (kind in REWRITE) return [kind, tokenOf(await make(chain, {}, REWRITE[kind]))]
  const parts = await make(chain, {}, same)
  if (kind in SPOIL) return [kind, tokenOf(SPOIL[kind](parts, chain))]
  const account = chain.accounts.find((one) => one.address === parts.address)
  return [kind, tokenOf({ ...parts, sig: (await chain.token(account)).sig })]
}

// "ok IDENTITY SCOPES ISSUED EXPIRES MSGID LABEL", or the first rule that is broken; cheap ones before the signature.
async function judge (token) {
  const parts = read(token)
  if (typeof parts === 'string') return parts
  const { chain, address, extra, identity, sigText } = parts
  if (!extra?.startsWith('m1.')) return 'other'
  if (chain.siwx === undefined) return 'chain'
  const inner = Buffer.from(extra.slice(3), 'base64')
  if (inner.toString('base64').replace(/=+$/, '') !== extra.slice(3) || inner.length > 2048) return 'message'
  const text = inner.toString('latin1')
  const said = readText(text)
  if (!said) return said === null ? 'message' : 'refused'
  if (said.chain !== chain.siwx && !(chain.name === 'substrate' && said.chain === 'Substrate')) return 'message_address'
  if (chain.addressOf(said.address) !== identity) return 'message_address'
  if (!OWN.includes(hostOf(said.uri))) return 'audience'
  if (![...OWN, ...DAPPS].includes(said.domain)) return 'domain'
  if (said.issuedAt > NOW + AHEAD || said.notBefore > NOW + AHEAD) return 'not_yet'
  if (said.expirationTime !== null && said.expirationTime <= NOW) return 'expired'
  if (said.issuedAt === null || said.expirationTime === null || said.expirationTime - said.issuedAt > LIFE_MAX) return 'lifetime'
  const ours = said.resources.filter((one) => /^urn:w3auth:/i.test(one))
  if (ours.length === 0 || !ours.every((one) => one.startsWith(URN) && SCOPES.includes(one.slice(URN.length)))) return 'scopes'
  if (!await chain.verifyText(address, text, sigText)) return 'signature'
  const bits = ours.reduce((sum, one) => sum | 1 << SCOPES.indexOf(one.slice(URN.length)), 0)
  const seconds = (ms) => Math.floor(ms / 1000)
  return `ok ${identity} ${bits} ${seconds(said.issuedAt)} ${seconds(said.expirationTime)} ${hex(sha256(utf8(text)))} ${(said.requestId ?? '').slice(0, 64)}`.trimEnd()
}

export async function selfIssuedCases (chain, count) {
  const cases = []
  for (let i = 0; chain.siwx !== undefined && i < count; i++) {
    const made = i % 2 === 0
    const [kind, token] = made ? ['good', tokenOf(await make(chain, {}, same))] : await spoilt(chain)
    const want = await judge(token)
    if (made && !want.startsWith('ok ')) throw new Error(`${chain.name}: ${want}: ${Buffer.from(token, 'base64')} ${Buffer.from(read(token).extra.slice(3), 'base64')}`)
    cases.push({ scheme: chain.name, kind, line: `selfissued ${NOW} ${OWN.join(',')} ${DAPPS.join(',')} ${hex(utf8(token))}`, want })
  }
  return cases
}
