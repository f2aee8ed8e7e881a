import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isHttpError } from '@tsws/http'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { jwtVerifier } from '../src/jwt.ts'
import type { JwtOptions } from '../src/jwt.ts'

const { privateKey, publicKey } = await generateKeyPair('ES256')
const secret = new TextEncoder().encode('a secret of thirty-two characters')
const rules = { issuer: 'https://login.example', audience: 'api', algorithms: ['ES256'] } as const

function token(claims: Record<string, unknown> = {}, header: Record<string, string> = {}): SignJWT {
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: 'https://login.example', aud: 'api', sub: 'ada', exp: now + 60, ...claims }
  return new SignJWT(JSON.parse(JSON.stringify(all))).setProtectedHeader({ alg: 'ES256', ...header })
}

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset

describe('a token', () => {
  const verify = jwtVerifier({ key: publicKey, ...rules })

  test('that is good says what it says', async () => {
    expect(await verify(await token({ scope: 'read' }).sign(privateKey))).toMatchObject({
      sub: 'ada',
      scope: 'read',
    })
  })

  test.each([
    ['has run out', { exp: seconds(-10) }],
    ['never runs out', { exp: undefined }],
    ['is not good yet', { nbf: seconds(60) }],
    ['is of another issuer', { iss: 'https://evil.example' }],
    ['is of no issuer', { iss: undefined }],
    ['is for somebody else', { aud: 'other' }],
    ['is for nobody', { aud: undefined }],
  ])('that %s is not good', async (_, claims) => {
    expect(await verify(await token(claims).sign(privateKey))).toBeNull()
  })

  test('whose clock is a little off is good', async () => {
    expect(await verify(await token({ exp: seconds(-3) }).sign(privateKey))).not.toBeNull()
    const strict = jwtVerifier({ key: publicKey, ...rules, clockTolerance: 0 })
    expect(await strict(await token({ exp: seconds(-3) }).sign(privateKey))).toBeNull()
  })

  test('that is signed by another key, by none, or not at all is not good', async () => {
    const other = await generateKeyPair('ES256')
    expect(await verify(await token().sign(other.privateKey))).toBeNull()
    const unsecured = new UnsecuredJWT({ iss: rules.issuer, aud: rules.audience, exp: seconds(60) }).encode()
    expect(await verify(unsecured)).toBeNull()
    expect(await verify('no.token.at.all')).toBeNull()
    const good = await token().sign(privateKey)
    expect(await verify(good.slice(0, -4) + 'AAAA')).toBeNull()
  })

  test('that takes the public key for a shared secret is not good (RFC 8725 §2.1)', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)))
    expect(await verify(await token({}, { alg: 'HS256' }).sign(bytes))).toBeNull()
  })

  test('of a shared secret is good where that is said', async () => {
    const shared = jwtVerifier({ key: secret, ...rules, algorithms: ['HS256'] })
    expect(await shared(await token({}, { alg: 'HS256' }).sign(secret))).toMatchObject({ sub: 'ada' })
  })

  test('must be of the type that is asked for', async () => {
    const typed = jwtVerifier({ key: publicKey, ...rules, type: 'at+jwt' })
    expect(await typed(await token({}, { typ: 'at+jwt' }).sign(privateKey))).not.toBeNull()
    expect(await typed(await token({}, { typ: 'JWT' }).sign(privateKey))).toBeNull()
  })
})

test('a key as JSON is taken, and one that is none is a 503 and no fault of the token', async () => {
  const verify = jwtVerifier({ key: await exportJWK(publicKey), ...rules })
  expect(await verify(await token().sign(privateKey))).not.toBeNull()
  const broken = jwtVerifier({ key: { kty: 'EC', crv: 'P-256' }, ...rules })
  const error: unknown = await broken(await token().sign(privateKey)).catch((reason: unknown) => reason)
  expect(isHttpError(error) && error.status).toBe(503)
})

describe('published keys', () => {
  test('are fetched once, a made-up key does not fetch them again, and when they cannot be had it is 503', async () => {
    let fetched = 0
    let status = 500
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] })
    const server = createServer((_, response) => {
      fetched++
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(keys)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
      const verify = jwtVerifier({ jwks, ...rules })
      const good = await token({}, { kid: 'one' }).sign(privateKey)
      const error: unknown = await verify(good).catch((reason: unknown) => reason)
      expect(isHttpError(error) && error.status).toBe(503)
      status = 200
      fetched = 0
      expect(await verify(good)).toMatchObject({ sub: 'ada' })
      expect(await verify(good)).toMatchObject({ sub: 'ada' })
      for (let at = 0; at < 5; at++)
        expect(await verify(await token({}, { kid: `made up ${at}` }).sign(privateKey))).toBeNull()
      expect(fetched).toBe(1)
    } finally {
      server.close()
    }
  })
})

test.each([
  [{}, /give either jwks or key/],
  [{ jwks: 'https://a.example/keys', key: secret }, /give either jwks or key/],
  [{ jwks: 'http://a.example/keys' }, /jwks must be an https URL/],
  [{ jwks: 'keys' }, /jwks must be an https URL/],
  [{ jwks: 'https://a.example/keys', algorithms: ['HS256'] }, /cannot be shared secrets/],
  [{ key: secret, algorithms: [] }, /algorithms must be a list such as/],
  [{ key: secret, algorithms: ['none'] }, /algorithms must be a list/],
  [{ key: secret, issuer: '' }, /issuer must be a text/],
  [{ key: secret, audience: undefined }, /audience must be a text/],
  [{ key: secret, clockTolerance: 3600 }, /clockTolerance must be whole seconds from 0 to 300/],
])('%j is refused with the reason', (options, message) => {
  const make = () => jwtVerifier({ ...rules, ...options } as unknown as JwtOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})
