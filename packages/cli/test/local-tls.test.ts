import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectRaw, runCommand, startCommand, tempSite, testCertificate } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { HAS_CHROMIUM, openTab } from './chromium.ts'
import { hasTerminals } from './terminal.ts'
import { commandLine, eventually, startTsws } from './tsws.ts'
import type { Ready, Tsws } from './tsws.ts'

let site: TempSite
let home: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  site = await tempSite({ 'index.html': '<title>home</title><p>home' })
  home = mkdtempSync(join(tmpdir(), 'tsws-home-'))
  env = { HOME: home, XDG_DATA_HOME: join(home, 'data'), LOCALAPPDATA: join(home, 'data') }
})
afterAll(async () => {
  await site.remove()
  rmSync(home, { recursive: true, force: true })
})

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0
const HAS_CURL = has('curl', '--version')
/** It has no command that does nothing and succeeds. */
const HAS_CERTUTIL = spawnSync('certutil', ['-H']).error === undefined

interface LocalReady extends Ready {
  authority: string
}

const start = (...args: string[]): Promise<Tsws> => startTsws([site.root, '--log', 'json', ...args], { env })

test('--tls serves HTTPS with nothing given, and tells programs whom to trust', async () => {
  await using tsws = await start('--tls')
  const { url, authority } = tsws.ready as LocalReady
  expect(url).toBe(`https://127.0.0.1:${tsws.port}/`)
  expect(authority).toContain(home)
  using client = await connectRaw(tsws.port, {
    tls: { ca: readFileSync(authority), rejectUnauthorized: true },
  })
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const answer = await client.readResponse()
  expect(answer.status).toBe(200)
  expect(answer.text()).toContain('home')
  // RFC 6797: a browser would remember it for every port of localhost.
  expect(answer.get('strict-transport-security')).toBeNull()
  expect(answer.get('x-content-type-options')).toBe('nosniff')
})

test('it says once that nobody trusts the new authority yet', async () => {
  const fresh = { ...env, XDG_DATA_HOME: join(home, 'fresh'), LOCALAPPDATA: join(home, 'fresh') }
  const told = (tsws: Tsws): boolean => tsws.log().some(({ msg }) => String(msg).includes('tsws --tls-trust'))
  await using first = await startTsws([site.root, '--tls', '--log', 'json'], { env: fresh })
  await eventually(() => expect(told(first)).toBe(true))
  await using second = await startTsws([site.root, '--tls', '--log', 'json'], { env: fresh })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(told(second)).toBe(false)
})

test('two threads serve with one certificate', async () => {
  await using tsws = await start('--tls', '--threads', '2')
  const { authority } = tsws.ready as LocalReady
  for (let time = 0; time < 4; time++) {
    using client = await connectRaw(tsws.port, {
      tls: { ca: readFileSync(authority), rejectUnauthorized: true },
    })
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect((await client.readResponse()).status).toBe(200)
  }
})

test.each([['transfer'], ['reusePort']])(
  'two threads by %s resume the TLS sessions of each other',
  async (strategy) => {
    await using tsws = await start('--tls', '--threads', '2', '--thread-strategy', strategy)
    using first = await connectRaw(tsws.port, { tls: true })
    const [session] = (await once(first.socket, 'session')) as [Buffer]
    const threads = (): Set<unknown> =>
      new Set(tsws.log().flatMap(({ thread, path }) => (path === '/' ? [thread] : [])))
    // Until both threads have answered; the second one may still be starting.
    for (let time = 0; time < 200 && threads().size < 2; time++) {
      using client = await connectRaw(tsws.port, { tls: { session } })
      expect((client.socket as TLSSocket).isSessionReused()).toBe(true)
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      await client.closed()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(threads().size).toBe(2)
  },
)

test('--tls-trust says for each system how, and where the certificate is', async () => {
  const { code, stdout } = await runCommand(commandLine('--tls-trust'), { env })
  expect(code).toBe(0)
  for (const word of [
    'update-ca-certificates',
    'add-trusted-cert',
    'certutil -user',
    'Firefox',
    join(home, 'data'),
  ])
    expect(stdout).toContain(word)
})

test.each([
  [
    ['--tls-names', 'shop.example.com'],
    /--tls: the local authority certifies nothing for shop\.example\.com/,
  ],
  [['--tls', '--host', '192.0.2.1'], /--tls: the local authority certifies nothing for 192\.0\.2\.1/],
  [['--tls-names', 'a b'], /--tls: "a b" is no name of a host/],
])('%j is a slip of one line', async (args, message) => {
  const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0', ...args), { env })
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(stderr.trim()).not.toContain('\n')
})

test('a folder that cannot be written to is a slip of one line', async () => {
  const nowhere = { ...env, XDG_DATA_HOME: site.path('index.html'), LOCALAPPDATA: site.path('index.html') }
  const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0', '--tls'), { env: nowhere })
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^tsws: --tls: the local authority cannot be kept in .*ENOTDIR.*--tls-cert and --tls-key\n$/,
  )
})

