import { afterAll, beforeAll, expect, test } from 'vitest'
import { HttpError } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { identityOf } from '@tsws/security'
import { connectRaw, tempSite, withServer } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import { startServer } from '../src/index.ts'
import type { RunningServer, ServerConfig } from '../src/index.ts'

// What the order of the layers is for: which of them has the word when several could answer.

let site: TempSite
beforeAll(async () => void (site = await tempSite({ 'file.txt': 'a file' })))
afterAll(() => site.remove())

/** Sends each request on one connection and returns the answers in order. */
async function ask(server: RunningServer, ...requests: string[]): Promise<ReadResponse[]> {
  const methods = requests.map((request) => request.slice(0, request.indexOf(' ')))
  using connection = await connectRaw(server.port, { methods })
  connection.write(requests.join(''))
  const answers: ReadResponse[] = []
  while (answers.length < requests.length) answers.push(await connection.readResponse())
  return answers
}

function request(method: string, path: string, ...fields: string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n')
}

function serving<T>(config: ServerConfig, use: (server: RunningServer) => Promise<T>): Promise<T> {
  return withServer(() => startServer({ root: site.root, port: 0, ...config }), use)
}

const FILE = request('GET', '/file.txt')
const once = { limit: 1, window: 3600 }

test('a refused client gets 429 with the fields of the limit and the security headers', () =>
  serving({ rateLimit: once }, async (server) => {
    const [first, second] = await ask(server, FILE, FILE)
    expect(first?.text()).toBe('a file')
    expect(first?.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/)
    expect(second?.status).toBe(429)
    expect(second?.get('retry-after')).toMatch(/^\d+$/)
    expect(second?.get('ratelimit-policy')).toBe('"default";q=1;w=3600')
    expect(second?.get('x-content-type-options')).toBe('nosniff')
  }))

test('health is answered however often it is asked for, and counts for nobody', () =>
  serving({ rateLimit: once }, async (server) => {
    const health = request('GET', '/health')
    const answers = await ask(server, health, health, FILE, FILE, health)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 200])
  }))

