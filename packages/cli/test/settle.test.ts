import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { parseArguments } from '../src/arguments.ts'
import type { ServeArguments } from '../src/arguments.ts'
import { settle } from '../src/settle.ts'
import { UsageError } from '../src/usage-error.ts'

let site: TempSite
beforeAll(async () => {
  site = await tempSite({ 'index.html': '' })
  mkdirSync(site.path('../conf'), { recursive: true })
})
afterAll(() => site.remove())

const folder = (): string => site.path('../conf')

/** The command line, the environment and the file `tsws.toml` with that text, if any, as one. */
async function settled(
  argv: readonly string[],
  environment: Record<string, string> = {},
  toml?: string,
): Promise<ServeArguments> {
  const words = toml === undefined ? argv : [...argv, '--config', 'tsws.toml']
  if (toml !== undefined) writeFileSync(join(folder(), 'tsws.toml'), toml)
  const parsed = parseArguments(words)
  if (parsed.kind !== 'serve') throw new Error(`got ${parsed.kind}`)
  return settle(words, parsed.serve, environment, folder())
}

async function refusal(...args: Parameters<typeof settled>): Promise<string> {
  const error: unknown = await settled(...args).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageError)
  const { message } = error as Error
  expect(message).not.toContain('\n')
  return message
}

describe('who says it first', () => {
  test('is the command line, then the environment, then the file, then the default', async () => {
    const toml = 'port = 3001\nhost = "::1"\nlog = "off"\n'
    const all = await settled(['--port', '3003'], { TSWS_PORT: '3002', TSWS_HOST: '0.0.0.0' }, toml)
    expect(all).toMatchObject({ port: 3003, host: '0.0.0.0', log: 'off', threadStrategy: 'auto' })
    expect((await settled([], { TSWS_PORT: '3002' }, toml)).port).toBe(3002)
    expect((await settled([], {}, toml)).port).toBe(3001)
    expect((await settled([], {}, '')).port).toBe(8080)
  })

  test('CORS is a switch, a list of origins, or in a file a table', async () => {
    const cors = async (...args: Parameters<typeof settled>) => (await settled(...args)).cors
    expect(await cors([])).toBeNull()
    expect(await cors(['--cors'])).toEqual({})
    expect(await cors(['--cors-origin', 'https://a.example, https://b.example'])).toEqual({
      origins: ['https://a.example', 'https://b.example'],
    })
    expect(await cors([], { TSWS_CORS_ORIGIN: 'https://a.example' })).toEqual({
      origins: ['https://a.example'],
    })
    expect(await cors(['--cors'], { TSWS_CORS_ORIGIN: 'https://a.example' })).toEqual({})
    expect(await cors(['--no-cors'], { TSWS_CORS_ORIGIN: 'https://a.example' })).toBeNull()
    expect(await cors([], { TSWS_CORS: '1' })).toEqual({})
    expect(await cors(['--no-cors'], { TSWS_CORS: '1' })).toBeNull()
    expect(await cors([], {}, 'cors = true')).toEqual({})
    expect(await cors([], {}, 'cors = ["https://a.example"]')).toEqual({ origins: ['https://a.example'] })
    expect(await cors([], {}, '[cors]\norigins = ["https://a.example"]\ncredentials = true')).toEqual({
      origins: ['https://a.example'],
      credentials: true,
    })
    expect((await settled(['--cors', 'dist'])).root).toBe('dist')
  })

  test('metrics come from the environment or the file, and their path and readers with them', async () => {
    const toml = 'metrics = true\nmetricsPath = "/m"\nmetricsFrom = ["private", "loopback"]'
    expect((await settled([], {}, toml)).metrics).toEqual({ path: '/m', from: ['private', 'loopback'] })
    expect((await settled([], { TSWS_METRICS_FROM: '10.0.0.0/8, ::1' }, toml)).metrics?.from).toEqual([
      '10.0.0.0/8',
      '::1',
    ])
    expect((await settled([], { TSWS_METRICS: '1' })).metrics).toEqual({
      path: '/metrics',
      from: ['loopback'],
    })
    expect((await settled(['--no-metrics'], {}, toml)).metrics).toBeNull()
  })

  test('a local certificate is asked for in any of them, and files of its own come before it', async () => {
    expect((await settled([], { TSWS_TLS: '1' })).tls).toEqual({ names: [] })
    expect((await settled([], { TSWS_TLS_NAMES: 'a.test,b.test' })).tls).toEqual({
      names: ['a.test', 'b.test'],
    })
    expect((await settled([], {}, 'tls = true')).tls).toEqual({ names: [] })
    expect((await settled([], { TSWS_TLS: '0' }, 'tlsNames = ["a.test"]')).tls).toBeNull()
    expect((await settled(['--tls'], {}, 'tlsNames = ["a.test"]')).tls).toEqual({ names: ['a.test'] })
    expect((await settled(['--no-tls'], {}, 'tls = true')).tls).toBeNull()
    const files = 'tlsCert = "/c.pem"\ntlsKey = "/k.pem"'
    expect((await settled(['--tls'], {}, files)).tls).toEqual({ cert: '/c.pem', key: '/k.pem' })
    expect((await settled(['--no-tls'], {}, files)).tls).toBeNull()
    expect(await refusal([], {}, 'tls = 5')).toBe('tsws.toml: tls must be true or false, got 5')
  })

  test('a switch that the file or the environment sets is taken back by --no-', async () => {
    const toml =
      'spa = true\ncleanUrls = true\nlisting = true\nimmutable = true\ndecodeRequests = true\ncompress = false'
    expect(await settled([], {}, toml)).toMatchObject({
      files: { spa: true, cleanUrls: true, listing: true, immutable: true },
      compress: false,
      decodeRequests: true,
    })
    const words = [
      '--no-spa',
      '--no-clean-urls',
      '--no-listing',
      '--no-immutable',
      '--no-decode-requests',
      '--compress',
    ]
    expect(await settled(words, {}, toml)).toMatchObject({
      files: { spa: false, cleanUrls: false, listing: false, immutable: false },
      compress: true,
      decodeRequests: false,
    })
    expect((await settled(['--no-spa'], { TSWS_SPA: '1' })).files.spa).toBe(false)
    expect((await settled([], { TSWS_SPA: 'off' }, toml)).files.spa).toBe(false)
  })

  test('--no-compress counts, wherever a folder for what was compressed is named', async () => {
    const quiet = { compress: false, compressCache: null }
    expect(await settled(['--no-compress'], {}, 'compressCache = "c"')).toMatchObject(quiet)
    expect(await settled([], { TSWS_COMPRESS: '0', TSWS_COMPRESS_CACHE: 'c' })).toMatchObject(quiet)
  })

  test('a folder on the command line goes over the root of the file', async () => {
    expect((await settled(['dist'], {}, 'root = "site"')).root).toBe('dist')
    expect((await settled([], {}, 'root = "site"')).root).toBe(join(folder(), 'site'))
  })
})