test('the key of the authority is never served', async () => {
  const config = join(home, 'serve-all.toml')
  writeFileSync(config, 'dotfiles = "serve"')
  const refused = await runCommand(commandLine(home, '--port', '0', '--tls', '--config', config), { env })
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('would be served with')
  await using tsws = await startTsws([home, '--tls', '--log', 'json'], { env })
  const { authority } = tsws.ready as LocalReady
  const path = authority.slice(home.length).replace('ca.crt', 'ca.key')
  using client = await connectRaw(tsws.port, { tls: true })
  client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  expect((await client.readResponse()).status).toBe(404)
})

test.runIf(hasTerminals)('on a terminal the banner says how browsers learn to trust it', async () => {
  const line = commandLine(site.root, '--port', '0', '--tls').join(' ')
  await using command = startCommand(['script', '-qefc', `exec ${line}`, '/dev/null'], { env })
  await command.line(/Ctrl\+C/)
  expect(command.stdout).toMatch(/Trust .*"tsws --tls-trust"/)
})

test.runIf(HAS_CURL)('curl, told of the authority, finds nothing wrong by name and by address', async () => {
  await using tsws = await start('--tls-names', 'app.test')
  const { authority } = tsws.ready as LocalReady
  const curl = (host: string): { status: number | null; stdout: string } =>
    spawnSync(
      'curl',
      [
        '--silent',
        '--cacert',
        authority,
        '--resolve',
        `app.test:${tsws.port}:127.0.0.1`,
        '--resolve',
        `other.test:${tsws.port}:127.0.0.1`,
        `https://${host}:${tsws.port}/`,
      ],
      { encoding: 'utf8' },
    )
  for (const host of ['localhost', '127.0.0.1', 'app.test']) expect(curl(host).stdout).toContain('home')
  expect(curl('other.test').status).toBe(60) // the certificate names another host
})

test.runIf(HAS_CHROMIUM && HAS_CERTUTIL)(
  'Chromium, told of the authority, shows the page without a warning',
  async () => {
    await using tsws = await start('--tls')
    const { authority } = tsws.ready as LocalReady
    const store = join(home, '.pki/nssdb')
    mkdirSync(store, { recursive: true })
    expect(has('certutil', '-d', `sql:${store}`, '-N', '--empty-password')).toBe(true)
    expect(has('certutil', '-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'tsws', '-i', authority)).toBe(true)
    await using tab = await openTab({ HOME: home })
    await tab.open(`https://localhost:${tsws.port}/`)
    expect(await tab.evaluate('document.title')).toBe('home')
    expect(await tab.evaluate('isSecureContext')).toBe(true)
    await tab.open(`https://127.0.0.1:${tsws.port}/`)
    expect(await tab.evaluate('document.title')).toBe('home')
    expect(tab.complaints.filter((line) => line.includes('ERR_CERT'))).toEqual([])
    // It takes no wildcard right below a top-level name, so that one is to be named.
    await tab.open(`https://app.localhost:${tsws.port}/`)
    expect(tab.complaints.join()).toContain('ERR_CERT_COMMON_NAME_INVALID')
    await using named = await start('--tls-names', 'app.localhost')
    await tab.open(`https://app.localhost:${named.port}/`)
    expect(await tab.evaluate('document.title')).toBe('home')
  },
  60_000,
)

test.runIf(HAS_CHROMIUM)(
  'Chromium, not told of it, shows the warning',
  async () => {
    await using tsws = await start('--tls')
    const stranger = mkdtempSync(join(tmpdir(), 'tsws-home-'))
    try {
      await using tab = await openTab({ HOME: stranger })
      await tab.open(`https://localhost:${tsws.port}/`)
      expect(await tab.evaluate('document.title')).not.toBe('home')
      expect(tab.complaints.join()).toContain('ERR_CERT_AUTHORITY_INVALID')
    } finally {
      rmSync(stranger, { recursive: true, force: true })
    }
  },
  60_000,
)

test.each([['1'], ['2']])(
  '--tls-client-ca lets in who has a certificate, with %s threads',
  async (threads) => {
    const [ada, eve] = [testCertificate(['ada']), testCertificate(['eve'])]
    const ca = join(home, 'clients.pem')
    const use = join(home, 'whoami.mjs')
    writeFileSync(ca, ada.cert)
    writeFileSync(
      use,
      `import { respond } from '@tsws/http'
     export default ({ connection }) => respond.text(connection.clientCertificate.subject)`,
    )
    await using tsws = await start('--tls', '--tls-client-ca', ca, '--threads', threads, '--use', use)
    const ask = async (options: ConnectionOptions): Promise<string> => {
      using client = await connectRaw(tsws.port, { tls: options })
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      return (await client.readResponse()).text()
    }
    expect(await ask(ada)).toBe('CN=ada')
    await expect(ask(eve)).rejects.toThrow()
    await expect(ask({})).rejects.toThrow()
  },
)

test.each([
  [
    ['--tls', '--tls-client-ca', 'no.pem'],
    /--tls-client-ca cannot be used: it \(.*no\.pem\): there is no such file/,
  ],
  [['--tls-client-ca', 'no.pem'], /--tls-client-ca asks clients for certificates, which needs --tls/],
])('%j ends the start with one line', async (args, message) => {
  const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0', ...args), { env })
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})
