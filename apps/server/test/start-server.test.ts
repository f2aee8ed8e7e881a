import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HttpError, respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { createLogger } from '@tsws/observe'
import { connectRaw, tempSite, testCertificate, withServer } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import { startServer } from '../src/index.ts'
import type { RunningServer, ServerConfig } from '../src/index.ts'
import { resolveConfig } from '../src/options.ts'

let site: TempSite

beforeAll(async () => {
  site = await tempSite({
    'index.html': '<p>home',
    'file.txt': 'a file',
    'big.txt': 'compress me '.repeat(1000),
  })
})

afterAll(() => site.remove())

const start = (config: ServerConfig = {}): Promise<RunningServer> =>
  startServer({ root: site.root, port: 0, ...config })

async function ask(server: RunningServer, request: string): Promise<ReadResponse> {
  using connection = await connectRaw(server.port, { methods: [request.slice(0, request.indexOf(' '))] })
  connection.write(request)
  return await connection.readResponse()
}

const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`

describe('a server', () => {
  test('serves files, and its own 404 beyond them', async () => {
    await withServer(start, async (server) => {
      expect((await ask(server, get('/'))).text()).toBe('<p>home')
      expect((await ask(server, get('/nowhere'))).status).toBe(404)
    })
  })

  test('without a root has no files, and with no options still answers', async () => {
    await withServer(
      () => start({ root: null }),
      async (server) => expect((await ask(server, get('/index.html'))).status).toBe(404),
    )
  })

  test('puts the security headers on files, on pages that are not there, on thrown errors and on garbage', async () => {
    const fails: Middleware = (request, next) => {
      if (request.pathname === '/fails') throw new Error('the secret of the house')
      return next(request)
    }
    await withServer(
      () => start({ middleware: [fails] }),
      async (server) => {
        for (const request of [get('/file.txt'), get('/nowhere'), get('/fails'), 'garbage\r\n\r\n']) {
          const response = await ask(server, request)
          expect([request, response.get('x-content-type-options')]).toEqual([request, 'nosniff'])
          expect(response.get('content-security-policy')).not.toBeNull()
          expect(response.text()).not.toContain('secret')
        }
      },
    )
  })

  test('compresses what a client can undo', async () => {
    await withServer(start, async (server) => {
      const response = await ask(server, get('/big.txt', 'Accept-Encoding: br\r\n'))
      expect([response.status, response.get('content-encoding')]).toEqual([200, 'br'])
      expect(response.get('vary')?.toLowerCase()).toContain('accept-encoding')
      expect(response.body.length).toBeLessThan(1000)
    })
  })

  test('gives the client its request id where that is asked for, in errors too', async () => {
    await withServer(
      () => start({ requestId: {} }),
      async (server) => {
        for (const path of ['/file.txt', '/%zz', '/nowhere'])
          expect((await ask(server, get(path))).get('x-request-id')).toMatch(/\w/)
      },
    )
  })

  test('answers 421 for hosts that are not its own', async () => {
    await withServer(
      () => start({ allowedHosts: ['example.com'] }),
      async (server) => {
        expect((await ask(server, get('/'))).status).toBe(421)
        expect((await ask(server, 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')).status).toBe(200)
      },
    )
  })

  test('speaks TLS with a certificate, and then says so for later visits', async () => {
    await withServer(
      () => start({ tls: testCertificate() }),
      async (server) => {
        expect(server.scheme).toBe('https')
        using connection = await connectRaw(server.port, { tls: true })
        connection.write(get('/file.txt'))
        const response = await connection.readResponse()
        expect(response.text()).toBe('a file')
        expect(response.get('strict-transport-security')).toMatch(/max-age=\d{5}/)
      },
    )
  })

  test('says that it drains while it drains', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const waits: Middleware = async (request, next) => {
      if (request.pathname === '/held') await held
      return next(request)
    }
    await withServer(
      () => start({ middleware: [waits] }),
      async (server) => {
        using first = await connectRaw(server.port)
        first.write(get('/held') + get('/health'))
        await new Promise((resolve) => setTimeout(resolve, 50))
        const closed = server.close()
        release()
        expect((await first.readResponse()).get('connection')).toBe('close')
        expect(await closed).toMatchObject({ cut: 0 })
        expect(server.engine.state).toBe('closed')
      },
    )
  })
})

describe('methods', () => {
  test.each([
    ['OPTIONS * HTTP/1.1', 204, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['TRACE /file.txt HTTP/1.1', 405, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ['DELETE /file.txt HTTP/1.1', 405, 'GET, HEAD, OPTIONS'],
    ['BREW /nowhere HTTP/1.1', 501, null],
    ['CONNECT example.com:80 HTTP/1.1', 501, null],
    ['GET * HTTP/1.1', 400, null],
    ['GET https://example.com/file.txt HTTP/1.1', 421, null],
    ['GET http://example.com/file.txt HTTP/1.1', 200, null],
  ])('%s is answered %i', async (line, status, allow) => {
    await withServer(start, async (server) => {
      const response = await ask(server, `${line}\r\nHost: example.com:80\r\n\r\n`)
      expect([response.status, response.get('allow')]).toEqual([status, allow])
    })
  })

  test('that only user code knows reach it', async () => {
    const brews: Middleware = (request, next) =>
      request.method === 'BREW' ? respond.text('tea') : next(request)
    await withServer(
      () => start({ middleware: [brews] }),
      async (server) =>
        expect((await ask(server, 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n')).text()).toBe('tea'),
    )
  })
})

describe('the log', () => {
  test('has a line for an answer, for an error with its stack, and for what was no request', async () => {
    let text = ''
    const log = createLogger({ destination: { write: (piece: string) => (text += piece) } })
    const fails: Middleware = (request, next) => {
      if (request.pathname === '/fails') throw new Error('the cable was cut')
      if (request.pathname === '/teapot') throw new HttpError(418, 'short and stout')
      return next(request)
    }
    await withServer(
      () => start({ logger: log.logger, middleware: [fails] }),
      async (server) => {
        await ask(server, get('/file.txt?secret=1'))
        await ask(server, get('/fails'))
        await ask(server, get('/teapot'))
        await ask(server, 'garbage\r\n\r\n')
      },
    )
    await log.close()
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const answers = lines.filter(({ status }) => status !== undefined)
    expect(answers.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['GET', '/file.txt', 200],
      ['GET', '/fails', 500],
      ['GET', '/teapot', 418],
      [null, null, 400],
    ])
    expect(answers[0]).toMatchObject({ bytes: 6, remoteAddress: '127.0.0.1', requestId: expect.any(String) })
    expect(text).toContain('the cable was cut')
    expect(text).toMatch(/start-server\.test\.ts:\d+/)
    expect(text).not.toContain('secret')
  })
})

describe('a handler that never answers', () => {
  const never: Middleware = (request, next) =>
    request.pathname === '/never' ? new Promise(() => {}) : next(request)

  test('is given up after five minutes, unless somebody says otherwise', () => {
    expect(resolveConfig({}).engine.handlerTimeout).toBe(300_000)
    expect(resolveConfig({ engine: { maxBodyBytes: 1 } }).engine.handlerTimeout).toBe(300_000)
    expect(resolveConfig({ engine: { handlerTimeout: 1 } }).engine.handlerTimeout).toBe(1)
  })

  test('gets its client a 503, a line in the log, and the server goes on', async () => {
    let text = ''
    const log = createLogger({ destination: { write: (piece: string) => (text += piece) } })
    await withServer(
      () => start({ logger: log.logger, middleware: [never], engine: { handlerTimeout: 100 } }),
      async (server) => {
        const response = await ask(server, get('/never'))
        expect([response.status, response.text()]).toEqual([503, expect.stringMatching(/Request id: \S+/)])
        expect((await ask(server, get('/file.txt'))).status).toBe(200)
      },
    )
    await log.close()
    const lines = text.trim().split('\n')
    expect(lines.some((line) => line.includes('"path":"/never","status":503'))).toBe(true)
  })
})

describe('a configuration that makes no sense', () => {
  test.each([
    [{ prot: 1 }, /there is no option prot; there are root, host, port/],
    [{ port: 70_000 }, /port must be a whole number from 0 to 65535, got 70000/],
    [{ port: '80' }, /port must be .* got 80/],
    [{ host: '' }, /host must be an address or a name, got ""/],
    [{ root: 7 }, /root must be the path of a folder or null, got 7/],
    [{ middleware: () => {} }, /middleware must be a list of functions, got function/],
    [{ middleware: [7] }, /must be a function, got number/],
  ])('%o is refused before anything listens', async (config, message) => {
    await expect(startServer(config as ServerConfig)).rejects.toThrow(message)
  })

  test('a port that is taken fails with what the system says', async () => {
    await withServer(start, async ({ port }) => {
      await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    })
  })
})