describe('the environment', () => {
  test('knows every option that takes part in serving', async () => {
    const environment = {
      TSWS_ROOT: 'dist',
      TSWS_USE: 'a.ts:b.ts',
      TSWS_TLS_CERT: 'c.pem',
      TSWS_TLS_KEY: 'k.pem',
      TSWS_THREADS: '2',
      TSWS_THREAD_STRATEGY: 'cluster',
      TSWS_CLEAN_URLS: 'true',
      TSWS_BASE: '/app',
      TSWS_SPA: 'app.html',
      TSWS_LOG: '',
      TSWS_SOMETHING_ELSE: 'x',
    }
    expect(await settled([], environment)).toMatchObject({
      root: 'dist',
      use: ['a.ts', 'b.ts'],
      tls: { cert: 'c.pem', key: 'k.pem' },
      threads: 2,
      threadStrategy: 'cluster',
      log: null,
      files: { cleanUrls: true, base: '/app', spa: 'app.html' },
    })
  })

  test('may name the file', async () => {
    writeFileSync(join(folder(), 'named.toml'), 'port = 3004')
    expect(await settled([], { TSWS_CONFIG: 'named.toml' })).toMatchObject({
      port: 3004,
      config: 'named.toml',
    })
  })

  test('PORT counts where there is no TSWS_PORT', async () => {
    expect((await settled([], { PORT: '3005' })).port).toBe(3005)
    expect((await settled([], { PORT: '3005', TSWS_PORT: '3006' })).port).toBe(3006)
    expect((await settled(['-p', '1'], { PORT: '3005' })).port).toBe(1)
  })

  test.each([
    [{ TSWS_PORT: '80a' }, 'TSWS_PORT must be a whole number from 0 to 65535, got 80a'],
    [{ PORT: 'tcp://10.0.0.1:80' }, 'PORT must be a whole number from 0 to 65535, got tcp://10.0.0.1:80'],
    [{ TSWS_LISTING: 'maybe' }, 'TSWS_LISTING must be 1 or 0, got maybe'],
    [
      { TSWS_THREAD_STRATEGY: 'x' },
      'TSWS_THREAD_STRATEGY must be auto, transfer, reusePort or cluster, got x',
    ],
    [{ TSWS_TLS_CERT: 'c.pem' }, 'TSWS_TLS_CERT and TSWS_TLS_KEY need each other'],
  ])('%j is refused by name', async (environment, message) => {
    expect(await refusal([], environment as Record<string, string>)).toBe(message)
  })
})

