import net from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, listenOnFreePort, runCommand, tempSite } from '@tsws/testing'
import type { CommandEnd, TempSite } from '@tsws/testing'
import { commandLine, eventually, startTsws } from './tsws.ts'

let site: TempSite

beforeAll(async () => {
  site = await tempSite({
    'index.html': '<p>home',
    'big.bin': new Uint8Array(8 * 1024 * 1024),
    '../slow.mjs': `export default async (request, next) => {
      if (request.pathname === '/slow') await new Promise((resolve) => setTimeout(resolve, 400))
      return next(request)
    }`,
    '../hang.mjs':
      "export default (request, next) => request.pathname === '/hang' ? new Promise(() => {}) : next(request)",
    '../not-a-function.mjs': 'export default 42',
    '../no-default.mjs': 'export const middleware = () => {}',
    '../throws.mjs': "throw new Error('the database is away')",
    '../two.mjs': `const mark = (name) => async (request, next) => {
      const response = await next(request)
      response.headers.append('X-Mark', name)
      return response
    }
    export default [mark('outer'), mark('inner')]`,
    '../fails.mjs': `export default (request, next) => {
      if (request.pathname === '/fails') throw new Error('the cable was cut')
      return next(request)
    }`,
    '../alone.ts': `
      import { respond } from '@tsws/http'
      import type { Middleware } from '@tsws/http'
      const alone: Middleware = (request, next) =>
        request.pathname === '/alone' ? respond.text('no node_modules here') : next(request)
      export default alone`,
    '../missing.mjs': "import '@tsws/no-such-package'",
    '../restless.mjs': `
      setTimeout(() => { throw new Error('a stray exception') }, 50)
      setTimeout(() => { Promise.reject(new Error('a stray rejection')) }, 100)
      setTimeout(() => { throw Object.create(null, { stack: { get() { throw new Error('in the getter') } } }) }, 150)
      setTimeout(() => { throw undefined }, 200)
      export default (request, next) => next(request)`,
  })
})

afterAll(() => site.remove())

const tsws = (...args: string[]): Promise<CommandEnd> => runCommand(commandLine(...args))

