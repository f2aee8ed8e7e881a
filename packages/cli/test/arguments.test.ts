import { describe, expect, test } from 'vitest'
import { parseArguments } from '../src/arguments.ts'
import type { ServeArguments } from '../src/arguments.ts'
import { UsageError } from '../src/usage-error.ts'

function serve(...argv: string[]): ServeArguments {
  const parsed = parseArguments(argv)
  if (parsed.kind !== 'serve') throw new Error(`got ${parsed.kind}`)
  return parsed.serve
}

const refusal = (...argv: string[]): string => {
  try {
    parseArguments(argv)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  throw new Error(`tsws ${argv.join(' ')} was accepted`)
}

describe('what is asked for', () => {
  test('is this machine, port 8080, no folder named, when nothing is said', () => {
    expect(serve()).toEqual({
      root: null,
      port: 8080,
      host: '127.0.0.1',
      use: [],
      log: null,
      tls: null,
      tlsClientCa: null,
      redirect: null,
      files: { base: '/', cleanUrls: false, spa: false, listing: false, immutable: false },
      compress: true,
      compressCache: null,
      auth: null,
      authFile: null,
      cors: null,
      decodeRequests: false,
      metrics: null,
      config: null,
      more: {},
      threads: null,
      threadStrategy: 'auto',
    })
  })

  test('is every option as given', () => {
    const words =
      'dist -p 0 --host 0.0.0.0 --use a.ts --use=b.mjs --log json --tls-cert c.pem --tls-key k.pem ' +
      '--spa --clean-urls --base /app --listing --immutable --compress-cache .cache --decode-requests --metrics --metrics-path /m --metrics-from private,192.0.2.1 --cors-origin https://a.example --auth-file users --threads 3 --thread-strategy cluster --config tsws.toml'
    expect(serve(...words.split(' '))).toEqual({
      root: 'dist',
      port: 0,
      host: '0.0.0.0',
      use: ['a.ts', 'b.mjs'],
      log: 'json',
      tls: { cert: 'c.pem', key: 'k.pem' },
      tlsClientCa: null,
      redirect: null,
      files: { base: '/app', cleanUrls: true, spa: true, listing: true, immutable: true },
      compress: true,
      compressCache: '.cache',
      auth: null,
      authFile: 'users',
      cors: { origins: ['https://a.example'] },
      decodeRequests: true,
      metrics: { path: '/m', from: ['private', '192.0.2.1'] },
      config: 'tsws.toml',
      more: {},
      threads: 3,
      threadStrategy: 'cluster',
    })
    expect(serve('--threads', 'auto').threads).toBe('auto')
    for (const base of ['/', '/app/', '/a/b.c/~d', '/.hidden', '/..a']) {
      expect(serve('--base', base).files.base).toBe(base)
    }
    expect(serve('--no-compress').compress).toBe(false)
    expect(serve('--spa', 'dist')).toMatchObject({ root: 'dist', files: { spa: true } })
  })

  test('is a page of another name for --spa=page, and never the folder', () => {
    expect(serve('--spa=app.html', 'dist')).toMatchObject({ root: 'dist', files: { spa: 'app.html' } })
    expect(serve('--spa=app.html')).toMatchObject({ root: null, files: { spa: 'app.html' } })
  })

  test('is nothing that a switch cannot be', () => {
    expect(refusal('dist', '--listing=yes')).toBe('--listing is on or off and takes no value, got yes')
  })

  test.each([
    ['before everything', ['--', 'dist', '--port', '1']],
    ['in between', ['dist', '--', '--port', '1']],
    ['at the end', ['dist', '--port', '1', '--']],
  ])('is the same with a -- %s', (_, argv) => {
    expect(serve(...argv)).toMatchObject({ root: 'dist', port: 1 })
  })

  test('is a folder whose name looks like a number, too', () => {
    expect(serve('2024').root).toBe('2024')
  })

  test('is help or the version, whatever else is said', () => {
    expect(parseArguments(['dist', '--help'])).toMatchObject({ kind: 'help' })
    expect(parseArguments(['-v'])).toEqual({ kind: 'version' })
  })

  test('may be served with a local certificate, for more names if they are given', () => {
    expect(serve('--tls', 'dist')).toMatchObject({ root: 'dist', tls: { names: [] } })
    expect(serve('--tls-names', 'app.test, box.local', '--tls-names', 'c.test').tls).toEqual({
      names: ['app.test', 'box.local', 'c.test'],
    })
    expect(serve('--tls', '--tls-cert', 'c', '--tls-key', 'k').tls).toEqual({ cert: 'c', key: 'k' })
    expect(serve('--tls', '--no-tls').tls).toBeNull()
    expect(parseArguments(['--tls-trust'])).toEqual({ kind: 'trust' })
  })

  test('the help names every option and its default', () => {
    const help = parseArguments(['-h'])
    if (help.kind !== 'help') throw new Error(help.kind)
    for (const option of [
      '--port',
      '--host',
      '--use',
      '--log',
      '--tls',
      '--tls-names',
      '--tls-trust',
      '--tls-cert',
      '--tls-key',
      '--tls-client-ca',
      '--redirect-port',
      '--redirect-to-port',
      '--acme-webroot',
      '--threads',
      '--thread-strategy',
      '--spa',
      '--clean-urls',
      '--base',
      '--listing',
      '--immutable',
      '--no-compress',
      '--compress-cache',
      '--help',
      '--version',
    ]) {
      expect(help.text).toContain(option)
    }
    expect(help.text).toMatch(/8080[^]*127\.0\.0\.1/)
  })
})

describe('a slip', () => {
  test.each([
    ['--prot', '--port'],
    ['--hots', '--host'],
    ['--tls-crt', '--tls-cert'],
    ['--verison', '--version'],
  ])('%s gets %s suggested', (typed, meant) => {
    expect(refusal(typed, '1')).toContain(`unknown option ${typed}. Did you mean ${meant}?`)
  })

  test('that resembles nothing gets no guess', () => {
    expect(refusal('--frobnicate')).toBe('unknown option --frobnicate. tsws --help lists all options.')
    expect(refusal('-x')).toBe('unknown option -x. tsws --help lists all options.')
  })

  test('in a negated option is refused, not taken for false', () => {
    expect(refusal('--no-help')).toContain('--no-help')
  })

  test.each([['abc'], ['65536'], ['80.5'], ['1e9']])('--port %s is refused, with the range', (port) => {
    expect(refusal('--port', port)).toMatch(/--port must be a whole number from 0 to 65535, got /)
  })

  test('leaving the value out is told apart from a wrong value', () => {
    expect(refusal('--port')).toBe('--port needs a value: -p, --port <number>')
    expect(refusal('--use', '--log', 'off')).toContain('--use needs a value')
  })

  test('giving one thing twice is refused, not half obeyed', () => {
    expect(refusal('--port', '1', '--port', '2')).toBe('--port was given 2 times: 1, 2')
    expect(refusal('a', 'b')).toBe('one folder can be served, got 2: a b')
  })

  test('in the log format lists the formats', () => {
    expect(refusal('--log', 'xml')).toBe('--log must be pretty, json or off, got xml')
  })

  test.each([['0'], ['1.5'], ['many'], ['257']])('--threads %s is refused', (threads) => {
    expect(refusal('--threads', threads)).toBe(
      `--threads must be auto or a whole number from 1 to 256, got ${threads}`,
    )
  })

  test('in the strategy names the strategies', () => {
    expect(refusal('--thread-strategy', 'fork')).toMatch(
      /must be auto, transfer, reusePort or cluster, got fork/,
    )
  })

  test('in --base or the cache is told', () => {
    expect(refusal('--base', 'app')).toBe(
      '--base must be a path that begins with a slash, such as /app, got app',
    )
    expect(refusal('--no-compress', '--compress-cache', 'x')).toBe(
      '--compress-cache and --no-compress exclude each other',
    )
  })

  test.each([['/a b'], ['/a//b'], ['/a/../b'], ['/.'], ['/%41'], ['/a?b'], ['/a#b'], ['//host']])(
    '--base %s, which no request could match, is refused',
    (base) => expect(refusal('--base', base)).toMatch(/^--base must be a path .*, got /),
  )

  test('of giving half a TLS pair names the other half', () => {
    expect(refusal('--tls-cert', 'c')).toBe('--tls-cert needs --tls-key beside it')
    expect(refusal('--tls-key', 'k')).toBe('--tls-key needs --tls-cert beside it')
    expect(refusal('--tls', '--tls-cert', 'c')).toBe('--tls-cert needs --tls-key beside it')
    expect(refusal('--no-tls', '--tls-cert', 'c', '--tls-key', 'k')).toContain('exclude each other')
    expect(refusal('--acme-webroot', 'a')).toBe('--acme-webroot needs --redirect-port beside it')
    expect(refusal('--redirect-port', '70000')).toContain('--redirect-port must be a whole number from 0')
    expect(refusal('--no-tls', '--tls-names', 'a.test')).toBe('--no-tls and --tls-names exclude each other')
    expect(refusal('--tls-names')).toContain('--tls-names needs a value')
  })
})
