import { compose, respond } from '@tsws/http'
import type { Handler, HttpResponse } from '@tsws/http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { basicAuth, hashPassword, identityOf } from '../src/index.ts'
import type { BasicAuthOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

const who: Handler = (request) => respond.text(`hello ${identityOf(request)?.name}`)

/** Asks with that field; the address is that of a client over TLS. */
function door(options: BasicAuthOptions, handler: Handler = who) {
  const handle = compose([basicAuth({ warn: () => {}, ...options })], handler)
  return async (authorization?: string, remoteAddress = '192.0.2.1'): Promise<HttpResponse> => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    return handle(fakeRequest({ headers, connection: { remoteAddress, encrypted: true } }))
  }
}

const users = { ada: 'lovelace', grün: 'blau ☂' }

describe('with plain passwords', () => {
  test('who has the right one is let in by name, in UTF-8, composed or not', async () => {
    const ask = door({ users })
    expect((await ask(basic('ada:lovelace'))).body).toBe('hello ada')
    expect((await ask(basic('grün:blau ☂'))).body).toBe('hello grün')
    expect((await ask(basic('gru\u0308n:blau ☂'))).body).toBe('hello grün')
    expect((await ask(basic('ada:lovelace').replace('Basic', 'BASIC'))).status).toBe(200)
  })

  test('who brings nothing, or something else, is challenged, and no cache keeps that', async () => {
    const ask = door({ users, realm: 'The "inner" \\ place' })
    for (const field of [undefined, 'Bearer abc', 'Basic', 'Basic a b']) {
      const response = await ask(field)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(
        'Basic realm="The \\"inner\\" \\\\ place", charset="UTF-8"',
      )
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  test.each([
    ['another password', basic('ada:byron')],
    ['another name', basic('eve:lovelace')],
    ['no password', basic('ada:')],
    ['no colon', basic('ada')],
    ['a longer password', basic('ada:lovelace:')],
    ['a control character', basic('ada:lovelace\0')],
    ['a name of the prototype', basic('constructor:x')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
    ['no base64 to speak of', 'Basic ===='],
  ])('%s is 401', async (_, field) => {
    expect((await door({ users })(field)).status).toBe(401)
  })

  test('a password with a colon is one', async () => {
    expect((await door({ users: { ada: 'a:b' } })(basic('ada:a:b'))).status).toBe(200)
  })
})

describe('who is wrong too often', () => {
  test('gets 429 for a while, with the right password too; others do not', async () => {
    const ask = door({ users, failures: { limit: 3, window: 100 } })
    for (let at = 0; at < 3; at++) expect((await ask(basic(`ada:${at}`))).status).toBe(401)
    const refused = await ask(basic('ada:lovelace'))
    expect(refused.status).toBe(429)
    expect((await ask(basic('ada:lovelace'), '192.0.2.2')).status).toBe(200)
    vi.setSystemTime(Date.now() + Number(refused.headers.get('retry-after')) * 1000)
    expect((await ask(basic('ada:lovelace'))).status).toBe(200)
  })

  test('is a whole /64 of IPv6', async () => {
    const ask = door({ users, failures: { limit: 1 } })
    expect((await ask(basic('ada:x'), '2001:db8::1')).status).toBe(401)
    expect((await ask(basic('ada:lovelace'), '2001:db8::2')).status).toBe(429)
  })

  test('is not who came without credentials: browsers do at first', async () => {
    const ask = door({ users, failures: { limit: 1 } })
    for (let at = 0; at < 5; at++) await ask()
    expect((await ask(basic('ada:lovelace'))).status).toBe(200)
  })
})

describe('with a hash', () => {
  test('the right password is let in, the wrong one and the unknown name are not', async () => {
    const ask = door({ users: { ada: await hashPassword('lovelace') } })
    expect((await ask(basic('ada:lovelace'))).body).toBe('hello ada')
    expect((await ask(basic('ada:byron'))).status).toBe(401)
    expect((await ask(basic('eve:lovelace'))).status).toBe(401)
  })
})

describe('with verify', () => {
  function counting() {
    const asked: string[] = []
    const verify = (name: string, password: string): boolean => {
      asked.push(`${name}:${password}`)
      return password === 'right'
    }
    return { asked, verify }
  }

  test('what was right is remembered for a while, what was wrong never', async () => {
    const { asked, verify } = counting()
    const ask = door({ verify, rememberFor: 60 })
    const times = async (pair: string, count: number): Promise<number> => {
      const before = asked.length
      for (let at = 0; at < count; at++) await ask(basic(pair))
      return asked.length - before
    }
    expect(await times('ada:right', 3)).toBe(1)
    expect((await ask(basic('ada:right'))).body).toBe('hello ada')
    expect(await times('ada:wrong', 3)).toBe(3)
    vi.setSystemTime(Date.now() + 60_000)
    expect(await times('ada:right', 2)).toBe(1)
  })

  test('who is remembered is let in however often others at the same address were wrong', async () => {
    const ask = door({ verify: counting().verify, failures: { limit: 1 } })
    expect((await ask(basic('ada:right'))).status).toBe(200)
    expect((await ask(basic('eve:wrong'))).status).toBe(401)
    expect((await ask(basic('bob:right'))).status).toBe(429)
    expect((await ask(basic('ada:right'))).status).toBe(200)
  })

  test('a crowd that comes at once gets no more guesses than the limit and the two at work', async () => {
    let looked = 0
    const verify = async (): Promise<boolean> => {
      looked++
      await new Promise((resolve) => setTimeout(resolve, 1))
      return false
    }
    const ask = door({ verify, failures: { limit: 3 } })
    await Promise.all(Array.from({ length: 40 }, (_, at) => ask(basic(`ada:${at}`))))
    expect(looked).toBeLessThanOrEqual(4)
  })

  test('beyond those that wait for a check, the next gets 503', async () => {
    const ask = door({ verify: () => new Promise<boolean>(() => {}) })
    const settled: unknown[] = []
    for (let at = 0; at < 70; at++)
      ask(basic(`ada:${at}`)).catch(
        (error: unknown) => void settled.push((error as { status: number }).status),
      )
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(settled).toEqual([503, 503, 503, 503])
  })

  test('what it throws is the failure of that request alone', async () => {
    let fails = true
    const ask = door({
      verify: () => {
        if (fails) throw new Error('away')
        return true
      },
    })
    await expect(ask(basic('ada:x'))).rejects.toThrow('away')
    fails = false
    expect((await ask(basic('ada:x'))).status).toBe(200)
  })

  test('only true lets in', async () => {
    expect((await door({ verify: () => 'yes' as unknown as boolean })(basic('ada:x'))).status).toBe(401)
  })
})

test('what is skipped needs no password and has no identity', async () => {
  const ask = door({ users, skip: () => true })
  expect((await ask()).body).toBe('hello undefined')
})

test('what is public for everybody is private behind a password', async () => {
  const ask = door({ users }, () =>
    respond.text('a', { headers: { 'Cache-Control': 'public, max-age=31536000, immutable' } }),
  )
  const { headers } = await ask(basic('ada:lovelace'))
  expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
})

test('a password over a connection without TLS is warned of once, unless it never left the machine', async () => {
  const warnings: string[] = []
  const handle = compose([basicAuth({ users, warn: (text) => void warnings.push(text) })], who)
  const ask = (connection: object): unknown =>
    handle(fakeRequest({ headers: { authorization: basic('ada:lovelace') }, connection }))
  ask({ remoteAddress: '127.0.0.1' })
  ask({ remoteAddress: '::ffff:127.0.0.1' })
  ask({ encrypted: true })
  expect(warnings).toEqual([])
  ask({ remoteAddress: '192.0.2.1' })
  ask({ remoteAddress: '192.0.2.1' })
  expect(warnings).toEqual([expect.stringMatching(/without TLS/)])
})

test.each([
  [{}, /give either users or verify/],
  [{ users, verify: () => true }, /give either users or verify/],
  [{ users: {} }, /nobody who could be let in/],
  [{ users: ['ada'] }, /users must be an object/],
  [{ users: { 'a:b': 'c' } }, /"a:b" cannot be a name/],
  [{ users: { ada: '' } }, /the password of ada cannot be used: it must be a text/],
  [{ users: { ada: 'a\nb' } }, /control characters/],
  [{ users: { ada: '$2b$10$secret' } }, /the password of ada cannot be used: it is no hash/],
  [{ users, realm: 'grün' }, /realm must be up to 200 characters of ASCII/],
  [{ users, rememberFor: -1 }, /rememberFor must be whole seconds/],
  [{ users, failures: { limit: 0 } }, /failures.limit must be/],
  [{ users, failures: { window: 0 } }, /failures.window must be/],
  [{ users, skip: true }, /skip must be a function/],
  [{ user: 'ada' }, /no option user; there are users, verify, realm/],
])('%j is refused with the reason, and without the password', (options, message) => {
  const make = () => basicAuth(options as unknown as BasicAuthOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
  expect(make).not.toThrow(/lovelace|secret/)
})