describe('what is no request to serve', () => {
  test('--help prints the usage and ends with 0', async () => {
    const end = await tsws('--help')
    expect(end).toMatchObject({ code: 0, stderr: '' })
    expect(end.stdout).toMatch(/^Usage: tsws \[root\] \[options\]/)
  })

  test('--version prints the version alone', async () => {
    expect(await tsws('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})

describe('a slip of the hand is one line on stderr, exit code 2 and no stack', () => {
  const outside = (name: string): string => site.path(`../${name}`)

  test.each([
    ['an unknown option', () => ['--prot', '1'], /unknown option --prot\. Did you mean --port\?/],
    [
      'a missing root',
      () => ['./no-such-folder'],
      /cannot serve \.\/no-such-folder: there is no such folder/,
    ],
    ['a root that is a file', () => [site.path('index.html')], /it is a file, a folder is needed/],
    [
      'a missing module',
      () => [site.root, '--use', 'nowhere.mjs'],
      /--use nowhere\.mjs: there is no such file/,
    ],
    [
      'a module that exports a number',
      () => [site.root, '--use', outside('not-a-function.mjs')],
      /got number/,
    ],
    [
      'a module without default',
      () => [site.root, '--use', outside('no-default.mjs')],
      /it has no default export/,
    ],
    [
      'a missing certificate',
      () => [site.root, '--tls-cert', 'no.pem', '--tls-key', 'no.pem'],
      /--tls-cert and --tls-key cannot be used: cert \(.*no\.pem\): there is no such file/,
    ],
    [
      'a certificate that is none',
      () => [site.root, '--tls-cert', site.path('index.html'), '--tls-key', site.path('index.html')],
      /--tls-cert/,
    ],
  ])('%s', async (_, args, message) => {
    const end = await tsws('--port', '0', ...args())
    expect(end.stderr).toMatch(message)
    expect(end).toMatchObject({ code: 2, stdout: '' })
    expect(end.stderr).toMatch(/^tsws: [^\n]+\n$/)
  })
})

describe('a start that fails is exit code 1', () => {
  test('and one line, when the port is taken', async () => {
    const other = net.createServer()
    const { port, close } = await listenOnFreePort(other)
    const end = await tsws(site.root, '--port', String(port))
    await close()
    expect(end).toMatchObject({ code: 1, stdout: '' })
    expect(end.stderr).toBe(
      `tsws: port ${port} on 127.0.0.1 is taken. Choose another with --port, or --port 0 for any free one.\n`,
    )
  })

  test('and one line, when the host is not ours', async () => {
    const end = await tsws(site.root, '--port', '0', '--host', '192.0.2.1')
    expect(end).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'tsws: --host 192.0.2.1 is no address of this machine.\n',
    })
  })

  test('and the stack of the module that threw while it was loaded: that is for its author', async () => {
    const end = await tsws(site.root, '--port', '0', '--use', site.path('../throws.mjs'))
    expect(end).toMatchObject({ code: 1, stdout: '' })
    expect(end.stderr).toMatch(/throws\.mjs: the module failed[^]*the database is away[^]*throws\.mjs:1/)
  })
})

describe('a module that imports what is nowhere', () => {
  test('is told so, with its own place in the message', async () => {
    const end = await tsws(site.root, '--port', '0', '--use', site.path('../missing.mjs'))
    expect(end.code).toBe(1)
    expect(end.stderr).toMatch(/Cannot find package '@tsws\/no-such-package'/)
  })
})

describe('a running server', () => {
  test('says in the first line where it listens, and logs each request after it', async () => {
    await using server = await startTsws([site.root])
    expect(server.command.stdout.split('\n')[0]).toBe(JSON.stringify(server.ready))
    expect(server.ready).toMatchObject({
      event: 'ready',
      url: `http://127.0.0.1:${server.port}/`,
      root: site.root,
      pid: server.command.process.pid,
    })
    const response = await fetch(`${server.ready.url}?a=1`)
    expect(await response.text()).toBe('<p>home')
    await eventually(() => expect(server.log()).toHaveLength(1))
    const [line] = server.log()
    expect(JSON.stringify(line)).toMatch(/GET/)
    expect(JSON.stringify(line)).toMatch(/127\.0\.0\.1/)
    expect(line).toMatchObject({ status: 200 })
  })

  test('logs nothing with --log off, and lines for people with --log pretty', async () => {
    await using silent = await startTsws([site.root, '--log', 'off'])
    await using pretty = await startTsws([site.root, '--log', 'pretty'])
    await (await fetch(silent.ready.url)).text()
    await (await fetch(pretty.ready.url)).text()
    await pretty.command.line(/GET.*200/)
    expect(silent.command.stdout.trim().split('\n')).toHaveLength(1)
    expect(pretty.command.stdout.trim().split('\n').slice(1).join('\n')).not.toMatch(/^\{/m)
  })

  test('tells failures on standard error even with --log off, and clients’ mistakes not', async () => {
    await using server = await startTsws([site.root, '--log', 'off', '--use', site.path('../fails.mjs')])
    expect((await fetch(`${server.ready.url}%zz`)).status).toBe(400)
    expect((await fetch(`${server.ready.url}fails`)).status).toBe(500)
    expect(
      await server.command.line(/GET \/fails \(request \S+\): Error: the cable was cut/, 'stderr'),
    ).toBeTruthy()
    await server.command.line(/fails\.mjs:\d+/, 'stderr')
    expect(server.command.stderr).not.toContain('%zz')
    expect(server.command.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('takes paths from where it was started, and a -- anywhere', async () => {
    await using server = await startTsws(['--', './www', '--use', 'two.mjs'], { cwd: site.path('..') })
    expect(await (await fetch(server.ready.url)).text()).toBe('<p>home')
  })

  test('serves the folder it was started in when no other is named', async () => {
    await using server = await startTsws([], { cwd: site.root })
    expect(await (await fetch(server.ready.url)).text()).toBe('<p>home')
  })

  test('lets a module import @tsws/http that has no node_modules of its own', async () => {
    await using server = await startTsws([site.root, '--use', site.path('../alone.ts')])
    expect(await (await fetch(`${server.ready.url}alone`)).text()).toBe('no node_modules here')
  })

  test('puts a list of middleware in its order, the first outermost', async () => {
    await using server = await startTsws([site.root, '--use', site.path('../two.mjs')])
    expect((await fetch(server.ready.url)).headers.get('x-mark')).toBe('inner, outer')
  })

  test('answers /health, and 404 as a page to browsers and as a line to programs', async () => {
    await using server = await startTsws([site.root])
    const health = await fetch(`${server.ready.url}health`)
    expect([health.status, health.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('json'),
    ])
    const page = await fetch(`${server.ready.url}nowhere`, { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([404, expect.stringMatching(/^<!doctype html>/)])
    const line = await fetch(`${server.ready.url}nowhere`)
    expect([line.status, await line.text()]).toEqual([404, 'Not Found\n'])
  })

  test('lives on when user code throws or rejects where nobody catches it, and says so', async () => {
    await using server = await startTsws([site.root, '--use', site.path('../restless.mjs')])
    await eventually(() => expect(server.command.stdout).toMatch(/a stray exception[^]*a stray rejection/))
    await new Promise((resolve) => setTimeout(resolve, 200)) // for what cannot even be shown
    expect((await fetch(server.ready.url)).status).toBe(200)
  })

  test('lives on when the reader of its log goes away, and still ends with 0', async () => {
    await using server = await startTsws([site.root])
    server.command.process.stdout?.destroy()
    for (let count = 0; count < 5; count++) expect((await fetch(server.ready.url)).status).toBe(200)
    await server.command.line(/log cannot be written any more/, 'stderr')
    expect((await fetch(server.ready.url)).status).toBe(200)
    server.command.signal('SIGTERM')
    expect((await server.command.end).code).toBe(0)
  })
})

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s closes idle connections at once and exits with 0',
    async (signal) => {
      await using server = await startTsws([site.root])
      using idle = await connectRaw(server.port)
      idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await idle.readResponse()
      const start = performance.now()
      server.command.signal(signal)
      expect(await idle.closed()).toBe('ended')
      idle.end() // as clients do when the server has closed
      expect((await server.command.end).code).toBe(0)
      expect(performance.now() - start).toBeLessThan(2_000)
    },
  )

  test('waits for the answer in flight, which says that the connection closes', async () => {
    await using server = await startTsws([site.root, '--use', site.path('../slow.mjs')])
    using busy = await connectRaw(server.port)
    busy.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.command.signal('SIGTERM')
    await eventually(() => expect(connectRaw(server.port)).rejects.toThrow('ECONNREFUSED'))
    const response = await busy.readResponse()
    expect([response.status, response.get('connection')]).toEqual([404, 'close'])
    expect((await server.command.end).code).toBe(0)
  })

  test('comes at once with the second signal', async () => {
    await using server = await startTsws([site.root, '--use', site.path('../hang.mjs')])
    using busy = await connectRaw(server.port)
    busy.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    server.command.signal('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(server.command.process.exitCode).toBeNull()
    const start = performance.now()
    server.command.signal('SIGTERM')
    expect((await server.command.end).code).toBe(143)
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

test('the welcome site holds nothing that its own content security policy forbids', async () => {
  const welcome = join(import.meta.dirname, '../welcome')
  await using server = await startTsws([welcome])
  for (const page of ['', 'headers.html']) {
    const response = await fetch(`${server.ready.url}${page}`)
    const html = await response.text()
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'self'")
    expect(html).not.toMatch(/<style|<script|\sstyle=|\son\w+=|https?:\/\/(?!localhost)/)
    for (const [, path] of html.matchAll(/(?:href|src)="(\/[^"]*)"/g)) {
      const linked = await fetch(new URL(path as string, server.ready.url))
      expect([path, linked.status]).toEqual([path, path === '/nowhere' ? 404 : 200])
    }
  }
})
