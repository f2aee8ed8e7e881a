import { availableParallelism } from 'node:os'
import { H2 } from './h2.ts'
import { handshakes } from './handshakes.ts'
import { IDLE } from './idle.ts'
import { INSTALL } from './install.ts'
import { loadScenario } from './load-scenario.ts'
import * as messages from './messages.ts'
import type { Scenario } from './scenario.ts'
import { startInstalled } from './start-installed.ts'
import { START, START_IN_LARGE_TREE } from './start.ts'

/** As many keep-alive connections as keep one core busy without queueing for long. */
const CONNECTIONS = 64
/** Readers of a 100 MiB file: enough to show what each costs in memory. */
const LARGE_CONNECTIONS = 8

export const SCENARIOS: readonly Scenario[] = [
  loadScenario({
    name: 'hello',
    title: 'Hello, World! over keep-alive, 64 connections',
    app: 'hello',
    connections: CONNECTIONS,
    messages: (port) => messages.hello(port),
  }),
  loadScenario({
    name: 'pipelined',
    title: 'The same, 16 requests pipelined',
    app: 'hello',
    needs: ['pipelining'],
    withoutLatency: true,
    connections: CONNECTIONS,
    messages: (port) => messages.pipelined(port, 16),
  }),
  loadScenario({
    name: 'browser',
    title: 'The same, with the 700 bytes of fields that a browser sends',
    app: 'hello',
    connections: CONNECTIONS,
    messages: (port) => messages.hello(port, messages.BROWSER_FIELDS),
  }),
  loadScenario({
    name: 'json-1k',
    title: 'JSON of 1 KiB posted, parsed and sent back',
    app: 'echo',
    connections: CONNECTIONS,
    messages: (port) => messages.jsonEcho(port, 1024),
  }),
  loadScenario({
    name: 'json-64k',
    title: 'JSON of 64 KiB posted, parsed and sent back',
    app: 'echo',
    connections: CONNECTIONS,
    messages: (port) => messages.jsonEcho(port, 64 * 1024),
  }),
  loadScenario({
    name: 'file-1k',
    title: 'A file of 1 KiB',
    app: 'files',
    connections: CONNECTIONS,
    messages: (port, fixtures) => messages.file(port, fixtures, '1k.txt'),
  }),
  loadScenario({
    name: 'file-100k',
    title: 'A file of 100 KiB',
    app: 'files',
    connections: CONNECTIONS,
    messages: (port, fixtures) => messages.file(port, fixtures, '100k.txt'),
  }),
  loadScenario({
    name: 'file-100m',
    title: 'A file of 100 MiB, 8 readers',
    app: 'files',
    connections: LARGE_CONNECTIONS,
    countBytes: true,
    messages: (port, fixtures) => messages.file(port, fixtures, '100m.bin'),
  }),
  loadScenario({
    name: 'files-1000',
    title: '1,000 different files of 2 KiB',
    app: 'files',
    connections: CONNECTIONS,
    messages: (port, fixtures) => messages.manyFiles(port, fixtures),
  }),
  loadScenario({
    name: 'file-304',
    title: 'A file of 1 KiB that the client has already: 304',
    app: 'files',
    needs: ['validators'],
    connections: CONNECTIONS,
    messages: (port) => messages.notModified(port, '1k.txt'),
  }),
  loadScenario({
    name: 'precompressed',
    title: '50 KiB of text with a .gz beside it',
    app: 'files',
    needs: ['precompressed'],
    showWire: true,
    connections: CONNECTIONS,
    messages: (port, fixtures) => messages.gzipped(port, fixtures, 'packed.txt'),
  }),
  loadScenario({
    name: 'compress',
    title: '50 KiB of text compressed by the server',
    app: 'compress',
    showWire: true,
    quietMs: 1000,
    connections: CONNECTIONS,
    messages: (port, fixtures) => messages.gzipped(port, fixtures, 'text.txt'),
  }),
  ...compressJson(),
  loadScenario({
    name: 'not-found',
    title: '404',
    app: 'files',
    connections: CONNECTIONS,
    messages: (port) => messages.notFound(port),
  }),
  loadScenario({
    name: 'tls',
    title: 'Hello, World! over TLS, HTTP/1.1, keep-alive',
    app: 'hello',
    tls: true,
    connections: CONNECTIONS,
    messages: (port) => messages.hello(port),
  }),
  loadScenario({
    name: 'connect',
    title: 'A new connection for every request',
    app: 'hello',
    close: true,
    connections: CONNECTIONS,
    messages: (port) => messages.hello(port, ['Connection: close']),
  }),
  handshakes(false),
  handshakes(true),
  H2,
  IDLE,
  START,
  START_IN_LARGE_TREE,
  startInstalled({
    name: 'start-installed',
    title: 'From starting the command, as npm installs it, to its first answer',
  }),
  startInstalled({ name: 'start-installed-1', title: 'The same on one core', oneCore: true }),
  startInstalled({
    name: 'start-installed-cold',
    title: 'The same on all cores, at its first start: no compiled code is kept',
    cold: true,
  }),
  INSTALL,
  ...threads(),
]

/** Compressed anew for every answer. zlib's level 6 is what most take; that of tsws is 5, with almost the same size. */
function compressJson(): Scenario[] {
  const titles = {
    'compress-json': '50 KiB of JSON compressed for every answer: gzip at the level of tsws (5), others at 6',
    'compress-json-6': 'The same, all at level 6',
  } as const
  return (['compress-json', 'compress-json-6'] as const).map((name) =>
    loadScenario({
      name,
      title: titles[name],
      app: name,
      showWire: true,
      connections: CONNECTIONS,
      messages: (port, fixtures) => messages.gzipped(port, fixtures, 'data.json', messages.JSON_TYPE),
    }),
  )
}

/**
 * The same load on 1, 2, 4 … and all cores. The generator shares them: on a small machine this shows what
 * spreading costs rather than what it gains.
 */
function threads(): Scenario[] {
  const cores = availableParallelism()
  const powers = Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, power) => 2 ** power)
  return [...new Set([...powers, cores])].map((workers) =>
    loadScenario({
      name: `threads-${workers}`,
      title: `Hello, World! on ${workers} of ${cores} cores`,
      app: 'hello',
      needs: ['workers'],
      workers,
      main: 'rate',
      connections: CONNECTIONS,
      messages: (port) => messages.hello(port),
    }),
  )
}

/**
 * The scenarios of these names, all without one.
 * @throws {TypeError} naming what is unknown
 */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return SCENARIOS
  const known = SCENARIOS.map(({ name }) => name)
  for (const name of names) {
    if (!known.includes(name)) throw new TypeError(`no scenario "${name}"; there are ${known.join(', ')}`)
  }
  return SCENARIOS.filter(({ name }) => names.includes(name))
}
