import { usableParallelism } from '@tsws/pool'
import { connectRaw, tempSite, testCertificate } from '@tsws/testing'
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { hasTerminals, signalOnTerminal, startOnTerminal } from './terminal.ts'
import { eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const version = (text: string): string => `import { respond } from '@tsws/http'
export default (request, next) =>
  request.pathname === '/version' ? respond.text('${text}') : next(request)
`

async function withModule(): Promise<{ root: string; use: string } & AsyncDisposable> {
  const site = await tempSite({ 'index.html': 'home' })
  const use = site.path('../version.mjs')
  await writeFile(use, version('one'))
  return { root: site.root, use, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() }
}

async function ask(port: number): Promise<string> {
  using client = await connectRaw(port)
  client.write('GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  return (await client.readResponse()).text()
}

const messages = (tsws: Tsws): unknown[] => tsws.log().map(({ msg }) => msg)

/** SHA-256 of the certificate that a new connection is shown. */
async function fingerprint(port: number): Promise<string> {
  using client = await connectRaw(port, { tls: true })
  return (client.socket as TLSSocket).getPeerX509Certificate()!.fingerprint256
}

describe.each([['transfer'], ['reusePort'], ['cluster']])('SIGHUP with two threads by %s', (strategy) => {
  const options = ['--threads', '2', '--thread-strategy', strategy]

  test('puts changed code to work, while an open connection gets its answer', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    expect(await ask(tsws.port)).toBe('one')
    using open = await connectRaw(tsws.port)
    open.write('GET /ver')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await writeFile(folder.use, version('two'))
    tsws.command.signal('SIGHUP')
    open.write('sion HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await open.readResponse()).text()).toBe('one')
    await eventually(() => expect(messages(tsws)).toContain('every thread has been replaced'), 15_000)
    for (let time = 0; time < 4; time++) expect(await ask(tsws.port)).toBe('two')
  })

  test('with code that cannot be loaded says so, and goes on with the old', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--use', folder.use, ...options])
    await writeFile(folder.use, 'a slip of the pen')
    tsws.command.signal('SIGHUP')
    await eventually(
      () => expect(messages(tsws)).toContain('reload failed, everything goes on as before'),
      15_000,
    )
    for (let time = 0; time < 4; time++) expect(await ask(tsws.port)).toBe('one')
  })

  test('puts a new certificate to work', async () => {
    await using folder = await withModule()
    const paths = { cert: `${folder.use}.cert`, key: `${folder.use}.key` }
    await using tsws = await startTlsWith(paths, folder.root, options)
    const next = await writeCertificate(paths)
    tsws.command.signal('SIGHUP')
    await eventually(() => expect(messages(tsws)).toContain('every thread has been replaced'), 15_000)
    for (let time = 0; time < 4; time++) expect(await fingerprint(tsws.port)).toBe(next)
  })
})

describe('SIGHUP with a configuration file', () => {
  test('puts what has changed in it to work, and names what only a new start changes', async () => {
    await using site = await tempSite({ 'index.html': 'home', '../tsws.toml': 'threads = 2' })
    await using tsws = await startTsws([site.root, '--config', site.path('../tsws.toml')])
    const field = async (): Promise<string | null> => {
      using client = await connectRaw(tsws.port)
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      return (await client.readResponse()).get('x-version')
    }
    expect(await field()).toBeNull()
    await site.write(
      '../tsws.toml',
      "threads = 3\nlog = 'off'\n[[headers]]\npath = '/*'\nheaders = { 'X-Version' = 'two' }",
    )
    tsws.command.signal('SIGHUP')
    await eventually(() => expect(messages(tsws)).toContain('only a new start changes threads, log'), 15_000)
    for (let time = 0; time < 4; time++) expect(await field()).toBe('two')
  })

  test('that has a slip in it names the key, and goes on as before', async () => {
    await using site = await tempSite({ 'index.html': 'home', '../tsws.toml': 'threads = 2' })
    await using tsws = await startTsws([site.root, '--config', site.path('../tsws.toml')])
    for (const [text, reason] of [
      ['spaa = true', /there is no key spaa\. Did you mean spa\?/],
      ['revalidateInterval = -1', /revalidateInterval/],
    ] as const) {
      await site.write('../tsws.toml', `threads = 2\n${text}`)
      tsws.command.signal('SIGHUP')
      await eventually(() => {
        const failed = tsws.log().filter(({ msg }) => msg === 'reload failed, everything goes on as before')
        expect(failed.map(({ err }) => (err as Error).message)).toContainEqual(expect.stringMatching(reason))
      }, 15_000)
      expect(await ask(tsws.port)).toMatch(/^Not Found/)
    }
  })
})

describe('SIGHUP', () => {
  test('with one thread reads the certificate again, and says what it cannot do', async () => {
    await using folder = await withModule()
    const paths = { cert: `${folder.use}.cert`, key: `${folder.use}.key` }
    await using tsws = await startTlsWith(paths, folder.root, ['--threads', '1'])
    const before = await fingerprint(tsws.port)
    const next = await writeCertificate(paths)
    expect(next).not.toBe(before)
    tsws.command.signal('SIGHUP')
    await eventually(() =>
      expect(messages(tsws)).toContain(
        'the certificate has been read again: this thread cannot be replaced, with --thread-strategy it could',
      ),
    )
    expect(await fingerprint(tsws.port)).toBe(next)
  })

  test('with a certificate that cannot be used says so, and goes on with the old', async () => {
    await using folder = await withModule()
    const paths = { cert: `${folder.use}.cert`, key: `${folder.use}.key` }
    await using tsws = await startTlsWith(paths, folder.root, ['--threads', '1'])
    const before = await fingerprint(tsws.port)
    await writeFile(paths.cert, 'not a certificate')
    tsws.command.signal('SIGHUP')
    await eventually(() => expect(messages(tsws)).toContain('reload failed, everything goes on as before'))
    expect(await fingerprint(tsws.port)).toBe(before)
  })

  test('replaces a single thread where a strategy is named', async () => {
    await using folder = await withModule()
    const single = ['--use', folder.use, '--threads', '1', '--thread-strategy', 'cluster']
    await using tsws = await startTsws([folder.root, ...single])
    expect(tsws.ready).toMatchObject({ threads: 1, strategy: 'cluster' })
    await writeFile(folder.use, version('two'))
    tsws.command.signal('SIGHUP')
    await eventually(async () => expect(await ask(tsws.port)).toBe('two'), 15_000)
  })

  test('many times while one is obeyed is one time more', async () => {
    await using folder = await withModule()
    await using tsws = await startTsws([folder.root, '--threads', '2'])
    for (let time = 0; time < 10; time++) {
      tsws.command.signal('SIGHUP')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const replaced = (): number =>
      messages(tsws).filter((text) => text === 'every thread has been replaced').length
    await eventually(() => expect(replaced()).toBe(2), 15_000)
    tsws.command.signal('SIGHUP')
    await eventually(() => expect(replaced()).toBe(3), 15_000)
  })

  test.skipIf(!hasTerminals)(
    'ends the command on a terminal, where it means that the terminal has gone',
    async () => {
      await using folder = await withModule()
      await using command = startOnTerminal(folder.root)
      await command.line(/Ctrl\+C/)
      await signalOnTerminal(command, 'SIGHUP')
      expect((await command.end).code).toBe(128 + 1)
    },
  )
})

describe('without --threads', () => {
  test('a command off a terminal serves on every usable core, and with a module on one thread', async () => {
    await using folder = await withModule()
    await using many = await startTsws([folder.root])
    expect(many.ready).toMatchObject({ threads: usableParallelism() })
    await using one = await startTsws([folder.root, '--use', folder.use])
    expect(one.ready).toMatchObject({ threads: 1 })
  })

  test.skipIf(!hasTerminals)('a command on a terminal serves on one thread', async () => {
    await using folder = await withModule()
    await using command = startOnTerminal(folder.root)
    await command.line(/Ctrl\+C/)
    expect(command.stdout).toContain('Serving')
    expect(command.stdout).not.toContain('Threads')
  })
})

async function writeCertificate({ cert, key }: { cert: string; key: string }): Promise<string> {
  const pair = testCertificate()
  await writeFile(cert, pair.cert)
  await writeFile(key, pair.key)
  return new X509Certificate(pair.cert).fingerprint256
}

async function startTlsWith(
  paths: { cert: string; key: string },
  root: string,
  options: string[],
): Promise<Tsws> {
  const first = await writeCertificate(paths)
  const tsws = await startTsws([root, '--tls-cert', paths.cert, '--tls-key', paths.key, ...options])
  expect(await fingerprint(tsws.port)).toBe(first)
  return tsws
}
