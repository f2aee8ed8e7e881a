import { closeSync, openSync } from 'node:fs'
import { rm, truncate, writeFile } from 'node:fs/promises'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, sendRaw, tempSite, testCertificate } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const BIG = 32 * 1024 * 1024
const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`

let site: TempSite
let server: Tsws

beforeAll(async () => {
  const pair = testCertificate()
  site = await tempSite({
    'index.html': '<p>home',
    'big.bin': new Uint8Array(BIG),
    '../cert.pem': pair.cert,
    '../key.pem': pair.key,
    '../handlers.mjs': `export default (request, next) => {
      switch (request.pathname) {
        case '/throws': throw new Error('thrown on purpose')
        case '/throws-null': throw null
        case '/rejects': return Promise.reject(new Error('rejected on purpose'))
        case '/nothing': return undefined
        case '/nothing-later': return Promise.resolve()
        case '/wrong': return { status: 200 }
        case '/never': return new Promise(() => {})
        default: return next(request)
      }
    }`,
    '../stream.mjs': `
      import { HttpResponse } from '${new URL('../../http/dist/index.js', import.meta.url).href}'
      async function* breaks() { yield Buffer.from('one'); throw new Error('broken off on purpose') }
      export default (request, next) =>
        request.pathname === '/stream' ? new HttpResponse(breaks()) : next(request)`,
  })
  server = await startTsws([
    site.root,
    '--use',
    site.path('../handlers.mjs'),
    '--use',
    site.path('../stream.mjs'),
  ])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await site.remove()
})

/** The one thing that matters after every insult. */
async function expectStillServing(of: Tsws = server): Promise<void> {
  using connection = await connectRaw(of.port)
  connection.write(get('/'))
  const response = await connection.readResponse()
  expect([response.status, response.text()]).toEqual([200, '<p>home'])
  expect(of.command.process.exitCode).toBeNull()
}

describe('bytes that are no request', () => {
  test.each([
    ['garbage with line ends', '\x00\x01\x02garbage\r\n\r\n'],
    ['garbage without line ends', '\xff'.repeat(200_000)],
    ['a request line of another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s get a 4xx or 5xx, a closed connection and a log line', async (_, bytes) => {
    const logged = refused().length
    const answer = (await sendRaw(server.port, bytes)).toString('latin1')
    expect(answer).toMatch(/^HTTP\/1\.1 (4\d\d|505) /)
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n')
    await eventually(() => expect(refused()).toHaveLength(logged + 1))
    expect(refused().at(-1)).toMatchObject({ remoteAddress: '127.0.0.1', path: null })
    await expectStillServing()
  })

  test('a TLS hello on the plain port gets a 400, not a hang', async () => {
    const logged = refused().length
    const { promise, resolve } = Promise.withResolvers<Error>()
    tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false }).once('error', resolve)
    expect((await promise).message).toMatch(/wrong version|packet length|SSL|disconnected|ECONNRESET/)
    await eventually(() => expect(refused()).toHaveLength(logged + 1))
    expect(refused().at(-1)).toMatchObject({ status: 400 })
    await expectStillServing()
  })
})

describe('on the TLS port', () => {
  let secure: Tsws

  beforeAll(async () => {
    const files = ['--tls-cert', site.path('../cert.pem'), '--tls-key', site.path('../key.pem')]
    secure = await startTsws([site.root, ...files])
  })

  afterAll(() => secure[Symbol.asyncDispose]())

  async function expectStillSecure(): Promise<void> {
    using connection = await connectRaw(secure.port, { tls: true })
    connection.write(get('/'))
    const response = await connection.readResponse()
    expect([response.status, response.text()]).toEqual([200, '<p>home'])
    expect(secure.command.process.exitCode).toBeNull()
  }

  test.each([
    ['a plain request', get('/')],
    ['garbage', '\x00\x01\x02garbage\r\n\r\n'],
    ['a broken hello', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\xff'],
  ])('%s ends, and TLS goes on', async (_, bytes) => {
    using plain = await connectRaw(secure.port)
    plain.write(bytes)
    await plain.closed()
    await expectStillSecure()
  })

  test('a reset before, in and after the handshake leaves the server as it was', async () => {
    for (const hello of ['', '\x16', '\x16\x03\x01\x02\x00\x01']) {
      const connection = await connectRaw(secure.port)
      if (hello !== '') connection.write(hello)
      await pause()
      connection.reset()
    }
    const reading = await connectRaw(secure.port, { tls: true })
    reading.write(get('/big.bin'))
    await reading.receivedBytes(100_000)
    reading.reset()
    await expectStillSecure()
    expect(secure.command.stderr).toBe('')
  })
})

describe('a client that resets', () => {
  const states: [string, (reset: { port: number }) => Promise<void>][] = [
    [
      'before it sent a byte',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.reset()
      },
    ],
    [
      'in the middle of a head',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write('GET / HTTP/1.1\r\nHo')
        await pause()
        connection.reset()
      },
    ],
    [
      'in the middle of a body',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
        await pause()
        connection.reset()
      },
    ],
    [
      'in the middle of a chunk',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc')
        await pause()
        connection.reset()
      },
    ],
    [
      'while its handler thinks',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write(get('/never'))
        await pause()
        connection.reset()
      },
    ],
    [
      'while a large file is on its way',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write(get('/big.bin'))
        await connection.receivedBytes(100_000)
        connection.reset()
      },
    ],
    [
      'with more requests waiting in line',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write(get('/').repeat(50) + get('/never') + get('/big.bin').repeat(3))
        await connection.readResponse()
        connection.reset()
      },
    ],
    [
      'between two requests',
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write(get('/'))
        await connection.readResponse()
        connection.reset()
      },
    ],
  ]

  test.each(states)('%s leaves the server as it was', async (_, run) => {
    for (let count = 0; count < 5; count++) await run(server)
    await expectStillServing()
    expect(server.command.stderr).toBe('')
  })
})

describe('a file that changes while it is sent', () => {
  test('and shrinks ends the connection short of its length; nothing is made up', async () => {
    await site.write('shrinks.bin', new Uint8Array(BIG))
    using connection = await connectRaw(server.port)
    connection.write(get('/shrinks.bin'))
    await connection.receivedBytes(1) // it is open and on its way; the rest fits no buffer between us
    connection.socket.pause()
    await truncate(site.path('shrinks.bin'), 1024)
    connection.socket.resume()
    await connection.closed()
    expect(connection.received.length).toBeLessThan(BIG)
    await eventually(() => expect(findLogged('/shrinks.bin')).toMatchObject({ outcome: 'aborted' }))
    await expectStillServing()
  })

  test('and vanishes is sent to its end: it was open already', async () => {
    await site.write('vanishes.bin', new Uint8Array(BIG))
    using connection = await connectRaw(server.port)
    connection.write(get('/vanishes.bin'))
    await connection.receivedBytes(1) // it is open and on its way; the rest fits no buffer between us
    connection.socket.pause()
    await rm(site.path('vanishes.bin'))
    connection.socket.resume()
    expect((await connection.readResponse()).body.length).toBe(BIG)
    await eventually(async () => {
      using later = await connectRaw(server.port)
      later.write(get('/vanishes.bin'))
      expect((await later.readResponse()).status).toBe(404)
    })
    await expectStillServing()
  })

  test('and grows is sent with the length it had', async () => {
    await site.write('grows.bin', new Uint8Array(BIG))
    using connection = await connectRaw(server.port)
    connection.write(get('/grows.bin'))
    await connection.receivedBytes(1) // it is open and on its way; the rest fits no buffer between us
    connection.socket.pause()
    await writeFile(site.path('grows.bin'), new Uint8Array(1024), { flag: 'a' })
    connection.socket.resume()
    expect((await connection.readResponse()).body.length).toBe(BIG)
    await expectStillServing()
  })
})

describe('a handler that', () => {
  test.each([
    ['throws', '/throws', 'thrown on purpose'],
    ['throws null', '/throws-null', 'null'],
    ['rejects', '/rejects', 'rejected on purpose'],
    ['returns nothing', '/nothing', '/nothing'],
    ['returns nothing later', '/nothing-later', '/nothing-later'],
    ['returns what is no response', '/wrong', '/wrong'],
  ])(
    '%s is answered 500 without its message, logged with it, and the connection goes on',
    async (_, path, logged) => {
      using connection = await connectRaw(server.port)
      connection.write(get(path))
      const response = await connection.readResponse()
      expect(response.status).toBe(500)
      expect(response.text()).not.toContain('on purpose')
      expect(response.text()).toMatch(/Request id: \S+/)
      await eventually(() => expect(server.log().some((line) => isErrorAbout(line, logged))).toBe(true))
      connection.write(get('/'))
      expect((await connection.readResponse()).status).toBe(200)
    },
  )

  test('breaks off in the middle of a stream cuts the connection: the end of the body must not look true', async () => {
    const received = await sendRaw(server.port, get('/stream'))
    expect(received.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /)
    expect(received.toString('latin1')).not.toMatch(/\r\n0\r\n\r\n$/)
    await eventually(() => expect(server.command.stdout).toContain('broken off on purpose'))
    await expectStillServing()
  })

  test('never returns holds its own connection only', async () => {
    using stuck = await connectRaw(server.port)
    stuck.write(get('/never'))
    await pause()
    await expectStillServing()
    expect(stuck.state).toBe('open')
    expect(stuck.received.length).toBe(0)
  })
})

test('a full disk under the log costs log lines and nothing else', async () => {
  const full = openSync('/dev/full', 'w')
  const port = await freePort()
  try {
    const { startCommand } = await import('@tsws/testing')
    const { commandLine } = await import('./tsws.ts')
    await using command = startCommand(commandLine(site.root, '--port', String(port)), { stdout: full })
    await eventually(async () => void (await connectRaw(port)).destroy(), 10_000)
    for (let count = 0; count < 20; count++) {
      using connection = await connectRaw(port)
      connection.write(get('/'))
      expect((await connection.readResponse()).status).toBe(200)
    }
    await command.line(/the log cannot be written/, 'stderr')
    command.signal('SIGTERM')
    expect((await command.end).code).toBe(0)
  } finally {
    closeSync(full)
  }
})

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60))
}

/** The log lines about bytes that were no request. */
function refused(): Record<string, unknown>[] {
  return server.log().filter((line) => line['method'] === null)
}

function findLogged(path: string): Record<string, unknown> | undefined {
  return server.log().find((line) => line['path'] === path && line['status'] !== undefined)
}

function isErrorAbout(line: Record<string, unknown>, about: string): boolean {
  return line['err'] !== undefined && JSON.stringify(line).includes(about)
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const { listenOnFreePort } = await import('@tsws/testing')
  const { port, close } = await listenOnFreePort(createServer())
  await close()
  return port
}