describe('the file', () => {
  test('holds what the command line has no words for', async () => {
    const { more } = await settled(
      [],
      {},
      `
index = "home.html"
notFoundPage = false
archives = ["zip"]
errorPage = false
allowedHosts = ["example.com"]
health = false

[cache]
maxBytes = 1_000_000

[securityHeaders]
frameOptions = "DENY"

[mediaTypes]
wasm = "application/wasm"

[[cacheControl]]
path = "/fonts/*"
value = "public, max-age=604800"

[[cacheControl]]
path = "/live/*"
value = false

[[headers]]
path = "/downloads/*"
headers = { Content-Disposition = "attachment", Cache-Control = false }
`,
    )
    expect(more).toEqual({
      static: {
        index: 'home.html',
        notFoundPage: false,
        archives: ['zip'],
        cache: { maxBytes: 1_000_000 },
        mediaTypes: { wasm: 'application/wasm' },
        cacheControl: [
          { path: '/fonts/*', value: 'public, max-age=604800' },
          { path: '/live/*', value: null },
        ],
        headers: [
          {
            path: '/downloads/*',
            headers: { 'Content-Disposition': 'attachment', 'Cache-Control': null },
          },
        ],
      },
      errorPage: null,
      allowedHosts: ['example.com'],
      health: false,
      securityHeaders: { frameOptions: 'DENY' },
    })
  })

  test('names its paths from the folder it lies in', async () => {
    const toml = 'use = ["a.ts"]\ntlsCert = "c.pem"\ntlsKey = "/k.pem"\ncompressCache = "../cache"'
    expect(await settled([], {}, toml)).toMatchObject({
      use: [join(folder(), 'a.ts')],
      tls: { cert: join(folder(), 'c.pem'), key: '/k.pem' },
      compressCache: join(folder(), '../cache'),
    })
  })

  test.each([
    ['port = ', /^tsws\.toml:1:8: /],
    ['port = 1\nport = 2', /^tsws\.toml:2:1: /],
    ['port = "80"', /^tsws\.toml: port must be a number, got "80"$/],
    ['port = 80000', /^tsws\.toml: port must be a whole number from 0 to 65535, got 80000$/],
    ['host = 1', /^tsws\.toml: host must be a text, got 1$/],
    ['log = "loud"', /^tsws\.toml: log must be pretty, json or off, got loud$/],
    ['listing = "yes"', /^tsws\.toml: listing must be true or false, got "yes"$/],
    ['threads = 0', /^tsws\.toml: threads must be auto or a whole number from 1 to 256, got 0$/],
    ['base = "app"', /^tsws\.toml: base must .*got app$/],
    ['tlsKey = "k.pem"', /^tsws\.toml: tlsCert and tlsKey need each other$/],
    ['use = "a.ts"', /^tsws\.toml: use must be a list of texts, got "a\.ts"$/],
    [
      '[headers]\nX-A = "b"',
      /^tsws\.toml: headers must be a list of tables, each begun by a line \[\[…\]\], got /,
    ],
    ['trustedProxies = "loopback"', /^tsws\.toml: trustedProxies must be a list of texts/],
    ['clean-urls = true', /^tsws\.toml: there is no key clean-urls\. Did you mean cleanUrls\?$/],
    ['cachecontrol = "no-store"', /^tsws\.toml: there is no key cachecontrol\. Did you mean cacheControl\?$/],
    ['rewrites = []', /^tsws\.toml: there is no key rewrites; there are root, port, host/],
    ['__proto__ = 1', /^tsws\.toml/],
    ['health = 1979-05-27', /^tsws\.toml: health must be true or false, got "1979-05-27"$/],
  ])('%j is refused with where and what', async (toml, message) => {
    expect(await refusal([], {}, toml)).toMatch(message)
  })

  test('that is not there is refused by its whole path', async () => {
    expect(await refusal(['--config', 'none.toml'])).toBe(
      `--config none.toml: there is no such file (${join(folder(), 'none.toml')})`,
    )
  })
})
