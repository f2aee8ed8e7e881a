import { connectRaw, listenOnFreePort, runCommand, tempSite, testCertificate } from '@tsws/testing'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { commandLine, eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

// Answers with its thread, and can be told to end it.
const MODULE = `import { threadId } from 'node:worker_threads'
import { respond } from '@tsws/http'
export default (request, next) => {
  if (request.pathname === '/who') return respond.text(process.pid + '/' + threadId)
  if (request.pathname === '/exit') process.exit(3)
  if (request.pathname === '/stray') setTimeout(() => { throw new Error('a stray exception') }, 0)
  if (request.pathname === '/never') return new Promise(() => {})
  if (request.pathname === '/slow') return new Promise((done) => setTimeout(() => done(respond.text('slow')), 500))
  return next(request)
}
`

async function withModule(): Promise<{ root: string; use: string } & AsyncDisposable> {
  const site = await tempSite({ 'index.html': 'home' })
  const use = site.path('../who.mjs')
  await writeFile(use, MODULE)
  return { root: site.root, use, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() }
}

async function who({ port }: Tsws): Promise<string> {
  using client = await connectRaw(port)
  client.write('GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  return (await client.readResponse()).text()
}

describe.each([['transfer'], ['reusePort'], ['cluster']])('two threads by %s', (strategy) => {
  const options = ['--threads', '2', '--thread-strategy', strategy]

  test('both answer, files and modules alike, and the ready line and every log line are whole', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    expect(tsws.ready).toMatchObject({ threads: 2, strategy })
    const answered = new Set<string>()
    let asked = 0
    await eventually(async () => {
      asked++
      answered.add(await who(tsws))
      expect(answered.size).toBe(2)
    }, 15_000)
    const client = await connectRaw(tsws.port)
    client.write(GET.repeat(200))
    for (let answer = 0; answer < 200; answer++) expect((await client.readResponse()).text()).toBe('home')
    client.destroy()
    await eventually(() =>
      expect(tsws.log().filter(({ status }) => status === 200)).toHaveLength(200 + asked),
    )
    const named = new Set(tsws.log().map(({ thread }) => thread))
    expect(named).toEqual(new Set([1, 2]))
  })

  test('a thread that dies loses its own connections only, is told of and replaced', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    const killer = await connectRaw(tsws.port)
    killer.write('GET /exit HTTP/1.1\r\nHost: a\r\n\r\n')
    await killer.closed()
    await eventually(async () => {
      expect((await who(tsws)).length).toBeGreaterThan(0)
      expect(tsws.log().some(({ msg }) => /^thread \d+ crashed .* is replaced$/.test(String(msg)))).toBe(true)
    }, 15_000)
  })

  test('a signal lets what is in flight finish, and ends with 0', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    const client = await connectRaw(tsws.port)
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    tsws.command.process.kill('SIGTERM')
    expect((await client.readResponse()).text()).toBe('slow')
    client.destroy()
    expect((await tsws.command.end).code).toBe(0)
  })

  test('a second signal ends it at once, whatever the threads are doing', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    using client = await connectRaw(tsws.port)
    client.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    tsws.command.signal('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 200))
    tsws.command.signal('SIGTERM')
    expect((await tsws.command.end).code).toBe(128 + 15)
    expect(await client.closed()).toMatch(/ended|reset/)
  })

  test('what user code lets fall is logged with its thread, which goes on', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    using client = await connectRaw(tsws.port)
    client.write('GET /who HTTP/1.1\r\nHost: a\r\n\r\n')
    const thread = (await client.readResponse()).text()
    client.write('GET /stray HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.readResponse()
    await eventually(() =>
      expect(tsws.log()).toContainEqual(
        expect.objectContaining({
          msg: 'uncaughtException',
          thread: expect.any(Number) as unknown,
          err: expect.objectContaining({ message: 'a stray exception' }) as unknown,
        }),
      ),
    )
    client.write('GET /who HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await client.readResponse()).text()).toBe(thread)
  })

  test('a port that is taken, and a module that fails, are one line and the exit code of one thread', async () => {
    await using folder = await withModule()
    const other = createServer()
    const { port, close } = await listenOnFreePort(other)
    const taken = await runCommand(commandLine(folder.root, '--port', String(port), ...options))
    await close()
    expect(taken).toMatchObject({ code: 1, stdout: '' })
    expect(taken.stderr).toMatch(/^tsws: port \d+ on 127\.0\.0\.1 is taken\. [^\n]+\n$/)
    const missing = await runCommand(
      commandLine(folder.root, '--port', '0', '--use', 'nowhere.mjs', ...options),
    )
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toMatch(/^tsws: --use nowhere\.mjs: there is no such file[^\n]+\n$/)
  })

  test('serve TLS', async () => {
    await using folder = await withModule()
    const { cert, key } = testCertificate()
    await writeFile(`${folder.use}.cert`, cert)
    await writeFile(`${folder.use}.key`, key)
    const tls = ['--tls-cert', `${folder.use}.cert`, '--tls-key', `${folder.use}.key`]
    await using tsws = await startTsws([folder.root, ...tls, ...options])
    expect(tsws.ready.url).toMatch(/^https:/)
    const client = await connectRaw(tsws.port, { tls: true })
    client.write(GET)
    expect((await client.readResponse()).get('strict-transport-security')).toMatch(/max-age=\d+/)
    client.destroy()
  })
})

test.each(['transfer', 'reusePort'])(
  'what one thread compressed the other sends as well as it gets, at its first request (%s)',
  async (strategy) => {
    await using folder = await withModule()
    const lines = Array.from({ length: 3000 }, (_, line) => `line ${line} of ${(line * 7919) % 1013}`)
    await writeFile(join(folder.root, 'long.txt'), lines.join('\n'))
    await using tsws = await startTsws([
      ...[folder.root, '--use', folder.use, '--threads', '2', '--thread-strategy', strategy, '--log=off'],
    ])
    /** The thread of a connection, and how long the coded answer on it is. */
    const ask = async (only?: (thread: string) => boolean): Promise<[thread: string, length: number]> => {
      using client = await connectRaw(tsws.port)
      client.write('GET /who HTTP/1.1\r\nHost: a\r\n\r\n')
      const thread = (await client.readResponse()).text()
      if (only?.(thread) === false) return [thread, Number.POSITIVE_INFINITY]
      client.write('GET /long.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n')
      const response = await client.readResponse()
      expect(brotliDecompressSync(response.body).toString()).toBe(lines.join('\n'))
      return [thread, response.body.length]
    }
    const [one, fast] = await ask()
    let best = fast
    await eventually(async () => {
      best = (await ask((thread) => thread === one))[1]
      expect(best).toBeLessThan(fast)
    }, 15_000)
    await new Promise((resolve) => setTimeout(resolve, 200)) // on its way to the other
    await eventually(async () => {
      const [other, length] = await ask((thread) => thread !== one)
      expect(other).not.toBe(one)
      expect(length).toBe(best) // of the first answer it gives: one that is longer would be its own
    }, 15_000)
  },
)