test('clients behind a trusted proxy are counted one by one', () =>
  serving({ rateLimit: once, trustedProxies: ['loopback'] }, async (server) => {
    const from = (address: string) => request('GET', '/file.txt', `X-Forwarded-For: ${address}`)
    const answers = await ask(server, from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.1'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  }))

test('behind a proxy that is not trusted a client cannot choose whom it counts for', () =>
  serving({ rateLimit: once }, async (server) => {
    const from = (address: string) => request('GET', '/file.txt', `X-Forwarded-For: ${address}`)
    const answers = await ask(server, from('192.0.2.1'), from('192.0.2.2'))
    expect(answers.map(({ status }) => status)).toEqual([200, 429])
  }))

test('a refused request reaches no code of the user, and a body that came with it does no harm', () => {
  const seen: string[] = []
  const notes: Middleware = (asked, next) => {
    seen.push(asked.pathname)
    if (asked.pathname === '/fails') throw new HttpError(400)
    return next(asked)
  }
  return serving({ rateLimit: once, middleware: [notes] }, async (server) => {
    const post = `${request('POST', '/second', 'Content-Length: 5')}hello`
    const answers = await ask(server, request('GET', '/fails'), post, FILE)
    expect(answers.map(({ status }) => status)).toEqual([400, 429, 429])
    expect(seen).toEqual(['/fails'])
  })
})

const PAGE = 'https://app.example'
const sharing = { origins: [PAGE], credentials: true, exposedHeaders: ['Retry-After'] }
const PREFLIGHT = request('OPTIONS', '/file.txt', `Origin: ${PAGE}`, 'Access-Control-Request-Method: PUT')

test('a preflight is answered before anything that refuses, and counts for nobody', () =>
  serving({ rateLimit: once, cors: sharing }, async (server) => {
    const answers = await ask(server, PREFLIGHT, PREFLIGHT, FILE, FILE, PREFLIGHT)
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 200, 429, 204])
    for (const at of [0, 4]) {
      expect(answers[at]?.get('access-control-allow-methods')).toBe('PUT, PATCH, DELETE')
      expect(answers[at]?.get('x-content-type-options')).toBe('nosniff')
    }
  }))

test('a page of another origin may read a 429, a 404, and what was thrown', () => {
  const fails: Middleware = (asked, next) => {
    if (asked.pathname === '/fails') throw new Error('the secret of the house')
    return next(asked)
  }
  return serving(
    { rateLimit: { limit: 2, window: 3600 }, cors: sharing, middleware: [fails] },
    async (server) => {
      const from = (path: string) => request('GET', path, `Origin: ${PAGE}`)
      const answers = await ask(server, from('/fails'), from('/nowhere'), from('/file.txt'))
      expect(answers.map(({ status }) => status)).toEqual([500, 404, 429])
      for (const answer of answers) {
        expect(answer.get('access-control-allow-origin')).toBe(PAGE)
        expect(answer.get('access-control-expose-headers')).toBe('Retry-After')
        expect(answer.get('vary')).toMatch(/Origin/)
      }
    },
  )
})

const auth = { basic: { users: { ada: 'lovelace' }, warn: () => {} } }
const ADA = 'Authorization: Basic YWRhOmxvdmVsYWNl'

test('health and preflights need no password, all else does, and the challenge can be read by pages', () =>
  serving({ auth, cors: sharing }, async (server) => {
    const from = `Origin: ${PAGE}`
    const answers = await ask(
      server,
      request('GET', '/health'),
      PREFLIGHT,
      request('GET', '/file.txt', from),
      request('GET', '/nowhere', from),
      request('GET', '/file.txt', from, ADA),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 401, 401, 200])
    expect(answers[2]?.get('www-authenticate')).toBe('Basic realm="Restricted", charset="UTF-8"')
    expect(answers[2]?.get('access-control-allow-origin')).toBe(PAGE)
    expect(answers[2]?.get('x-content-type-options')).toBe('nosniff')
    expect(answers[4]?.text()).toBe('a file')
  }))

test('who has no password counts for the limit all the same', () =>
  serving({ auth, rateLimit: { limit: 2, window: 3600 } }, async (server) => {
    const answers = await ask(server, FILE, FILE, request('GET', '/file.txt', ADA))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429])
  }))

test('code of the user knows who asks, and does not run for who may not', () => {
  const seen: unknown[] = []
  const notes: Middleware = (asked, next) => {
    seen.push(identityOf(asked)?.name)
    return next(asked)
  }
  return serving({ auth, middleware: [notes] }, async (server) => {
    await ask(server, FILE, request('GET', '/file.txt', ADA))
    expect(seen).toEqual(['ada'])
  })
})

test('a token lets in as a password does', () => {
  const bearer = { verify: (token: string) => (token === 'good' ? { sub: 'ada' } : null) }
  return serving({ auth: { bearer } }, async (server) => {
    const withToken = (token: string) => request('GET', '/file.txt', `Authorization: Bearer ${token}`)
    const answers = await ask(server, FILE, withToken('bad'), withToken('good'))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200])
  })
})

test.each([{}, true, { basic: {}, bearer: {} }])('auth: %j is refused', async (wrong) => {
  await expect(startServer({ auth: wrong as never })).rejects.toThrow(/auth must be/)
})

test('what is compressed varies by both, and is not shown to pages of a third origin', () =>
  serving({ cors: sharing }, async (server) => {
    const [answer] = await ask(
      server,
      request('GET', '/file.txt', 'Origin: https://evil.example', 'Accept-Encoding: gzip'),
    )
    expect(answer?.get('vary')).toMatch(/Origin/)
    expect(answer?.get('access-control-allow-origin')).toBeNull()
  }))
